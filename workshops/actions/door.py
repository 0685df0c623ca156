"""The door: who came, who came without a seat, and the end of check-in.

A tap says at a moment that somebody came, or did not after all. The later tap by its own time wins, whenever it arrives:
so a phone without a connection sends what it kept as late and as often as it must.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from wagtail.log_actions import log

from crm.people.actions import find_or_create_contact
from crm.people.models import Contact, User
from partners import actions as partners
from partners.models import Touch
from workshops.actions.refusals import DoorClosed, DoorNotOpen, DoorOpen, NoFreeSeat, NotBegun, WorkshopNotOpen
from workshops.actions.seats import free_seat, lock
from workshops.actions.waiting import give_seat, promote
from workshops.models import Invite, Registration, Workshop
from workshops.models.workshop import DOOR_AFTER, DOOR_BEFORE

HELD = "Workshop held: "
# What somebody who had cancelled, and came all the same, is registered with again.
KEPT = ("contact", "name", "email", "phone", "credited_to", "is_hosts", "heard_from", "party", "submission")

State = Registration.State


@transaction.atomic
def check_in(
    registration: Registration, *, by: User, at: datetime | None = None, add_seat: bool = False
) -> Registration:
    """They came. Twice is once, and a later tap stands; who waited or had cancelled gets a seat with it.

    NoFreeSeat when they have none and all are taken, unless ``add_seat`` says to make room.
    """
    at = _not_ahead(at)
    workshop = _door(registration.workshop, at)
    came = _living(workshop, registration)
    if _is_older(at, came):
        return came
    if not came.is_active:
        again = {field: getattr(came, field) for field in KEPT}
        came = Registration(**again, source=Registration.Source.WALK_IN)
    came.workshop, came.tapped_at = workshop, at
    came.checked_in_at = came.checked_in_at or at
    if came.state == State.CONFIRMED:
        came.save(update_fields=["checked_in_at", "tapped_at"])
    else:
        _seat(came, by=by, add_seat=add_seat)
    _refresh_words(workshop)
    return came


@transaction.atomic
def undo_check_in(registration: Registration, *, at: datetime | None = None) -> Registration:
    """They did not come after all: a slip. Somebody put in at the door is off the list again, and a seat is free."""
    at = _not_ahead(at)
    workshop = _door(registration.workshop, at)
    came = _living(workshop, registration)
    if _is_older(at, came) or came.state != State.CONFIRMED:
        return came
    came.checked_in_at, came.tapped_at = None, at
    if came.source == Registration.Source.WALK_IN:
        came.state, came.cancelled_at, came.cancelled_by = State.CANCELLED, at, Registration.CancelledBy.OFFICE
        free_seat(came)
    came.save(update_fields=["checked_in_at", "tapped_at", "state", "cancelled_at", "cancelled_by"])
    workshop.refresh_from_db(fields=["seats_taken", "host_seats_taken"])
    promote(workshop)
    _refresh_words(workshop)
    return came


def walk_in(
    workshop: Workshop,
    *,
    name: str,
    email: str = "",
    key: str = "",
    by: User,
    at: datetime | None = None,
    add_seat: bool = False,
) -> Registration:
    """Somebody came without being registered: a seat, and checked in. The same ``key`` twice is one person.

    Without an address they are a contact by name alone, whom nobody writes to. Who is registered with this address is
    checked in. NoFreeSeat when all are taken, unless ``add_seat`` says to make room.
    """
    name, email = name.strip(), email.strip().lower()
    new = Registration(workshop=workshop, name=name, email=email, submission=key, source=Registration.Source.WALK_IN)
    # Before the workshop is locked, as in register(): nobody else at the door waits for this contact.
    contact = find_or_create_contact(email, name=name) if email else None
    return _walk_in(new, contact, by=by, at=_not_ahead(at), add_seat=add_seat)


@transaction.atomic
def _walk_in(new: Registration, contact: Contact | None, *, by: User, at: datetime, add_seat: bool) -> Registration:
    workshop = _door(new.workshop, at)
    put_in = workshop.registrations.filter(source=Registration.Source.WALK_IN).exclude(submission="")
    seen = put_in.filter(submission=new.submission).order_by("-pk").first()
    if seen:
        return seen
    new.workshop = workshop
    new.contact = contact or Contact(name=new.name)
    held = _same_person(workshop.registrations.active(), new).first() if contact else None
    if held:
        return check_in(held, by=by, at=at, add_seat=add_seat)
    new.checked_in_at = new.tapped_at = at
    if contact is None:
        new.contact.save()
    _seat(new, by=by, add_seat=add_seat)
    _refresh_words(workshop)
    return new


@transaction.atomic
def seat_at_door(registration: Registration, *, by: User, add_seat: bool = False) -> Registration:
    """Give a seat to somebody who waits, for whom one is added where all are taken and ``add_seat`` says so."""
    workshop = _door(registration.workshop, timezone.now())
    waits = _living(workshop, registration).state == State.WAITING
    if waits and add_seat and workshop.seats_left <= 0:
        _add_seat(workshop, by=by)
    return give_seat(registration, by=by)


@transaction.atomic
def close_door(workshop: Workshop, *, by: User | None) -> Workshop:
    """End check-in, once: who was not checked in did not come, and the host was in touch with us."""
    workshop = lock(workshop)
    _refuse_unless_it_takes_place(workshop)
    if workshop.door_closed_at:
        raise DoorClosed
    if not workshop.has_begun:
        raise NotBegun
    workshop.door_closed_at = timezone.now()
    workshop.save(update_fields=["door_closed_at"])
    _tell_of_host(workshop, by=by)
    return workshop


@transaction.atomic
def reopen_door(workshop: Workshop, *, by: User) -> Workshop:
    """Undo close_door(): people can be checked in again, until it is closed once more."""
    workshop = lock(workshop)
    if not workshop.door_closed_at:
        raise DoorOpen
    workshop.door_closed_at, workshop.door_opened_at = None, timezone.now()
    workshop.save(update_fields=["door_closed_at", "door_opened_at"])
    touch = Touch.objects.standing().filter(once=_once(workshop)).first()
    if touch:
        partners.take_back(touch, by=by)
    return workshop


def close_doors() -> int:
    """End check-in three hours after the end, where anybody was checked in; return how many. Safe to run twice at once."""
    since = timezone.now() - DOOR_AFTER
    left = Workshop.objects.filter(
        Q(door_opened_at=None) | Q(door_opened_at__lte=since),
        state__in=[Workshop.State.OPEN, Workshop.State.HELD],
        door_closed_at=None,
        ends_at__lte=since,
    ).filter(
        Exists(Registration.objects.came().filter(workshop=OuterRef("pk"))),
    )
    return sum(_close_unless_closed(workshop) for workshop in left)


def _close_unless_closed(workshop: Workshop) -> bool:
    try:
        close_door(workshop, by=None)
    except DoorClosed:
        return False
    return True


def _not_ahead(at: datetime | None) -> datetime:
    """A phone whose clock is ahead does not win against everybody."""
    now = timezone.now()
    return min(at or now, now)


def _door(workshop: Workshop, at: datetime) -> Workshop:
    """The locked workshop, when people could be checked in at that moment."""
    workshop = lock(workshop)
    _refuse_unless_it_takes_place(workshop)
    if timezone.now() < workshop.starts_at - DOOR_BEFORE:
        raise DoorNotOpen
    if workshop.door_closed_at and at > workshop.door_closed_at:
        raise DoorClosed
    return workshop


def _refuse_unless_it_takes_place(workshop: Workshop) -> None:
    if not workshop.takes_place:
        raise WorkshopNotOpen("This workshop has been cancelled." if workshop.is_cancelled else "")


def _living(workshop: Workshop, registration: Registration) -> Registration:
    """This registration as it stands; of one that was cancelled, the last that this person has or had."""
    rows = workshop.registrations.select_for_update(of=("self",)).select_related("contact")
    found = rows.get(pk=registration.pk)
    if found.state == State.CANCELLED:
        theirs = list(_same_person(rows.admitted(), found).order_by("-pk"))
        found = next((one for one in theirs if one.is_active), theirs[0])
    found.workshop = workshop
    return found


def _same_person(rows: QuerySet[Registration], registration: Registration) -> QuerySet[Registration]:
    """Those of the same address; without one, those of the same name whom the same person brought."""
    if registration.email:
        return rows.filter(email__iexact=registration.email)
    return rows.filter(email="", contact=registration.contact, name__iexact=registration.name)


def _is_older(at: datetime, registration: Registration) -> bool:
    """Was something said of them since that moment?"""
    said = (registration.tapped_at, registration.cancelled_at)
    return any(moment and at <= moment for moment in said)


def _seat(registration: Registration, *, by: User, add_seat: bool) -> None:
    """A seat for somebody who stands at the door, so without a letter; those kept for the host count as free."""
    workshop = registration.workshop
    if registration.state != State.OFFERED:
        if workshop.seats_left <= 0:
            if not add_seat:
                raise NoFreeSeat(f"All {workshop.capacity} seats are taken.")
            _add_seat(workshop, by=by)
        is_hosts = int(registration.is_hosts)
        Workshop.objects.filter(pk=workshop.pk).update(
            seats_taken=F("seats_taken") + 1, host_seats_taken=F("host_seats_taken") + is_hosts
        )
    registration.state, registration.offered_until = State.CONFIRMED, None
    registration.save()
    Invite.objects.get_or_create(registration=registration)


def _add_seat(workshop: Workshop, *, by: User) -> None:
    workshop.capacity += 1
    workshop.save(update_fields=["capacity"])
    log(instance=workshop, action="workshops.add_seat", user=by, data={"capacity": workshop.capacity})


def _once(workshop: Workshop) -> UUID:
    """What tells this workshop's touch with its host, so that there is one however often the door is closed."""
    return uuid5(workshop.uid, "held")


def _words(workshop: Workshop) -> str:
    had_seat = workshop.registrations.confirmed()
    came = had_seat.came().count()
    return f"{HELD}{workshop.title}. {came} came, {had_seat.count() - came} did not."[:280]


def _tell_of_host(workshop: Workshop, *, by: User | None) -> None:
    touch = Touch.objects.filter(once=_once(workshop)).first()
    if touch:
        if touch.taken_back_at:
            partners.put_back(touch, by=by)
        _refresh_words(workshop)
    elif workshop.host:
        partners.log_touch(
            workshop.host,
            kind=Touch.TouchKind.WORKSHOP,
            by=by,
            summary=_words(workshop),
            occurred_at=workshop.starts_at,
            once=_once(workshop),
            source=Touch.Source.SYSTEM,
        )


def _refresh_words(workshop: Workshop) -> None:
    """A tap that arrives after the door was closed is counted in the touch too, unless somebody gave it other words."""
    if not workshop.door_closed_at:
        return
    touch = Touch.objects.filter(once=_once(workshop), summary__startswith=HELD).first()
    words = _words(workshop)
    if touch and touch.summary != words:
        touch.summary = words
        touch.save(update_fields=["summary"])
