"""Two of the same: the list of pairs that may be, the page that makes them one, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Value
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

PER_PAGE = 20
FOUND = 20
LABELS = {"fit": "How well they fit", "opening_hours": "Opening hours", "email": "E-mail"}
PEOPLE = "partners.Role.partner"
HISTORY = ("partners.Touch.partner", "partners.Referral.partner")


@dataclass
class Choice:
    """One field of the two, and which value the merged partner gets unless somebody says otherwise."""

    name: str
    label: str
    kept: str
    gone: str
    chosen: str

    @property
    def differs(self) -> bool:
        return self.kept != self.gone

    @property
    def may_be_both(self) -> bool:
        return self.name == "notes" and bool(self.kept and self.gone)


@permission_required("partners.change_partner")
@require_GET
def same(request: OfficeRequest) -> HttpResponse:
    """Any two partners that may be one, most in common first."""
    page = Paginator(duplicates.remember(duplicates.pairs()), PER_PAGE).get_page(request.GET.get("p"))
    partners = duplicates.partners_of(page.object_list)
    rows: list[dict[str, Any]] = [
        {"first": partners[pair.first], "second": partners[pair.second], "shares": _and(pair.shares)}
        for pair in page.object_list
        if pair.first in partners and pair.second in partners
    ]
    counts = _counts(list(partners), HISTORY) if partners else {}
    for row in rows:
        for side in ("first", "second"):
            row[f"history_of_{side}"] = [counts.get((label, row[side].pk), 0) for label in HISTORY]
    return render(request, "partners/same.html", {"rows": rows, "page": page})


@permission_required("partners.change_partner")
@require_POST
def not_the_same(request: OfficeRequest) -> HttpResponse:
    """Remember that two partners are two."""
    first, second = _two(request)
    NotTwins.objects.get_or_create(first=first, second=second, defaults={"by": request.user})
    duplicates.forget()
    undo = reverse("same_after_all")
    say(request, f"{first} and {second} are two.", undo=undo, first=first.pk, second=second.pk)
    return redirect("same_partners")


@permission_required("partners.change_partner")
@require_POST
def same_after_all(request: OfficeRequest) -> HttpResponse:
    first, second = _two(request)
    NotTwins.objects.filter(first=first, second=second).delete()
    duplicates.forget()
    say(request, f"{first} and {second} may be the same again.")
    return redirect("same_partners")


def _two(request: OfficeRequest) -> list[Partner]:
    keys = [request.POST.get(name, "") for name in ("first", "second")]
    partners = Partner.objects.filter(pk__in=[key for key in keys if key.isdecimal() and len(key) < 16])
    found = list(partners.order_by("pk"))
    if len(found) != 2:
        raise Http404
    return found


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
    counts = _counts([first, second], [label for label in links() if label not in STAYS] + [PEOPLE])
    kept = _keep(request, found, counts)
    gone = next(partner for partner in found.values() if partner != kept)
    context = {
        "kept": kept,
        "gone": gone,
        "choices": _choices(gone, kept),
        "moving": _moving(gone, counts),
        "days": UNDO_WITHIN.days,
        "is_over": bool(kept.merged_into_id or gone.merged_into_id),
    }
    return render(request, "partners/merge.html", context)


def _merge(request: OfficeRequest, found: dict[int, Partner]) -> HttpResponse:
    keep = request.POST.get("keep", "")
    kept = found.get(int(keep)) if keep.isdecimal() and len(keep) < 16 else None
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
    context = {"page": page, "undone_until": timezone.now() - UNDO_WITHIN, "days": UNDO_WITHIN.days}
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
        sentence += f" Changed since and left as it is on {done.kept}: {_and(stayed)}."
    say(request, sentence)
    return redirect(done.gone)


def _counts(keys: list[int], labels) -> dict[tuple[str, int], int]:
    """How many rows hang on each of these partners, by the column that points there; one query."""
    counted = []
    for label in labels:
        link = links()[label]
        rows = link.model._base_manager.filter(**{f"{link.name}__in": keys}).order_by()
        named = rows.annotate(hangs_by=Value(label), hangs_on=F(link.attname))
        counted.append(named.values("hangs_by", "hangs_on").annotate(n=Count("pk")))
    return {(row["hangs_by"], row["hangs_on"]): row["n"] for row in counted[0].union(*counted[1:], all=True)}


def _keep(request: OfficeRequest, found: dict[int, Partner], counts: dict[tuple[str, int], int]) -> Partner:
    """Who stays: who was asked for, else who is not archived and has more history, else who was here first."""
    asked = request.GET.get("keep", "")
    if asked.isdecimal() and len(asked) < 16 and int(asked) in found:
        return found[int(asked)]
    history = {key: sum(n for (_label, whose), n in counts.items() if whose == key) for key in found}
    return max(found.values(), key=lambda partner: (not partner.archived_at, history[partner.pk], -partner.pk))


def _moving(gone: Partner, counts: dict[tuple[str, int], int]) -> list[str]:
    """12 touches, 1 referral, 2 people: what goes over."""
    found = []
    for label, link in links().items():
        if n := counts.get((label, gone.pk), 0):
            found.append(f"{n:,} {_noun(label, link, n)}")
    return found


def _noun(label: str, link, n: int) -> str:
    special = {
        PEOPLE: ("person", "people"),
        "partners.Partner.merged_into": ("partner merged before", "partners merged before"),
        "campaigns.Recipient.partner": ("letter to its people", "letters to its people"),
        "partners.ToMeet.partner": ("person to meet", "people to meet"),
    }
    meta = link.model._meta
    one, many = special.get(label, (str(meta.verbose_name), str(meta.verbose_name_plural)))
    return one if n == 1 else many


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


def _and(words) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
