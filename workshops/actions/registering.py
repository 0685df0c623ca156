"""Registering for a workshop, and giving the seat back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Lower
from django.utils import timezone
from wagtail.log_actions import log

from crm.people.actions import Known, find_or_create_contact, find_or_create_contacts
from crm.people.actions import hold as hold_contact
from crm.people.composed import AnyOf, ask, records
from crm.people.inserting import Bundle, insert_all
from crm.people.models import Contact, User
from crm.people.trail import note_made
from partners.models import Partner
from workshops import letters
from workshops.actions import agreeing, reminding
from workshops.actions.refusals import (
    AlreadyCancelled,
    NotInDoubt,
    Refusal,
    TooManyTries,
    WorkshopNotOpen,
    WorkshopOver,
)
from workshops.actions.seats import Line, free_seat, lock, revise
from workshops.actions.together import Together
from workshops.actions.waiting import promote
from workshops.models import ACTIVE, HELD, SEATED, Invite, Registration, Workshop, answered_at

TRIES_AN_HOUR = 8

Who = tuple[str | int, str]

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
    new = as_typed(workshop, name=name, email=email, **details)
    new.doubt = doubt
    answer = hold(new, State.QUARANTINED) if doubt else _together.ask(workshop.pk, new)
    if isinstance(answer, Refusal):
        raise answer
    return answer


def as_typed(workshop: Workshop, *, name: str, email: str, **details: Unpack[Details]) -> Registration:
    """A registration not written yet: spaces around what was typed go, and addresses are in small letters."""
    new = Registration(workshop=workshop, name=name.strip(), email=email.strip().lower(), **details)
    new.phone = new.phone.strip()
    return new


@transaction.atomic
def release(registration: Registration, *, by: User) -> Registration:
    """Let in whom we held back, as if they came now; who has registered a second time since keeps that one."""
    contact = _let_out(registration)
    workshop = lock(registration.workshop)
    if refusal := refusal_of(workshop):
        raise refusal
    new = workshop.registrations.select_for_update(of=("self",)).get(pk=registration.pk)
    if new.state not in HELD:
        raise NotInDoubt
    log(instance=workshop, action="workshops.release", user=by, data={"registration": new.pk})
    return enter(new, workshop, contact)


def enter(new: Registration, workshop: Workshop, contact: Contact) -> Registration:
    """A seat or a place behind the others for somebody who was held; a second registration of theirs is the one kept.

    The caller holds the workshop's lock.
    """
    new.workshop, new.contact = workshop, contact
    if held := _same_people(workshop, [new]).get(_who(new)):
        new.state, new.cancelled_at, new.cancelled_by = State.CANCELLED, timezone.now(), CancelledBy.OFFICE
        new.save(update_fields=["state", "cancelled_at", "cancelled_by"])
        return held
    line = Line.of(workshop)
    line.join(new)
    line.settle()
    new.created_at = timezone.now()
    new.save()
    bundle = Bundle()
    _welcome([new], line, letters.Desk(), bundle)
    bundle.write()
    agreeing.keep_word(new)
    return new


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
    registration.cancelled_by, registration.offered_until, registration.checked_in_at = by, None, None
    registration.save(update_fields=["state", "cancelled_at", "cancelled_by", "offered_until", "checked_in_at"])
    invite = revise(registration, is_cancelled=True) if was == State.CONFIRMED else None
    if by != CancelledBy.ERASED:
        letters.cancelled(registration, invite)
    reminding.withdraw([registration], workshop, because="They gave their seat back.")
    if was in SEATED:
        free_seat(registration)
        promote(workshop)
    return registration


def _desk_for(new: Registration) -> letters.Desk:
    """With what the next who registers is likely to be told, made ready while others still have the lock."""
    desk = letters.Desk()
    desk.have_ready(new.workshop)
    return desk


def _register(people: Sequence[Registration], desk: letters.Desk) -> list[Registration | Refusal]:
    """Seats and places on the list for all of these, in their order, in a few statements; a refusal for some."""
    # Before the workshop is locked: everybody else waits for that lock, and nobody for these contacts.
    bundle = Bundle()
    known = [Known(new.email, name=new.name, phone=new.phone) for new in people if new.email]
    contacts, made = find_or_create_contacts(known, bundle=bundle)
    hammering = _hammering(contact for contact in contacts.values() if contact.pk not in made)
    workshop = lock(people[0].workshop)
    if refusal := refusal_of(workshop):
        raise refusal
    for new in people:
        new.workshop, new.contact = workshop, contacts[new.email] if new.email else new.contact
    held = _same_people(workshop, people)
    line, coming = Line.of(workshop), dict[Who, Registration]()
    answers: list[Registration | Refusal] = []
    for new in people:
        who = _who(new)
        if new.email and new.contact_id in hammering:
            answers.append(TooManyTries())
            continue
        if who in held:
            letters.again(held[who])
        elif who not in coming:
            line.join(new)
            coming[who] = new
        answers.append(held.get(who) or coming[who])
    _write(line, list(coming.values()), desk, bundle)
    return answers


def _answers(people: Sequence[Registration], desk: letters.Desk) -> list[Registration | Refusal]:
    """The same, and where nobody can register nothing is kept of anybody."""
    try:
        return _register(people, desk)
    except Refusal as refusal:
        transaction.set_rollback(True)
        return [type(refusal)(str(refusal)) for _new in people]


_together = Together(_answers, prepare=_desk_for)


def _write(line: Line, coming: list[Registration], desk: letters.Desk, bundle: Bundle) -> None:
    """The rows of those who come now: their order on the list is the order of their keys."""
    now = timezone.now()
    for registration in coming:
        registration.created_at = now
    line.settle()
    insert_all(coming)
    note_made(coming, bundle=bundle)
    _welcome(coming, line, desk, bundle)
    bundle.write()


def _welcome(coming: list[Registration], line: Line, desk: letters.Desk, bundle: Bundle) -> None:
    seated = [registration for registration in coming if registration.has_seat]
    waiting = [registration for registration in coming if not registration.has_seat]
    organizer = answered_at(desk.practice)
    invites = [Invite(registration=one, organizer=organizer) for one in seated]
    bundle.add_all(invites)
    letters.welcome(desk, invites, waiting, first_place=line.waiting - len(waiting) + 1, bundle=bundle)


def _let_out(held: Registration) -> Contact:
    """The contact of somebody who is let in, on the lists again. Before the lock: who registers asks in that order too."""
    own = {"name": held.name, "phone": held.phone} if held.email else {}
    return find_or_create_contact(held.address, **own)


def _contact_in_doubt(new: Registration) -> Contact:
    """A contact for somebody we are not sure of: a new one is on no list, and one we know stays as it is."""
    known = {"name": new.name, "phone": new.phone, "archived_at": timezone.now()}
    defaults = {"email": new.email, **known}
    contact, _made = Contact.objects.by_email(new.email).get_or_create(defaults=defaults)
    return hold_contact(contact.pk) if contact.merged_into_id else contact


@transaction.atomic
def hold(new: Registration, state: Registration.State) -> Registration:
    """Keep somebody without a seat. One row an address: what is sent again while it is held, or registered, adds nothing."""
    workshop = lock(new.workshop)
    if refusal := refusal_of(workshop):
        raise refusal
    if new.email:
        new.contact = _contact_in_doubt(new)
        if _hammering([new.contact]):
            raise TooManyTries
    kept = _same_people(workshop, [new]) or _same_people(workshop, [new], states=HELD)
    if kept:
        return kept[_who(new)]
    new.workshop, new.state = workshop, state
    new.save()
    return new


def refusal_of(workshop: Workshop) -> Refusal | None:
    """Why nobody can register, if so it is."""
    if workshop.is_cancelled:
        return WorkshopNotOpen("This workshop has been cancelled.")
    if workshop.state != Workshop.State.OPEN:
        return WorkshopNotOpen()
    if workshop.has_begun:
        return WorkshopOver("This workshop has already begun, so registration is closed.")
    return None


def _who(registration: Registration) -> Who:
    """Whose it is: an address; without one, a name that the same person brought."""
    return (
        registration.email.lower() or registration.contact_id,
        "" if registration.email else registration.name.lower(),
    )


def _same_people(
    workshop: Workshop, people: Sequence[Registration], *, states: tuple[str, ...] = ACTIVE
) -> dict[Who, Registration]:
    """What the same people have in this workshop already, by whose it is."""
    addresses = [new.email.lower() for new in people if new.email]
    brought_by = [new.contact_id for new in people if not new.email]
    found = records(_theirs, states, now=timezone.now(), key=workshop.pk, addresses=addresses, brought_by=brought_by)
    theirs = {}
    for registration in found:
        registration.workshop = workshop  # the locked one rather than a copy read earlier
        theirs[_who(registration)] = registration
    return {_who(new): theirs[_who(new)] for new in people if _who(new) in theirs}


def _theirs(
    states: tuple[str, ...], *, now: datetime, key: int, addresses: list[str], brought_by: list[int]
) -> QuerySet[Registration]:
    rows = Registration.objects.filter(workshop=key, state__in=states).select_related("contact").order_by()
    own = Q(small_letters=AnyOf(addresses, of=TextField)) & ~Q(email="")
    return rows.alias(small_letters=Lower("email")).filter(own | Q(email="", contact_id=AnyOf(brought_by)))


def _hammering(contacts: Iterable[Contact]) -> set[int]:
    """Registering and cancelling in turns would write a letter each time, perhaps to somebody who never asked."""
    known = [contact.pk for contact in contacts]
    return {pk for (pk,) in ask(_often, now=timezone.now(), contacts=known)} if known else set()


def _often(*, now: datetime, key: int, contacts: list[int]) -> QuerySet:
    tries = Registration.objects.filter(contact_id=AnyOf(contacts), created_at__gt=now - timedelta(hours=1))
    often = tries.order_by().values("contact").annotate(tries=Count("pk")).filter(tries__gte=TRIES_AN_HOUR)
    return often.values_list("contact")
