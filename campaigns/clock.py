"""From a date and a time on the practice's wall to an instant, and no guessing where the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, time_format


class NoSuchTime(Exception):
    """The clocks jump over this time, or pass it twice; the message says what to choose instead."""


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant at which the practice's clocks show this date and time."""
    earlier = datetime.combine(day, at, tzinfo=zone)
    later = earlier.replace(fold=1)
    there_and_back = earlier.astimezone(UTC).astimezone(zone)
    if there_and_back.replace(tzinfo=None) != earlier.replace(tzinfo=None):
        raise NoSuchTime(
            f"The clocks go forward that night, so {time_format(at)} on {date_format(day)} does not exist. Choose another hour."
        )
    if earlier.utcoffset() != later.utcoffset():
        raise NoSuchTime(
            f"The clocks go back that night, so {time_format(at)} on {date_format(day)} comes twice. Choose another hour."
        )
    return earlier
