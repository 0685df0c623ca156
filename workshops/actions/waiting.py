"""The waiting list: who moves up when a seat becomes free, by how much time is left.

More than a day before, the seat is theirs at once. On the last day it is offered, for they may have made other plans.
In the last hours nobody can be asked in time, so the owner gives it to whoever they reach.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from crm.people.models import User
from workshops import letters
from workshops.actions.refusals import AlreadyCancelled, NoFreeSeat, NotOffered, OfferLapsed, WorkshopOver
from workshops.actions.seats import Line, free_seat, lock, take_seat
from workshops.models import Invite, Registration, RegistrationQuerySet, Workshop

AT_ONCE_UNTIL = timedelta(hours=24)
OFFERED_UNTIL = timedelta(hours=4)
HELD_FOR = timedelta(hours=4)
HELD_UNTIL = timedelta(hours=2)  # before it begins

State = Registration.State


def promote(workshop: Workshop) -> list[Registration]:
    """Give, or offer, every free seat to whoever waits longest of those who may have it; return them.

    The caller holds the workshop's lock.
    """
    left = workshop.starts_at - timezone.now()
    if left <= OFFERED_UNTIL:
        return []
    waiting = workshop.registrations.waiting().select_related("contact")
    if left <= AT_ONCE_UNTIL:
        waiting = waiting.filter(offer_lapsed_at=None)
    promoted = []
    for registration in waiting:
        if not take_seat(workshop, is_hosts=registration.is_hosts):
            continue
        registration.workshop = workshop
        _seat(registration) if left > AT_ONCE_UNTIL else _offer(registration)
        promoted.append(registration)
    return promoted


def held_until(workshop: Workshop, *, now: datetime) -> datetime:
    """How long a seat that is offered now is kept: four hours, but not into the last two before it begins."""
    return min(now + HELD_FOR, workshop.starts_at - HELD_UNTIL)


def claim(registration: Registration) -> Registration:
    """Take the seat that was offered, once; who comes too late gets one that is still free, and nobody is overtaken."""
    if _run_out().filter(pk=registration.pk).exists():
        _lapse_offers_of(registration.workshop)  # the next in line is asked, whatever becomes of this claim
    return _claim(registration)


@transaction.atomic
def _claim(registration: Registration) -> Registration:
    workshop = lock(registration.workshop)
    registration = _locked(workshop, registration)
    if workshop.is_cancelled or not registration.is_active:
        raise AlreadyCancelled
    if registration.state == State.CONFIRMED:
        return registration
    if workshop.has_begun:
        raise WorkshopOver
    if registration.state == State.OFFERED and not registration.is_offered:
        raise OfferLapsed
    if registration.state == State.WAITING:
        _take_what_is_left(workshop, registration)
    return _seat(registration, letter=letters.claimed)


@transaction.atomic
def give_seat(registration: Registration, *, by: User) -> Registration:
    """Seat somebody who waits, or was offered a seat, on the owner's word; NoFreeSeat when all are taken."""
    workshop = lock(registration.workshop)
    registration = _locked(workshop, registration)
    if workshop.is_cancelled or not registration.is_active:
        raise AlreadyCancelled
    if registration.state == State.CONFIRMED:
        return registration
    if workshop.is_over:
        raise WorkshopOver
    if registration.state == State.WAITING and not take_seat(workshop, is_hosts=registration.is_hosts, is_given=True):
        raise NoFreeSeat
    log(instance=workshop, action="workshops.give_seat", user=by, data={"registration": registration.pk})
    return _seat(registration)


def lapse_offers() -> int:
    """Take back the seats that were offered and not taken in time; return how many. Safe to run twice at once."""
    workshops = Workshop.objects.filter(pk__in=_run_out().values("workshop"))
    return sum(_lapse_offers_of(workshop) for workshop in workshops)


def _run_out() -> RegistrationQuerySet:
    """Offers whose time is over."""
    return Registration.objects.filter(state=State.OFFERED, offered_until__lte=timezone.now())


@transaction.atomic
def _lapse_offers_of(workshop: Workshop) -> int:
    workshop = lock(workshop)
    over = _run_out().filter(workshop=workshop).select_related("contact")
    lapsed = [_lapse(workshop, registration) for registration in over]
    promote(workshop)
    return len(lapsed)


def _lapse(workshop: Workshop, registration: Registration) -> Registration:
    registration.workshop = workshop
    registration.state, registration.offered_until = State.WAITING, None
    registration.offer_lapsed_at = timezone.now()
    registration.save(update_fields=["state", "offered_until", "offer_lapsed_at"])
    free_seat(registration)
    if not workshop.has_begun and not workshop.is_cancelled:
        letters.lapsed(registration)
    return registration


def _take_what_is_left(workshop: Workshop, registration: Registration) -> None:
    """A seat that nobody else in line may have goes to who let an offer go by and comes back."""
    if registration.offer_lapsed_at is None:
        raise NotOffered
    workshop.refresh_from_db(fields=["seats_taken", "host_seats_taken"])
    is_hosts = registration.is_hosts
    if not (Line.of(workshop).has_seat_for(is_hosts=is_hosts) and take_seat(workshop, is_hosts=is_hosts)):
        raise OfferLapsed


def _seat(registration: Registration, *, letter=letters.promoted) -> Registration:
    registration.state, registration.offered_until = State.CONFIRMED, None
    registration.save(update_fields=["state", "offered_until"])
    letter(registration, Invite.objects.create(registration=registration))
    return registration


def _offer(registration: Registration) -> None:
    registration.state = State.OFFERED
    registration.offered_until = held_until(registration.workshop, now=timezone.now())
    registration.save(update_fields=["state", "offered_until"])
    letters.offered(registration)


def _locked(workshop: Workshop, registration: Registration) -> Registration:
    locked = workshop.registrations.select_for_update(of=("self",)).select_related("contact").get(pk=registration.pk)
    locked.workshop = workshop
    return locked
