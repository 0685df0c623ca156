"""When a reminder of a workshop is due, until when it is of use, and when it is not made at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.mail.rules import after_night, is_night
from workshops.models import Registration, Workshop

APART = timedelta(hours=6)  # between two reminders, and between what somebody just heard and a reminder of it


@dataclass(frozen=True)
class Reminder:
    """One of the three: so long before, and whether it lets people sleep."""

    name: str
    before: timedelta
    keeps_quiet: bool = True

    @property
    def letter(self) -> str:
        return f"workshop_reminder_{self.name}"

    def meant_for(self, workshop: Workshop) -> datetime:
        """So many hours before it begins: real hours, whatever the clocks do in between."""
        return workshop.starts_at - self.before

    def due_at(self, workshop: Workshop) -> datetime:
        """When it leaves. What would come at night waits for the morning; the last one wakes whoever sleeps."""
        meant = self.meant_for(workshop)
        return after_night(meant, workshop.zone) if self.keeps_quiet else meant

    def useful_until(self, workshop: Workshop) -> datetime:
        """When it is too late: the next one is near, or the workshop begins."""
        after = REMINDERS[REMINDERS.index(self) + 1 :]
        return after[0].due_at(workshop) - APART if after else workshop.starts_at

    def known_by(self, workshop: Workshop) -> datetime:
        """Who hears of seat or hour later than this needs no reminder: it is fresh, or the moment has passed."""
        return self.meant_for(workshop) - APART

    def key(self, registration: Registration, version: int) -> str:
        return f"registration:{registration.pk}:reminder:{self.name}:{version}"


REMINDERS = (
    Reminder("48h", timedelta(hours=48)),
    Reminder("24h", timedelta(hours=24)),
    Reminder("2h", timedelta(hours=2), keeps_quiet=False),
)


def due_now(workshop: Workshop, now: datetime) -> Reminder | None:
    """The one reminder whose time it is, if any: their times never overlap."""
    for reminder in REMINDERS:
        if reminder.due_at(workshop) <= now < reminder.useful_until(workshop):
            return None if reminder.keeps_quiet and is_night(now, workshop.zone) else reminder
    return None


def is_news(workshop: Workshop, reminder: Reminder) -> bool:
    """Has the workshop been moved so late that everybody has just heard of the hour?"""
    return bool(workshop.retimed_at and workshop.retimed_at > reminder.known_by(workshop))
