"""Two of the same: the list of pairs that may be, the page that makes them one, and the way back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions, duplicates
from partners.actions.joining import GONE
from partners.actions.merging import BOTH, CHOICES, STAYS, links
from partners.models import LADDER, UNDO_WITHIN, Merge, NotTwins, Partner
from partners.views.returning import back
from partners.views.side_by_side import Choice, counts_of, in_words, kept_of, key_of, moving, two

PER_PAGE = 20
FOUND = 20
LABELS = {"fit": "How well they fit", "opening_hours": "Opening hours", "email": "E-mail"}
PEOPLE = "partners.Role.partner"
PLACES = {"same": "same_partners", "merges": "merges", "unmerge": "unmerge", "record": "partners:inspect"}
HISTORY = ("partners.Touch.partner", "partners.Referral.partner")


@permission_required("partners.change_partner")
@require_GET
def same(request: OfficeRequest) -> HttpResponse:
    """Any two partners that may be one, most in common first."""
    page = Paginator(duplicates.pairs_now(), PER_PAGE).get_page(request.GET.get("p"))
    partners = duplicates.partners_of(page.object_list)
    rows: list[dict[str, Any]] = [
        {"first": partners[pair.first], "second": partners[pair.second], "shares": in_words(pair.shares)}
        for pair in page.object_list
        if pair.first in partners and pair.second in partners
    ]
    counts = counts_of(Partner, list(partners), HISTORY) if partners else {}
    for row in rows:
        for side in ("first", "second"):
            row[f"history_of_{side}"] = [counts.get((label, row[side].pk), 0) for label in HISTORY]
    return render(request, "partners/same.html", {"rows": rows, "page": page})


@permission_required("partners.change_partner")
@require_POST
def not_the_same(request: OfficeRequest) -> HttpResponse:
    """Remember that two partners are two."""
    first, second = two(Partner, request)
    NotTwins.objects.get_or_create(first=first, second=second, defaults={"by": request.user})
    duplicates.forget()
    undo = reverse("same_after_all")
    say(request, f"{first} and {second} are two.", undo=undo, first=first.pk, second=second.pk)
    return redirect("same_partners")


@permission_required("partners.change_partner")
@require_POST
def same_after_all(request: OfficeRequest) -> HttpResponse:
    first, second = two(Partner, request)
    NotTwins.objects.filter(first=first, second=second).delete()
    duplicates.forget()
    say(request, f"{first} and {second} may be the same again.")
    return redirect("same_partners")


@permission_required("partners.merge_partner")
@require_GET
def choose_other(request: OfficeRequest, pk: int) -> HttpResponse:
    """Whom to merge a partner with, found by half a name."""
    partner = get_object_or_404(Partner.objects.current(), pk=pk)
    typed = request.GET.get("q", "")[:160].strip()
    others = Partner.objects.current().exclude(pk=pk)
    found = others.matching(typed or partner.name, limit=FOUND)
    return render(request, "partners/merge_with.html", {"partner": partner, "typed": typed, "found": found})


@permission_required("partners.merge_partner")
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: OfficeRequest, first: int, second: int) -> HttpResponse:
    """Both side by side, field by field, and one button."""
    found = Partner.objects.filter(pk__in=[first, second]).in_bulk()
    if len(found) != 2:
        raise Http404
    if request.method == "POST":
        return _merge(request, found)
    counts = counts_of(Partner, [first, second], [label for label in links() if label not in STAYS] + [PEOPLE])
    kept, gone = kept_of(found, counts, request)
    context = {
        "kept": kept,
        "gone": gone,
        "choices": _choices(gone, kept),
        "moving": moving(gone, counts),
        "days": UNDO_WITHIN.days,
        "is_over": bool(kept.merged_into_id or gone.merged_into_id),
        **PLACES,
    }
    return render(request, "partners/merge.html", context)


def _merge(request: OfficeRequest, found: dict[int, Partner]) -> HttpResponse:
    kept = found.get(key_of(request.POST.get("keep", "")) or 0)
    if kept is None:
        raise Http404
    gone = next(partner for partner in found.values() if partner != kept)
    choices = {name: request.POST.get(name, "") for name in CHOICES}
    try:
        done = actions.merge(gone, into=kept, choices=choices, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("merge_partners", *found)
    duplicates.forget()
    kept.refresh_from_db()
    say(request, f"{gone} is merged into {kept}, with everything.", undo=reverse("unmerge", args=[done.pk]))
    return redirect(kept)


@permission_required("partners.merge_partner")
@require_GET
def merges(request: OfficeRequest) -> HttpResponse:
    """What was merged, newest first, with a way back for 30 days."""
    done = Merge.objects.select_related("kept", "gone", "by")
    page = Paginator(done, PER_PAGE).get_page(request.GET.get("p"))
    context = {"page": page, "undone_until": timezone.now() - UNDO_WITHIN, "days": UNDO_WITHIN.days, **PLACES}
    return render(request, "partners/merges.html", context)


@permission_required("partners.merge_partner")
@require_POST
def unmerge(request: OfficeRequest, pk: int) -> HttpResponse:
    done = get_object_or_404(Merge.objects.select_related("kept", "gone"), pk=pk)
    try:
        stayed = actions.unmerge(done, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
        return back(request, done.kept)
    duplicates.forget()
    sentence = f"{done.gone} and {done.kept} are two again."
    if stayed:
        sentence += f" Changed since and left as it is on {done.kept}: {in_words(stayed)}."
    say(request, sentence)
    return redirect(done.gone)


def _choices(gone: Partner, kept: Partner) -> list[Choice]:
    found = []
    for name in CHOICES:
        ours, theirs = _shown(kept, name), _shown(gone, name)
        if ours or theirs:
            found.append(Choice(name, LABELS.get(name, name.capitalize()), ours, theirs, _chosen(name, kept, gone)))
    return found


def _chosen(name: str, kept: Partner, gone: Partner) -> str:
    """What is blank is filled, notes are put together, and the stage is the one further on."""
    ours, theirs = _shown(kept, name), _shown(gone, name)
    if name == "notes" and ours and theirs and ours != theirs:
        return BOTH
    if name == "stage" and gone.stage in LADDER and kept.stage in LADDER:
        return GONE if LADDER.index(gone.stage) > LADDER.index(kept.stage) else "kept"
    if name == "kind" and kept.kind == "other":
        return GONE
    return GONE if theirs and not ours else "kept"


def _shown(partner: Partner, name: str) -> str:
    """The value of a field, or of those that go together, in words."""
    if name == "address":
        return partner.address
    if name == "fit":
        parts = [getattr(partner, column) for column in CHOICES["fit"]]
        known = [part for part in parts if part is not None]
        return (
            f"{sum(known)} of 100"
            if len(known) == len(parts)
            else f"{len(known)} of {len(parts)} judged"
            if known
            else ""
        )
    if name == "stage":
        until = f", until {date_format(partner.paused_until, 'SHORT_DATE_FORMAT')}" if partner.paused_until else ""
        reason = f": {partner.off_ramp_reason}" if partner.off_ramp_reason else ""
        return f"{partner.get_stage_display()}{until}{reason}"
    display: Any = getattr(partner, f"get_{name}_display", None)
    return str(display() if display else getattr(partner, name))
