"""Looking back on a workshop in the office, and what stands beside it on its page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin.auth import permission_required

from crm.people.models import User
from crm.people.office import OfficeRequest
from crm.people.undo import say
from workshops import actions
from workshops.actions.debriefing import next_date
from workshops.actions.preparing import steps_of
from workshops.models import Debrief, Workshop
from workshops.office.forms import invited_field
from workshops.outcome.counting import outcome_of

FACES = [(1, "1, not at all"), (2, "2"), (3, "3"), (4, "4"), (5, "5, delighted")]
NOTED = ("host_satisfaction", "evaluations", "learned")


class DebriefForm(forms.Form):
    """What only we know: how many were invited, how the host liked it, who asked for an evaluation, what to do again."""

    invited = invited_field()
    host_satisfaction = forms.TypedChoiceField(
        label="How happy is the host?", choices=FACES, coerce=int, empty_value=None, required=False,
        widget=forms.RadioSelect,
    )  # fmt: skip
    evaluations = forms.IntegerField(
        label="How many asked for an evaluation?", min_value=0, max_value=500, required=False,
        help_text="A number, and no names.",
    )  # fmt: skip
    learned = forms.CharField(
        label="What would you do again, and what not?", max_length=4000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    no_next_reason = forms.CharField(
        label="Why is there no next date?", max_length=200, required=False,
        help_text="Only if there is none. It keeps you from asking again next week.",
    )  # fmt: skip


@permission_required("workshops.view_debrief")
@require_http_methods(["GET", "HEAD", "POST"])
def debrief(request: OfficeRequest, pk: int) -> HttpResponse:
    """Figures, four questions, and the next date: without one, or a reason, it stays open."""
    workshop = get_object_or_404(Workshop.objects.select_related("host"), pk=pk)
    found = Debrief.objects.filter(workshop=workshop).select_related("next_workshop", "by").first()
    form = DebriefForm(request.POST if request.method == "POST" else None, initial=_initial(found, workshop))
    if request.method == "POST":
        if not request.user.has_perms(["workshops.add_debrief", "workshops.change_debrief"]):
            raise PermissionDenied
        if form.is_valid() and (answer := _write(request, workshop, form)):
            return answer
    context = {
        "workshop": workshop,
        "debrief": found,
        "figures": outcome_of(workshop),
        "next_date": next_date(workshop),
        "form": form,
        "may_change": request.user.has_perm("workshops.change_debrief"),
        "is_too_early": not _is_over(workshop),
    }
    return render(request, "workshops/office/debrief.html", context, status=422 if form.errors else 200)


def _write(request: OfficeRequest, workshop: Workshop, form: DebriefForm) -> HttpResponse | None:
    """Note what was typed; then close it, or go to the dates. What was refused is said on the form."""
    typed, then = form.cleaned_data, request.POST.get("then", "")
    try:
        with transaction.atomic():
            actions.note_invited(workshop, typed["invited"])
            noted = actions.note_debrief(workshop, **{field: typed[field] for field in NOTED}, by=request.user)
            if then == "close":
                actions.close_debrief(noted, no_next_reason=typed["no_next_reason"], by=request.user)
    except actions.NothingNext as refusal:
        form.add_error("no_next_reason", str(refusal))
        return None
    except actions.Refusal as refusal:
        form.add_error(None, str(refusal))
        return None
    if then == "propose":
        return redirect(reverse("workshops:propose_after", args=[workshop.pk]) + "?back=debrief")
    if then == "close":
        say(
            request,
            "Looked back on, and its to do is done.",
            undo=reverse("workshops:reopen_debrief", args=[workshop.pk]),
        )
        return redirect("workshops:inspect", workshop.pk)
    messages.success(request, "Noted. Close it once the next date stands, or there is a reason for none.")
    return redirect("workshops:debrief", workshop.pk)


@permission_required("workshops.change_debrief")
@require_POST
def reopen(request: OfficeRequest, pk: int) -> HttpResponse:
    """Undo closing."""
    try:
        actions.reopen_debrief(get_object_or_404(Debrief, workshop=pk), by=request.user)
    except actions.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Open again, and so is its to do.")
    return redirect("workshops:debrief", pk)


def beside(workshop: Workshop, user: User) -> dict[str, Any]:
    """The preparation with the host and the look back, for the workshop's own page; three queries."""
    steps = list(steps_of(workshop).select_related("partner", "contact", "step"))
    is_over = _is_over(workshop)
    return {
        "steps": [todo for todo in steps if not (todo.taken_back_at and not workshop.is_cancelled)],
        "steps_done": sum(todo.done_at is not None for todo in steps),
        "next_step": next((todo for todo in steps if not todo.done_at and not todo.taken_back_at), None),
        "is_over": is_over,
        "debrief": Debrief.objects.filter(workshop=workshop).first() if is_over else None,
        "next_date": next_date(workshop),
        "may_plan": user.has_perm("workshops.add_workshop"),
    }


def _is_over(workshop: Workshop) -> bool:
    return workshop.is_over and workshop.state not in (Workshop.State.DRAFT, Workshop.State.CANCELLED)


def _initial(found: Debrief | None, workshop: Workshop) -> dict[str, Any]:
    noted = {field: getattr(found, field) for field in (*NOTED, "no_next_reason")} if found else {}
    return {**noted, "invited": workshop.invited}
