"""Who gets a seat: one lock, one counter that only moves while a seat is free, and a list in order.

Every verb locks the workshop's row before it reads or writes anything else, so they happen one after the other.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from workshops import letters
from workshops.actions.refusals import AlreadyCancelled, TooFewSeats, WorkshopOver
from workshops.models import Invite, Registration, Workshop


def lock(workshop: Workshop) -> Workshop:
    """The workshop as it stands, and nobody else may change it before this transaction ends."""
    return Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)


def with_workshop(workshop: Workshop):
    """Active registrations, each knowing the locked workshop rather than a copy read earlier."""
    return workshop.registrations.active().select_related("contact")


@transaction.atomic
def change_capacity(workshop: Workshop, *, capacity: int) -> list[Registration]:
    """Set the number of seats and return who moved up from the waiting list. No seat that is taken can be removed."""
    workshop = lock(workshop)
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
    return promote(workshop)


def take_seat(workshop: Workshop, *, is_hosts: bool = False) -> bool:
    """Take one of the free seats; False when there is none. Those kept for the host go to the host's own people."""
    kept = Value(0) if is_hosts else Greatest(F("host_seats") - F("host_seats_taken"), 0)
    free = Workshop.objects.filter(pk=workshop.pk, state=Workshop.State.OPEN, capacity__gt=F("seats_taken") + kept)
    taken = {"seats_taken": F("seats_taken") + 1, "host_seats_taken": F("host_seats_taken") + int(is_hosts)}
    return free.update(**taken) == 1


def free_seat(registration: Registration) -> None:
    """Give back the seat this registration takes up, in the counters; the caller changes its state."""
    given = {
        "seats_taken": F("seats_taken") - 1,
        "host_seats_taken": F("host_seats_taken") - int(registration.is_hosts),
    }
    Workshop.objects.filter(pk=registration.workshop_id).update(**given)


def promote(workshop: Workshop) -> list[Registration]:
    """Give every free seat to whoever waits longest of those who may have it, with an invite of their own."""
    promoted = []
    for registration in workshop.registrations.waiting().select_related("contact"):
        if not take_seat(workshop, is_hosts=registration.is_hosts):
            continue
        registration.state = Registration.State.CONFIRMED
        registration.save(update_fields=["state"])
        letters.promoted(registration, Invite.objects.create(registration=registration))
        promoted.append(registration)
    return promoted


def revise(registration: Registration, *, is_cancelled: bool = False) -> Invite:
    """The next revision of an invite: same UID, higher SEQUENCE, a new stamp."""
    invite = Invite.objects.select_for_update().get(registration=registration)
    invite.sequence += 1
    invite.is_cancelled = is_cancelled
    invite.stamped_at = timezone.now()
    invite.save(update_fields=["sequence", "is_cancelled", "stamped_at"])
    return invite
