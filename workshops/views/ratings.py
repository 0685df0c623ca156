"""The page behind the stars of the letter after a workshop. Mail scanners open its links: only a POST saves."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from crm.people.private import private
from workshops import actions
from workshops.models import Registration
from workshops.rating_form import RatingForm


@require_http_methods(["GET", "HEAD", "POST"])
@private
def rate(request: HttpRequest, token: str, stars: int) -> HttpResponse:
    """Show the stars that were pressed, ready to send; afterwards what was sent, to change for as long as one may."""
    if not 1 <= stars <= 5:
        raise Http404("There are one to five stars.")
    registration = get_object_or_404(Registration.objects.select_related("workshop__host", "contact"), token=token)
    if request.method == "POST" and not registration.may_rate:
        return redirect("registration_rate", token, stars)
    form = RatingForm(request.POST or None, registration=registration, initial=_initial(registration, stars))
    if request.method == "POST" and form.is_valid():
        return _save(request, registration, form)
    context = {
        "registration": registration,
        "workshop": registration.workshop,
        "form": form,
        "stars": stars,
        "is_told": registration.rating == stars and not form.is_bound,
    }
    return render(request, "workshops/rate.html", context, status=422 if form.errors else 200)


def _save(request: HttpRequest, registration: Registration, form: RatingForm) -> HttpResponse:
    typed = form.cleaned_data
    try:
        actions.rate(
            registration,
            stars=typed["stars"],
            words=typed["words"],
            may_call=typed["may_call"],
            phone=typed["phone"],
            call_when=typed["call_when"],
        )
    except actions.Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("registration_rate", registration.token, typed["stars"])


def _initial(registration: Registration, stars: int) -> dict:
    return {
        "stars": stars,
        "words": registration.rating_words,
        "may_call": bool(registration.may_call_at),
        "phone": registration.phone or registration.contact.phone if registration.email else registration.phone,
        "call_when": registration.call_when,
    }
