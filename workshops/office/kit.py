"""The kit for the host: a flyer to print, words to forward, the link that is theirs, and its code as a file."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.auth import permission_required

from crm.people.models import PracticeProfile
from workshops import actions, kit, links
from workshops.actions.telling_host import kit_todo_of
from workshops.models import Workshop
from workshops.office.forms import InvitedForm
from workshops.office.links import shown

SIZES = {"a4": "A4", "letter": "Letter"}


@permission_required("workshops.view_workshop")
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """All of it on one page, to send in whatever way the host likes."""
    workshop = _workshop(pk)
    context = {
        "workshop": workshop,
        "link": shown(workshop, workshop.host),
        "texts": kit.texts(workshop),
        "sizes": SIZES,
        "todo": kit_todo_of(workshop),
        "invited": InvitedForm(initial={"invited": workshop.invited}),
    }
    return render(request, "workshops/office/kit.html", context)


@permission_required("workshops.change_workshop")
@require_POST
def note_invited(request: HttpRequest, pk: int) -> HttpResponse:
    """The number that the host said, or a guess."""
    workshop, form = _workshop(pk), InvitedForm(request.POST)
    if form.is_valid():
        actions.note_invited(workshop, form.cleaned_data["invited"])
        messages.success(request, "Noted.")
    else:
        messages.error(request, " ".join(map(str, form.errors["invited"])))
    return redirect("workshop_kit", pk)


@permission_required("workshops.view_workshop")
@require_safe
def flyer(request: HttpRequest, pk: int) -> HttpResponse:
    """One sheet for the wall, on A4 or on Letter."""
    workshop = _workshop(pk)
    size = request.GET.get("size", "")
    practice = PracticeProfile.load(request_or_site=request)
    fits = "a4" if practice.country not in ("US", "CA") else "letter"
    context = {
        "workshop": workshop,
        "practice": practice,
        "link": shown(workshop, workshop.host),
        "where": kit.where(workshop),
        "hours": kit.hours(workshop),
        "seats": kit.seats(workshop),
        "print_size": kit.print_size(workshop, practice=practice.name),
        "size": size if size in SIZES else fits,
        "sizes": SIZES,
    }
    return render(request, "workshops/office/flyer.html", context)


@permission_required("workshops.view_workshop")
@require_safe
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The host's code to scan as a PNG, for a post or a poster of their own."""
    workshop = _workshop(pk)
    address = links.address(workshop, partner=workshop.host)
    response = HttpResponse(kit.png(address), content_type="image/png")
    response["Content-Disposition"] = f'attachment; filename="{workshop.slug}.png"'
    return response


def _workshop(pk: int) -> Workshop:
    return get_object_or_404(Workshop.objects.select_related("host"), pk=pk)
