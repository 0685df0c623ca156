"""Begin a plan with a partner by hand, and stop one."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions
from partners.models import Partner, Plan
from partners.promises import for_page
from partners.views.returning import back, parse_day


@permission_required("partners.add_followup")
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: OfficeRequest, pk: int, plan_pk: int) -> HttpResponse:
    """Show the days of a plan that counts from a day, then promise its steps."""
    partner, plan = get_object_or_404(Partner, pk=pk), get_object_or_404(Plan, pk=plan_pk, is_on=True)
    today, asked = timezone.localdate(), request.POST if request.method == "POST" else request.GET
    day = parse_day(asked.get("from", ""))
    if request.method == "POST" and day and (once := _once(request)):
        steps = actions.begin_plan(plan, partner=partner, from_day=day, key=f"hand:{once}", by=request.user)
        if steps:
            sentence = f"{plan} has begun: {len(steps)} to dos for {partner}."
            say(request, sentence, undo=reverse("stop_plan", args=[pk]), run=steps[0].run)
        return redirect(partner)
    if asked.get("from") and day is None:
        messages.error(request, "This is not a day. Write it as 2027-01-31.")
    from_day = day or today
    days = [(step, step.due_on(from_day, today)) for step in plan.steps.all()]
    under_way = [run for run in for_page(partner, request.user)["runs"] if run.name == plan.name]
    context = {
        "partner": partner,
        "plan": plan,
        "from_day": from_day,
        "days": days,
        "today": today,
        "once": uuid4(),
        "under_way": under_way,
    }
    return render(request, "partners/begin_plan.html", context)


@permission_required("partners.change_followup")
@require_POST
def stop(request: OfficeRequest, pk: int) -> HttpResponse:
    partner, run = get_object_or_404(Partner, pk=pk), request.POST.get("run", "")
    try:
        dropped = actions.stop(partner, run=run, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        many = "1 to do was" if len(dropped) == 1 else f"{len(dropped)} to dos were"
        say(request, f"Stopped: {many} dropped.", undo=reverse("resume_plan", args=[pk]), run=run)
    return back(request, partner)


@permission_required("partners.change_followup")
@require_POST
def resume(request: OfficeRequest, pk: int) -> HttpResponse:
    partner = get_object_or_404(Partner, pk=pk)
    try:
        actions.resume(partner, run=request.POST.get("run", ""), by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, "The plan goes on.")
    return back(request, partner)


def _once(request: OfficeRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("once", ""))
    except ValueError:
        return None
