"""The quick log: a touch written down in seconds, on a phone, between two doors."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from wagtail.admin.auth import permission_required, require_admin_access

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions, mail_log
from partners.actions.touches import NEXT_STEP_WITHIN
from partners.actions.trail import note_confirmed
from partners.book import opened
from partners.forms import QuickLogForm
from partners.lines import initial_of, read_line
from partners.models import Partner, Touch
from partners.views.touches import about

RECENT = 4
UNSAVED = "unsaved_touch"


def keep_typed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Whoever was logged out while typing finds it again after the login."""

    @wraps(view)
    def kept(request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            names = [name for name in QuickLogForm.base_fields if name in request.POST and name != "identity_ok"]
            request.session[UNSAVED] = {name: _typed(request, name) for name in names}
        return view(request)

    return kept


@permission_required("partners.add_touch")
@require_http_methods(["GET", "HEAD", "POST"])
def quick_log(request: OfficeRequest) -> HttpResponse:
    """One screen to log a touch; after it, what was logged and a way back."""
    if request.method != "POST":
        if "logged" in request.GET:
            return _logged(request)
        typed = request.session.pop(UNSAVED, None)
        return _form(request, QuickLogForm(initial=typed or _initial(request)), is_back=typed is not None)

    if "read" in request.POST:
        return _read(request)
    form = QuickLogForm(request.POST, can_add=_can_add(request))
    if not form.is_valid():
        return _form(request, form, status=422)
    if form.cleaned_data["is_ahead"]:
        return _promise(request, form)

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
    partner = _partner(form, user)
    newcomers = [actions.add_person(partner, name=name).contact for name in fields["newcomers"]]
    mail = mail_log.waiting(user, fields["mail"])
    told = {
        **form.told,
        "contacts": [*fields["contacts"], *newcomers],
        **({"source": Touch.Source.MAIL} if mail else {}),
    }
    touch = actions.log_touch(partner, by=user, once=None if is_other else fields["once"], **told)
    if mail:
        mail_log.settle(mail, touch, by=user)
    if form.was_confirmed:
        note_confirmed(touch, user, form.seen)
    return touch


def _partner(form: QuickLogForm, user) -> Partner:
    fields = form.cleaned_data
    return form.found or Partner.objects.create(
        name=fields["name"].strip(), kind=fields["partner_kind"] or "other", created_by=user
    )


def _promise(request: OfficeRequest, form: QuickLogForm) -> HttpResponse:
    """What is still to come is a to do, and no touch."""
    fields, day = form.cleaned_data, form.next_due_on or timezone.localdate() + NEXT_STEP_WITHIN
    key = f"ahead:{fields['once']}" if fields["once"] else ""
    with transaction.atomic():
        partner = _partner(form, request.user)
        title = fields["next_step"] or fields["summary"] or f"Get in touch with {partner.name}"
        todo = actions.follow_up(
            partner=partner, title=title, due_on=day, by=request.user, is_meeting=fields["is_meeting"], once_key=key
        )
        if form.was_confirmed:
            note_confirmed(todo, request.user, form.seen)
    sentence = f"Still to come, so it is a to do: {todo.title}, by {date_format(day, 'MONTH_DAY_FORMAT')}."
    say(request, sentence, undo=reverse("drop", args=[todo.pk]))
    return redirect(partner)


def _read(request: OfficeRequest) -> HttpResponse:
    """Fill the form from a line of plain writing. Nothing is saved."""
    reading = read_line(request.POST.get("line", ""))
    form = QuickLogForm(initial=initial_of(reading), reading=reading)
    if request.headers.get("X-Requested-With") != "XMLHttpRequest":
        return _form(request, form)
    values = {name: value for name, value in initial_of(reading).items() if name != "line"}
    key = reading.values.get("partner")
    known = {"pk": key, "name": reading.names["partner"]} if key else None
    context = {"form": form, "can_add": _can_add(request)}
    html = render_to_string("partners/_log_heard.html", context, request=request)
    return JsonResponse({"values": values, "partner": known, "html": html})


def _typed(request: HttpRequest, name: str) -> str | list[str]:
    values = [value[:500] for value in request.POST.getlist(name)]
    return values if name in ("contacts", "newcomers") else values[-1]


def _initial(request: OfficeRequest) -> dict[str, object]:
    """What the address asks for, or what a touch that was taken back said."""
    asked = _number(request, "partner")
    if mail := mail_log.waiting(request.user, _number(request, "mail")):
        return mail_log.initial_of(mail)
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
    line = request.GET.get("line", "")[:500]
    named = {"partner": asked, "script": _number(request, "script")}
    return {**(initial_of(read_line(line)) if line else {}), **{name: key for name, key in named.items() if key}}


def _form(request: OfficeRequest, form: QuickLogForm, *, status: int = 200, is_back: bool = False) -> HttpResponse:
    current = Partner.objects.current()
    picked = str(form["partner"].value() or "")
    chips = list(current.filter(pk=picked)) if picked.isdecimal() else []
    chips += form.candidates or current.recently_touched().exclude(pk__in=[chip.pk for chip in chips])[:RECENT]
    context = {"form": form, "chips": chips, "picked": picked, "can_add": _can_add(request), "is_back": is_back}
    context |= about(next((chip for chip in chips if str(chip.pk) == picked), form.found), request.user)
    context["log_address"] = mail_log.address_of(request.user)
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
