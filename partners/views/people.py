from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions
from partners.forms import PersonForm
from partners.models import Partner, Role
from partners.views.returning import back

FLAGS = ("is_primary", "is_healthcare_provider")


@permission_required("partners.add_role")
@require_POST
def add_person(request: OfficeRequest, pk: int) -> HttpResponse:
    partner = get_object_or_404(Partner, pk=pk)
    form = PersonForm(request.POST)
    if form.is_valid():
        role = actions.add_person(partner, **form.cleaned_data)
        sentence = f"{role.contact} belongs to {partner} now."
        say(request, sentence, undo=reverse("remove_person", args=[role.pk]))
        return back(request, partner)
    messages.error(request, "Nobody was added yet. Mend what is marked below.")
    page = {
        "form": form,
        "partner": partner,
        "header_title": f"Add a person to {partner}",
        "header_icon": "user",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": partner.get_absolute_url(), "label": str(partner)},
            {"url": "", "label": "Add a person"},
        ],
    }
    return render(request, "partners/person.html", page, status=422)


@permission_required("partners.change_role")
@require_POST
def remove_person(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take a contact off a partner. The contact and its history stay."""
    role = get_object_or_404(Role.objects.select_related("partner", "contact"), pk=pk)
    fields: dict[str, Any] = {"name": role.contact.name, "email": role.contact.email, "title": role.title}
    flags = {flag: "on" for flag in FLAGS if getattr(role, flag)}
    role.delete()
    undo = reverse("add_person", args=[role.partner_id])
    say(request, f"{role.contact} is no longer listed at {role.partner}.", undo=undo, **fields, **flags)
    return back(request, role.partner)


@permission_required("partners.change_role")
@require_POST
def edit_person(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change somebody's title, and whether they are the main person and a health-care provider."""
    role = get_object_or_404(Role.objects.select_related("partner", "contact"), pk=pk)
    was = {"title": role.title, **{flag: "on" for flag in FLAGS if getattr(role, flag)}}
    title = request.POST.get("title", "").strip()[:80]
    actions.place_person(role, title=title, **{flag: flag in request.POST for flag in FLAGS})
    say(request, f"{role.contact} is changed.", undo=reverse("edit_person", args=[pk]), **was)
    return back(request, role.partner)
