"""Which days suit the next workshop at a partner's: like the last one, and nothing in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils import timezone
from django.utils.formats import time_format

from crm.people.models import PracticeProfile
from crm.people.zones import NoSuchTime, instant
from partners.models import FollowUp, Outing, Partner
from partners.results.spans import Span, quarter_of
from workshops.days_off import days_off
from workshops.models import Workshop

SHOWN = 3
A_QUARTER = timedelta(weeks=13)
SOONEST = timedelta(days=14)  # fewer, and nobody hears of it in time
PREPARED = timedelta(days=56)  # the first step of the preparation
NEAR = timedelta(days=6)
MOST_A_QUARTER = 6  # our default for one person alone
ORDINALS = ("first", "second", "third", "fourth", "fifth")


@dataclass(frozen=True)
class Suggestion:
    """A day that suits: why it does, and what speaks against it nevertheless."""

    day: date
    starts_at: datetime
    ends_at: datetime
    reasons: list[str]
    cautions: list[str]


@dataclass(frozen=True)
class Unfit:
    """A day of the right weekday that something is in the way of."""

    day: date
    why: str


@dataclass
class Proposal:
    """The three days that suit best in a quarter, and why the others do not."""

    host: Partner
    quarter: Span
    last: Workshop | None
    suits: list[Suggestion] = field(default_factory=list)
    unfit: list[Unfit] = field(default_factory=list)


def propose(host: Partner, *, quarter: Span | None = None) -> Proposal:
    """Days in a quarter on the weekday and at the hour of the last workshop there; without a last one, no days."""
    last = last_at(host, before=quarter)
    quarter = quarter or next_quarter(last)
    proposal = Proposal(host, quarter, last)
    if last is None:
        return proposal

    found = _Calendar(last, quarter)
    suits = []
    for day in _weekdays(last.local_start.weekday(), quarter):
        if day < timezone.localdate() + SOONEST:
            continue
        if why := found.in_the_way(day):
            proposal.unfit.append(Unfit(day, why))
        else:
            suits.append((found.distance(day), day))
    proposal.suits = [found.suggest(day) for _distance, day in sorted(suits)[:SHOWN]]
    return proposal


def last_at(host: Partner, *, before: Span | None = None) -> Workshop | None:
    """The workshop there that the next one follows: the latest that is not called off, drafts too."""
    found = host.workshops.planned().order_by("-starts_at", "-pk").select_related("host", "topic")
    return (found.filter(starts_at__lt=before.since).first() if before else None) or found.first()


def next_quarter(last: Workshop | None) -> Span:
    """The quarter after the last one's, or this one when that has gone by and there is still time."""
    today = timezone.localdate()
    soonest = quarter_of(today + 2 * SOONEST)
    if last is None:
        return soonest
    after = quarter_of(quarter_of(last.local_start.date()).ends_before)
    return max(after, soonest, key=lambda span: span.starts_on)


def _weekdays(weekday: int, quarter: Span) -> Iterable[date]:
    day = quarter.starts_on + timedelta(days=(weekday - quarter.starts_on.weekday()) % 7)
    while day < quarter.ends_before:
        yield day
        day += timedelta(days=7)


class _Calendar:
    """What stands in a quarter already, and the day of the last workshop to compare with."""

    def __init__(self, last: Workshop, quarter: Span) -> None:
        self.last, self.quarter = last, quarter
        self.last_on = last.local_start.date()
        self.today = timezone.localdate()

    @cached_property
    def holidays(self) -> Mapping[date, str]:
        practice, host = PracticeProfile.load(), self.last.host
        years = (self.quarter.starts_on.year, self.quarter.ends_before.year)
        days = {day: name for year in years for day, name in days_off(practice, year, host=host).items()}
        return {day: name.partition(";")[0] for day, name in days.items()}

    @cached_property
    def workshops(self) -> dict[date, str]:
        """By the day on the clock of their own zone; those at the quarter's edges too."""
        around = (self.quarter.since - NEAR, self.quarter.until + NEAR)
        return {row.local_start.date(): row.title for row in Workshop.objects.planned().filter(starts_at__range=around)}

    @cached_property
    def is_full(self) -> bool:
        """Are there as many workshops in the quarter already as one person can do?"""
        within = Workshop.objects.planned().filter(starts_at__gte=self.quarter.since, starts_at__lt=self.quarter.until)
        return within.count() >= MOST_A_QUARTER

    @cached_property
    def booked(self) -> dict[date, str]:
        """Days with a meeting or an outing. Neither has an hour, so the whole day is left alone."""
        days = (self.quarter.starts_on, self.quarter.last_day)
        meetings = FollowUp.objects.open().filter(is_meeting=True, due_on__range=days).select_related("partner")
        found = {todo.due_on: f"a meeting is booked: {todo.title}" for todo in meetings}
        return {**found, **{row.on: f"you go to {row}" for row in Outing.objects.filter(on__range=days)}}

    def in_the_way(self, day: date) -> str:
        """Why this day does not do; empty when it does."""
        if day in self.workshops:
            return f"“{self.workshops[day]}” is on that day"
        if day in self.holidays:
            return self.holidays[day]
        if day in self.booked:
            return self.booked[day]
        if _which(day) == 4:
            return f"the fifth {day:%A} of the month"
        return "" if self._span(day) else "the clocks change at that hour"

    def distance(self, day: date) -> int:
        """How far from ideal, in days: a quarter after the last one, in the same week of the month, well prepared."""
        ideal = abs((day - self.last_on - A_QUARTER).days)
        missing = (PREPARED - (day - self.today)).days
        hurry = 7 + missing if missing > 0 else 0
        return ideal + hurry + 21 * len(self._near(day)) + 14 * len(self._beside(day)) - 7 * self._is_same_week(day)

    def suggest(self, day: date) -> Suggestion:
        span = self._span(day)
        assert span  # noqa: S101  in_the_way() has seen it
        return Suggestion(day, *span, self._reasons(day), self._cautions(day))

    def _reasons(self, day: date) -> list[str]:
        start, ahead = self.last.local_start, day - self.today
        reasons = [f"A {day:%A} at {time_format(start)}, like the last one."]
        if self._is_same_week(day):
            reasons.append(f"The {ORDINALS[_which(day)]} {day:%A} of the month, as it was then.")
        weeks = (day - self.last_on).days // 7
        if 0 < weeks <= 26:
            reasons.append(f"{_weeks(weeks)} after the last one.".capitalize())
        if ahead >= PREPARED:
            reasons.append("Time enough for every step of the preparation.")
        if not self._near(day):
            reasons.append("No other workshop within a week.")
        return reasons

    def _cautions(self, day: date) -> list[str]:
        ahead = day - self.today
        cautions = [f"“{self.workshops[other]}” is {_days(other, day)}." for other in self._near(day)]
        cautions += [f"{self.holidays[other]} is {_days(other, day)}." for other in self._beside(day)]
        if self.is_full:
            cautions.append(f"You have {apnumber(MOST_A_QUARTER)} that quarter already, the most for one person alone.")
        if ahead < PREPARED:
            cautions.append(f"Only {_weeks(ahead.days // 7)} to prepare.")
        return cautions

    def _span(self, day: date) -> tuple[datetime, datetime] | None:
        """The same hours on the clock on the wall, whatever the clocks did in between; None where they skip them."""
        zone, lasts = self.last.zone, self.last.ends_at - self.last.starts_at
        try:
            starts_at = instant(day, self.last.local_start.time(), zone)
        except NoSuchTime:
            return None
        return starts_at, starts_at + lasts

    def _near(self, day: date) -> list[date]:
        return [other for other in self.workshops if abs(other - day) <= NEAR]

    def _beside(self, day: date) -> list[date]:
        """Holidays that make a long weekend of it."""
        return [day + timedelta(days=step) for step in (-1, 1) if day + timedelta(days=step) in self.holidays]

    def _is_same_week(self, day: date) -> bool:
        return _which(day) == _which(self.last_on)


def _which(day: date) -> int:
    """Which of its weekday in the month: 0 for the first."""
    return (day.day - 1) // 7


def _weeks(count: int) -> str:
    return f"{apnumber(count)} week{'' if count == 1 else 's'}"


def _days(other: date, day: date) -> str:
    many = abs((other - day).days)
    days = "day" if many == 1 else f"{apnumber(many)} days"
    return f"{'the' if many == 1 else ''} {days} {'before' if other < day else 'after'}".strip()
