from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.auth import permission_required
from wagtail.admin.utils import get_valid_next_url_from_request

from crm.people.models import User
from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions
from partners.models import FollowUp, Partner
from partners.views.returning import back, in_days, parse_day

NEXT_STEP_DAYS = "7"
SNOOZES = ((1, "Tomorrow"), (3, "In three days"), (7, "In a week"))


@permission_required("partners.view_followup")
@require_safe
@never_cache
def todo(request: OfficeRequest, pk: int) -> HttpResponse:
    """One to do, with a button for each thing that may become of it: where a line of the morning's e-mail leads."""
    found = _find(pk)
    steps = list(found.partner.follow_ups.of_run(found.run)) if found.partner and found.run else []
    return render(request, "partners/todo.html", {"todo": found, "steps": steps, "snoozes": SNOOZES})


@permission_required("partners.change_followup")
@require_POST
def complete(request: OfficeRequest, pk: int) -> HttpResponse:
    """Done: with one tap, or with a word on how it went and what is next."""
    found = _find(pk)
    outcome, title = request.POST.get("outcome", ""), request.POST.get("next_step", "").strip()

    def verb() -> None:
        with transaction.atomic():
            actions.complete(found, by=request.user, outcome=outcome)
            if title:
                _promise_next(found, title, request)

    if _done(request, verb):
        _say_done(request, found, is_next_promised=bool(title))
    return back(request, found.partner)


@permission_required("partners.add_followup")
@require_POST
def next_step(request: OfficeRequest, pk: int) -> HttpResponse:
    """Promise what comes after a to do that was done."""
    found = _find(pk)
    if title := request.POST.get("next_step", "").strip():
        promised = _promise_next(found, title, request)
        day = date_format(promised.due_on, "MONTH_DAY_FORMAT")
        say(request, f"{promised.title}: due {day}.", undo=reverse("drop", args=[promised.pk]))
    else:
        messages.error(request, str(actions.NothingToSay()))
    return back(request, found.partner)


@permission_required("partners.change_followup")
@require_POST
def reopen(request: OfficeRequest, pk: int) -> HttpResponse:
    found = _find(pk)
    if _done(request, lambda: actions.reopen(found, by=request.user)):
        say(request, f"Open again: {found.title}.")
    return back(request, found.partner)


@permission_required("partners.change_followup")
@require_POST
def snooze(request: OfficeRequest, pk: int) -> HttpResponse:
    """Put a to do off by the days tapped, or to the day chosen."""
    found = _find(pk)
    was, days = found.due_on, request.POST.get("days", "")
    until = parse_day(request.POST.get("until", "")) or in_days(days if days.isdecimal() else "1")
    if _done(request, lambda: actions.snooze(found, until=until, by=request.user)):
        often = f" It was {found.put_off}." if found.snoozes > 1 else ""
        sentence = f"Snoozed to {date_format(until, 'MONTH_DAY_FORMAT')}: {found.title}.{often}"
        say(request, sentence, undo=reverse("unsnooze", args=[pk]), on=was.isoformat())
    return back(request, found.partner)


@permission_required("partners.change_followup")
@require_POST
def unsnooze(request: OfficeRequest, pk: int) -> HttpResponse:
    return _put(request, pk, actions.unsnooze)


@permission_required("partners.change_followup")
@require_POST
def put_due(request: OfficeRequest, pk: int) -> HttpResponse:
    return _put(request, pk, actions.put_due)


@permission_required("partners.change_followup")
@require_POST
def drop(request: OfficeRequest, pk: int) -> HttpResponse:
    found = _find(pk)
    if _done(request, lambda: actions.drop(found, by=request.user)):
        say(request, f"Dropped: {found.title}.", undo=reverse("pick_up", args=[pk]))
    return back(request, found.partner)


@permission_required("partners.change_followup")
@require_POST
def pick_up(request: OfficeRequest, pk: int) -> HttpResponse:
    found = _find(pk)
    if _done(request, lambda: actions.pick_up(found, by=request.user)):
        say(request, f"Open again: {found.title}.")
    return back(request, found.partner)


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


def _find(pk: int) -> FollowUp:
    return get_object_or_404(FollowUp.objects.select_related("partner", "contact", "step__plan"), pk=pk)


def _done(request: OfficeRequest, verb: Callable[[], object]) -> bool:
    """Do it, or say why not."""
    try:
        verb()
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
        return False
    return True


def _promise_next(done: FollowUp, title: str, request: OfficeRequest) -> FollowUp:
    """Once for each form, however often it is sent."""
    days, once = request.POST.get("days", ""), request.POST.get("once", "")[:40]
    return actions.follow_up(
        partner=done.partner,
        contact=done.contact,
        title=title,
        due_on=parse_day(request.POST.get("next_on", "")) or in_days(days if days.isdecimal() else NEXT_STEP_DAYS),
        by=request.user,
        once_key=f"next:{done.pk}:{once}" if once else "",
    )


def _say_done(request: OfficeRequest, done: FollowUp, *, is_next_promised: bool) -> None:
    """Say so, offer the way back, and ask what is next."""
    may_promise = isinstance(request.user, User) and request.user.has_perm("partners.add_followup")
    context = {
        "todo": done,
        "asks": may_promise and not is_next_promised and not done.repeat_days,
        "once": uuid4(),
        "next": get_valid_next_url_from_request(request),
    }
    messages.success(request, render_to_string("partners/_done.html", context, request=request))


def _put(request: OfficeRequest, pk: int, verb: Callable[..., object]) -> HttpResponse:
    found, day = _find(pk), parse_day(request.POST.get("on", ""))
    if day is None:
        messages.error(request, "This is not a day. Write it as 2027-01-31.")
    elif _done(request, lambda: verb(found, on=day, by=request.user)):
        say(request, f"Due on {date_format(day, 'MONTH_DAY_FORMAT')} again: {found.title}.")
    return back(request, found.partner)
