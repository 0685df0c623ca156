from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import apnumber
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.auth import permission_required

from crm.people.models import Contact
from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions, conversions, referrals_page
from partners.forms import DayInput
from partners.models import Alert, Partner, Referral, Stage
from partners.views.returning import back

SALT = "referral-progress"
ON_THE_BOARD = 60
COLUMNS = (Referral.State.RECEIVED, Referral.State.CONTACTED, Referral.State.SCHEDULED)


class StepForm(forms.Form):
    """Where a referral got to, on which day, and why if that is an end."""

    to = forms.ChoiceField(choices=Referral.State.choices)
    lost_reason = forms.ChoiceField(choices=Referral.Lost.choices, required=False)
    on = forms.DateField(required=False, widget=DayInput)

    def at(self, referral: Referral) -> datetime | None:
        """Noon of a day gone by, or as soon as it may be; nothing for today, which means now."""
        day = self.cleaned_data["on"]
        if day is None or day == timezone.localdate():
            return None
        noon = timezone.make_aware(datetime.combine(day, time(12)))
        dates = [referral.received_at, *(getattr(referral, field) for field in Referral.REACHED.values())]
        same_day = [at for at in dates if at and timezone.localdate(at) == day]
        return max([noon, *same_day])


@permission_required("partners.add_referral")
@require_POST
def receive(request: OfficeRequest, pk: int) -> HttpResponse:
    """A referral came in: one tap, and one more for who of their people sent it."""
    partner = get_object_or_404(Partner.objects.select_related("merged_into"), pk=pk)
    partner = partner.merged_into or partner
    stage, who = partner.stage, request.POST.get("who", "")
    role = partner.roles.filter(contact=int(who)).first() if who.isdecimal() and len(who) < 16 else None
    referral = actions.receive_referral(partner, by=request.user, referred_by=role.contact if role else None)
    sentence = format_html(
        '{} sent you somebody: <a href="{}">{}</a>.',
        role.contact if role else partner,
        referral.get_absolute_url(),
        referral,
    )
    if partner.stage != stage:
        sentence = format_html("{} They are at {} now.", sentence, partner.get_stage_display())
    if aside := _put_aside(referral):
        sentence = format_html("{} {}", sentence, aside)
    if partner.stage == Stage.NOT_A_FIT:
        said = partner.off_ramp_reason.rstrip(".") or partner.get_not_a_fit_because_display() or "no reason given"
        sentence = format_html(
            "{} You marked them as not a fit ({}). A to do for today asks you to decide.", sentence, said
        )
    say(request, sentence, undo=reverse("take_back_referral", args=[referral.pk]))
    return back(request, partner)


def _put_aside(referral: Referral) -> str:
    """What this referral has made needless, if anything."""
    count = actions.aside(referral.partner, because=actions.needed_no_more(referral)).count()
    if not count:
        return ""
    steps = "One open step" if count == 1 else f"{apnumber(count)} open steps".capitalize()
    return f"{steps} of courting them {'is' if count == 1 else 'are'} put aside, no longer needed."


@permission_required("partners.change_referral")
@require_POST
def take_back(request: OfficeRequest, pk: int) -> HttpResponse:
    referral = _referral(pk)
    what = f"Discarded: {referral}" if referral.is_quarantined else f"Taken back: {referral}"
    try:
        actions.take_back_referral(referral, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        heir = actions.heir_of(referral)
        sentence = (
            f"{what} of {referral.partner}.{f' The plan of their first referral goes on for {heir}.' if heir else ''}"
        )
        say(request, sentence, undo=reverse("put_back_referral", args=[pk]), label="Put it back")
    return back(request, referral.partner)


@permission_required("partners.change_referral")
@require_POST
def put_back(request: OfficeRequest, pk: int) -> HttpResponse:
    referral = _referral(pk)
    try:
        actions.put_back_referral(referral, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"{referral} of {referral.partner} counts again.")
    return back(request, referral.partner)


@permission_required("partners.change_referral")
@require_POST
def accept(request: OfficeRequest, pk: int) -> HttpResponse:
    """A referral from the page that looked wrong is a real one."""
    referral = _referral(pk)
    try:
        actions.accept_referral(referral, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = " ".join(filter(None, (f"{referral} of {referral.partner} counts now.", _put_aside(referral))))
        say(request, sentence, undo=reverse("take_back_referral", args=[pk]))
    return back(request, referral.partner)


@permission_required("partners.change_referral")
@require_POST
def who(request: OfficeRequest, pk: int) -> HttpResponse:
    """Which of their people sent them; an empty answer is nobody in particular."""
    referral = _referral(pk)
    number = request.POST.get("contact", "")
    contact = Contact.objects.filter(pk=number).first() if number.isdecimal() and len(number) < 16 else None
    was = referral.referred_by_id or ""
    try:
        actions.name_referrer(referral, contact=contact, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = f"{contact} sent {referral}." if contact else f"Nobody in particular sent {referral}."
        say(request, sentence, undo=reverse("referral_who", args=[pk]), contact=was)
    return back(request, referral.partner)


@permission_required("partners.change_referral")
@require_POST
def move(request: OfficeRequest, pk: int) -> HttpResponse:
    """The next step, a step back or an end, with one tap; undo puts every date back."""
    referral = _referral(pk)
    form = StepForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose one of the steps, and a day such as 2027-01-31.")
        return back(request, referral.partner)
    before = referral.progress
    try:
        to, reason = form.cleaned_data["to"], form.cleaned_data["lost_reason"]
        actions.move_referral(referral, to=to, by=request.user, at=form.at(referral), lost_reason=reason)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        reason = f" ({referral.get_lost_reason_display().lower()})" if referral.lost_reason else ""
        sentence = f"{referral} of {referral.partner}: {referral.get_state_display().lower()}{reason}."
        kept = signing.dumps({"now": referral.state, "before": _written(before)}, salt=f"{SALT}:{pk}")
        say(request, sentence, undo=reverse("unmove_referral", args=[pk]), kept=kept)
    return back(request, referral.partner)


@permission_required("partners.change_referral")
@require_POST
def unmove(request: OfficeRequest, pk: int) -> HttpResponse:
    referral = _referral(pk)
    try:
        kept = signing.loads(request.POST.get("kept", ""), salt=f"{SALT}:{pk}")
        referral.state = kept["now"]
        actions.unmove_referral(referral, progress=_read(kept["before"]), by=request.user)
    except signing.BadSignature:
        messages.error(request, "This can’t be undone from here. Open the referral and choose the step it is at.")
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"{referral} of {referral.partner} is {referral.get_state_display().lower()} again.")
    return back(request, referral.partner)


@permission_required("partners.view_referral")
@require_safe
def under_way(request: OfficeRequest) -> HttpResponse:
    """Everybody who was sent and is not seen yet, by step, with what has waited too long; then the word that is owed."""
    now = timezone.now()
    everything = Referral.objects.select_related("partner", "referred_by")
    alerts = {row.pk: Alert(row.alert).label for row in Referral.objects.ageing(now)}
    waiting = list(everything.open().order_by("received_at", "pk")[:ON_THE_BOARD])
    for referral in waiting:
        referral.alert = alerts.get(referral.pk, "")
    context = {
        "columns": [(state, [row for row in waiting if row.state == state]) for state in COLUMNS],
        "is_cut": len(waiting) == ON_THE_BOARD,
        "owed": everything.word_owed().order_by("evaluated_at", "pk")[:ON_THE_BOARD],
        "doubtful": everything.quarantined().order_by("received_at", "pk")[:ON_THE_BOARD],
        "late": len(alerts),
        "concentration": conversions.concentration(now=now),
        "lost_reasons": Referral.Lost.choices,
        "step_states": referrals_page.STEP_STATES,
        "header_title": "Referrals under way",
    }
    return render(request, "partners/under_way.html", context)


def _referral(pk: int) -> Referral:
    return get_object_or_404(Referral.objects.select_related("partner", "referred_by"), pk=pk)


def _written(progress: dict[str, Any]) -> dict[str, str]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in progress.items()}


def _read(written: dict[str, Any]) -> dict[str, Any]:
    return {name: parse_datetime(value) if name.endswith("_at") and value else value for name, value in written.items()}
