"""What goes back to who sent somebody, what a patient has signed for, and the accounting of both."""

from __future__ import annotations

import csv
from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.records import harmless
from crm.people.undo import say
from partners import actions, loop
from partners.forms import DayInput
from partners.models import Disclosure, Referral, WordPermission
from partners.views.returning import back

KEPT_DAYS = 6 * 366  # an accounting reaches six years back (45 CFR 164.528)


class WordForm(forms.Form):
    word = forms.ChoiceField(choices=Referral.Word.choices)
    notice = forms.ChoiceField(choices=loop.Notice.choices, required=False)


class PermissionForm(forms.ModelForm):
    """What the patient ticked and signed. The paper with the name stays in the clinical records."""

    class Meta:
        model = WordPermission
        fields = ["may_name", "may_say_visit", "may_say_good_news", "signed_on", "expires_on"]
        widgets = {"signed_on": DayInput, "expires_on": DayInput}

    def clean_signed_on(self):
        day = self.cleaned_data["signed_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("Nobody can have signed on a day to come.")
        return day


@permission_required("partners.change_referral")
@require_POST
def tell(request: OfficeRequest, pk: int) -> HttpResponse:
    """Note a word that went back; what the law does not allow is refused with its reason."""
    referral = get_object_or_404(Referral.objects.select_related("partner", "referred_by"), pk=pk)
    form = WordForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose one of the words.")
        return back(request, referral.partner)
    word, notice = form.cleaned_data["word"], form.cleaned_data["notice"] or loop.Notice.SEEN
    try:
        actions.tell(referral, word=word, by=request.user, notice=notice)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        line = None if word == Referral.Word.THANKS_ONLY else referral.disclosures.first()
        kept = " It stands in the accounting of disclosures." if line else ""
        sentence = f"Noted that word about {referral} went back.{kept}"
        say(request, sentence, undo=reverse("untell", args=[pk]), what=line.what if line else "")
    return back(request, referral.partner)


@permission_required("partners.change_referral")
@require_POST
def untell(request: OfficeRequest, pk: int) -> HttpResponse:
    referral = get_object_or_404(Referral.objects.select_related("partner", "referred_by"), pk=pk)
    try:
        actions.untell(referral, what=request.POST.get("what", ""), by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"Noted that this had not gone back after all ({referral}).")
    return back(request, referral.partner)


@permission_required("partners.add_wordpermission")
@require_POST
def permit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Note what a patient has signed for; only the owner does."""
    referral = get_object_or_404(Referral.objects.select_related("partner"), pk=pk)
    form = PermissionForm(request.POST)
    if form.is_valid():
        permission = actions.permit(referral, by=request.user, **form.cleaned_data)
        sentence = f"Noted what was signed for ({', '.join(permission.covers)})."
        say(request, sentence, undo=reverse("revoke_permission", args=[permission.pk]))
    else:
        problems = " ".join(str(problem) for field in form.errors.values() for problem in field)
        messages.error(request, f"Nothing is noted yet. {problems}")
    return back(request, referral.partner)


@permission_required("partners.change_wordpermission")
@require_POST
def revoke(request: OfficeRequest, pk: int) -> HttpResponse:
    permission = get_object_or_404(WordPermission.objects.select_related("referral__partner"), pk=pk)
    actions.revoke(permission, by=request.user)
    say(request, "The permission is taken back. From now on nothing goes back by it.")
    return back(request, permission.referral.partner)


@permission_required("partners.view_disclosure")
@require_safe
def accounting(request: OfficeRequest) -> HttpResponse:
    """The accounting of disclosures of six years as a file, for the owner."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="disclosures.csv"'
    response.write("\ufeff")
    rows = csv.writer(response)
    rows.writerow(["Date", "Recipient", "What", "Why", "Referral", "Partner", "By"])
    since = timezone.now() - timedelta(days=KEPT_DAYS)
    lines = Disclosure.objects.filter(at__gte=since).select_related("referral__partner", "by").order_by("at", "pk")
    for line in lines.iterator(chunk_size=1000):
        said = (line.recipient, line.what, line.why, str(line.referral), str(line.referral.partner), str(line.by or ""))
        day = timezone.localtime(line.at).strftime("%Y-%m-%d %H:%M")
        rows.writerow([day, *(harmless(text) for text in said)])
    return response
