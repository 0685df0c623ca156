"""How well it goes with one partner, 0 to 100, in parts that say why, and the one thing to do now.

A part that does not apply yet leaves its weight to the others: before the first referral nobody can be thanked late.
Everything but ``of`` is a pure function of what was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from partners import lately, ledger
from partners.doing import DoThis, choose, quarter_start
from partners.lately import Came, Lately
from partners.ledger import Label, Ledger
from partners.models import SENDING, THANKS_LATE, Partner, Rhythm

RECENCY, TREND, THANKS, RECIPROCITY, WORKSHOP = 30, 25, 15, 15, 15
TREND_OVER = timedelta(days=90)
LEAST_FOR_TREND = 3  # referrals ever; with fewer a trend is chance
BANDS = {Label.BALANCED: 15, Label.YOU_CARRY: 8, Label.YOU_OWE: 0}


@dataclass(frozen=True)
class Part:
    """One reason for the score; without points it does not apply."""

    name: str
    points: int | None
    of: int
    words: str

    @property
    def percent(self) -> int:
        return round(100 * (self.points or 0) / self.of)


@dataclass(frozen=True)
class Health:
    """The score, its parts, and the one thing to do now. No score where nothing applies."""

    score: int | None
    parts: Sequence[Part]
    do_this: DoThis

    @property
    def band(self) -> str:
        """Good from 70, fair from 40, poor below."""
        if self.score is None:
            return ""
        return "good" if self.score >= 70 else "fair" if self.score >= 40 else "poor"

    @property
    def applying(self) -> list[Part]:
        return [part for part in self.parts if part.points is not None]


def of(partner: Partner, *, known: Lately | None = None) -> Health:
    """Judge it; one query, or none where the last year was read before."""
    year = known or lately.of(partner)
    balance, rhythm = ledger.of(partner, known=year), partner.rhythm
    parts = [
        recency(rhythm, since=timezone.localdate(rhythm.counted_at or partner.created_at), today=year.today),
        trend(year, ever=rhythm.referrals),
        thanks(year),
        reciprocity(balance),
        workshop(year, is_sending=bool(rhythm.referrals) or partner.stage in SENDING),
    ]
    return Health(score(parts), parts, choose(partner, year, balance))


def score(parts: Sequence[Part]) -> int | None:
    """What was reached of what could be, in percent."""
    applying = [part for part in parts if part.points is not None]
    weight = sum(part.of for part in applying)
    return round(100 * sum(part.points or 0 for part in applying) / weight) if weight else None


def recency(rhythm: Rhythm, *, since: date, today: date) -> Part:
    """All of it up to the ideal day or while a meeting is booked, falling to nothing at twice the latest."""
    if rhythm.ideal_on is None or rhythm.latest_on is None:
        return Part("In touch", None, RECENCY, "No touch is expected now.")
    gone = (today - since).days
    ago = "today" if gone == 0 else "yesterday" if gone == 1 else f"{gone} days ago"
    words = f"In touch {ago}." if rhythm.counted_at else "Not in touch yet."
    if rhythm.meeting_on and rhythm.meeting_on >= today:
        return Part("In touch", RECENCY, RECENCY, f"{words} A meeting is booked.")
    ends_on = since + 2 * (rhythm.latest_on - since)
    return Part("In touch", recency_points(today, rhythm.ideal_on, ends_on), RECENCY, words)


def recency_points(today: date, ideal_on: date, ends_on: date) -> int:
    if today <= ideal_on:
        return RECENCY
    return round(RECENCY * max(0, (ends_on - today).days) / (ends_on - ideal_on).days)


def trend(year: Lately, *, ever: int) -> Part:
    """The last 90 days beside the 90 before them."""
    if ever < LEAST_FOR_TREND:
        return Part("Referrals", None, TREND, f"Shown after {LEAST_FOR_TREND} referrals.")
    now, half = year.now - TREND_OVER, year.now - 2 * TREND_OVER
    last = sum(came.received_at > now for came in year.referrals)
    before = sum(half < came.received_at <= now for came in year.referrals)
    words = f"{last} in the last 90 days, {before} in the 90 before."
    return Part("Referrals", trend_points(last, before), TREND, words)


def trend_points(last: int, before: int) -> int:
    """All of it where as many came or more, else in proportion; nothing where nobody came."""
    return round(TREND * min(1, last / max(before, 1))) if last else 0


def thanks(year: Lately) -> Part:
    """How many of a year's referrals were thanked for within 48 hours. One that is younger and waits does not count yet."""
    due = [came for came in year.referrals if came.thanked_at or came.received_at < year.now - THANKS_LATE]
    if not due:
        return Part("Thanks", None, THANKS, "Nobody to thank for yet.")
    hits = sum(_in_time(came) for came in due)
    return Part("Thanks", round(THANKS * hits / len(due)), THANKS, f"{hits} of {len(due)} thanked within 48 hours.")


def _in_time(came: Came) -> bool:
    return came.thanked_at is not None and came.thanked_at <= came.received_at + THANKS_LATE


def reciprocity(balance: Ledger) -> Part:
    """Which band give and take are in."""
    if not balance.label:
        return Part("Give and take", None, RECIPROCITY, "Nothing counted yet.")
    words = f"{Label(balance.label).label}: {balance.given} given, {balance.received} received."
    return Part("Give and take", BANDS[Label(balance.label)], RECIPROCITY, words)


def workshop(year: Lately, *, is_sending: bool) -> Part:
    """One with them this quarter, held or planned; asked of those who send us people."""
    if not is_sending:
        return Part("Workshop", None, WORKSHOP, "Comes with the first referral.")
    days = year.workshop_days | {each.day for each in year.gatherings}
    if any(quarter_start(day) == quarter_start(year.today) for day in days):
        return Part("Workshop", WORKSHOP, WORKSHOP, "One this quarter.")
    return Part("Workshop", 0, WORKSHOP, "None this quarter.")
