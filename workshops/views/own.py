"""A registrant's own page, /r/<token>/: see, correct, and come back. Only a POST changes anything."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.people.models import PracticeProfile
from crm.people.private import private
from workshops import actions, invites
from workshops.forms import DetailsForm
from workshops.models import Invite, Registration
from workshops.views.pages import add_links, calendar_file


@require_http_methods(["GET", "HEAD", "POST"])
@private
def registration_page(request: HttpRequest, token: str) -> HttpResponse:
    registration = _registration(token)
    if since := registration.since:
        return redirect(since)
    form = DetailsForm(request.POST or None, instance=registration)
    if request.method == "POST" and not registration.is_active:
        messages.error(request, "This registration is cancelled. You can register again below.")
        return redirect(registration)
    if request.method == "POST" and form.is_valid():
        # Only what was typed: a seat may have become theirs since the row was read.
        registration.save(update_fields=form.changed_data)
        messages.success(request, "Saved.")
        return redirect(registration)
    workshop = registration.workshop
    context = {
        "registration": registration,
        "workshop": workshop,
        "form": form,
        "together": registration.together,
        "ics_url": reverse("registration_calendar", args=[registration.token]),
        "is_full": not (workshop.seats_left if registration.is_hosts else workshop.public_seats_left) > 0,
        **add_links(workshop),
    }
    return render(request, "workshops/registration.html", context, status=422 if form.errors else 200)


@require_POST
@private
def register_again(request: HttpRequest, token: str) -> HttpResponse:
    """The way back from a cancellation: a seat if one is free, otherwise a place on the waiting list."""
    old = _registration(token)
    if not old.is_cancelled:
        return redirect(old)
    try:
        new = actions.register_again(old)
    except actions.Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(old)
    if new.state == Registration.State.CONFIRMED:
        messages.success(request, "You have a seat again.")
    else:
        messages.success(request, "All seats are taken by now. You are on the waiting list.")
    return redirect(new)


@require_safe
@private
def registration_calendar(request: HttpRequest, token: str) -> HttpResponse:
    invite = get_object_or_404(Invite.objects.select_related("registration__workshop"), registration__token=token)
    practice = PracticeProfile.load(request_or_site=request)
    return calendar_file(invites.own_copy(invite, practice), invite.registration.workshop)


def _registration(token: str) -> Registration:
    found = Registration.objects.select_related("contact", "workshop__host", "workshop__topic", "workshop__picture")
    return get_object_or_404(found, token=token)
