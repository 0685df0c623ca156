"""What may happen to workshops and the seats in them.

Every verb locks the workshop's row before it reads or writes anything else, so they happen one after the other.
Letters are rows in the outbox, written in the same transaction: they leave if, and only if, it is committed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.utils import timezone

from crm.people.actions import find_or_create_contact
from crm.people.models import Contact
from workshops import letters
from workshops.models import Invite, Registration, Workshop

LONGEST = timedelta(hours=8)
TRIES_AN_HOUR = 8


class Refusal(Exception):
    """A workshop says no. The text is a sentence for whoever asked."""

    sentence = ""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or self.sentence)


class WorkshopNotOpen(Refusal):
    sentence = "This workshop is not open for registration."


class WorkshopOver(Refusal):
    sentence = "This workshop has already begun, so nothing can be changed any more."


class AlreadyCancelled(Refusal):
    sentence = "This has already been cancelled."


class AlreadyPublished(Refusal):
    sentence = "This workshop has already been published."


class TooFewSeats(Refusal):
    """Fewer seats than people who hold one."""


class BadSpan(Refusal):
    """An end before the start, or a workshop of a whole day and more."""


class TooManyTries(Refusal):
    sentence = "You have registered several times within the hour. Please wait a while, or call us."


@transaction.atomic
def publish(workshop: Workshop) -> Workshop:
    """Show a draft on the public site and open it for registration, once."""
    workshop = _lock(workshop)
    if workshop.state != Workshop.State.DRAFT:
        raise AlreadyPublished
    if workshop.has_begun:
        raise WorkshopOver("This workshop lies in the past. Give it a coming date, then publish it.")
    workshop.state = Workshop.State.OPEN
    workshop.save(update_fields=["state"])
    return workshop


def register(workshop: Workshop, *, name: str, email: str, phone: str = "", submission: str = "") -> Registration:
    """Give a seat, or a place on the waiting list. The last seat goes once, and an address holds one of either.

    Who is registered already gets the same registration back, and their confirmation again at most once an hour.
    """
    _refuse_unless_open(Workshop.objects.get(pk=workshop.pk))
    # Before the workshop is locked: everybody else waits for that lock, and nobody for this contact.
    contact = find_or_create_contact(email, name=name, phone=phone)
    _refuse_hammering(contact)
    return _register(workshop, contact, name=name, phone=phone, submission=submission)


@transaction.atomic
def _register(workshop: Workshop, contact: Contact, *, name: str, phone: str, submission: str) -> Registration:
    workshop = _lock(workshop)
    _refuse_unless_open(workshop)
    held = _held_by(workshop, contact)
    if held:
        letters.again(held)
        return held
    has_seat = _take_seat(workshop)
    registration = Registration.objects.create(
        workshop=workshop,
        contact=contact,
        name=name.strip(),
        email=contact.email.lower(),
        phone=phone.strip(),
        submission=submission,
        state=Registration.State.CONFIRMED if has_seat else Registration.State.WAITING,
    )
    if has_seat:
        letters.confirmed(registration, Invite.objects.create(registration=registration))
    else:
        letters.waiting(registration)
    return registration


@transaction.atomic
def cancel(registration: Registration) -> Registration:
    """Give a seat or a place on the list back, once. A free seat goes to whoever waits longest, in the same moment."""
    workshop = _lock(registration.workshop)
    registration = workshop.registrations.select_for_update().get(pk=registration.pk)
    if not registration.is_active or workshop.is_cancelled:
        raise AlreadyCancelled
    if workshop.has_begun:
        raise WorkshopOver
    had_seat = registration.state == Registration.State.CONFIRMED
    registration.state, registration.cancelled_at = Registration.State.CANCELLED, timezone.now()
    registration.save(update_fields=["state", "cancelled_at"])
    letters.cancelled(registration, _revise(registration, is_cancelled=True) if had_seat else None)
    if had_seat:
        Workshop.objects.filter(pk=workshop.pk).update(seats_taken=F("seats_taken") - 1)
        _promote(workshop)
    return registration


@transaction.atomic
def move(
    workshop: Workshop,
    *,
    title: str | None = None,
    place: str | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    time_zone: str | None = None,
) -> int:
    """Give a workshop another title, place or time; return how many people are told.

    Whoever holds an invite gets the updated one, with the same UID and a higher SEQUENCE. Nothing new tells nobody.
    """
    workshop = _lock(workshop)
    before = {"title": workshop.title, "place": workshop.place, "when": workshop.when}
    wanted = {"title": title, "place": place, "starts_at": starts_at, "ends_at": ends_at, "time_zone": time_zone}
    new = {field: value for field, value in wanted.items() if value is not None and getattr(workshop, field) != value}
    if not new:
        return 0
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
    workshop.save(update_fields=[*new, "revision", "revised_at"])
    return _tell_of_change(workshop, before)


@transaction.atomic
def change_capacity(workshop: Workshop, *, capacity: int) -> list[Registration]:
    """Set the number of seats and return who moved up from the waiting list. No seat that is taken can be removed."""
    workshop = _lock(workshop)
    if capacity == workshop.capacity:
        return []
    if workshop.is_cancelled:
        raise AlreadyCancelled
    if workshop.is_over and workshop.state != Workshop.State.DRAFT:
        raise WorkshopOver("This workshop is over, so its seats can't be changed any more.")
    if capacity < 1:
        raise TooFewSeats("A workshop needs at least one seat.")
    if capacity < workshop.seats_taken:
        raise TooFewSeats(f"{workshop.seats_taken} people hold a seat. Cancel registrations first, or keep the seats.")
    workshop.capacity = capacity
    workshop.save(update_fields=["capacity"])
    return _promote(workshop)


@transaction.atomic
def cancel_workshop(workshop: Workshop, *, reason: str) -> int:
    """Call a workshop off, once; return how many people are told. It leaves the calendars of all who had a seat.

    Registrations stay as they were: who meant to come is worth knowing when the next date is set.
    """
    workshop = _lock(workshop)
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
    told = list(_with_workshop(workshop))
    for registration in told:
        has_seat = registration.state == Registration.State.CONFIRMED
        letters.workshop_cancelled(registration, _revise(registration, is_cancelled=True) if has_seat else None)
    return len(told)


def refuse_bad_span(starts_at: datetime, ends_at: datetime) -> None:
    """A workshop ends after it starts, and within the day's work."""
    if ends_at <= starts_at:
        raise BadSpan("A workshop ends after it starts.")
    if ends_at - starts_at > LONGEST:
        raise BadSpan("A workshop lasts at most 8 hours.")


def _lock(workshop: Workshop) -> Workshop:
    return Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)


def _refuse_unless_open(workshop: Workshop) -> None:
    if workshop.is_cancelled:
        raise WorkshopNotOpen("This workshop has been cancelled.")
    if workshop.state != Workshop.State.OPEN:
        raise WorkshopNotOpen
    if workshop.has_begun:
        raise WorkshopOver("This workshop has already begun, so registration is closed.")


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


def _held_by(workshop: Workshop, contact: Contact) -> Registration | None:
    held = _with_workshop(workshop).alias(address=Lower("email"))
    return held.filter(address=contact.email.lower()).first()


def _with_workshop(workshop: Workshop):
    """Active registrations, each knowing the locked workshop rather than a copy read earlier."""
    return workshop.registrations.active().select_related("contact")


def _refuse_hammering(contact: Contact) -> None:
    """Registering and cancelling in turns would write a letter each time, perhaps to somebody who never asked."""
    hour_ago = timezone.now() - timedelta(hours=1)
    if contact.registrations.filter(created_at__gt=hour_ago).count() >= TRIES_AN_HOUR:
        raise TooManyTries


def _take_seat(workshop: Workshop) -> bool:
    """Take one of the free seats; False when there is none."""
    free = Workshop.objects.filter(pk=workshop.pk, state=Workshop.State.OPEN, seats_taken__lt=F("capacity"))
    return free.update(seats_taken=F("seats_taken") + 1) == 1


def _promote(workshop: Workshop) -> list[Registration]:
    """Give every free seat to whoever waits longest, with an invite of their own."""
    workshop.refresh_from_db(fields=["seats_taken", "capacity"])
    promoted = []
    for registration in workshop.registrations.waiting().select_related("contact")[: workshop.seats_left]:
        if not _take_seat(workshop):
            break
        registration.state = Registration.State.CONFIRMED
        registration.save(update_fields=["state"])
        letters.promoted(registration, Invite.objects.create(registration=registration))
        promoted.append(registration)
    return promoted


def _revise(registration: Registration, *, is_cancelled: bool = False) -> Invite:
    """The next revision of an invite: same UID, higher SEQUENCE, a new stamp."""
    invite = Invite.objects.select_for_update().get(registration=registration)
    invite.sequence += 1
    invite.is_cancelled = is_cancelled
    invite.stamped_at = timezone.now()
    invite.save(update_fields=["sequence", "is_cancelled", "stamped_at"])
    return invite


def _tell_of_change(workshop: Workshop, before: dict[str, str]) -> int:
    if workshop.state != Workshop.State.OPEN:
        return 0
    told = list(_with_workshop(workshop))
    for registration in told:
        has_seat = registration.state == Registration.State.CONFIRMED
        letters.changed(registration, _revise(registration) if has_seat else None, before=before)
    return len(told)
