"""What follows a workshop by itself: one letter to each registrant, and to dos for us. Made once, however often asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from crm.mail.models import Message
from crm.mail.rules import is_night
from crm.people.actions import consenting
from crm.people.models import Contact, Purpose
from partners.actions import follow_up
from partners.models import FollowUp
from workshops import around
from workshops.actions.debriefing import next_date
from workshops.actions.seats import lock
from workshops.models import Debrief, Registration, Workshop

LETTER_AT = time(10)
LETTER_FOR = timedelta(days=7)  # later nobody wants to rate it
A_WEEK = timedelta(days=7)
NEXT_AFTER, NEXT_UNTIL = timedelta(days=75), timedelta(days=120)


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
    if now < letter_due_at(workshop) or is_night(now, workshop.zone):
        return []
    rows = list(workshop.registrations.confirmed().select_related("contact"))
    if not any(row.checked_in_at for row in rows):
        return []
    keys = {around.after_key(row): row for row in rows if row.email}
    written = set(Message.objects.filter(dedupe_key__in=list(keys)).values_list("dedupe_key", flat=True))
    return [row for key, row in keys.items() if key not in written]


@transaction.atomic
def write_week_later() -> int:
    """Ask those who came and want to hear from us how it goes, a week later; return how many. Safe to repeat."""
    now, written = timezone.now(), 0
    held = Workshop.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).filter(
        state=Workshop.State.HELD, ends_at__gt=now - 2 * A_WEEK, ends_at__lte=now - A_WEEK + timedelta(days=1)
    )
    for workshop in held:
        if now >= week_due_at(workshop) and (rows := _week_unwritten(workshop)):
            written += len(around.write_week_later(workshop, rows, until=workshop.ends_at + 2 * A_WEEK))
    return written


def week_due_at(workshop: Workshop) -> datetime:
    return letter_due_at(workshop) - timedelta(days=1) + A_WEEK


def _week_unwritten(workshop: Workshop) -> list[Registration]:
    """Who came, said yes to news, and has not been asked. It is a letter, so hours and caps are the post room's."""
    rows = {row.contact_id: row for row in workshop.registrations.came().select_related("contact") if row.email}
    willing = consenting(Contact.objects.filter(pk__in=rows), purpose=Purpose.NEWS).values_list("pk", flat=True)
    keys = {around.week_key(rows[pk]): rows[pk] for pk in willing}
    written = set(Message.objects.filter(dedupe_key__in=list(keys)).values_list("dedupe_key", flat=True))
    return [row for key, row in keys.items() if key not in written]


def promise_next() -> int:
    """Promise to propose the next date, 75 days after a workshop that none follows; once. Return how many."""
    today = timezone.localdate()
    held = Workshop.objects.filter(
        state=Workshop.State.HELD, host__archived_at=None, host__isnull=False,
        ends_at__gt=timezone.now() - NEXT_UNTIL, ends_at__lte=timezone.now() - NEXT_AFTER + timedelta(days=1),
    ).select_related("host")  # fmt: skip
    keys = {next_key(workshop): workshop for workshop in held}
    made = set(FollowUp.objects.filter(once_key__in=list(keys)).values_list("once_key", flat=True))
    owed = [workshop for key, workshop in keys.items() if key not in made and next_due_on(workshop) <= today]
    wanted = [workshop for workshop in owed if wants_next(workshop)]
    for workshop in wanted:
        title = f"Propose the next workshop to {workshop.host}"
        follow_up(partner=workshop.host, title=title, due_on=next_due_on(workshop), once_key=next_key(workshop))
    return len(wanted)


def next_due_on(workshop: Workshop) -> date:
    return workshop.local_start.date() + NEXT_AFTER


def wants_next(workshop: Workshop) -> bool:
    """Is there no next date with this host, and did nobody say that there shall be none?"""
    debrief = Debrief.objects.filter(workshop=workshop).first()
    return not (debrief and debrief.no_next_reason) and next_date(workshop) is None


def next_key(workshop: Workshop) -> str:
    return f"{FollowUp.NEXT_WORKSHOP}{workshop.pk}"
