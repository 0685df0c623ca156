"""The year at a glance, and the page that proposes the next date."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners.models import Partner
from partners.results.spans import Span, quarter_of
from partners.views.returning import parse_day
from workshops import actions
from workshops import year as years
from workshops.models import Topic, Workshop
from workshops.proposing import Proposal, propose

FIRST, LAST = 2000, 2100
QUARTERS = 4
ROWS = 60  # on a page
DEBRIEF = "debrief"  # where to go back to


@permission_required("workshops.view_workshop")
@require_safe
def year(request: OfficeRequest) -> HttpResponse:
    """Partners by rows, quarters by columns."""
    asked, today = request.GET.get("year", ""), timezone.localdate()
    number = int(asked) if asked.isdecimal() and FIRST < int(asked[:6]) < LAST else today.year
    found = years.year_of(number)
    rest, total = years.others(found.shown)
    rows = Paginator([*found.regular, *found.others], ROWS).get_page(request.GET.get("p"))
    context = {
        "year": found,
        "rows": rows,
        "regular": [row for row in rows if row.is_regular],
        "others": [row for row in rows if not row.is_regular],
        "rest": rest,
        "rest_more": max(0, total - len(rest)),
        "rest_total": total,
        "cap": years.CAP,
        "is_this_year": number == today.year,
        "may_plan": request.user.has_perm("workshops.add_workshop"),
    }
    return render(request, "workshops/office/year.html", context)


@permission_required("workshops.add_workshop")
@require_http_methods(["GET", "HEAD", "POST"])
def propose_next(request: OfficeRequest, pk: int) -> HttpResponse:
    """Three dates for the next workshop at a partner's; the one that is chosen becomes a draft."""
    host = get_object_or_404(Partner.objects.current(), pk=pk)
    asked = parse_day(request.GET.get("q", ""))
    quarter = quarter_of(asked) if asked and FIRST < asked.year < LAST else None
    proposal = propose(host, quarter=quarter)
    if request.method == "POST":
        return _plan(request, proposal)
    context = {
        "proposal": proposal,
        "host": host,
        "quarters": _quarters(proposal),
        "here": host.workshops.planned().filter(**_within(proposal.quarter)).order_by("starts_at"),
        "topics": [] if proposal.last else Topic.objects.filter(is_archived=False),
        "back": request.GET.get("back", ""),
    }
    return render(request, "workshops/office/propose.html", context)


def _plan(request: OfficeRequest, proposal: Proposal) -> HttpResponse:
    chosen = _moment(request.POST.get("starts_at", ""))
    suggestion = next((each for each in proposal.suits if each.starts_at == chosen), None)
    if suggestion is None or proposal.last is None:
        messages.error(request, "That date is no longer free. These are.")
        return redirect(request.get_full_path())
    draft = actions.plan_next(
        proposal.last, starts_at=suggestion.starts_at, ends_at=suggestion.ends_at, by=request.user
    )
    sentence = (
        f"A draft for {draft.day} is made from the last one. Look it over, and publish it once {draft.host} agrees."
    )
    say(request, sentence, undo=reverse("workshops:take_back", args=[draft.pk]))
    if request.POST.get("back") == DEBRIEF and proposal.last.is_over:
        return redirect("workshops:debrief", proposal.last.pk)
    return redirect("workshops:inspect", draft.pk)


@permission_required("workshops.add_workshop")
@require_safe
def propose_after(request: OfficeRequest, pk: int) -> HttpResponse:
    """From a workshop to the dates for the next one with its host."""
    workshop = get_object_or_404(Workshop.objects.select_related("host"), pk=pk)
    if workshop.host is None or workshop.host.archived_at:
        return redirect("workshops:copy", pk)
    back = f"?back={DEBRIEF}" if request.GET.get("back") == DEBRIEF else ""
    return redirect(reverse("workshops:propose", args=[workshop.host.pk]) + back)


@permission_required("workshops.add_workshop")
@require_POST
def take_back(request: OfficeRequest, pk: int) -> HttpResponse:
    """Undo a draft that was made from a proposal."""
    draft = get_object_or_404(Workshop, pk=pk)
    if draft.follows_id is None and not request.user.has_perm("workshops.delete_workshop"):
        raise PermissionDenied
    try:
        actions.take_back_draft(draft, by=request.user)
    except actions.Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("workshops:inspect", pk)
    say(request, f"The draft for {date_format(draft.local_start, 'MONTH_DAY_FORMAT')} is gone, and its to dos with it.")
    if draft.host_id and Partner.objects.current().filter(pk=draft.host_id).exists():
        return redirect("workshops:propose", draft.host_id)
    return redirect("workshops:year")


def _quarters(proposal: Proposal) -> list[dict[str, object]]:
    """This quarter and the next three, to choose from."""
    found, span = [], quarter_of(timezone.localdate())
    for _number in range(QUARTERS):
        found.append({"span": span, "number": (span.starts_on.month + 2) // 3, "is_it": span == proposal.quarter})
        span = quarter_of(span.ends_before)
    return found


def _within(quarter: Span) -> dict[str, object]:
    return {"starts_at__gte": quarter.since, "starts_at__lt": quarter.until}


def _moment(typed: str) -> datetime | None:
    try:
        return parse_datetime(typed)
    except ValueError:
        return None
