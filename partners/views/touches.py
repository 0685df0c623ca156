from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions
from partners.models import Touch
from partners.views.returning import back


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
