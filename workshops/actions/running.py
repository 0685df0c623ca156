"""A workshop's own life: published, moved, called off, held.

Letters are rows in the outbox, written in the same transaction: they leave if, and only if, it is committed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.people.models import User
from workshops import letters
from workshops.actions import preparing, reminding
from workshops.actions.refusals import AlreadyCancelled, AlreadyPublished, BadSpan, WorkshopOver
from workshops.actions.seats import lock, revise, with_workshop
from workshops.actions.waiting import HELD_UNTIL, promote
from workshops.models import Registration, Workshop

LONGEST = timedelta(hours=8)


@transaction.atomic
def publish(workshop: Workshop, *, by: User | None = None) -> Workshop:
    """Show a draft on the public site and open it for registration, once. Its preparation is promised by now."""
    workshop = lock(workshop)
    if workshop.state != Workshop.State.DRAFT:
        raise AlreadyPublished
    if workshop.has_begun:
        raise WorkshopOver("This workshop lies in the past. Give it a coming date, then publish it.")
    workshop.state = Workshop.State.OPEN
    workshop.save(update_fields=["state"])
    preparing.prepare(workshop, by=by)
    preparing.settle(workshop, by=by)
    return workshop


@transaction.atomic
def move(
    workshop: Workshop,
    *,
    title: str | None = None,
    place: str | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    time_zone: str | None = None,
    video_url: str | None = None,
    by: User | None = None,
) -> int:
    """Give a workshop another title, place or time; return how many people are told. Its preparation moves along.

    Whoever holds an invite gets the updated one, with the same UID and a higher SEQUENCE. Nothing new tells nobody.
    """
    workshop = lock(workshop)
    before = {"title": workshop.title, "place": workshop.place, "when": workshop.when}
    was_on, was_at = workshop.local_start.date(), workshop.starts_at
    wanted = {
        "title": title,
        "place": place,
        "video_url": video_url,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "time_zone": time_zone,
    }
    new = {field: value for field, value in wanted.items() if value is not None and getattr(workshop, field) != value}
    if not new:
        return 0
    _change(workshop, new)
    preparing.follow_day(workshop, was_on=was_on, by=by)
    told = _tell_of_change(workshop, before)
    if workshop.starts_at != was_at:
        reminding.withdraw(workshop.registrations.seated(), workshop, because="The workshop was moved.")
        _fit_offers(workshop)
    else:
        reminding.rewrite(workshop)
    return told


def _change(workshop: Workshop, new: dict[str, Any]) -> None:
    """Write what is new, if it may be so."""
    if workshop.is_cancelled:
        raise AlreadyCancelled
    if workshop.has_begun and workshop.state != Workshop.State.DRAFT:
        raise WorkshopOver
    for field, value in new.items():
        setattr(workshop, field, value)
    refuse_bad_span(workshop.starts_at, workshop.ends_at)
    if workshop.state == Workshop.State.OPEN and workshop.has_begun:
        raise WorkshopOver("A published workshop can't be moved into the past. Choose a coming date.")
    workshop.revision, workshop.revised_at = workshop.revision + 1, timezone.now()
    if "starts_at" in new:
        workshop.time_version, workshop.retimed_at = workshop.time_version + 1, workshop.revised_at
    workshop.save(update_fields=[*new, "revision", "revised_at", "time_version", "retimed_at"])


@transaction.atomic
def cancel_workshop(workshop: Workshop, *, reason: str, by: User | None = None) -> int:
    """Call a workshop off, once; return how many people are told. It leaves the calendars of all who had a seat.

    Registrations stay as they were: who meant to come is worth knowing when the next date is set.
    """
    workshop = lock(workshop)
    if workshop.is_cancelled:
        raise AlreadyCancelled
    if workshop.has_begun and workshop.state != Workshop.State.DRAFT:
        raise WorkshopOver
    workshop.state, workshop.cancelled_at, workshop.cancel_reason = (
        Workshop.State.CANCELLED,
        timezone.now(),
        reason.strip(),
    )
    workshop.revision, workshop.revised_at = workshop.revision + 1, workshop.cancelled_at
    workshop.save(update_fields=["state", "cancelled_at", "cancel_reason", "revision", "revised_at"])
    preparing.put_aside(workshop, by=by)
    told = list(with_workshop(workshop))
    reminding.withdraw(told, workshop, because="The workshop was cancelled.")
    for registration in told:
        has_seat = registration.state == Registration.State.CONFIRMED
        letters.workshop_cancelled(registration, revise(registration, is_cancelled=True) if has_seat else None)
    return len(told)


def refuse_bad_span(starts_at: datetime, ends_at: datetime) -> None:
    """A workshop ends after it starts, and within the day's work."""
    if ends_at <= starts_at:
        raise BadSpan("A workshop ends after it starts.")
    if ends_at - starts_at > LONGEST:
        raise BadSpan("A workshop lasts at most 8 hours.")


@transaction.atomic
def close_past() -> int:
    """Mark the open workshops that are over as held; return how many. Safe to run twice at once."""
    over = Workshop.objects.select_for_update(skip_locked=True).filter(
        state=Workshop.State.OPEN, ends_at__lte=timezone.now()
    )
    for workshop in over:
        workshop.state = Workshop.State.HELD
        workshop.save(update_fields=["state"])
    return len(over)


def _fit_offers(workshop: Workshop) -> None:
    """Another day, another rule: an offer ends before the new hour too, and with more time left people move up."""
    ends = workshop.starts_at - HELD_UNTIL
    workshop.registrations.filter(state=Registration.State.OFFERED, offered_until__gt=ends).update(offered_until=ends)
    promote(workshop)


def _tell_of_change(workshop: Workshop, before: dict[str, str]) -> int:
    if workshop.state != Workshop.State.OPEN:
        return 0
    told = list(with_workshop(workshop))
    for registration in told:
        has_seat = registration.state == Registration.State.CONFIRMED
        letters.changed(registration, revise(registration) if has_seat else None, before=before)
    return len(told)
