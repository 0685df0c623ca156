"""Registering for a workshop, and giving the seat back."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from wagtail.log_actions import log

from crm.people.actions import find_or_create_contact
from crm.people.models import Contact, User
from partners.models import Partner
from workshops import letters
from workshops.actions.refusals import AlreadyCancelled, NotInDoubt, TooManyTries, WorkshopNotOpen, WorkshopOver
from workshops.actions.seats import free_seat, is_overtaking, lock, revise, take_seat, with_workshop
from workshops.actions.waiting import promote
from workshops.models import SEATED, Invite, Registration, Workshop

TRIES_AN_HOUR = 8

State = Registration.State
CancelledBy = Registration.CancelledBy


class Details(TypedDict, total=False):
    """What may be known of a registration beside who it is: how to call, how they came, and with whom."""

    phone: str
    submission: str
    source: Registration.Source
    credited_to: Partner | None
    is_hosts: bool
    heard_from: str
    party: str
    contact: Contact  # who brings somebody without an address of their own


def register(workshop: Workshop, *, name: str, email: str, doubt: str = "", **details: Unpack[Details]) -> Registration:
    """Give a seat, or a place on the waiting list. The last seat goes once, and an address holds one of either.

    Who is registered already gets the same registration back, and their confirmation again at most once an hour. With
    a ``doubt`` it waits for somebody's look: no seat and no letter until ``release``.
    """
    _refuse_unless_open(Workshop.objects.get(pk=workshop.pk))
    new = Registration(workshop=workshop, name=name.strip(), email=email.strip().lower(), doubt=doubt, **details)
    new.phone = new.phone.strip()
    # Before the workshop is locked: everybody else waits for that lock, and nobody for this contact.
    if new.email:
        new.contact = _contact_in_doubt(new) if doubt else find_or_create_contact(email, name=name, phone=new.phone)
        _refuse_hammering(new.contact)
    return _keep_for_a_look(new) if doubt else _register(workshop, new)


@transaction.atomic
def release(registration: Registration, *, by: User) -> Registration:
    """Let in whom we doubted, as if they came now; who has registered a second time since keeps that one."""
    workshop = lock(registration.workshop)
    _refuse_unless_open(workshop)
    new = workshop.registrations.select_for_update(of=("self",)).get(pk=registration.pk)
    if new.state != State.QUARANTINED:
        raise NotInDoubt
    new.workshop = workshop
    own = {"name": new.name, "phone": new.phone} if new.email else {}
    new.contact = find_or_create_contact(new.address, **own)
    log(instance=workshop, action="workshops.release", user=by, data={"registration": new.pk})
    held = _held_by(workshop, new)
    if held:
        new.state, new.cancelled_at, new.cancelled_by = State.CANCELLED, timezone.now(), CancelledBy.OFFICE
        new.save(update_fields=["state", "cancelled_at", "cancelled_by"])
        return held
    new.created_at = timezone.now()
    return _seat_or_list(new)


@transaction.atomic
def cancel(registration: Registration, *, by: Registration.CancelledBy = CancelledBy.THEMSELVES) -> Registration:
    """Give a seat or a place on the list back, once. A free seat goes to whoever waits longest, in the same moment."""
    workshop = lock(registration.workshop)
    registration = workshop.registrations.select_for_update().get(pk=registration.pk)
    if not registration.is_active or workshop.is_cancelled:
        raise AlreadyCancelled
    if workshop.has_begun:
        raise WorkshopOver
    was = registration.state
    registration.workshop = workshop
    registration.state, registration.cancelled_at = State.CANCELLED, timezone.now()
    registration.cancelled_by, registration.offered_until = by, None
    registration.save(update_fields=["state", "cancelled_at", "cancelled_by", "offered_until"])
    letters.cancelled(registration, revise(registration, is_cancelled=True) if was == State.CONFIRMED else None)
    if was in SEATED:
        free_seat(registration)
        promote(workshop)
    return registration


@transaction.atomic
def _register(workshop: Workshop, new: Registration) -> Registration:
    workshop = lock(workshop)
    _refuse_unless_open(workshop)
    held = _held_by(workshop, new)
    if held:
        letters.again(held)
        return held
    new.workshop = workshop
    return _seat_or_list(new)


def _seat_or_list(new: Registration) -> Registration:
    workshop = new.workshop
    has_seat = not is_overtaking(workshop, is_hosts=new.is_hosts) and take_seat(workshop, is_hosts=new.is_hosts)
    new.state = State.CONFIRMED if has_seat else State.WAITING
    new.save()
    if has_seat:
        letters.confirmed(new, Invite.objects.create(registration=new))
    else:
        letters.waiting(new)
    return new


def _contact_in_doubt(new: Registration) -> Contact:
    """A contact for somebody we are not sure of: a new one is on no list, and one we know stays as it is."""
    known = {"name": new.name, "phone": new.phone, "archived_at": timezone.now()}
    defaults = {"email": new.email, **known}
    contact, _made = Contact.objects.get_or_create(email__iexact=new.email, defaults=defaults)
    return contact


@transaction.atomic
def _keep_for_a_look(new: Registration) -> Registration:
    """One row an address: what is sent again while it waits, or is registered already, adds nothing."""
    lock(new.workshop)
    in_doubt = new.workshop.registrations.filter(state=State.QUARANTINED)
    kept = _held_by(new.workshop, new) or _same_person(in_doubt, new).first()
    if kept:
        return kept
    new.state = State.QUARANTINED
    new.save()
    return new


def _refuse_unless_open(workshop: Workshop) -> None:
    if workshop.is_cancelled:
        raise WorkshopNotOpen("This workshop has been cancelled.")
    if workshop.state != Workshop.State.OPEN:
        raise WorkshopNotOpen
    if workshop.has_begun:
        raise WorkshopOver("This workshop has already begun, so registration is closed.")


def _held_by(workshop: Workshop, new: Registration) -> Registration | None:
    return _same_person(with_workshop(workshop), new).first()


def _same_person(registrations: QuerySet[Registration], new: Registration) -> QuerySet[Registration]:
    """Those of the same address; without one, those of the same name whom the same person brought."""
    if new.email:
        return registrations.alias(address_=Lower("email")).filter(address_=new.email.lower())
    return registrations.filter(email="", contact=new.contact, name__iexact=new.name)


def _refuse_hammering(contact: Contact) -> None:
    """Registering and cancelling in turns would write a letter each time, perhaps to somebody who never asked."""
    hour_ago = timezone.now() - timedelta(hours=1)
    if contact.registrations.filter(created_at__gt=hour_ago).count() >= TRIES_AN_HOUR:
        raise TooManyTries
