from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin.auth import permission_denied, permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions
from partners.actions.sweeps import Swept
from partners.bulk.forms import FORMS, MOST, DeedForm
from partners.models import Partner, Sweep
from partners.viewsets.partner_list import shown

NAMED = 10
NOBODY = "Tick at least one partner first."


@permission_required("partners.change_partner")
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: OfficeRequest) -> HttpResponse:
    """Say how many it is and who they are, ask what the deed needs, and do it to exactly those."""
    asked = request.POST if request.method == "POST" else request.GET
    kind = FORMS.get(asked.get("deed", ""))
    if kind is None:
        raise Http404("There is no such deed.")
    if not request.user.has_perm(kind.permission):
        return permission_denied(request)
    keys = _keys(asked)
    if not keys:
        messages.error(request, NOBODY)
        return redirect(_list(asked))
    form = kind(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            swept = form.carry_out(keys, by=request.user)
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            _tell(request, swept)
            return redirect(_list(asked))
    return _confirm(request, form, keys, asked)


def _keys(asked: QueryDict) -> list[int]:
    """Who it is about: named one by one, or all that the list shows for this filter, search and saved view."""
    if "ids" in asked:
        said = str(asked["ids"]).split(",")
    elif "all" in asked:
        return list(shown(QueryDict(asked.get("shown", ""))).order_by().values_list("pk", flat=True)[:MOST])
    else:
        said = asked.getlist("id")
    numbers = [int(key) for key in said if key.isdecimal() and len(key) < 16][:MOST]
    return list(Partner.objects.filter(pk__in=numbers).values_list("pk", flat=True))


def _list(asked: QueryDict) -> str:
    """The list as it was left."""
    return f"{reverse('partners:index')}?{QueryDict(asked.get('shown', '')).urlencode()}".rstrip("?")


def _confirm(request: OfficeRequest, form: DeedForm, keys: list[int], asked: QueryDict) -> HttpResponse:
    names = list(Partner.objects.filter(pk__in=keys).order_by("name").values_list("name", flat=True)[:NAMED])
    page = {
        "form": form,
        "deed": asked["deed"],
        "count": len(keys),
        "names": names,
        "more": len(keys) - len(names),
        "ids": ",".join(map(str, keys)),
        "shown": asked.get("shown", ""),
        "back": _list(asked),
        "header_title": form.question,
        "header_icon": "group",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": reverse("partners:index"), "label": "Partners"},
            {"url": "", "label": form.question},
        ],
    }
    return render(request, "partners/bulk/confirm.html", page, status=422 if form.is_bound else 200)


def _tell(request: OfficeRequest, swept: Swept) -> None:
    """Say what was done with one undo for all of it, and name whoever stayed."""
    if swept.sweep:
        whom = "1 partner" if swept.count == 1 else f"{swept.count} partners"
        say(request, f"{swept.sweep.words}: {whom}.", undo=reverse("undo_bulk", args=[swept.sweep.pk]))
    if swept.left:
        named = [
            f"{partner} ({' '.join(ask.text for ask in asks)})" for partner, asks in list(swept.left.items())[:NAMED]
        ]
        more = f" And {len(swept.left) - NAMED} more." if len(swept.left) > NAMED else ""
        messages.warning(request, f"Not ready yet, and left where they are: {'; '.join(named)}.{more}")


@permission_required("partners.change_partner")
@require_POST
def undo(request: OfficeRequest, pk: int) -> HttpResponse:
    """Undo one deed for all it was done to."""
    sweep = get_object_or_404(Sweep, pk=pk)
    try:
        undone = actions.undo_sweep(sweep, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        kept = f" {undone.kept} changed since and were left as they are." if undone.kept else ""
        say(request, f"Undone for {undone.count}.{kept}")
    return redirect("partners:index")
