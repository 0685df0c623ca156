"""The buttons of one partner's page: log with one tap, add a word to it, judge the fit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_required
from wagtail.admin.utils import get_valid_next_url_from_request

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions, fit, identity
from partners.models import Partner, Touch
from partners.views.returning import back

Kind = Touch.TouchKind
SAME_TAP = timedelta(hours=1)  # a page that lay open longer may log the same again
# Each button: what it logs, what is said, and what may be added in a few words: the field and its question.
TAPS = {
    "there": (Kind.VISIT, "You were at {}.", ("summary", "In one line")),
    "gave": (Kind.CONTENT, "You gave {} something useful.", ("summary", "What was it?")),
    "advice": (Kind.ADVICE_ASKED, "You asked {} for advice.", ("learned", "What did they tell you?")),
    "thanked": (Kind.THANKS, "You thanked {}.", ("summary", "What for?")),
}


@permission_required("partners.add_touch")
@require_POST
def tap(request: OfficeRequest, pk: int) -> HttpResponse:
    """Log what happened just now with one tap, once however often it is pressed."""
    partner = get_object_or_404(Partner, pk=pk)
    what = request.POST.get("what", "")
    if what not in TAPS:
        messages.error(request, "Choose one of the buttons.")
        return back(request, partner)
    touch, is_new = _log_once(partner, Kind(TAPS[what][0]), request)
    _tell(request, touch, what, "" if is_new else "That is logged already. ")
    return back(request, partner)


@permission_required("partners.add_touch")
@require_POST
def word(request: OfficeRequest, pk: int) -> HttpResponse:
    """Add a few words to a touch that was logged with one tap. What looks like a patient is asked about once."""
    touch = get_object_or_404(Touch.objects.standing().select_related("partner"), pk=pk)
    what = request.POST.get("what", "")
    field = TAPS[what][2][0] if what in TAPS else "summary"
    words = request.POST.get("words", "").strip()[: 500 if field == "learned" else 280]
    found = identity.seen_in(words, touch.partner)
    if found and request.POST.get("seen") != identity.mark(found):
        _tell(request, touch, what, identity.sentence(found) + " ", words=words, seen=identity.mark(found))
        return back(request, touch.partner)
    if words:
        setattr(touch, field, words)
        touch.save(update_fields=[field])
        say(request, f"Noted: {words}")
    return back(request, touch.partner)


@permission_required("partners.change_partner")
@require_POST
def judge(request: OfficeRequest, pk: int) -> HttpResponse:
    """Save the answers about how well a partner fits; undo brings the former ones back."""
    partner = get_object_or_404(Partner, pk=pk)
    form = fit.FitForm(request.POST, partner=partner)
    if not form.is_valid():
        messages.error(request, "Choose one of the answers for each question.")
        return back(request, partner)
    was: dict[str, Any] = {name: "" if points is None else points for name, points in _points(partner).items()}
    for name, points in form.cleaned_data.items():
        setattr(partner, name, points)
    partner.save(update_fields=list(form.cleaned_data))
    judged = fit.of(partner)
    score = "" if judged.score is None else f"{judged.score} of 100. "
    say(request, f"{partner}: {score}{judged.sentence}", undo=reverse("judge_fit", args=[pk]), **was)
    return back(request, partner)


def _points(partner: Partner) -> dict[str, int | None]:
    return {name: getattr(partner, name) for name in fit.ANSWERS}


def _log_once(partner: Partner, kind: Kind, request: OfficeRequest) -> tuple[Touch, bool]:
    """The touch, and whether this press logged it."""
    once = _uuid(request.POST.get("once", ""))
    same = Touch.objects.standing().filter(once=once, kind=kind, partner=partner) if once else Touch.objects.none()
    seen = same.filter(created_at__gt=timezone.now() - SAME_TAP).select_related("partner").first()
    if seen:
        return seen, False
    is_gave = kind == Kind.CONTENT
    if once and Touch.objects.filter(once=once).exists():
        once = None
    try:
        with transaction.atomic():
            return actions.log_touch(partner, kind=kind, by=request.user, is_give=is_gave, once=once), True
    except IntegrityError:  # both presses at the same moment
        return Touch.objects.select_related("partner").get(once=once), False


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _tell(request: HttpRequest, touch: Touch, what: str, before: str, **typed: str) -> None:
    """Say what was logged, with the way back, and room for a word."""
    _kind, sentence, (_field, question) = TAPS.get(what, TAPS["there"])
    context = {
        "sentence": before + ("" if typed else sentence.format(touch.partner)),
        "touch": touch,
        "what": what,
        "question": question,
        "next": get_valid_next_url_from_request(request),
        **typed,
    }
    tell = messages.warning if typed else messages.success
    tell(request, render_to_string("partners/_tapped.html", context, request=request))
