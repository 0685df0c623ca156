from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions, cadence
from partners.models import Partner, Tier
from partners.views.returning import back, in_days, parse_day

EASED = 5


@permission_required("partners.change_partner")
@require_POST
def snooze(request: OfficeRequest, pk: int) -> HttpResponse:
    """Let a partner rest by the days tapped, or until the day chosen."""
    partner = _find(pk)
    was, days = partner.rhythm.snoozed_until, request.POST.get("days", "")
    until = parse_day(request.POST.get("until", "")) or in_days(days if days.isdecimal() else "7")
    try:
        _see_what_they_saw(request, was)
        cadence.snooze(partner, until=until, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = f"{partner} rests until {date_format(until, 'MONTH_DAY_FORMAT')}."
        say(request, sentence, undo=reverse("unsnooze_partner", args=[pk]), until=was or "")
    return back(request, partner)


@permission_required("partners.change_partner")
@require_POST
def unsnooze(request: OfficeRequest, pk: int) -> HttpResponse:
    partner = _find(pk)
    try:
        cadence.unsnooze(partner, back_to=parse_day(request.POST.get("until", "")), by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"{partner} is not snoozed any more.")
    return back(request, partner)


@permission_required("partners.change_partner")
@require_POST
def set_tier(request: OfficeRequest, pk: int) -> HttpResponse:
    """Move a partner to the tier tapped; undo moves it back."""
    partner, to = _find(pk), request.POST.get("to", "")
    was = partner.tier
    if to not in Tier.values:
        messages.error(request, "Choose tier A, B or C.")
        return back(request, partner)
    try:
        actions.set_tier(partner, to=Tier(to), by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"{partner} is in tier {to.upper()} now.", undo=reverse("set_tier", args=[pk]), to=was)
    return back(request, partner)


@permission_required("partners.view_partner")
@require_safe
def keeping_up(request: OfficeRequest) -> HttpResponse:
    """What the book asks of a week, beside what one person can keep up, and whom to see less often."""
    load = cadence.load()
    context = {"load": load, "eased": cadence.to_ease()[:EASED] if load.expected_a_week > load.capacity else []}
    return render(request, "partners/keeping_up.html", context)


def _find(pk: int) -> Partner:
    return get_object_or_404(Partner.objects.select_related("rhythm"), pk=pk)


def _see_what_they_saw(request: OfficeRequest, snoozed_until: date | None) -> None:
    """A page that was open for long does not put a second snooze on one that it never showed."""
    seen = request.POST.get("seen")
    if seen is not None and seen != (snoozed_until.isoformat() if snoozed_until else ""):
        raise actions.AlreadySnoozed
