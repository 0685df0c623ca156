"""The waiting list in the office: why nobody moves up, and a seat by hand."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from workshops import actions
from workshops.actions.waiting import OFFERED_UNTIL
from workshops.models import Registration, Workshop


@permission_required("workshops.change_registration")
@require_POST
def give_seat(request: OfficeRequest, pk: int) -> HttpResponse:
    registration = get_object_or_404(Registration.objects.select_related("workshop"), pk=pk)
    try:
        actions.give_seat(registration, by=request.user)
    except actions.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{registration.name} has a seat and is being told. Call as well if time is short.")
    return redirect("workshops:inspect", registration.workshop_id)


def why_nobody_moves_up(workshop: Workshop, waiting: Sequence[Registration], offered: Sequence[Registration]) -> str:
    """Why those who wait have no seat, in one or two sentences; empty where nobody waits."""
    if not waiting or not workshop.is_open:
        return ""
    if workshop.seats_left <= 0:
        return _full(workshop, offered)
    if workshop.starts_at - timezone.now() <= OFFERED_UNTIL:
        return "It begins in less than 4 hours, so nobody moves up by itself. Give the free seat to whoever you reach."
    if workshop.public_seats_left <= 0:
        kept = workshop.seats_left
        return f"{_seats(kept)} free and kept for the host’s people, none of whom wait. Keep fewer, and others move up."
    return (
        "Everybody who waits has let an offer go by. Who comes back to their page, or is new, can take the free seat."
    )


def _full(workshop: Workshop, offered: Sequence[Registration]) -> str:
    if not offered:
        return f"All {workshop.capacity} seats are taken. The next one that is given back goes to the first in line."
    soonest = min(offered, key=lambda registration: registration.offered_until or timezone.now())
    many = "1 seat is offered" if len(offered) == 1 else f"{len(offered)} seats are offered"
    return f"{many} to people who have not answered yet. If nobody takes it by {soonest.offer_ends}, the next is asked."


def _seats(number: int) -> str:
    return "1 seat is" if number == 1 else f"{number} seats are"
