"""Registering for a workshop, and giving the seat back."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone

from crm.people.actions import find_or_create_contact
from crm.people.models import Contact
from workshops import letters
from workshops.actions.refusals import AlreadyCancelled, TooManyTries, WorkshopNotOpen, WorkshopOver
from workshops.actions.seats import free_seat, lock, promote, revise, take_seat, with_workshop
from workshops.models import Invite, Registration, Workshop

TRIES_AN_HOUR = 8


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
    workshop = lock(workshop)
    _refuse_unless_open(workshop)
    held = _held_by(workshop, contact)
    if held:
        letters.again(held)
        return held
    has_seat = take_seat(workshop)
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
    workshop = lock(registration.workshop)
    registration = workshop.registrations.select_for_update().get(pk=registration.pk)
    if not registration.is_active or workshop.is_cancelled:
        raise AlreadyCancelled
    if workshop.has_begun:
        raise WorkshopOver
    had_seat = registration.state == Registration.State.CONFIRMED
    registration.state, registration.cancelled_at = Registration.State.CANCELLED, timezone.now()
    registration.save(update_fields=["state", "cancelled_at"])
    letters.cancelled(registration, revise(registration, is_cancelled=True) if had_seat else None)
    if had_seat:
        free_seat(registration)
        promote(workshop)
    return registration


def _refuse_unless_open(workshop: Workshop) -> None:
    if workshop.is_cancelled:
        raise WorkshopNotOpen("This workshop has been cancelled.")
    if workshop.state != Workshop.State.OPEN:
        raise WorkshopNotOpen
    if workshop.has_begun:
        raise WorkshopOver("This workshop has already begun, so registration is closed.")


def _held_by(workshop: Workshop, contact: Contact) -> Registration | None:
    held = with_workshop(workshop).alias(address=Lower("email"))
    return held.filter(address=contact.email.lower()).first()


def _refuse_hammering(contact: Contact) -> None:
    """Registering and cancelling in turns would write a letter each time, perhaps to somebody who never asked."""
    hour_ago = timezone.now() - timedelta(hours=1)
    if contact.registrations.filter(created_at__gt=hour_ago).count() >= TRIES_AN_HOUR:
        raise TooManyTries
