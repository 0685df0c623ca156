"""What a registrant decides with one press: to take a seat that is offered, or to give theirs back.

The links stand in letters, and mail scanners open them: a GET asks, and only a POST changes anything.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from crm.people.private import private
from workshops import actions
from workshops.models import Registration


@require_http_methods(["GET", "HEAD", "POST"])
@private
def claim(request: HttpRequest, token: str) -> HttpResponse:
    registration = _registration(token)
    if request.method == "POST":
        return _decide(request, registration, actions.claim, "The seat is yours. The invite is on its way to you.")
    return _ask(request, registration, "claim", if_so=registration.is_offered or registration.has_let_go)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    registration = _registration(token)
    if request.method == "POST":
        return _decide(request, registration, actions.cancel, "Cancelled. Thank you for telling us.")
    return _ask(request, registration, "leave", if_so=registration.is_active)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the letter that asks for a second yes."""
    registration = _registration(token)
    if request.method == "POST":
        return _decide(request, registration, actions.confirm, "Thank you, that was all. Here is your registration.")
    return _ask(request, registration, "confirm", if_so=registration.is_asked)


def _ask(request: HttpRequest, registration: Registration, page: str, *, if_so: bool) -> HttpResponse:
    """The page with the one button; their own page where there is nothing to decide any more."""
    workshop = registration.workshop
    if not (workshop.is_open and if_so):
        return redirect(registration)
    return render(request, f"workshops/{page}.html", {"registration": registration, "workshop": workshop})


def _decide(request: HttpRequest, registration: Registration, decision, said: str) -> HttpResponse:
    try:
        registration = decision(registration)
    except actions.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect(registration)


def _registration(token: str) -> Registration:
    return get_object_or_404(Registration.objects.select_related("workshop__host"), token=token)
