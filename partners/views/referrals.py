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
from partners.models import Referral, Touch
from partners.views.returning import back


@permission_required("partners.change_referral")
@require_POST
def thank(request: OfficeRequest, pk: int) -> HttpResponse:
    referral = get_object_or_404(Referral.objects.select_related("partner", "referred_by"), pk=pk)
    try:
        touch = actions.thank(referral, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = f"{referral.partner} is thanked for {referral}."
        say(request, sentence, undo=reverse("unthank", args=[pk]), touch=touch.pk)
    return back(request, referral.partner)


@permission_required("partners.change_referral")
@require_POST
def unthank(request: OfficeRequest, pk: int) -> HttpResponse:
    referral = get_object_or_404(Referral.objects.select_related("partner"), pk=pk)
    number = request.POST.get("touch", "")
    thanks = referral.partner.touches.filter(kind=Touch.TouchKind.THANKS)
    touch = get_object_or_404(thanks, pk=number if number.isdecimal() and len(number) < 16 else None)
    try:
        actions.unthank(referral, touch=touch, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"A thank-you to {referral.partner} is owed again.")
    return back(request, referral.partner)
