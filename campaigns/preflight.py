"""What would go wrong if a letter left now: each problem a sentence, and where to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format

from campaigns import printing
from campaigns.models import Audience, Broadcast, Letter, Recipient
from crm.mail.letters import LetterBroken
from crm.mail.render import PLACE
from crm.mail.rules import next_opening
from crm.people.models import PracticeProfile

if TYPE_CHECKING:
    from crm.mail.models import Content

MAY_BE_BLANK = ("first_name", "partner")
RESIDUE = re.compile(r"\[\[|\]\]|\{\{|\}\}|\*\||\|\*")
STYLE = re.compile(r"<style.*?</style>", re.DOTALL)  # its braces are not ours
GMAIL_CLIPS_AT = 100_000
RECENTLY = timedelta(days=7)


@dataclass(frozen=True)
class Problem:
    """One thing to mend. What is not blocking is a warning: the owner decides."""

    sentence: str
    mend_url: str = ""
    mend: str = ""
    is_blocking: bool = True


def problems(letter: Letter) -> list[Problem]:
    """Everything to say about a letter as it would leave now."""
    edit = reverse("letters:edit", args=[letter.pk]) if letter.pk else ""
    found = [Problem(sentence, edit, "Open the letter", blocks) for sentence, blocks in _about_letter(letter)]
    return found + list(_about_practice())


def blocking(letter: Letter) -> list[Problem]:
    """The problems that keep a letter from leaving."""
    return [problem for problem in problems(letter) if problem.is_blocking]


def for_broadcast(broadcast: Broadcast) -> list[Problem]:
    """Everything to say before a broadcast is scheduled: its letter, and who would get it."""
    return [
        *problems(broadcast.letter),
        *_about_hours(broadcast),
        *_about_audience(broadcast.audience, broadcast.letter),
    ]


def _about_letter(letter: Letter) -> Iterator[tuple[str, bool]]:
    if not letter.live:
        yield "The letter is still a draft. Publish it, for only a published letter is sent.", True
    elif letter.has_unpublished_changes:
        yield "The letter has changes that are not published. The published version is what is sent.", False
    if not letter.subject.strip():
        yield "The subject is empty. Write one line that says what the letter is about.", True
    if not len(letter.body):
        yield "The letter has no words yet. Add a text.", True
    yield from _about_parts(letter)
    if letter.subject.strip():
        yield from _about_print(letter)


def _about_parts(letter: Letter) -> Iterator[tuple[str, bool]]:
    for block in letter.body:
        if block.block_type == "image" and block.value is None:
            yield "A picture has gone missing. Choose another one, or remove the part.", True
        elif block.block_type == "image" and not (block.value.decorative or block.value.contextual_alt_text):
            yield f"The picture “{block.value.title}” has no alternative text for those who can't see it.", True
        elif block.block_type == "button" and not printing.button_url(block.value):
            yield f"The button “{block.value.get('label')}” leads nowhere. Give it a page or an address.", True


def _about_print(letter: Letter) -> Iterator[tuple[str, bool]]:
    try:
        content = printing.draw(letter)
    except LetterBroken as problem:
        yield str(problem), True
        return
    yield from _about_places(content)
    if len(content.html.encode()) > GMAIL_CLIPS_AT:
        yield "The letter is so long that Gmail will cut it off. Shorten it, or split it in two.", False


def _about_places(content: Content) -> Iterator[tuple[str, bool]]:
    written = [content.subject, content.text, STYLE.sub("", content.html)]
    seen: dict[tuple[str | Any, ...], None] = {}
    for part in written:
        seen.update((place.groups(), None) for place in PLACE.finditer(part))
    for name, fallback in seen:
        if name not in printing.PLACES and fallback is None:
            yield f"Nothing is known for the place [[{name}]]. Known are: {_known_places()}.", True
        elif name not in printing.PLACES:
            yield f"Nothing is known for the place [[{name}]]: everybody will read “{fallback}”.", False
        elif name in MAY_BE_BLANK and fallback is None:
            yield f"[[{name}]] needs a fallback for those of whom it is not known: write [[{name}|there]].", True
    if residue := next(filter(None, (RESIDUE.search(PLACE.sub("", part)) for part in written)), None):
        yield f"“{residue[0]}” would be read as it stands. Write places like this: [[first_name|there]].", True


def _known_places() -> str:
    return ", ".join(f"[[{name}]] ({meaning})" for name, meaning in printing.PLACES.items())


def _about_practice() -> Iterator[Problem]:
    if not PracticeProfile.load().postal_address:
        yield Problem(
            "The practice profile has no postal address. The law asks for one at the foot of every letter.",
            reverse("wagtailsettings:edit", args=["people", "practiceprofile"]),
            "Open the practice profile",
        )


def _about_audience(audience: Audience, letter: Letter) -> Iterator[Problem]:
    url = audience.get_absolute_url()
    tally = audience.tally(purpose=letter.purpose)
    if not tally.everybody:
        yield Problem("Nobody is in this audience at the moment.", url, "Open the audience", False)
    elif not tally.writable:
        yield Problem("Nobody in this audience may be written to at the moment.", url, "See why", False)
    lately = Recipient.objects.filter(
        contact__in=audience.contacts().values("pk"), message__created_at__gte=timezone.now() - RECENTLY
    )
    if count := lately.values("contact").distinct().count():
        people = "One person" if count == 1 else f"{count:,} people"
        yield Problem(f"{people} in this audience got a letter from you in the last seven days.", is_blocking=False)


def _about_hours(broadcast: Broadcast) -> Iterator[Problem]:
    practice = PracticeProfile.load()
    opens, closes = practice.letters_from, practice.letters_until
    at = broadcast.send_at or timezone.now()
    if opening := next_opening(at, zone=practice.zone, opens=opens, closes=closes):
        yield Problem(
            f"Letters leave between {time_format(opens)} and {time_format(closes)} by each recipient's own clock, so "
            f"these will wait until {time_format(opens)} on {date_format(opening, 'l')}.",
            reverse("wagtailsettings:edit", args=["people", "practiceprofile"]),
            "Change the hours",
            is_blocking=False,
        )
