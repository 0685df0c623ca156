"""The practice's clock: what a typed time means, and whose today it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format, time_format

from crm.people.models import PracticeProfile

Turn = Literal["", "first", "second"]


class NoSuchTime(ValueError):
    """The clocks do not show this time, or show it twice."""


class TimeDoesNotExist(NoSuchTime):
    """The clocks go forward over this time."""


class TimeHappensTwice(NoSuchTime):
    """The clocks go back over this time, and nobody said which of the two is meant."""


def instant(day: date, at: time, zone: ZoneInfo, *, turn: Turn = "") -> datetime:
    """Return the one instant at which a clock in this zone shows this time."""
    first = datetime.combine(day, at, zone).replace(fold=0)
    second = first.replace(fold=1)
    when = f"{time_format(at)} on {date_format(day)}"
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != first.replace(tzinfo=None):
        raise TimeDoesNotExist(f"{when} does not exist in {zone.key}: the clocks go forward. Choose another time.")
    if first.utcoffset() != second.utcoffset() and not turn:
        raise TimeHappensTwice(f"{when} happens twice in {zone.key}: the clocks go back. Choose another time.")
    return (second if turn == "second" else first).astimezone(UTC)


@contextmanager
def practice_time() -> Iterator[None]:
    """Let today be the practice's today in work that no request began: the worker's, and the commands'."""
    with timezone.override(PracticeProfile.load().zone):
        yield
