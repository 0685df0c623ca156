"""Check-in at the door: one page for a phone, which works with a poor connection and without scripts too."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from unicodedata import combining, normalize
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin.auth import permission_required

from crm.people.models import User
from crm.people.office import OfficeRequest
from workshops import actions
from workshops.models import SEATED, Registration, Workshop

MOST_TAPS = 100  # in one request; a phone sends what is left with the next
LAST_MOMENT = 4_102_444_800_000  # the year 2100, in milliseconds
EMPTY_LINES = 6  # with twelve names it is one page of Letter
# Nothing inline, as on the public site: unlike the rest of the office, this page holds none of Wagtail's widgets.
POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"

State = Registration.State


class TapForm(forms.Form):
    """One thing that was tapped, from a button of the page or from a phone's store."""

    DEEDS = ("came", "undo", "seat", "walk_in")
    do = forms.ChoiceField(choices=[(deed, deed) for deed in DEEDS])
    registration = forms.IntegerField(required=False, min_value=1)
    name = forms.CharField(required=False, max_length=120)
    email = forms.EmailField(required=False)
    key = forms.CharField(required=False, max_length=32)
    at = forms.IntegerField(required=False, min_value=0, max_value=LAST_MOMENT)
    add_seat = forms.BooleanField(required=False)

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].strip()
        if self.cleaned_data.get("do") == "walk_in" and not name:
            raise forms.ValidationError("Write down a name.")
        return name

    @property
    def moment(self) -> datetime | None:
        """When it was tapped, if the phone says so."""
        at = self.cleaned_data["at"]
        return datetime.fromtimestamp(at / 1000, UTC) if at else None

    @property
    def sentence(self) -> str:
        """What is wrong with it."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


@dataclass
class Row:
    """Somebody on the list at the door."""

    registration: Registration
    about: str
    is_found: bool = True

    @property
    def has_come(self) -> bool:
        return bool(self.registration.checked_in_at)


def _address(workshop: Workshop) -> str:
    return reverse("workshop_door", args=[workshop.pk])


@permission_required("workshops.view_registration")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def door(request: OfficeRequest, pk: int) -> HttpResponse:
    """The page; without scripts every tap is a form that comes here."""
    workshop = get_object_or_404(Workshop.objects.select_related("host"), pk=pk)
    sought = (request.POST if request.method == "POST" else request.GET).get("q", "").strip()[:80]
    if request.method == "POST":
        return _tapped(request, workshop, sought)
    return _page(request, workshop, sought)


def _tapped(request: OfficeRequest, workshop: Workshop, sought: str) -> HttpResponse:
    if not _may_tap(request.user):
        messages.error(request, "You may look at this list and not change it.")
        return redirect(_address(workshop))
    form = TapForm(request.POST)
    if not form.is_valid():
        return _page(request, workshop, sought, form=form, status=422)
    try:
        done = _do(workshop, form, by=request.user)
    except actions.NoFreeSeat as full:
        return _page(request, workshop, sought, form=form, full=str(full), status=422)
    except actions.Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(_address(workshop))
    messages.success(request, _said(form.cleaned_data["do"], done))
    query = f"?{urlencode({'q': sought})}" if sought and form.cleaned_data["do"] != "walk_in" else ""
    return redirect(f"{_address(workshop)}{query}#list")


@permission_required("workshops.view_registration")
@require_safe
@never_cache
def door_list(request: OfficeRequest, pk: int) -> JsonResponse:
    """How the list stands, for a page that looks every few seconds."""
    return JsonResponse(_standing(request.user, get_object_or_404(Workshop, pk=pk)))


@permission_required("workshops.view_registration")
@require_POST
def door_taps(request: OfficeRequest, pk: int) -> JsonResponse:
    """Take what was tapped, in its order, and say of each what became of it. Sent twice it is done once."""
    workshop = get_object_or_404(Workshop, pk=pk)
    if not _may_tap(request.user):
        return JsonResponse({"sentence": "You may look at this list and not change it."}, status=403)
    taps = _read(request.body)
    if taps is None:
        return JsonResponse({"sentence": "These are no taps."}, status=400)
    results = {str(tap.get("key", ""))[:40]: _take(workshop, tap, by=request.user) for tap in taps}
    workshop.refresh_from_db()
    return JsonResponse({**_standing(request.user, workshop), "results": results})


@permission_required("workshops.change_registration")
@require_POST
def close(request: OfficeRequest, pk: int) -> HttpResponse:
    return _turn(request, pk, actions.close_door)


@permission_required("workshops.change_registration")
@require_POST
def reopen(request: OfficeRequest, pk: int) -> HttpResponse:
    return _turn(request, pk, actions.reopen_door)


@permission_required("workshops.view_registration")
@require_safe
@never_cache
def sheet(request: OfficeRequest, pk: int) -> HttpResponse:
    """A list to sign on paper: names alone, and empty lines for those who come without."""
    workshop = get_object_or_404(Workshop.objects.select_related("host"), pk=pk)
    rows, _waiting = _rows(workshop)
    return _render(request, "workshops/office/door_sheet.html", workshop, rows=rows, empty=range(EMPTY_LINES))


@permission_required("workshops.view_registration")
@require_safe
@never_cache
def for_host(request: OfficeRequest, pk: int) -> HttpResponse:
    """What the host gets: numbers, and nobody's name."""
    workshop = get_object_or_404(Workshop.objects.select_related("host"), pk=pk)
    rows, waiting = _rows(workshop)
    came = [row.registration for row in rows if row.has_come]
    counts = [
        ("Seats", workshop.capacity),
        ("Registered", sum(row.registration.source != Registration.Source.WALK_IN for row in rows)),
        *([("Of these, your own people", sum(row.registration.is_hosts for row in rows))] if workshop.host else []),
        ("On the waiting list", len(waiting)),
        ("Came", len(came)),
        ("Of these, at the door without a registration", sum(one.source == "walk_in" for one in came)),
    ]
    return _render(request, "workshops/office/door_host.html", workshop, counts=counts)


@permission_required("workshops.view_registration")
@require_safe
def worker(request: HttpRequest, pk: int) -> HttpResponse:
    """The script that keeps the page on the phone. It lives below the page, so that it can have nothing else."""
    context = {"page": reverse("workshop_door", args=[pk])}
    response = render(request, "workshops/office/door-worker.js", context, content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


def _turn(request: OfficeRequest, pk: int, verb) -> HttpResponse:
    workshop = get_object_or_404(Workshop, pk=pk)
    try:
        verb(workshop, by=request.user)
    except actions.Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(_address(workshop))


def _may_tap(user: User) -> bool:
    return user.has_perms(["workshops.change_registration", "workshops.add_registration"])


def _read(body: bytes) -> list[dict] | None:
    try:
        taps = json.loads(body)["taps"]
    except (ValueError, KeyError, TypeError):
        return None
    is_list = isinstance(taps, list) and len(taps) <= MOST_TAPS and all(isinstance(tap, dict) for tap in taps)
    return taps if is_list else None


def _take(workshop: Workshop, tap: dict, *, by: User) -> dict[str, str]:
    form = TapForm(tap)
    if not form.is_valid():
        return {"said": "refused", "sentence": form.sentence}
    try:
        done = _do(workshop, form, by=by)
    except actions.NoFreeSeat as full:
        return {"said": "full", "sentence": str(full)}
    except actions.Refusal as refusal:
        return {"said": "refused", "sentence": str(refusal)}
    if done.is_cancelled and form.cleaned_data["do"] == "came":
        return {"said": "refused", "sentence": f"{done.name} was taken off the list after this tap."}
    return {"said": "done", "sentence": ""}


def _do(workshop: Workshop, form: TapForm, *, by: User) -> Registration:
    said = form.cleaned_data
    if said["do"] == "walk_in":
        who = {"name": said["name"], "email": said["email"], "key": said["key"]}
        return actions.walk_in(workshop, **who, by=by, at=form.moment, add_seat=said["add_seat"])
    registration = workshop.registrations.filter(pk=said["registration"]).select_related("workshop").first()
    if registration is None:
        raise actions.Refusal("This person is not on the list of this workshop.")
    if said["do"] == "undo":
        return actions.undo_check_in(registration, at=form.moment)
    if said["do"] == "seat":
        return actions.seat_at_door(registration, by=by, add_seat=said["add_seat"])
    return actions.check_in(registration, by=by, at=form.moment, add_seat=said["add_seat"])


def _said(deed: str, done: Registration) -> str:
    if deed == "undo":
        return f"{done.name} is off the list." if done.is_cancelled else f"{done.name} is not here yet."
    if deed == "seat":
        return f"{done.name} has a seat."
    return f"{done.name} was taken off the list." if done.is_cancelled else f"{done.name} came."


def _rows(workshop: Workshop, sought: str = "") -> tuple[list[Row], list[Row]]:
    """Who has a seat, by name, and who waits, in their order; those who were not looked for are among them."""
    people = list(workshop.registrations.active().order_by("created_at", "pk"))
    twice = Counter(_plain(person.name) for person in people)
    words = _plain(sought).split()
    rows = [
        Row(
            person,
            _about(person, is_twice=twice[_plain(person.name)] > 1),
            is_found=all(word in _plain(person.name) for word in words),
        )
        for person in people
    ]
    seated = [row for row in rows if row.registration.state in SEATED]
    line = {pk: place for place, pk in enumerate(workshop.registrations.waiting().values_list("pk", flat=True))}
    waiting = [row for row in rows if row.registration.state == State.WAITING]
    return (
        sorted(seated, key=lambda row: _plain(row.registration.name)),
        sorted(waiting, key=lambda row: line.get(row.registration.pk, 0)),
    )


def _about(person: Registration, *, is_twice: bool) -> str:
    facts = [
        "at the door" if person.source == Registration.Source.WALK_IN else "",
        "seat offered" if person.state == State.OFFERED else "",
        "of the host" if person.is_hosts else "",
        (person.email or "no e-mail") if is_twice else "",
    ]
    return ", ".join(fact for fact in facts if fact)


def _plain(name: str) -> str:
    """Small letters without accents, so that half a name typed in a hurry is found."""
    return "".join(letter for letter in normalize("NFD", name.casefold()) if not combining(letter))


def _named(sought: str) -> str:
    """Who was looked for and is not there, as a name to put on the list: typed once, and in a hurry."""
    return re.sub(r"(?<!\S)\S", lambda letter: letter[0].upper(), sought) if sought == sought.lower() else sought


def _list(user: User, workshop: Workshop, sought: str = "") -> dict:
    rows, waiting = _rows(workshop, sought)
    return {
        "rows": rows,
        "waiting": waiting,
        "finds_anybody": any(row.is_found for row in (*rows, *waiting)),
        "finds_waiting": any(row.is_found for row in waiting),
        "came": sum(row.has_come for row in rows),
        "may_tap": _may_tap(user) and workshop.is_door_open,
        "may_turn": _may_tap(user),
    }


def _standing(user: User, workshop: Workshop) -> dict:
    words = render_to_string("workshops/office/_door_list.html", {**_list(user, workshop), "workshop": workshop})
    return {"now": round(timezone.now().timestamp() * 1000), "list": words}


def _page(
    request: OfficeRequest, workshop: Workshop, sought: str, *, form: TapForm | None = None, full: str = "", status=200
) -> HttpResponse:
    found = _list(request.user, workshop, sought)
    name = form.data.get("name", "") if form else "" if found["finds_anybody"] else _named(sought)
    asked = {"form": form, "full": full, "sought": sought, "name": "" if full else name, "key": uuid4().hex}
    return _render(request, "workshops/office/door.html", workshop, **asked, **found, status=status)


def _render(request: HttpRequest, template: str, workshop: Workshop, *, status: int = 200, **context) -> HttpResponse:
    response = render(request, template, {**context, "workshop": workshop}, status=status)
    response["Content-Security-Policy"] = POLICY
    return response


urlpatterns = [
    path("workshops/<int:pk>/door/", door, name="workshop_door"),
    path("workshops/<int:pk>/door/list/", door_list, name="workshop_door_list"),
    path("workshops/<int:pk>/door/taps/", door_taps, name="workshop_door_taps"),
    path("workshops/<int:pk>/door/close/", close, name="workshop_door_close"),
    path("workshops/<int:pk>/door/reopen/", reopen, name="workshop_door_reopen"),
    path("workshops/<int:pk>/door/worker.js", worker, name="workshop_door_worker"),
    path("workshops/<int:pk>/door/sheet/", sheet, name="workshop_door_sheet"),
    path("workshops/<int:pk>/door/host/", for_host, name="workshop_door_host"),
]
