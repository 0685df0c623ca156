"""The people we send to a partner: two taps to note one, one for each step after."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions
from partners.actions.sending import ASK_AFTER
from partners.models import Partner, SentReferral
from partners.views.returning import back


@permission_required("partners.add_sentreferral")
@require_POST
def send(request: OfficeRequest, pk: int) -> HttpResponse:
    """We send them somebody: the patient said yes, or it is handed over already."""
    partner = get_object_or_404(Partner, pk=pk)
    who, is_done = request.POST.get("who", ""), request.POST.get("step") == SentReferral.State.HANDED_OVER
    role = partner.roles.filter(contact=int(who)).first() if who.isdecimal() and len(who) < 16 else None
    sent = actions.send_referral(
        partner, by=request.user, contact=role.contact if role else None, is_handed_over=is_done
    )
    sentence = f"You send somebody to {partner}: {sent}. {_next(sent)}"
    say(request, sentence, undo=reverse("take_back_sent", args=[sent.pk]))
    return back(request, partner)


@permission_required("partners.change_sentreferral")
@require_POST
def hand_over(request: OfficeRequest, pk: int) -> HttpResponse:
    return _step(request, pk, actions.hand_over, undo="step_back_sent")


@permission_required("partners.change_sentreferral")
@require_POST
def ask_after(request: OfficeRequest, pk: int) -> HttpResponse:
    return _step(request, pk, actions.ask_after, undo="step_back_sent")


@permission_required("partners.change_sentreferral")
@require_POST
def step_back(request: OfficeRequest, pk: int) -> HttpResponse:
    return _step(request, pk, actions.step_back)


@permission_required("partners.change_sentreferral")
@require_POST
def take_back(request: OfficeRequest, pk: int) -> HttpResponse:
    sent = get_object_or_404(SentReferral.objects.select_related("partner"), pk=pk)
    try:
        actions.take_back_sent(sent, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"Taken back: {sent} to {sent.partner}.")
    return back(request, sent.partner)


def _step(request: OfficeRequest, pk: int, verb: Callable[..., SentReferral], *, undo: str = "") -> HttpResponse:
    sent = get_object_or_404(SentReferral.objects.select_related("partner"), pk=pk)
    try:
        verb(sent, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = f"{sent} to {sent.partner}: {sent.get_state_display().lower()}. {_next(sent)}"
        say(request, sentence.strip(), undo=reverse(undo, args=[pk]) if undo else "")
    return back(request, sent.partner)


def _next(sent: SentReferral) -> str:
    if sent.state == SentReferral.State.ASKED:
        return "Next: hand over."
    if sent.state == SentReferral.State.FOLLOWED_UP:
        return ""
    return f"A to do asks you on {date_format(timezone.localdate() + ASK_AFTER, 'MONTH_DAY_FORMAT')} how it went."
