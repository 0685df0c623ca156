"""Weeks, months and quarters as the practice's calendar has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone


@dataclass(frozen=True)
class Span:
    """From its first day up to the day after its last."""

    starts_on: date
    ends_before: date

    @property
    def since(self) -> datetime:
        return _midnight(self.starts_on)

    @property
    def until(self) -> datetime:
        return _midnight(self.ends_before)

    @property
    def last_day(self) -> date:
        return self.ends_before - timedelta(days=1)

    def gone_by(self, today: date) -> float:
        """How much of it lies behind us: 0 to 1."""
        days = (self.ends_before - self.starts_on).days
        return min(1.0, max(0.0, (today - self.starts_on).days / days))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def week_of(day: date) -> Span:
    monday = day - timedelta(days=day.weekday())
    return Span(monday, monday + timedelta(days=7))


def weeks_until(week: Span, count: int) -> list[Span]:
    """So many weeks, the oldest first and this one last."""
    return [week_of(week.starts_on - timedelta(weeks=back)) for back in reversed(range(count))]


def quarter_of(day: date) -> Span:
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    month = first.month + 3
    return Span(first, date(first.year + month // 13, month % 12, 1) if month <= 12 else date(first.year + 1, 1, 1))


def days_until(day: date, count: int) -> Span:
    """The last so many days, this one included."""
    return Span(day - timedelta(days=count - 1), day + timedelta(days=1))
