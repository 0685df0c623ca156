"""The addresses of a workshop to hand on, each with its code to scan: everybody's, the host's and other partners'."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe
from wagtail.admin.auth import permission_required

from partners.models import Partner
from workshops import links
from workshops.models import Workshop

FOUND = 8


@permission_required("workshops.view_workshop")
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody's link and the host's; ``?q=`` finds any other partner's."""
    workshop = get_object_or_404(Workshop.objects.select_related("host"), pk=pk)
    typed = request.GET.get("q", "").strip()[:100]
    found = (
        Partner.objects.current().filter(name__icontains=typed).order_by("name") if typed else Partner.objects.none()
    )
    context = {
        "workshop": workshop,
        "q": typed,
        "links": [shown(workshop), *([shown(workshop, workshop.host)] if workshop.host else [])],
        "found": [shown(workshop, partner) for partner in found.exclude(workshops=workshop)[:FOUND]],
    }
    return render(request, "workshops/office/links.html", context)


@permission_required("workshops.view_workshop")
@require_safe
def code(request: HttpRequest, pk: int) -> HttpResponse:
    """The code to scan alone, as a file for a flyer; ``?partner=`` says whose."""
    workshop = get_object_or_404(Workshop, pk=pk)
    whose = request.GET.get("partner", "")
    partner = get_object_or_404(Partner.objects.current(), pk=whose) if whose.isdecimal() else None
    title = f"The page of {workshop}"
    response = HttpResponse(
        links.drawn(links.address(workshop, partner=partner), title=title), content_type="image/svg+xml"
    )
    response["Content-Disposition"] = (
        f'attachment; filename="{workshop.slug}{f"-{partner.code}" if partner else ""}.svg"'
    )
    return response


def shown(workshop: Workshop, partner: Partner | None = None) -> dict:
    """One link as the page shows it."""
    address = links.address(workshop, partner=partner)
    query = f"?partner={partner.pk}" if partner else ""
    return {
        "partner": partner,
        "is_hosts": partner is not None and partner.pk == workshop.host_id,
        "address": address,
        "drawn": mark_safe(links.drawn(address, title=f"Scan to open {workshop}")),  # noqa: S308 - made by segno
        "file": reverse("workshop_code", args=[workshop.pk]) + query,
    }
