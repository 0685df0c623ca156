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
    workshop = registration.workshop
    if not (workshop.is_open and (registration.is_offered or registration.has_let_go)):
        return redirect(registration)
    return render(request, "workshops/claim.html", {"registration": registration, "workshop": workshop})


@require_http_methods(["GET", "HEAD", "POST"])
@private
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    registration = _registration(token)
    if request.method == "POST":
        return _decide(request, registration, actions.cancel, "Cancelled. Thank you for telling us.")
    workshop = registration.workshop
    if not (workshop.is_open and registration.is_active):
        return redirect(registration)
    return render(request, "workshops/leave.html", {"registration": registration, "workshop": workshop})


@require_http_methods(["GET", "HEAD", "POST"])
@private
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the letter that asks for a second yes."""
    registration = _registration(token)
    if request.method == "POST":
        return _decide(request, registration, actions.confirm, "Thank you, that was all. Here is your registration.")
    workshop = registration.workshop
    if not (workshop.is_open and registration.is_asked):
        return redirect(registration)
    return render(request, "workshops/confirm.html", {"registration": registration, "workshop": workshop})


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
