"""The weekly review, the quarter against its goals, and the reports."""

from __future__ import annotations

import csv
from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin.auth import permission_required

from crm.people.exports import harmless, note_export
from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions
from partners.models import Goal, Touch
from partners.results import effort, quarter, week
from partners.results.spans import Span, days_until, quarter_of, week_of
from partners.views.returning import parse_day

PERIODS = {"90": "90 days", "365": "A year", "30": "30 days"}
SHOWN = 50


class GoalForm(forms.ModelForm):
    class Meta:
        model = Goal
        fields = tuple(quarter.MEASURES)
        labels = quarter.MEASURES


@permission_required("partners.view_review")
@require_http_methods(["GET", "HEAD", "POST"])
def weekly_review(request: OfficeRequest) -> HttpResponse:
    """A week in five results, each beside the work that feeds it, and one decision."""
    today = timezone.localdate()
    asked = parse_day(request.GET.get("week", ""))
    looked_at = week_of(asked) if asked and date(2000, 1, 1) < asked <= today else week.to_look_at(today)
    words, refusal = request.POST.get("decision", ""), ""
    if request.method == "POST":
        refusal = _decide(request, looked_at, words)
        if not refusal:
            return redirect(f"{reverse('weekly_review')}?week={looked_at.starts_on:%Y-%m-%d}")
    decided, before = week.decisions(looked_at)
    context = {
        "week": looked_at,
        "results": week.results(looked_at),
        "decided": decided,
        "before": before,
        "typed": words or (decided.decision if decided else ""),
        "refusal": refusal,
        "earlier": looked_at.starts_on - timedelta(days=7),
        "later": None if looked_at.ends_before > today else looked_at.ends_before,
        "is_now": looked_at.ends_before > today,
        "sentences": quarter.sentences(Span(looked_at.starts_on - timedelta(days=21), looked_at.ends_before)),
    }
    return render(request, "partners/results/week.html", context, status=422 if refusal else 200)


def _decide(request: OfficeRequest, looked_at: Span, words: str) -> str:
    """Write down the decision; return why it could not be."""
    if not request.user.has_perms(["partners.add_review", "partners.change_review"]):
        raise PermissionDenied
    try:
        actions.decide(monday=looked_at.starts_on, decision=words, by=request.user)
    except actions.Refused as refusal:
        return str(refusal)
    say(request, "That is decided. Next week it stands on top of this page.")
    return ""


@permission_required("partners.view_goal")
@require_http_methods(["GET", "HEAD", "POST"])
def quarter_board(request: OfficeRequest) -> HttpResponse:
    """What the quarter was to bring and has brought; the goals are set on the page."""
    today = timezone.localdate()
    asked = parse_day(request.GET.get("q", ""))
    span = quarter_of(asked if asked and date(2000, 1, 1) < asked < date(2100, 1, 1) else today)
    goal = Goal.objects.filter(starts_on=span.starts_on).first()
    may_set = request.user.has_perms(["partners.add_goal", "partners.change_goal"])
    form = GoalForm(request.POST if request.method == "POST" else None, instance=goal or Goal(starts_on=span.starts_on))
    if request.method == "POST":
        if not may_set:
            raise PermissionDenied
        if form.is_valid():
            Goal.objects.update_or_create(starts_on=span.starts_on, defaults=form.cleaned_data)
            messages.success(request, "The goals of this quarter are set.")
            return redirect(f"{reverse('quarter_board')}?q={span.starts_on:%Y-%m-%d}")
    has_begun = span.starts_on <= today
    context = {
        "span": span,
        "number": (span.starts_on.month + 2) // 3,
        "scores": quarter.scores(span, goal, today=today),
        "goal": goal,
        "form": form if may_set else None,
        "gone_by": round(100 * span.gone_by(today)),
        "sentences": quarter.sentences(span) if has_begun else [],
        "earlier": quarter_of(span.starts_on - timedelta(days=1)).starts_on,
        "later": span.ends_before if has_begun else None,
    }
    return render(request, "partners/results/quarter.html", context, status=422 if form.errors else 200)


@permission_required("partners.view_goal")
@require_safe
def report(request: OfficeRequest) -> HttpResponse:
    """Hours and money in, evaluations out; on the page or as a file."""
    by = request.GET.get("by", "partner")
    by = by if by in effort.BY else "partner"
    days = request.GET.get("days", "90")
    days = days if days in PERIODS else "90"
    span = days_until(timezone.localdate(), int(days))
    found = effort.rows(span, by)
    if request.GET.get("export") == "csv":
        return _as_file(request, found, by)
    context = {
        "rows": found[:SHOWN],
        "more": max(0, len(found) - SHOWN),
        "total": effort.total(found),
        "by": by,
        "bys": effort.BY,
        "days": days,
        "periods": PERIODS,
        "span": span,
        "sentences": quarter.sentences(span),
        "may_export": request.user.has_perm("partners.export_partner"),
    }
    return render(request, "partners/results/report.html", context)


def _as_file(request: OfficeRequest, found: list[effort.Row], by: str) -> HttpResponse:
    if not request.user.has_perm("partners.export_partner"):
        raise PermissionDenied
    note_export(Touch, by=request.user, rows=len(found), kind="csv", shown=f"results by {by}")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="results-by-{by}.csv"'
    response.write("\ufeff")
    lines = csv.writer(response)
    lines.writerow([effort.BY[by], *effort.COLUMNS])
    for row in found:
        lines.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row.cells])
    return response
