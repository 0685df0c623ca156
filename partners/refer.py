"""A partner's own page, /refer/<code>/: how to send us somebody, and one tap to say that they did.

Whoever holds the code sees it; every other code is not found, whether it never was or has been put away. The page
never asks who was sent, and tells nothing about anybody. Only a POST changes anything.
"""

from __future__ import annotations

import re
from uuid import uuid4

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from crm.people.guard import TOO_FAST, TOO_MANY, TOO_OLD, GuardedForm, age_problem, is_flooding, is_hammered
from crm.people.private import private
from partners import identity
from partners.actions import receive_referral
from partners.models import Partner, ReferPage, Referral

MANY_AT_ONCE = 3  # more from one partner within ten minutes are looked at before they count
TOO_MANY_AT_ONCE = 20  # more are not even kept
ONLY_A_NAME = re.compile(r"[^\W\d_]+(?:[ '’.-]+[^\W\d_]+){0,3}\.?")
NOT_A_NAME = (
    "Please write your own first name and nothing else, or leave this empty. Never write who it is that you sent."
)


class ReferForm(GuardedForm):
    """“I have sent somebody”, and who says so. Quicker than a person is no mistake here: it is looked at before it counts."""

    once = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)
    sender = forms.CharField(
        label="Your own first name",
        required=False,
        max_length=60,
        help_text="So that we thank the right person. Please don’t write who it is that you sent.",
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )

    def __init__(self, *args, partner: Partner, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.partner = partner
        self.is_doubtful = False

    def clean_sender(self) -> str:
        sender = self.cleaned_data["sender"].strip()
        if sender and (not ONLY_A_NAME.fullmatch(sender) or identity.seen_in(sender, self.partner)):
            raise forms.ValidationError(NOT_A_NAME)
        return sender

    def clean(self) -> dict:
        cleaned = forms.Form.clean(self) or self.cleaned_data
        problem = age_problem(cleaned.get("shown_at", ""))
        if problem == TOO_OLD:
            self.add_error(None, TOO_OLD)
        elif not self.errors and self.request is not None:
            self._weigh(self.request, is_too_fast=problem == TOO_FAST)
        return cleaned

    def _weigh(self, request: HttpRequest, *, is_too_fast: bool) -> None:
        many = is_hammered(f"refer:{self.partner.code}", most=MANY_AT_ONCE)
        if is_flooding(request, email="") or is_hammered(f"refer-all:{self.partner.code}", most=TOO_MANY_AT_ONCE):
            self.add_error(None, TOO_MANY)
        self.is_doubtful = is_too_fast or many or self.is_trapped

    @property
    def this_once(self) -> object:
        """The key of this form: the one that came back, unless the page was open so long that it was used before."""
        sent = self.data.get("once", "")
        is_fresh = age_problem(self.data.get("shown_at", "")) != TOO_OLD
        return sent if sent and is_fresh and not self.errors.get("once") else uuid4()


@require_http_methods(["GET", "HEAD", "POST"])
@private
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Show how to send somebody; take note that somebody was sent, once for each form."""
    partner = _partner(request, code)
    form = ReferForm(request.POST if request.method == "POST" else None, request=request, partner=partner)
    if form.is_valid():
        _receive(partner, form)
        return redirect("refer_thanks", code=partner.code)
    words = ReferPage.load(request_or_site=request)
    fits = [line.strip() for line in words.who_fits.splitlines() if line.strip()]
    context = {"partner": partner, "form": form, "words": words, "fits": fits, "site_url": settings.BASE_URL}
    return render(request, "partners/refer.html", context, status=422 if form.errors else 200)


@require_safe
@private
def thanks(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "partners/refer_thanks.html", {"partner": _partner(request, code)})


def address_of(partner: Partner) -> str:
    """The page's whole address, as it is printed, copied and drawn as a code."""
    return settings.BASE_URL + reverse("refer", args=[partner.code])


def _partner(request: HttpRequest, code: str) -> Partner:
    """Who holds this code; one whose record was merged into another is that other one."""
    held = Partner.objects.select_related("merged_into").filter(code=code.upper()).first()
    partner = held.merged_into if held and held.merged_into_id else held
    if partner is None or partner.archived_at:
        raise Http404("There is no such page.")
    return partner


def _receive(partner: Partner, form: ReferForm) -> Referral:
    """Whoever holds the code may write any name, so it is the owner who says which of their people it was."""
    return receive_referral(
        partner,
        by=None,
        channel=Referral.Channel.PAGE,
        once=form.cleaned_data["once"],
        sender=form.cleaned_data["sender"],
        is_quarantined=form.is_doubtful,
    )
