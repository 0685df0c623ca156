"""The public pages: what is coming, one workshop, and a registrant's own page. Only a POST changes anything."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.people.models import PracticeProfile
from crm.people.private import private
from workshops import actions, invites, structured
from workshops.forms import DetailsForm, RegistrationForm, new_submission
from workshops.models import Invite, Registration, Workshop

PAST_SHOWN = 12
CANCELLED_SHOWN_FOR = timedelta(days=30)


@require_safe
def workshop_list(request: HttpRequest) -> HttpResponse:
    workshops = Workshop.objects.listed().select_related("host")
    context = {"coming": workshops.coming(), "past": workshops.past().exclude(state="cancelled")[:PAST_SHOWN]}
    return render(request, "workshops/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def workshop_page(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = _public_workshop(slug)
    form = RegistrationForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_trapped:
        return _thanks(workshop, has_seat=not workshop.is_full)
    if request.method == "POST" and form.is_valid():
        try:
            return _register(workshop, form)
        except actions.Refusal as refusal:
            form.add_error(None, str(refusal))
            workshop = _public_workshop(slug)
    practice = PracticeProfile.load(request_or_site=request)
    context = {"workshop": workshop, "form": form, "event": structured.event(workshop, practice)}
    return render(request, "workshops/workshop.html", context, status=_status(workshop, form))


@require_safe
@private
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = _public_workshop(slug)
    context = {"workshop": workshop, "has_seat": request.GET.get("seat") == "yes", **_add_links(workshop)}
    return render(request, "workshops/thanks.html", context)


@require_safe
def workshop_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = _public_workshop(slug)
    practice = PracticeProfile.load(request_or_site=request)
    return _calendar_file(invites.published(workshop, practice), workshop)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def registration_page(request: HttpRequest, token: str) -> HttpResponse:
    registration = _registration(token)
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
    context = {"registration": registration, "workshop": workshop, "form": form, **_add_links(workshop)}
    return render(request, "workshops/registration.html", context, status=422 if form.errors else 200)


@require_POST
@private
def register_again(request: HttpRequest, token: str) -> HttpResponse:
    """The way back from a cancellation: a seat if one is free, otherwise a place on the waiting list."""
    old = _registration(token)
    try:
        new = actions.register(old.workshop, name=old.name, email=old.email, phone=old.phone)
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
    return _calendar_file(invites.own_copy(invite, practice), invite.registration.workshop)


def _public_workshop(slug: str) -> Workshop:
    return get_object_or_404(Workshop.objects.public().select_related("host"), slug=slug)


def _registration(token: str) -> Registration:
    return get_object_or_404(Registration.objects.select_related("workshop__host"), token=token)


def _register(workshop: Workshop, form: RegistrationForm) -> HttpResponse:
    """Register, and answer alike whether or not the address was known: nobody learns here who is coming."""
    typed = form.cleaned_data
    submission = typed["submission"] or new_submission()
    registration = actions.register(
        workshop, name=typed["name"], email=typed["email"], phone=typed["phone"], submission=submission
    )
    if registration.submission == submission:
        return _thanks(workshop, has_seat=registration.state == Registration.State.CONFIRMED)
    workshop.refresh_from_db(fields=["seats_taken", "capacity"])
    return _thanks(workshop, has_seat=not workshop.is_full)


def _thanks(workshop: Workshop, *, has_seat: bool) -> HttpResponse:
    address = reverse("workshop_thanks", args=[workshop.slug])
    return redirect(f"{address}?seat={'yes' if has_seat else 'list'}")


def _status(workshop: Workshop, form: RegistrationForm) -> int:
    """A cancelled workshop is gone for good once everybody who knew of it had time to look."""
    if workshop.cancelled_at and workshop.cancelled_at < timezone.now() - CANCELLED_SHOWN_FOR:
        return 410
    return 422 if form.errors else 200


def _add_links(workshop: Workshop) -> dict[str, str]:
    return {
        "google_link": invites.google_link(workshop),
        "outlook_link": invites.outlook_link(workshop),
        "office_link": invites.outlook_link(workshop, host="outlook.office.com"),
    }


def _calendar_file(text: str, workshop: Workshop) -> HttpResponse:
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response["Content-Disposition"] = f'attachment; filename="{workshop.slug}.ics"'
    return response
