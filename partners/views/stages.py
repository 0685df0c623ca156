from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.auth import permission_required
from wagtail.admin.utils import get_valid_next_url_from_request

from crm.people.office import OfficeRequest
from crm.people.undo import said, say
from partners import actions
from partners.gates import asks_by_stage
from partners.models import LADDER, OFF_RAMPS, NotAFit, Partner, Stage
from partners.views.returning import back, parse_day

RESTING = "resting"  # the board's last column: which rest it is, is asked
NOWHERE = "Choose one of the stages."


def _wants_json(request: OfficeRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _answers_boards(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse a card that somebody drags without the right to, in a way that the board can read."""

    @wraps(view)
    def answer(request: OfficeRequest, pk: int) -> HttpResponse:
        if _wants_json(request) and not request.user.has_perm("partners.change_partner"):
            return JsonResponse({"sentence": "You may look at partners, not move them."}, status=403)
        return view(request, pk)

    return answer


@permission_required("partners.change_partner")
@require_safe
def stages(request: OfficeRequest, pk: int) -> HttpResponse:
    """Where a partner may go, and what each stage asks for; a board shows the same in place."""
    partner = get_object_or_404(Partner, pk=pk)
    sheet = _sheet(request, partner, only=request.GET.get("to", ""))
    template = "partners/stages/_sheet.html" if request.headers.get("X-Board") else "partners/stages/page.html"
    return render(request, template, sheet)


@_answers_boards
@permission_required("partners.change_partner")
@require_POST
def move(request: OfficeRequest, pk: int) -> HttpResponse:
    """Move a partner to the stage chosen, from the stage that was seen; undo moves it to where it was."""
    partner = get_object_or_404(Partner, pk=pk)
    to, seen = request.POST.get("to", ""), request.POST.get("seen", "")
    partner.stage = seen if seen in Stage.values else partner.stage
    if to not in Stage.values:
        return _refused(request, partner, NOWHERE)
    before = _as_it_is(partner)
    try:
        actions.move_stage(partner, to=Stage(to), by=request.user, **_said_with(request))
    except actions.Refused as refusal:
        return _refused(request, partner, str(refusal), to=to)
    sentence = f"{partner} moved from {Stage(before['to']).label} to {Stage(to).label}."
    undo = reverse("unmove_partner", args=[pk])
    if _wants_json(request):
        return JsonResponse({"said": said(request, sentence, undo=undo, seen=to, **before)})
    say(request, sentence, undo=undo, seen=to, **before)
    return back(request, partner)


@permission_required("partners.change_partner")
@require_POST
def unmove(request: OfficeRequest, pk: int) -> HttpResponse:
    """Put a partner back where a move took it from, unless somebody has moved it since."""
    partner = get_object_or_404(Partner, pk=pk)
    to, seen = request.POST.get("to", ""), request.POST.get("seen", "")
    since = _moment(request.POST.get("since", ""))
    if to not in Stage.values or seen not in Stage.values or since is None:
        messages.error(request, NOWHERE)
        return back(request, partner)
    partner.stage = seen
    rest = _said_with(request)
    rest.pop("let_through")
    try:
        actions.move_back(partner, to=Stage(to), since=since, by=request.user, **rest)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"{partner} is back in {Stage(to).label}.")
    return back(request, partner)


def _said_with(request: OfficeRequest) -> dict[str, Any]:
    """Why, until when, and why all the same."""
    because = request.POST.get("because", "")
    return {
        "reason": request.POST.get("reason", "")[:200],
        "paused_until": parse_day(request.POST.get("until", "")),
        "because": because if because in NotAFit.values else "",
        "let_through": request.POST.get("let_through", "")[:200],
    }


def _as_it_is(partner: Partner) -> dict[str, Any]:
    """What an undo has to bring back."""
    return {
        "to": partner.stage,
        "since": partner.stage_changed_at.isoformat(),
        "reason": partner.off_ramp_reason,
        "because": partner.not_a_fit_because,
        "until": partner.paused_until or "",
    }


def _moment(text: str):
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _refused(request: OfficeRequest, partner: Partner, sentence: str, *, to: str = "") -> HttpResponse:
    """Say why not, with the form that mends it, and what was typed still in it."""
    sheet = _sheet(request, Partner.objects.get(pk=partner.pk), only=to, sentence=sentence)
    if _wants_json(request):
        shown = render_to_string("partners/stages/_sheet.html", sheet, request=request)
        return JsonResponse({"sentence": sentence, "sheet": shown}, status=422)
    return render(request, "partners/stages/page.html", sheet, status=422)


def _sheet(request: OfficeRequest, partner: Partner, *, only: str = "", sentence: str = "") -> dict[str, Any]:
    """What the page and the board's dialog show: each stage with what it asks for, or only the one that was tried."""
    asked = asks_by_stage(partner)
    only = only if only in (*Stage.values, RESTING) and only != partner.stage else ""
    rests = [stage for stage in OFF_RAMPS if stage != partner.stage and only in ("", RESTING, stage)]
    steps = [
        {"stage": stage, "asks": asked[stage], "is_ready": all(ask.is_met for ask in asked[stage])}
        for stage in LADDER
        if stage != partner.stage and only in ("", stage)
    ]
    return {
        "partner": partner,
        "steps": steps,
        "rests": rests,
        "only": only,
        "sentence": sentence,
        "not_a_fit": NotAFit.choices,
        "typed": request.POST,
        "next": get_valid_next_url_from_request(request),
        "header_title": f"Move {partner}",
        "header_icon": "group",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": partner.get_absolute_url(), "label": str(partner)},
            {"url": "", "label": "Move"},
        ],
    }


@permission_required("partners.change_partner")
@require_POST
def archive(request: OfficeRequest, pk: int) -> HttpResponse:
    partner = get_object_or_404(Partner, pk=pk)
    actions.archive(partner, by=request.user)
    sentence = f"{partner} is archived, with all its history."
    say(request, sentence, undo=reverse("restore_partner", args=[pk]), label="Bring it back")
    return back(request, partner)


@permission_required("partners.change_partner")
@require_POST
def restore(request: OfficeRequest, pk: int) -> HttpResponse:
    partner = get_object_or_404(Partner, pk=pk)
    actions.restore(partner, by=request.user)
    say(request, f"{partner} is back.")
    return back(request, partner)
