from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from wagtail.admin.auth import permission_required

from crm.people.models import User
from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions, guard, scripts
from partners.models import Partner, Touch
from partners.views.returning import back


@permission_required("partners.add_touch")
@require_GET
def about_partner(request: OfficeRequest, pk: int) -> HttpResponse:
    """What the quick log says of the partner just chosen: who is there, which words fit, whether it is early to ask."""
    partner = get_object_or_404(Partner, pk=pk) if pk else None
    return render(request, "partners/_log_about.html", about(partner, request.user))


def about(partner: Partner | None, user: User) -> dict[str, object]:
    """The same for the form itself."""
    if partner is None:
        return {"partner": None, "script": None}
    lacking = guard.lacking(partner)
    return {
        "partner": partner,
        "people": partner.roles.select_related("contact"),
        "script": scripts.for_partner(partner) if user.has_perm("partners.view_script") else None,
        "lacking": lacking,
        "balance": None if lacking else guard.balance(partner),
    }


@permission_required("partners.add_touch")
@require_POST
def take_back(request: OfficeRequest, pk: int) -> HttpResponse:
    touch = get_object_or_404(Touch.objects.select_related("partner"), pk=pk)
    try:
        actions.take_back(touch, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = f"Taken back: {touch.get_kind_display()} with {touch.partner}."
        say(request, sentence, undo=reverse("put_back", args=[pk]), label="Put it back")
    return back(request, touch.partner)


@permission_required("partners.add_touch")
@require_POST
def put_back(request: OfficeRequest, pk: int) -> HttpResponse:
    touch = get_object_or_404(Touch.objects.select_related("partner"), pk=pk)
    try:
        actions.put_back(touch, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"Put back: {touch.get_kind_display()} with {touch.partner}.")
    return back(request, touch.partner)
