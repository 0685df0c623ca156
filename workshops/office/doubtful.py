"""Registrations that looked wrong when they came: somebody looks, and lets them in or throws them away."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from workshops import actions
from workshops.models import Registration

SHOWN = 100


@permission_required("workshops.view_registration")
@require_safe
def to_check(request: HttpRequest) -> HttpResponse:
    """Everybody who waits for a look, by workshop and the oldest first."""
    rows = Registration.objects.to_check().select_related("workshop", "credited_to")
    rows = rows.order_by("workshop__starts_at", "workshop", "created_at", "pk")
    context = {
        "rows": list(rows[:SHOWN]),
        "total": rows.count(),
        "may_decide": request.user.has_perm("workshops.change_registration"),
    }
    return render(request, "workshops/office/to_check.html", context)


@permission_required("workshops.change_registration")
@require_POST
def let_in(request: OfficeRequest, pk: int) -> HttpResponse:
    registration = _registration(pk)
    try:
        let = actions.let_in(registration, by=request.user)
    except actions.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        _tell_let_in(request, registration, let)
    return redirect(*(["workshops:inspect", let.workshop_id] if registration.is_asked else ["registrations_to_check"]))


@permission_required("workshops.change_registration")
@require_POST
def doubt_again(request: OfficeRequest, pk: int) -> HttpResponse:
    registration = _registration(pk)
    try:
        actions.doubt_again(registration, by=request.user)
    except actions.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"{registration.name} waits for a look again.")
    return redirect("registrations_to_check")


@permission_required("workshops.change_registration")
@require_POST
def throw_away(request: OfficeRequest) -> HttpResponse:
    """One of them, or all that the page showed."""
    thrown = actions.throw_away(list(_chosen(request)), by=request.user)
    if not thrown:
        messages.error(request, "Somebody has decided about this already.")
    else:
        who = thrown[0].name if len(thrown) == 1 else f"{len(thrown)} registrations"
        undo = reverse("bring_registrations_back")
        say(request, f"Thrown away: {who}. Nobody is told.", undo=undo, chosen=",".join(str(row.pk) for row in thrown))
    return redirect("registrations_to_check")


@permission_required("workshops.change_registration")
@require_POST
def bring_back(request: OfficeRequest) -> HttpResponse:
    brought = actions.bring_back(list(_chosen(request)), by=request.user)
    if brought:
        say(request, "Back again." if brought == 1 else f"All {brought} are back.")
    else:
        messages.error(request, "There was nothing to bring back.")
    return redirect("registrations_to_check")


def _tell_let_in(request: OfficeRequest, registration: Registration, let: Registration) -> None:
    if let.pk != registration.pk:
        say(request, f"{registration.name} has registered a second time since, so this one was put away.")
        return
    standing = "has a seat" if let.has_seat else "is on the waiting list"
    words = f"{let.name} {standing}. The e-mail leaves in a minute."
    undo = "" if registration.is_asked else reverse("doubt_registration_again", args=[let.pk])
    say(request, words, undo=undo)


def _chosen(request: HttpRequest) -> QuerySet[Registration]:
    typed = request.POST.get("chosen", "").split(",")[:SHOWN]
    return Registration.objects.filter(pk__in=[int(pk) for pk in typed if pk.isdecimal()]).select_related("workshop")


def _registration(pk: int) -> Registration:
    return get_object_or_404(Registration.objects.select_related("workshop"), pk=pk)
