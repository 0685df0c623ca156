"""The next workshop at a host: a draft made from the last one, and taken back as long as nobody knows of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from crm.people.models import User
from workshops.actions import preparing
from workshops.actions.refusals import IsNextDate, NotADraft
from workshops.actions.seats import lock
from workshops.models import Debrief, Workshop

# What another day has in common with the last one. Registrations, counters, dates and marks stay behind.
COPIED = (
    *("topic_id", "title", "host_id", "audience", "summary", "description", "bring", "picture_id"),
    *("place", "arrival", "video_url", "time_zone", "capacity", "host_seats", "is_private", "asks_again"),
)


def likeness(workshop: Workshop) -> Workshop:
    """The same workshop for another day, not saved: its words and its place, and nothing that happened to it."""
    return Workshop(**{field: getattr(workshop, field) for field in COPIED})


@transaction.atomic
def plan_next(last: Workshop, *, starts_at: datetime, ends_at: datetime, by: User | None) -> Workshop:
    """Make a draft like the last one for another day, and promise its preparation; the same day twice is one draft."""
    last = lock(last)
    planned = last.followed_by.planned().filter(starts_at=starts_at).first()
    if planned:
        return planned
    workshop = likeness(last)
    workshop.starts_at, workshop.ends_at, workshop.follows = starts_at, ends_at, last
    workshop.slug = free_slug(workshop)
    workshop.save()
    preparing.prepare(workshop, by=by)
    return workshop


@transaction.atomic
def take_back_draft(workshop: Workshop, *, by: User | None) -> None:
    """Undo plan_next(): a draft that nobody registered for goes away, and what was promised for it is put aside."""
    workshop = lock(workshop)
    refuse_to_drop(workshop)
    preparing.put_aside(workshop, by=by)
    workshop.delete()


def refuse_to_drop(workshop: Workshop) -> None:
    """Only a draft may go, and only while no debrief counts on it."""
    if workshop.state != Workshop.State.DRAFT or workshop.registrations.exists():
        raise NotADraft
    if debrief := Debrief.objects.filter(next_workshop=workshop).select_related("workshop").first():
        before = f"“{debrief.workshop}” of {debrief.workshop.day}"
        raise IsNextDate(f"You closed {before} with this as the next date. Open that again first, or move this one.")


def free_slug(workshop: Workshop) -> str:
    """The title and the day, and a number where two of the same meet."""
    stem = f"{slugify(workshop.title)[:110] or 'workshop'}-{workshop.local_start:%Y-%m-%d}"
    taken = set(Workshop.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)
