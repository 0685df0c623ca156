from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions
from partners.models import FollowUp, Partner
from partners.views.returning import back, in_days, parse_day


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
    until = parse_day(request.POST.get("until", "")) or in_days(days if days.isdecimal() else "1")
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
    due_on = in_days(days if days.isdecimal() else "7")
    todo = actions.follow_up(partner=partner, title=f"Get in touch with {partner}", due_on=due_on, by=request.user)
    say(request, f"{todo.title}: due {date_format(due_on, 'MONTH_DAY_FORMAT')}.", undo=reverse("drop", args=[todo.pk]))
    return back(request, partner)
