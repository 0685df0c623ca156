"""When things happen in a small town: weekdays, office hours, classes before and after work."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from partners.models import Touch

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SATURDAY, SUNDAY = 5, 6

OFFICE = ((9, 10), (10, 25), (11, 0), (13, 40), (14, 15), (15, 5), (16, 20))
CLASSES = ((6, 30), (12, 10), (17, 45), (18, 30))
CALLS = ((12, 20), (12, 45), (15, 50), (16, 40))
WRITING = ((7, 50), (11, 55), (13, 5), (17, 30))
TIMES = {
    Touch.TouchKind.CLASS: CLASSES,
    Touch.TouchKind.CALL: CALLS,
    Touch.TouchKind.VOICEMAIL: CALLS,
    Touch.TouchKind.TEXT: WRITING,
    Touch.TouchKind.EMAIL: WRITING,
    Touch.TouchKind.CARD: WRITING,
    Touch.TouchKind.CONTENT: WRITING,
}
# What a line says about the hour, the first that is found.
SAID = (
    ("6:30", (6, 30)),
    ("before work", (6, 45)),
    ("early", (6, 30)),
    ("breakfast", (7, 30)),
    ("morning", (9, 0)),
    ("opening time", (9, 0)),
    ("noon", (12, 5)),
    ("lunch", (12, 10)),
    ("at four", (16, 0)),
    ("evening", (18, 30)),
    ("night", (18, 30)),
    ("club run", (18, 30)),
)


@dataclass(frozen=True)
class Calendar:
    """The days of the story, counted back and forth from the day it is told, in the practice's zone."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), tzinfo=self.zone)

    def working_day(self, day: date) -> date:
        """This day, or one in the middle of the week before where it falls on a weekend."""
        return day - timedelta(days={SATURDAY: 2, SUNDAY: 4}.get(day.weekday(), 0))

    def next_on(self, weekday: int, *, after: date) -> date:
        """The first such weekday after a day."""
        return after + timedelta(days=(weekday - after.weekday() - 1) % 7 + 1)

    def moment(self, day: date, kind: Touch.TouchKind, words: str, rng: random.Random) -> datetime:
        """When on or near this day such a touch took place: what its words say, then what people do."""
        if kind in (Touch.TouchKind.CLASS, Touch.TouchKind.VISIT):
            said = next((number for number, name in enumerate(WEEKDAYS) if name in words), None)
            day = self.working_day(day) if said is None else day - timedelta(days=(day.weekday() - said) % 7)
        else:
            day = self.working_day(day)
        hours = next((hour for word, hour in SAID if word in words.lower()), None)
        if day.weekday() >= SATURDAY:
            hours = (9, 0)
        return self.at(day, *(hours or rng.choice(TIMES.get(kind, OFFICE))))
