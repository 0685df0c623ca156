"""Who gets a seat: one lock, two counters that only move while a seat is free.

Every verb locks the workshop's row before it reads or writes anything else, so they happen one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from crm.people.composed import ask, prepared, records
from workshops.models import Invite, Registration, Workshop

# Written by hand, for Django would write it anew each time while everybody waits for the lock.
TAKEN = """
    UPDATE workshops_workshop SET seats_taken = seats_taken + %s, host_seats_taken = host_seats_taken + %s
    WHERE id = %s AND state = %s AND capacity >= seats_taken + %s
"""


class SeatsMoved(Exception):
    """Seats were taken by somebody who does not hold the workshop's lock: a mistake in the code."""


def lock(workshop: Workshop) -> Workshop:
    """The workshop as it stands, and nobody else may change it before this transaction ends."""
    found = records(_locked, now=timezone.now(), key=workshop.pk)
    if not found:
        raise Workshop.DoesNotExist
    return found[0]


def _locked(*, now: datetime, key: int) -> QuerySet[Workshop]:
    return Workshop.objects.select_for_update(no_key=True).filter(pk=key).order_by()


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


@dataclass
class Line:
    """The seats and the waiting list of a workshop while its lock is held, and those who come in this moment.

    Nobody new overtakes people that wait for the very seat they would get; who let an offer go by is overtaken.
    """

    workshop: Workshop
    waiting: int
    waiting_hosts: int
    seats: int = 0
    host_seats: int = 0

    @classmethod
    def of(cls, workshop: Workshop) -> Line:
        [(waiting, waiting_hosts)] = ask(_ahead, now=timezone.now(), key=workshop.pk) or [(0, 0)]
        return cls(workshop, waiting, waiting_hosts)

    def has_seat_for(self, *, is_hosts: bool) -> bool:
        only_hosts = is_hosts and not self.workshop.has_seat_for(is_hosts=False)
        ahead = self.waiting_hosts if only_hosts else self.waiting
        return not ahead and self.workshop.has_seat_for(is_hosts=is_hosts)

    def join(self, registration: Registration) -> None:
        """Give the next one a seat, or the place behind the others; the counters are written by ``settle``."""
        is_hosts = registration.is_hosts
        if self.has_seat_for(is_hosts=is_hosts):
            registration.state = Registration.State.CONFIRMED
            self.workshop.seats_taken += 1
            self.workshop.host_seats_taken += is_hosts
            self.seats, self.host_seats = self.seats + 1, self.host_seats + is_hosts
        else:
            registration.state = Registration.State.WAITING
            self.waiting, self.waiting_hosts = self.waiting + 1, self.waiting_hosts + is_hosts

    def settle(self) -> None:
        """Take the seats that were given, all or none: the condition is asked of the row as it stands."""
        if not self.seats:
            return
        cursor = prepared()
        cursor.execute(TAKEN, [self.seats, self.host_seats, self.workshop.pk, Workshop.State.OPEN.value, self.seats])
        if cursor.rowcount != 1:
            raise SeatsMoved


def _ahead(*, now: datetime, key: int) -> QuerySet:
    """How many wait for a seat at a workshop, and how many of them are the host's; no row where nobody does."""
    waiting = Registration.objects.filter(workshop=key, state=Registration.State.WAITING, offer_lapsed_at=None)
    counted = (
        waiting.order_by().values("workshop").annotate(all=Count("pk"), hosts=Count("pk", filter=Q(is_hosts=True)))
    )
    return counted.values_list("all", "hosts")


def revise(registration: Registration, *, is_cancelled: bool = False) -> Invite:
    """The next revision of an invite: same UID, higher SEQUENCE, a new stamp."""
    invite = Invite.objects.select_for_update().get(registration=registration)
    invite.sequence += 1
    invite.is_cancelled = is_cancelled
    invite.stamped_at = timezone.now()
    invite.save(update_fields=["sequence", "is_cancelled", "stamped_at"])
    return invite
