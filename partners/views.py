"""One-tap buttons of the partners' office. Each says what it did and how to undo it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_required
from wagtail.admin.utils import get_valid_next_url_from_request

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions
from partners.forms import PersonForm
from partners.models import FollowUp, Partner, Referral, Role, Stage, Touch


def back(request: OfficeRequest, partner: Partner | None = None) -> HttpResponse:
    """Where the tap came from, else the partner's page, else Today."""
    home = partner.get_absolute_url() if partner else reverse("wagtailadmin_home")
    return redirect(get_valid_next_url_from_request(request) or home)


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


@permission_required("partners.change_followup")
@require_POST
def complete(request: OfficeRequest, pk: int) -> HttpResponse:
    todo = get_object_or_404(FollowUp.objects.select_related("partner"), pk=pk)
    try:
        actions.complete(todo, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"Done: {todo.title}.", undo=reverse("reopen", args=[pk]))
    return back(request, todo.partner)


@permission_required("partners.change_followup")
@require_POST
def reopen(request: OfficeRequest, pk: int) -> HttpResponse:
    todo = get_object_or_404(FollowUp.objects.select_related("partner"), pk=pk)
    try:
        actions.reopen(todo, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"Open again: {todo.title}.")
    return back(request, todo.partner)


@permission_required("partners.change_followup")
@require_POST
def snooze(request: OfficeRequest, pk: int) -> HttpResponse:
    """Move a to do by the days tapped, or to the day chosen."""
    todo = get_object_or_404(FollowUp.objects.select_related("partner"), pk=pk)
    was, days = todo.due_on, request.POST.get("days", "")
    until = parse_day(request.POST.get("until", "")) or _in_days(days if days.isdecimal() else "1")
    try:
        actions.snooze(todo, until=until, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = f"Snoozed to {date_format(until, 'MONTH_DAY_FORMAT')}: {todo.title}."
        say(request, sentence, undo=reverse("put_due", args=[pk]), on=was.isoformat())
    return back(request, todo.partner)


@permission_required("partners.change_followup")
@require_POST
def put_due(request: OfficeRequest, pk: int) -> HttpResponse:
    todo = get_object_or_404(FollowUp.objects.select_related("partner"), pk=pk)
    day = parse_day(request.POST.get("on", ""))
    if day is None:
        messages.error(request, "This is not a day. Write it as 2027-01-31.")
        return back(request, todo.partner)
    try:
        actions.put_due(todo, on=day, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"Due on {date_format(day, 'MONTH_DAY_FORMAT')} again: {todo.title}.")
    return back(request, todo.partner)


@permission_required("partners.change_followup")
@require_POST
def drop(request: OfficeRequest, pk: int) -> HttpResponse:
    todo = get_object_or_404(FollowUp.objects.select_related("partner"), pk=pk)
    try:
        actions.drop(todo, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"Dropped: {todo.title}.")
    return back(request, todo.partner)


@permission_required("partners.add_followup")
@require_POST
def remind(request: OfficeRequest, pk: int) -> HttpResponse:
    """Promise to get in touch with a quiet partner by the day tapped."""
    partner = get_object_or_404(Partner, pk=pk)
    days = request.POST.get("days", "")
    due_on = _in_days(days if days.isdecimal() else "7")
    todo = actions.follow_up(partner=partner, title=f"Get in touch with {partner}", due_on=due_on, by=request.user)
    say(request, f"{todo.title}: due {date_format(due_on, 'MONTH_DAY_FORMAT')}.", undo=reverse("drop", args=[todo.pk]))
    return back(request, partner)


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


@permission_required("partners.add_role")
@require_POST
def add_person(request: OfficeRequest, pk: int) -> HttpResponse:
    partner = get_object_or_404(Partner, pk=pk)
    form = PersonForm(request.POST)
    if form.is_valid():
        role = actions.add_person(partner, **form.cleaned_data)
        sentence = f"{role.contact} belongs to {partner} now."
        say(request, sentence, undo=reverse("remove_person", args=[role.pk]))
        return back(request, partner)
    messages.error(request, "Nobody was added yet. Mend what is marked below.")
    page = {
        "form": form,
        "partner": partner,
        "header_title": f"Add a person to {partner}",
        "header_icon": "user",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": partner.get_absolute_url(), "label": str(partner)},
            {"url": "", "label": "Add a person"},
        ],
    }
    return render(request, "partners/person.html", page, status=422)


@permission_required("partners.change_role")
@require_POST
def remove_person(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take a contact off a partner. The contact and its history stay."""
    role = get_object_or_404(Role.objects.select_related("partner", "contact"), pk=pk)
    fields: dict[str, Any] = {"name": role.contact.name, "email": role.contact.email, "title": role.title}
    flags = {flag: "on" for flag in ("is_primary", "is_healthcare_provider") if getattr(role, flag)}
    role.delete()
    undo = reverse("add_person", args=[role.partner_id])
    say(request, f"{role.contact} is no longer listed at {role.partner}.", undo=undo, **fields, **flags)
    return back(request, role.partner)


def parse_day(text: str):
    """A day, or nothing where the text is none."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _in_days(days: str):
    return timezone.localdate() + timedelta(days=min(int(days[:4]), 3650))
