"""Forget a registrant on their wish: asked once more, for it can't be undone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from wagtail.admin.auth import permission_required

from crm.people.models import Contact
from crm.people.office import OfficeRequest
from workshops import actions
from workshops.models import Registration


@permission_required("workshops.delete_registration")
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: OfficeRequest, pk: int) -> HttpResponse:
    registration = get_object_or_404(Registration.objects.select_related("workshop", "contact"), pk=pk)
    workshop = registration.workshop
    back = reverse("workshops:inspect", args=[workshop.pk])
    return _ask(request, registration.contact, who=registration.name, back=back, back_words=workshop.title, then=back)


@permission_required("people.delete_contact")
@require_http_methods(["GET", "HEAD", "POST"])
def erase_contact(request: OfficeRequest, pk: int) -> HttpResponse:
    """The same for anybody who wrote to us, whether or not they came to a workshop."""
    contact = get_object_or_404(Contact.objects.filter(merged_into=None), pk=pk)
    back, then = reverse("contacts:edit", args=[pk]), reverse("contacts:index")
    return _ask(request, contact, who=str(contact), back=back, back_words="Contact", then=then)


def _ask(request: OfficeRequest, contact: Contact, *, then: str, **words: str) -> HttpResponse:
    if request.method != "POST":
        rows = contact.registrations.select_related("workshop").order_by("-workshop__starts_at")
        return render(request, "workshops/office/erase.html", {"contact": contact, "rows": rows, **words})
    is_gone = actions.erase(contact, by=request.user)
    also = "" if is_gone else " Their contact stays, for the practice needs it for something else."
    messages.success(request, f"Erased. What they did is counted, and who they were is gone.{also}")
    return redirect(then)
