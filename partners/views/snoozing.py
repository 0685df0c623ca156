"""Let a partner rest for some days, and take that back."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions, cadence
from partners.models import Partner
from partners.views.returning import back, in_days, parse_day


@permission_required("partners.change_partner")
@require_POST
def snooze(request: OfficeRequest, pk: int) -> HttpResponse:
    """Let a partner count as fresh by the days tapped, or until the day chosen; twice in a row at most."""
    partner = get_object_or_404(Partner.objects.with_rhythm(), pk=pk)
    was, days = partner.rhythm.snoozed_until, request.POST.get("days", "")
    until = parse_day(request.POST.get("until", "")) or in_days(days if days.isdecimal() else "7")
    try:
        _see_what_they_saw(request, was)
        rhythm = cadence.snooze(partner, until=until, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        last = " That was the second time: next time, decide." if rhythm.snoozes > 1 else ""
        sentence = f"{partner} rests until {date_format(until, 'MONTH_DAY_FORMAT')}.{last}"
        undo = reverse("unsnooze_partner", args=[pk])
        say(request, sentence, undo=undo, back_to=was.isoformat() if was else "")
    return back(request, partner)


@permission_required("partners.change_partner")
@require_POST
def unsnooze(request: OfficeRequest, pk: int) -> HttpResponse:
    partner = get_object_or_404(Partner.objects.with_rhythm(), pk=pk)
    try:
        cadence.unsnooze(partner, back_to=parse_day(request.POST.get("back_to", "")), by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"{partner} is not snoozed any more.")
    return back(request, partner)


def _see_what_they_saw(request: OfficeRequest, snoozed_until: date | None) -> None:
    """A page that was open for long does not put a second snooze on one that it never showed."""
    seen = request.POST.get("seen")
    if seen is not None and seen != (snoozed_until.isoformat() if snoozed_until else ""):
        raise actions.AlreadySnoozed
