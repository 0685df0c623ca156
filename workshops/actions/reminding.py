"""Reminders: made when they are due, once for each time a workshop has, and held back when it turns out otherwise.

No table of their own: the message with its key is the fact that a reminder was made. Everything happens under the
workshop's lock, so a reminder is made before a change, which then holds it back, or after it, for the new time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from crm.mail import actions as mail
from crm.mail.models import Message
from workshops import around
from workshops.actions.seats import lock
from workshops.letters import key_of
from workshops.models import Registration, Workshop
from workshops.reminders import APART, REMINDERS, due_now, is_news

SEATED_BY = ("promoted", "claimed")  # letters that say a seat is theirs since a later moment than they registered
NEVER_LEFT = (Message.State.SKIPPED, Message.State.EXPIRED)


def remind() -> int:
    """Put the reminders that are due into the outbox, each once; return how many. Safe to lose and to run twice."""
    now = timezone.now()
    soon = Workshop.objects.filter(
        state=Workshop.State.OPEN, starts_at__gt=now, starts_at__lte=now + REMINDERS[0].before
    )
    return sum(_remind_of(workshop) for workshop in soon if _owed(workshop, now))


@transaction.atomic
def _remind_of(workshop: Workshop) -> int:
    workshop, now = lock(workshop), timezone.now()
    reminder = due_now(workshop, now)
    owed = _owed(workshop, now) if workshop.is_open else []
    if reminder is None or not owed:
        return 0
    return len(around.remind(workshop, owed, reminder, until=reminder.useful_until(workshop)))


def _owed(workshop: Workshop, now: datetime) -> list[Registration]:
    """Who gets the reminder whose time it is: a seat, known for long enough, and no reminder since or just now."""
    reminder = due_now(workshop, now)
    if reminder is None or is_news(workshop, reminder):
        return []
    since = reminder.known_by(workshop)
    seated = workshop.registrations.confirmed().filter(created_at__lte=since).select_related("contact")
    rows = list(seated)
    fresh = Q(dedupe_key__in=_seated_keys(rows), created_at__gt=since)
    recent = Q(dedupe_key__in=_keys(rows, workshop), created_at__gt=now - APART) & ~Q(state__in=NEVER_LEFT)
    made = Q(dedupe_key__in=[reminder.key(row, workshop.time_version) for row in rows])
    found = Message.objects.filter(fresh | recent | made).order_by().values_list("dedupe_key", flat=True)
    without = {int(key.split(":")[1]) for key in found}
    return [row for row in rows if row.address and row.pk not in without and not _hears_from_another(row, rows)]


def _hears_from_another(row: Registration, rows: list[Registration]) -> bool:
    """Who was brought along and gave no address hears from whoever brought them, as long as those come too."""
    return not row.email and any(other.email and other.contact_id == row.contact_id for other in rows)


def withdraw(registrations: Iterable[Registration], workshop: Workshop, *, because: str) -> int:
    """Hold back the reminders of these people that have not begun to leave. The caller holds the workshop's lock."""
    return mail.call_back(_made_for(registrations, workshop), reason=because)


def rewrite(workshop: Workshop) -> int:
    """Give reminders that have not begun to leave the words of now: the hour stands, but title or place is another.

    Those that wait are locked, so that no worker can take one meanwhile; then what was taken waits again.
    """
    rows, changed = list(workshop.registrations.confirmed()), 0
    made = _made_for(rows, workshop)
    list(made.filter(state=Message.State.QUEUED).order_by("pk").select_for_update().values_list("pk"))
    mail.let_go(made)
    for reminder in REMINDERS:
        for is_brought in (False, True):
            keys = [reminder.key(row, workshop.time_version) for row in rows if is_brought is not bool(row.email)]
            waiting = Message.objects.filter(dedupe_key__in=keys, state=Message.State.QUEUED)
            if keys and waiting.exists():
                changed += waiting.update(content=around.content_of(workshop, reminder, is_brought=is_brought))
    return changed


def _made_for(registrations: Iterable[Registration], workshop: Workshop) -> QuerySet[Message]:
    return Message.objects.filter(dedupe_key__in=_keys(registrations, workshop))


def _keys(registrations: Iterable[Registration], workshop: Workshop) -> list[str]:
    """The keys of every reminder that these may ever have had, for this time or one before."""
    versions = range(workshop.time_version + 1)
    return [one.key(row, version) for row in registrations for one in REMINDERS for version in versions]


def _seated_keys(registrations: Iterable[Registration]) -> list[str]:
    return [key_of(row, reason) for row in registrations for reason in SEATED_BY]
