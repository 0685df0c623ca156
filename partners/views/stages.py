from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions
from partners.models import Partner, Stage
from partners.views.returning import back, parse_day


@permission_required("partners.change_partner")
@require_POST
def move(request: OfficeRequest, pk: int) -> HttpResponse:
    """Move a partner to the stage tapped; undo moves it to where it was."""
    partner = get_object_or_404(Partner, pk=pk)
    was, to, reason = partner.stage, request.POST.get("to", ""), request.POST.get("reason", "")
    if to not in Stage.values:
        messages.error(request, "Choose one of the stages.")
        return back(request, partner)
    fields: dict[str, Any] = {"reason": partner.off_ramp_reason, "until": partner.paused_until or ""}
    try:
        until = parse_day(request.POST.get("until", ""))
        actions.move_stage(partner, to=Stage(to), by=request.user, reason=reason[:200], paused_until=until)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = f"{partner} moved from {Stage(was).label} to {Stage(to).label}."
        say(request, sentence, undo=reverse("move_partner", args=[pk]), to=was, **fields)
    return back(request, partner)


@permission_required("partners.change_partner")
@require_POST
def archive(request: OfficeRequest, pk: int) -> HttpResponse:
    partner = get_object_or_404(Partner, pk=pk)
    actions.archive(partner, by=request.user)
    sentence = f"{partner} is archived, with all its history."
    say(request, sentence, undo=reverse("restore_partner", args=[pk]), label="Bring it back")
    return back(request, partner)


@permission_required("partners.change_partner")
@require_POST
def restore(request: OfficeRequest, pk: int) -> HttpResponse:
    partner = get_object_or_404(Partner, pk=pk)
    actions.restore(partner, by=request.user)
    say(request, f"{partner} is back.")
    return back(request, partner)
