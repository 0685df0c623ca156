"""The quick log: a touch written down in seconds, on a phone, between two doors."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from wagtail.admin.auth import permission_required, require_admin_access

from partners import actions
from partners.book import opened
from partners.forms import QuickLogForm
from partners.models import Partner, Touch
from partners.views.touches import about

RECENT = 4
UNSAVED = "unsaved_touch"


def keep_typed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Whoever was logged out while typing finds it again after the login."""

    @wraps(view)
    def kept(request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            names = [name for name in QuickLogForm.base_fields if name in request.POST]
            request.session[UNSAVED] = {name: _typed(request, name) for name in names}
        return view(request)

    return kept


@permission_required("partners.add_touch")
@require_http_methods(["GET", "HEAD", "POST"])
def quick_log(request: HttpRequest) -> HttpResponse:
    """One screen to log a touch; after it, what was logged and a way back."""
    if request.method != "POST":
        if "logged" in request.GET:
            return _logged(request)
        typed = request.session.pop(UNSAVED, None)
        return _form(request, QuickLogForm(initial=typed or _initial(request)), is_back=typed is not None)

    form = QuickLogForm(request.POST, can_add=_can_add(request))
    if not form.is_valid():
        return _form(request, form, status=422)

    try:
        touch = _save_once(form, request.user)
    except actions.AskedTooEarly as refusal:
        form.add_error("ask_reason", str(refusal))
    except actions.ThanksCostNothing as refusal:
        form.add_error("money", str(refusal))
    if not form.is_valid():
        return _form(request, form, status=422)

    return redirect(f"{reverse('quick_log')}?logged={touch.pk}")


# The office's own addresses turn away who is logged out before a view is asked; this one listens first.
entrance = never_cache(keep_typed(require_admin_access(quick_log)))


@permission_required("partners.add_touch")
@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """The options under the name while somebody types."""
    typed = request.GET.get("q", "")[:160].strip()
    partners = Partner.objects.current().with_rhythm().in_order(opened().closest(typed, limit=6))
    context = {"partners": partners, "typed": typed, "can_add": _can_add(request)}
    return render(request, "partners/_suggestions.html", context)


def _save_once(form: QuickLogForm, user) -> Touch:
    """A second press on the same page answers with the touch that the first one logged."""
    seen = Touch.objects.standing().select_related("partner").filter(once=form.cleaned_data["once"] or uuid4())
    try:
        touch = seen.first()
        return touch if touch and form.says(touch) else _save(form, user, is_other=touch is not None)
    except IntegrityError:  # both presses at the same moment
        touch = seen.first()
        return touch or _save(form, user, is_other=True)


@transaction.atomic
def _save(form: QuickLogForm, user, *, is_other: bool) -> Touch:
    fields = form.cleaned_data
    partner = form.found or Partner.objects.create(
        name=fields["name"].strip(), kind=fields["partner_kind"] or "other", created_by=user
    )
    return actions.log_touch(
        partner,
        by=user,
        once=None if is_other else fields["once"],
        **form.told,
    )


def _typed(request: HttpRequest, name: str) -> str | list[str]:
    values = [value[:500] for value in request.POST.getlist(name)]
    return values if name == "contacts" else values[-1]


def _initial(request: HttpRequest) -> dict[str, object]:
    """What the address asks for, or what a touch that was taken back said."""
    wrong = Touch.objects.filter(pk=_number(request, "again") or 0).first()
    if wrong:
        same = ("kind", "summary", "is_give", "is_ask", "ask_reason", "learned", "outcome", "minutes", "script")
        return {
            **{name: getattr(wrong, name) for name in same},
            "partner": wrong.partner_id,
            "contacts": list(wrong.contacts.values_list("pk", flat=True)),
            "they_came": wrong.direction == Touch.Direction.IN,
            "is_for_many": not wrong.counts_for_cadence,
            "money": wrong.cost_cents / 100 if wrong.cost_cents else None,
        }
    return {"partner": _number(request, "partner"), "summary": request.GET.get("line", "")[:280]}


def _form(request: HttpRequest, form: QuickLogForm, *, status: int = 200, is_back: bool = False) -> HttpResponse:
    current = Partner.objects.current()
    picked = str(form["partner"].value() or "")
    chips = list(current.filter(pk=picked)) if picked.isdecimal() else []
    chips += form.candidates or current.recently_touched().exclude(pk__in=[chip.pk for chip in chips])[:RECENT]
    context = {"form": form, "chips": chips, "picked": picked, "can_add": _can_add(request), "is_back": is_back}
    context |= about(next((chip for chip in chips if str(chip.pk) == picked), form.found))
    context["typed_contacts"] = [str(key) for key in form["contacts"].value() or []]
    return render(request, "partners/log.html", context, status=status)


def _logged(request: HttpRequest) -> HttpResponse:
    touches = Touch.objects.select_related("partner").prefetch_related("follow_ups")
    return render(request, "partners/logged.html", {"touch": get_object_or_404(touches, pk=_number(request, "logged"))})


def _number(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else None


def _can_add(request: HttpRequest) -> bool:
    return request.user.has_perm("partners.add_partner")
