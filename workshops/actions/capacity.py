"""How many seats there are, and how many of them are kept for the host."""

from __future__ import annotations

from django.db import transaction

from workshops.actions.refusals import AlreadyCancelled, TooFewSeats, WorkshopOver
from workshops.actions.seats import lock
from workshops.actions.waiting import promote
from workshops.models import Registration, Workshop


@transaction.atomic
def change_capacity(
    workshop: Workshop, *, capacity: int | None = None, host_seats: int | None = None
) -> list[Registration]:
    """Set the seats, and those kept for the host; return who moved up from the waiting list for it.

    No seat that is taken can be removed. Seats kept for the host that are taken by now are kept as they become free.
    """
    workshop = lock(workshop)
    capacity = workshop.capacity if capacity is None else capacity
    host_seats = workshop.host_seats if host_seats is None else host_seats
    if (capacity, host_seats) == (workshop.capacity, workshop.host_seats):
        return []
    if workshop.is_cancelled:
        raise AlreadyCancelled
    if workshop.is_over and workshop.state != Workshop.State.DRAFT:
        raise WorkshopOver("This workshop is over, so its seats can't be changed any more.")
    refuse_too_few(workshop, capacity=capacity, host_seats=host_seats)
    workshop.capacity, workshop.host_seats = capacity, host_seats
    workshop.save(update_fields=["capacity", "host_seats"])
    return promote(workshop)


def refuse_too_few(workshop: Workshop, *, capacity: int, host_seats: int) -> None:
    """Never fewer seats than people who hold one, nor fewer than are kept for the host."""
    if capacity < 1:
        raise TooFewSeats("A workshop needs at least one seat.")
    if capacity < workshop.seats_taken:
        raise TooFewSeats(f"{workshop.seats_taken} people hold a seat. Cancel registrations first, or keep the seats.")
    if capacity < host_seats:
        raise TooFewSeats(f"{host_seats} seats are kept for the host, and there would be only {capacity}.")
