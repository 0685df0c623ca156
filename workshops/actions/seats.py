"""Who gets a seat: one lock, two counters that only move while a seat is free.

Every verb locks the workshop's row before it reads or writes anything else, so they happen one after the other.
"""

from __future__ import annotations

from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from workshops.models import Invite, Registration, Workshop


def lock(workshop: Workshop) -> Workshop:
    """The workshop as it stands, and nobody else may change it before this transaction ends."""
    return Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)


def with_workshop(workshop: Workshop):
    """Active registrations, each knowing the locked workshop rather than a copy read earlier."""
    return workshop.registrations.active().select_related("contact")


def take_seat(workshop: Workshop, *, is_hosts: bool = False, is_given: bool = False) -> bool:
    """Take one of the free seats; False when there is none.

    Those kept for the host go to the host's own people, and to whom the owner gives one by hand.
    """
    kept = Value(0) if is_hosts or is_given else Greatest(F("host_seats") - F("host_seats_taken"), 0)
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


def is_overtaking(workshop: Workshop, *, is_hosts: bool) -> bool:
    """Would somebody who comes now overtake people that wait for the very seat they would get?"""
    ahead = workshop.registrations.filter(state=Registration.State.WAITING, offer_lapsed_at=None)
    if is_hosts and workshop.public_seats_left <= 0:
        ahead = ahead.filter(is_hosts=True)
    return ahead.exists()


def revise(registration: Registration, *, is_cancelled: bool = False) -> Invite:
    """The next revision of an invite: same UID, higher SEQUENCE, a new stamp."""
    invite = Invite.objects.select_for_update().get(registration=registration)
    invite.sequence += 1
    invite.is_cancelled = is_cancelled
    invite.stamped_at = timezone.now()
    invite.save(update_fields=["sequence", "is_cancelled", "stamped_at"])
    return invite
