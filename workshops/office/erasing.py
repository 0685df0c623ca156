"""Forget a registrant on their wish: asked once more, for it can't be undone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from workshops import actions
from workshops.models import Registration


@permission_required("workshops.delete_registration")
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: OfficeRequest, pk: int) -> HttpResponse:
    registration = get_object_or_404(Registration.objects.select_related("workshop", "contact"), pk=pk)
    rows = registration.contact.registrations.select_related("workshop").order_by("-workshop__starts_at")
    if request.method != "POST":
        return render(request, "workshops/office/erase.html", {"registration": registration, "rows": rows})
    is_gone = actions.erase(registration.contact, by=request.user)
    also = "" if is_gone else " Their contact stays, for the practice needs it for something else."
    messages.success(request, f"Erased. What they did is counted, and who they were is gone.{also}")
    return redirect("workshops:inspect", registration.workshop_id)
