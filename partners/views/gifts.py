from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_required
from wagtail.admin.utils import get_valid_next_url_from_request

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions
from partners.models import Gift


@permission_required("partners.change_gift")
@require_POST
def take_back(request: OfficeRequest, pk: int) -> HttpResponse:
    gift = _find(pk)
    try:
        actions.take_back_gift(gift, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = f"Taken back: {gift.what}."
        say(request, sentence, undo=reverse("put_back_gift", args=[pk]), label="Put it back")
    return _back(request, gift)


@permission_required("partners.change_gift")
@require_POST
def put_back(request: OfficeRequest, pk: int) -> HttpResponse:
    gift = _find(pk)
    try:
        actions.put_back_gift(gift, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"Put back: {gift.what}.")
    return _back(request, gift)


def _find(pk: int) -> Gift:
    return get_object_or_404(Gift.objects.select_related("partner", "contact"), pk=pk)


def _back(request: OfficeRequest, gift: Gift) -> HttpResponse:
    return redirect(get_valid_next_url_from_request(request) or reverse("gifts:inspect", args=[gift.pk]))
