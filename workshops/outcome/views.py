"""“What workshops brought” in the office: on the page, or as a file for those who may take one."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import BytesIO

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from openpyxl import Workbook
from wagtail.admin.auth import permission_required

from crm.people.exports import harmless, note_export
from crm.people.office import OfficeRequest
from crm.people.records import EXPORT
from partners.models import Partner
from workshops.models import Workshop
from workshops.outcome import comparing, report
from workshops.outcome.counting import held, outcomes

PERIODS = {"365": "A year", "90": "90 days", "all": "All"}
SHOWN = 50
MOST = 2_000  # more than a lifetime of workshops
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@permission_required("workshops.view_workshop")
@require_safe
def brought(request: OfficeRequest) -> HttpResponse:
    """Every workshop that was held in this time, one by one or together."""
    by = request.GET.get("by", "")
    by = by if by in report.BY else "workshop"
    days = request.GET.get("days", "")
    days = days if days in PERIODS else "365"
    partner = _partner(request.GET.get("partner", ""))
    found = outcomes(_asked(days, partner))
    rows = report.rows(found, by)
    if request.GET.get("export") in ("csv", "xlsx"):
        return _as_file(request, rows, by)
    numbers = comparing.numbered(found)
    context = {
        "rows": Paginator(rows, SHOWN).get_page(request.GET.get("p")),
        "all": report.Row("All", "", "", found),
        "numbers": numbers,
        "steps": comparing.funnel(numbers, {}),
        "usual": comparing.usual(found),
        "by": by,
        "bys": report.BY,
        "days": days,
        "periods": PERIODS,
        "partner": partner,
        "yardstick": comparing.yardstick(),
        "may_export": request.user.has_perm(EXPORT),
    }
    return render(request, "workshops/office/brought.html", context)


def _partner(asked: str) -> Partner | None:
    return Partner.objects.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 16 else None


def _asked(days: str, partner: Partner | None):
    found = held()
    if days != "all":
        found = found.filter(starts_at__gt=timezone.now() - timedelta(days=int(days)))
    return (found.filter(host=partner) if partner else found)[:MOST]


def _as_file(request: OfficeRequest, rows: list[report.Row], by: str) -> HttpResponse:
    if not request.user.has_perm(EXPORT):
        raise PermissionDenied
    kind = request.GET["export"]
    note_export(Workshop, by=request.user, rows=len(rows), kind=kind, shown=f"what they brought, by {by}")
    lines: list[list[object]] = [[report.BY[by], *report.COLUMNS], *(row.cells for row in rows)]
    safe = [[harmless(cell) if isinstance(cell, str) else cell for cell in line] for line in lines]
    response = _csv(safe) if kind == "csv" else _xlsx(safe)
    response["Content-Disposition"] = f'attachment; filename="workshops-by-{by}.{kind}"'
    return response


def _csv(lines: list[list[object]]) -> HttpResponse:
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    csv.writer(response).writerows(lines)
    return response


def _xlsx(lines: list[list[object]]) -> HttpResponse:
    book, file = Workbook(write_only=True), BytesIO()
    sheet = book.create_sheet("Workshops")
    for line in lines:
        sheet.append(line)
    book.save(file)
    return HttpResponse(file.getvalue(), content_type=XLSX)
