"""What to say to a partner now, which words were used, and what came of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.contrib.humanize.templatetags.humanize import apnumber
from django.db.models import Count

from crm.people.models import PracticeProfile, User
from partners.models import LADDER, Group, Partner, Script, Stage, Touch

WORDS = ("opener", "first_question", "second_question", "give_idea", "not_yet")
STARTERS = Path(__file__).with_name("starter_scripts.toml")
GROUPS = (Group.FITNESS, Group.DPC, Group.FUNCTIONAL)
PLACES = ("name", "partner", "practice")
PLACE = re.compile(r"\[([^\[\]]*)\]")
NOBODY = "there"
TITLES = {"dr", "dr.", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "prof", "prof."}
ENOUGH_TO_SAY = 10
ANSWERED = (Touch.Outcome.POLITE, Touch.Outcome.WARM, Touch.Outcome.YES)


@cache
def starters() -> Mapping[tuple[str, str], dict[str, str]]:
    """The words that Rapport comes with, by group and stage."""
    written = tomllib.loads(STARTERS.read_text(encoding="utf-8"))
    return {(group, stage): words for group, stages in written.items() for stage, words in stages.items()}


def starter_of(script: Script) -> dict[str, str] | None:
    """Our words for this kind and stage, if there are any."""
    return starters().get((script.group, script.stage))


def is_as_shipped(script: Script) -> bool:
    return starter_of(script) == {name: getattr(script, name) for name in WORDS}


def ensure_starters() -> None:
    """Bring the words nobody edited to what this version ships, and add what is missing; an edited one stays."""
    known = list(Script.objects.all())
    places = {(script.group, script.stage) for script in known}
    for script in known:
        words = starter_of(script)
        if script.is_ours and words and not is_as_shipped(script):
            Script.objects.filter(pk=script.pk, is_ours=True).update(**words)
    missing = {place: words for place, words in starters().items() if place not in places}
    Script.objects.bulk_create(
        Script(group=group, stage=stage, is_ours=True, **words) for (group, stage), words in missing.items()
    )


def for_partner(partner: Partner) -> Script | None:
    """The script in use for this kind and stage, the owner's own first; nothing for who is paused or not a fit."""
    stage = _speaking_stage(partner)
    if stage is None:
        return None
    # Words of its own group, then general ones; other kinds borrow what is said to a studio.
    groups = [partner.group, Group.OTHER, *([Group.FITNESS] if partner.group == Group.OTHER else [])]
    found = Script.objects.filter(group__in=groups, stage=stage, is_on=True)
    return min(found, key=lambda script: (groups.index(Group(script.group)), script.is_ours, -script.pk), default=None)


def _speaking_stage(partner: Partner) -> Stage | None:
    """Somebody dormant is met as at the beginning."""
    stage = Stage(partner.stage)
    if stage == Stage.DORMANT:
        return Stage.SHOWING_UP
    return stage if stage in LADDER else None


@dataclass(frozen=True)
class Spoken:
    """The words of a script, filled for one partner."""

    opener: str
    first_question: str
    second_question: str
    give_idea: str
    not_yet: str


def spoken(script: Script, partner: Partner, *, practice: PracticeProfile | None = None) -> Spoken:
    """Fill the places for this partner; what was read before is not read again."""
    were_read = "roles" in getattr(partner, "_prefetched_objects_cache", {})
    roles = partner.roles.all() if were_read else partner.roles.select_related("contact")[:1]
    role = next(iter(roles), None)
    filling = {
        "name": call_name(role.contact.name) if role else NOBODY,
        "partner": partner.name,
        "practice": (practice or PracticeProfile.load()).name,
    }
    words = {name: _filled(getattr(script, name), filling) for name in WORDS}
    return Spoken(**words)


def _filled(text: str, filling: Mapping[str, str]) -> str:
    filled = PLACE.sub(lambda found: filling.get(found[1].strip().lower(), found[0]), text)
    if filling["name"] == NOBODY and text.startswith("[name]"):
        return f"Hi {filled}"
    return filled


def call_name(name: str) -> str:
    """How one says the name: Maya for Maya Lindqvist, Dr. Okafor for Dr. Ada Okafor."""
    parts = name.split()
    if not parts:
        return NOBODY
    if parts[0].lower() in TITLES and len(parts) > 1:
        return f"{parts[0]} {parts[-1]}"
    return parts[0]


def unknown_places(text: str) -> list[str]:
    """Places that nothing fills, as they were typed."""
    return [found[0] for found in PLACE.finditer(text) if found[1].strip().lower() not in PLACES]


@dataclass(frozen=True)
class Use:
    """How often a script was used, and what came of it."""

    times: int
    outcomes: list[tuple[str, int]]
    known: int
    answered: int

    @property
    def is_enough(self) -> bool:
        return self.known >= ENOUGH_TO_SAY

    @property
    def percent(self) -> int | None:
        """How many in a hundred answered; nothing from a handful."""
        return round(100 * self.answered / self.known) if self.is_enough else None

    @property
    def sentence(self) -> str:
        if not self.times:
            return "Not used yet."
        used = "Used once" if self.times == 1 else f"Used {apnumber(self.times)} times"
        if self.is_enough:
            return f"{used}. {self.answered} of {self.known} answered, {self.percent} percent."
        if self.known == self.times:
            return f"{used}, too few to say."
        return f"{used}. How it went is noted for {apnumber(self.known) if self.known else 'none'}, too few to say."


def use_of(script: Script) -> Use:
    """What the touches that stand say of a script."""
    standing = script.touches.standing().order_by()
    counts = dict(standing.values_list("outcome").annotate(count=Count("pk")))
    outcomes = [(str(label), counts.get(value, 0)) for value, label in Touch.Outcome.choices]
    times = sum(counts.values())
    return Use(times, outcomes, times - counts.get("", 0), sum(counts.get(value, 0) for value in ANSWERED))


def for_page(partner: Partner, user: User, *, practice: PracticeProfile | None = None) -> dict:
    """The script for a partner now, with its places filled."""
    script = for_partner(partner) if user.has_perm("partners.view_script") else None
    return {"script": script, "script_words": spoken(script, partner, practice=practice) if script else None}
