"""A no that a registrant's calendar sent, taken back. The link stands in a letter: a GET asks, a POST acts."""

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
def take_back_no(request: HttpRequest, token: str) -> HttpResponse:
    registration = get_object_or_404(Registration.objects.select_related("workshop__host"), token=token)
    workshop = registration.workshop
    if request.method == "POST":
        return _take_back(request, registration)
    if not (workshop.is_open and registration.may_take_back_no) or registration.since:
        return redirect(registration)
    return render(request, "workshops/take_back.html", {"registration": registration, "workshop": workshop})


def _take_back(request: HttpRequest, registration: Registration) -> HttpResponse:
    try:
        new = actions.take_back_no(registration)
    except actions.Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(registration)
    if new.has_seat:
        messages.success(request, "You have your seat again. A new invite is on its way to you.")
    else:
        messages.success(request, "Your seat is taken by now. You are next: the first one that becomes free is yours.")
    return redirect(new)
