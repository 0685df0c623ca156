"""Give and take with one partner over a year, in points: never in money, and no gift counts.

The points for a referral, a workshop, an introduction and something shared, and the bounds of the balance, are those of
the give-and-get ledgers that referral groups keep; the rest are ours, none above what sharing something counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models

from partners import lately
from partners.lately import Lately
from partners.models import Partner, Touch
from partners.models.touch import is_from_them, is_given, is_shown

Kind = Touch.TouchKind
REFERRAL, WORKSHOP, INTRO, CONTENT = 5, 4, 3, 1
OTHER_GIVE = 1
# What we do for them. A workshop is counted by its day, so that one noted twice counts once.
GIVEN = {
    Kind.INTRO: INTRO,
    Kind.FREE_SCREEN: CONTENT,
    Kind.CONTENT: CONTENT,
    Kind.REPORTED_BACK: CONTENT,
    Kind.PURCHASE: CONTENT,
    Kind.CLASS: CONTENT,
}
# What they do for us, where the touch says that they came to us.
RECEIVED = {Kind.INTRO: INTRO, Kind.CONTENT: CONTENT}
SPACE = 1  # their room, for a workshop of ours
ADVICE = 1
OWES_BELOW, CARRIES_ABOVE = 0.67, 2.0
BAR, ROW = 200, 30  # how long the longer bar of the picture is, and how far the two are apart
CARRIES_AFTER_DAYS = 180  # to give first is how it begins, so it weighs only after half a year


class Label(models.TextChoices):
    """How give and take stand."""

    YOU_OWE = "you_owe", "You owe"
    BALANCED = "balanced", "Balanced"
    YOU_CARRY = "you_carry", "You carry it"


SENTENCES = {
    Label.YOU_OWE: "They gave more than you did. Give something back before you ask again.",
    Label.BALANCED: "Give and take are even.",
    Label.YOU_CARRY: "You give far more than comes back. Do not ask harder: move them a tier down and spend the time elsewhere.",
    "": "Nothing is counted yet. Whoever gives first begins the balance.",
}


@dataclass(frozen=True)
class Line:
    """One sort of thing that was given or received."""

    what: str
    count: int
    points: int


@dataclass(frozen=True)
class Bar:
    """One side in the picture."""

    who: str
    side: str
    points: int
    width: int
    y: int

    @property
    def middle(self) -> int:
        return self.y + 14


@dataclass(frozen=True)
class Ledger:
    """Points given and received in 365 days, and what they come to."""

    given: int
    received: int
    label: Label | str
    given_lines: Sequence[Line] = ()
    received_lines: Sequence[Line] = ()

    @property
    def sentence(self) -> str:
        return SENTENCES[self.label]

    @property
    def bars(self) -> list[Bar]:
        """The picture: both sides, measured by the longer one."""
        most = max(self.given, self.received, 1)
        sides = (("You gave", "ours", self.given), ("They gave", "theirs", self.received))
        return [
            Bar(who, side, points, BAR * points // most, ROW * place) for place, (who, side, points) in enumerate(sides)
        ]

    @property
    def sides(self) -> list[tuple[str, Sequence[Line]]]:
        return [("You gave", self.given_lines), ("They gave", self.received_lines)]


def label(given: int, received: int, days_known: int) -> Label | str:
    """What the points come to; nothing where none were given on either side."""
    if not given and not received:
        return ""
    if given < OWES_BELOW * received:
        return Label.YOU_OWE
    if given > CARRIES_ABOVE * received and days_known >= CARRIES_AFTER_DAYS:
        return Label.YOU_CARRY
    return Label.BALANCED


def of(partner: Partner, *, known: Lately | None = None) -> Ledger:
    """Count the last year; one query, or none where it was read before."""
    year = known or lately.of(partner)
    given, received = _lines(_given(year)), _lines(_received(year))
    gave, got = sum(line.points for line in given), sum(line.points for line in received)
    return Ledger(gave, got, label(gave, got, year.days_known), given, received)


def _given(year: Lately) -> list[tuple[str, int]]:
    found = [("Referrals to them", REFERRAL) for _at in year.sent]
    found += [("Workshops", WORKSHOP) for _day in year.workshop_days - _theirs(year)]
    for did in year.touches:
        if did.kind == Kind.WORKSHOP or not (is_given(did) or is_shown(did)):
            continue
        if did.kind in GIVEN:
            found.append((Kind(did.kind).label, GIVEN[Kind(did.kind)]))
        elif did.is_give:
            found.append(("Other gifts of time or knowledge", OTHER_GIVE))
    return found


def _received(year: Lately) -> list[tuple[str, int]]:
    since = year.now - lately.YEAR
    found = [("Referrals from them", REFERRAL) for came in year.referrals if came.received_at > since]
    found += [("Workshops of theirs", WORKSHOP) for _day in _theirs(year)]
    found += [("Their room", SPACE) for each in year.gatherings if each.at <= year.now]
    for did in year.touches:
        if did.kind == Kind.ADVICE_ASKED:
            found.append(("Advice", ADVICE))
        elif is_from_them(did) and did.kind != Kind.WORKSHOP:
            found.append((f"{Kind(did.kind).label} from them", RECEIVED[Kind(did.kind)]))
    return found


def _theirs(year: Lately) -> set:
    """Days of workshops that they gave for us."""
    is_theirs = {did.day for did in year.touches if did.kind == Kind.WORKSHOP and is_from_them(did)}
    return is_theirs - {each.day for each in year.gatherings}


def _lines(found: list[tuple[str, int]]) -> list[Line]:
    """Of the same sort together, the most points first."""
    counted, points = Counter(what for what, _points in found), dict(found)
    lines = [Line(what, count, count * points[what]) for what, count in counted.items()]
    return sorted(lines, key=lambda line: (-line.points, line.what))
