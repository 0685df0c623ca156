"""What follows a workshop by itself: one letter to each registrant, and to dos for us. Made once, however often asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from crm.mail.models import Message
from partners.actions import follow_up
from partners.models import FollowUp
from workshops import around
from workshops.actions.debriefing import next_date
from workshops.actions.seats import lock
from workshops.models import Debrief, Registration, Workshop
from workshops.reminders import is_quiet

LETTER_AT = time(10)
LETTER_FOR = timedelta(days=7)  # later nobody wants to rate it
CALLED_AFTER, NEXT_AFTER = timedelta(days=7), timedelta(days=75)
LOOKED_BACK_ON = timedelta(days=120)


def letter_due_at(workshop: Workshop) -> datetime:
    """In the middle of the morning after, by the workshop's clock."""
    day = workshop.local_start.date() + timedelta(days=1)
    return datetime.combine(day, LETTER_AT, workshop.zone).astimezone(UTC)


def write_afterwards() -> int:
    """Write to those who came and to those who did not, once the door has closed; return how many. Safe to repeat."""
    now = timezone.now()
    lately = Workshop.objects.filter(
        state=Workshop.State.HELD, door_closed_at__isnull=False, ends_at__gt=now - LETTER_FOR, ends_at__lte=now
    )
    return sum(_write_to_all(workshop) for workshop in lately if _unwritten(workshop, now))


@transaction.atomic
def _write_to_all(workshop: Workshop) -> int:
    """Under the lock: whoever is checked in at this moment is, or is not, before it."""
    workshop, now = lock(workshop), timezone.now()
    rows = _unwritten(workshop, now) if workshop.door_closed_at else []
    until, written = workshop.ends_at + LETTER_FOR, 0
    for came in (True, False):
        theirs = [row for row in rows if bool(row.checked_in_at) is came]
        written += len(around.write_afterwards(workshop, theirs, came=came, until=until)) if theirs else 0
    return written


def _unwritten(workshop: Workshop, now: datetime) -> list[Registration]:
    """Who had a seat and has no letter yet. Where nobody at all was checked in, nobody knows who came: none."""
    if now < letter_due_at(workshop) or is_quiet(now, workshop.zone):
        return []
    rows = list(workshop.registrations.confirmed().select_related("contact"))
    if not any(row.checked_in_at for row in rows):
        return []
    keys = {around.after_key(row): row for row in rows if row.email}
    written = set(Message.objects.filter(dedupe_key__in=list(keys)).values_list("dedupe_key", flat=True))
    return [row for key, row in keys.items() if key not in written]


def promise_afterwards() -> int:
    """Promise what we owe after a week, and the next date after 75 days; each once. Return how many were promised."""
    today = timezone.localdate()
    held = Workshop.objects.filter(
        state=Workshop.State.HELD, host__archived_at=None, host__isnull=False,
        ends_at__gt=timezone.now() - LOOKED_BACK_ON,
    ).select_related("host")  # fmt: skip
    asked = Count("registrations", filter=Q(registrations__may_call_at__isnull=False))
    asked_of = list(held.annotate(asked=asked))
    keys = [key(workshop) for workshop in asked_of for key in (called_key, next_key)]
    made = set(FollowUp.objects.filter(once_key__in=keys).values_list("once_key", flat=True))
    return sum(_promise(workshop, today, made) for workshop in asked_of)


def _promise(workshop, today: date, made: set[str]) -> int:
    day, promised = workshop.local_start.date(), 0
    if workshop.asked and day + CALLED_AFTER <= today and called_key(workshop) not in made:
        who = "the one person" if workshop.asked == 1 else f"the {workshop.asked} people"
        title = f"See that {who} who asked for a call after “{workshop.title}” got one"
        follow_up(partner=workshop.host, title=title, due_on=day + CALLED_AFTER, once_key=called_key(workshop))
        promised += 1
    if day + NEXT_AFTER <= today and next_key(workshop) not in made and wants_next(workshop):
        title = f"Propose the next workshop to {workshop.host}"
        follow_up(partner=workshop.host, title=title, due_on=day + NEXT_AFTER, once_key=next_key(workshop))
        promised += 1
    return promised


def wants_next(workshop: Workshop) -> bool:
    """Is there no next date with this host, and did nobody say that there shall be none?"""
    debrief = Debrief.objects.filter(workshop=workshop).first()
    return not (debrief and debrief.no_next_reason) and next_date(workshop) is None


def called_key(workshop: Workshop) -> str:
    return f"called:workshop:{workshop.pk}"


def next_key(workshop: Workshop) -> str:
    return f"{FollowUp.NEXT_WORKSHOP}{workshop.pk}"
