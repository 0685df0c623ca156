"""The office's pages for importing partners: upload, columns, a dry run, commit with progress, result, undo."""

from __future__ import annotations

from itertools import accumulate

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from partners.imports import actions, progress
from partners.imports.forms import ColumnsForm, UploadForm
from partners.imports.refusals import ImportRefused
from partners.models import ImportBatch, ImportRow

may_import = permission_required("partners.import_partner")
State = ImportBatch.State


PER_PAGE = 50
STEPS = [(1, "Choose a file"), (2, "Match the columns"), (3, "See each row’s fate"), (4, "Import")]
SAMPLE = """Name,Kind,Street,City,Phone,E-mail,Website,Person's name,Person's e-mail
Riverside Yoga,Yoga studio,14 Mill Street,Ottawa,613 555 0142,hello@riverside.example,riverside.example,Maya Roy,maya@riverside.example
Capital Direct Care,DPC physician,200 Elgin Street,Ottawa,(613) 555-0168,,capitaldirect.example,Dr. Sam Ortiz,sam@capitaldirect.example
"""


@may_import
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: OfficeRequest) -> HttpResponse:
    """Choose a file, or look at an earlier one."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = actions.start(file.read(), filename=file.name, by=request.user)
        except ImportRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("partner_import:columns", batch.pk)
    batches = ImportBatch.objects.defer("body", "mapping", "defaults").select_related("created_by")
    page = Paginator(batches, 20).get_page(request.GET.get("p"))
    context = {"form": form, "batches": page, **_header()}
    return render(request, "partners/imports/index.html", context, status=422 if form.errors else 200)


@may_import
@require_safe
def sample(request: OfficeRequest) -> HttpResponse:
    """A small list to start from."""
    return HttpResponse(
        SAMPLE.encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="partners-sample.csv"'},
    )


@may_import
@require_safe
@never_cache
def show(request: OfficeRequest, pk: int) -> HttpResponse:
    """Where the file stands: its rows' fates, the work going on, or what came of it."""
    batch = _batch(pk)
    if batch.state in (State.DRAFT, State.FAILED):
        return redirect("partner_import:columns", pk)
    template = "partners/imports/working.html" if batch.is_working else "partners/imports/rows.html"
    return render(request, template, {"batch": batch, **_rows(request, batch), **_header(batch)})


@may_import
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def columns(request: OfficeRequest, pk: int) -> HttpResponse:
    """Say what each column is, then have the rows checked."""
    batch = get_object_or_404(ImportBatch, pk=pk)
    if batch.state not in (State.DRAFT, State.READY, State.FAILED):
        return redirect("partner_import:show", pk)
    form = ColumnsForm(request.POST or None, batch=batch)
    if request.method == "POST" and form.is_valid():
        try:
            actions.choose(batch, mapping=form.mapping, defaults=form.defaults)
            progress.hand_over(batch, State.CHECKING, by=request.user)
        except ImportRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("partner_import:show", pk)
    context = {"form": form, "batch": batch, **_header(batch)}
    return render(request, "partners/imports/columns.html", context, status=422 if form.errors else 200)


@may_import
@require_POST
def decide(request: OfficeRequest, pk: int) -> HttpResponse:
    """Say of one possible duplicate, or of all, what it is."""
    batch = _batch(pk)
    decision = request.POST.get("decision", "")
    if decision not in ("", *ImportRow.Decision.values):
        messages.error(request, "Choose whether it is another partner or the same one.")
        return redirect("partner_import:show", pk)
    rows = batch.rows.all()
    if request.POST.get("row", "").isdigit():
        rows = rows.filter(number=int(request.POST["row"][:9]))
    try:
        actions.decide(rows, batch=batch, decision=decision)
    except ImportRefused as refusal:
        messages.error(request, str(refusal))
    chosen = request.POST.get("fate", "")
    return redirect(reverse("partner_import:show", args=[pk]) + (f"?fate={chosen}" if chosen in _fates() else ""))


@may_import
@require_POST
def commit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Import the checked file."""
    return _go(request, pk, State.RUNNING)


@may_import
@require_POST
def undo(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take the import back."""
    if ImportBatch.objects.filter(pk=pk, state=State.UNDONE).exists():
        messages.info(request, "This import has been undone already.")
        return redirect("partner_import:show", pk)
    return _go(request, pk, State.UNDOING)


@may_import
@require_POST
def retry(request: OfficeRequest, pk: int) -> HttpResponse:
    """Begin a step again whose worker is gone."""
    return _go(request, pk, _batch(pk).state)


@may_import
@require_POST
def discard(request: OfficeRequest, pk: int) -> HttpResponse:
    """Forget a file that was not imported."""
    open_states = (State.DRAFT, State.READY, State.FAILED)
    gone, _ = ImportBatch.objects.filter(pk=pk, state__in=open_states).delete()
    if gone:
        messages.success(request, "The file is forgotten. No partner has changed.")
    else:
        messages.error(request, "This file has been imported, so it stays on the list. You can undo the import.")
    return redirect("partner_import:index")


def _go(request: OfficeRequest, pk: int, step: str) -> HttpResponse:
    batch = _batch(pk)
    try:
        if step not in actions.AFTER:
            raise ImportRefused("Nothing stands still here. This page shows where the file is now.")
        progress.hand_over(batch, step, by=request.user)
    except ImportRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("partner_import:show", pk)


def _batch(pk: int) -> ImportBatch:
    return get_object_or_404(ImportBatch.objects.defer("body"), pk=pk)


def _fates() -> list[str]:
    return [*ImportRow.Fate.values, "kept"]


def _rows(request: OfficeRequest, batch: ImportBatch) -> dict:
    """A page of rows, all or those of one fate, and the chips that choose between them."""
    if batch.is_working:
        return {}
    chosen = request.GET.get("fate", "")
    rows = batch.rows.select_related("partner").defer("before", "after")
    if chosen == "kept":
        rows = rows.exclude(kept="")
    elif chosen in ImportRow.Fate.values:
        rows = rows.filter(fate=chosen)
    paginator = Paginator(rows, PER_PAGE)
    page = paginator.get_page(request.GET.get("p"))
    chips = [(fate, label, count) for fate, label in ImportRow.Fate.choices if (count := batch.counts.get(fate, 0))]
    starts = accumulate((count for _fate, _label, count in chips), initial=0)
    return {
        "rows": page,
        "elided_page_range": paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "chips": chips,
        "bar": [(start, *chip) for start, chip in zip(starts, chips, strict=False)],
        "chosen": chosen if chosen in _fates() else "",
        "doubtful": batch.rows.filter(may_decide=True).count(),
        "undecided": batch.rows.filter(may_decide=True, decision="").count(),
        "will_change": batch.counts.get("new", 0) + batch.counts.get("update", 0),
    }


def _header(batch: ImportBatch | None = None) -> dict:
    crumbs = [
        {"url": reverse("wagtailadmin_home"), "label": "Home"},
        {"url": reverse("partner_import:index"), "label": "Import partners"},
    ]
    if batch:
        crumbs.append({"url": "", "label": batch.filename})
    return {
        "breadcrumbs_items": crumbs,
        "header_title": batch.filename if batch else "Import partners",
        "header_icon": "upload",
        "steps": STEPS,
    }
