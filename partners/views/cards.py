"""A partner's own page on paper: the code to scan, and a card to print."""

from __future__ import annotations

import io

import segno
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe
from wagtail.admin.auth import permission_required

from crm.people.models import PracticeProfile
from crm.people.office import OfficeRequest
from partners.models import Partner
from partners.refer import address_of

SIZES = {"a6": "A6", "a5": "A5"}


def drawn(partner: Partner, *, scale: int = 4) -> str:
    """The QR code of a partner's page as SVG. A quarter of it may be hidden by a thumb or a scratch."""
    code = segno.make(address_of(partner), error="q", micro=False)
    out = io.BytesIO()
    code.save(out, kind="svg", scale=scale, border=2, xmldecl=False, svgclass="qr", lineclass=None, omitsize=True,
              title=f"The page for {partner.name}")  # fmt: skip
    return out.getvalue().decode()


@permission_required("partners.view_partner")
@require_safe
def code(request: OfficeRequest, pk: int) -> HttpResponse:
    """The code alone, as a file for a flyer of their own."""
    partner = get_object_or_404(Partner.objects.current(), pk=pk)
    response = HttpResponse(drawn(partner), content_type="image/svg+xml")
    response["Content-Disposition"] = f'attachment; filename="refer-{partner.code}.svg"'
    return response


@permission_required("partners.view_partner")
@require_safe
def card(request: OfficeRequest, pk: int) -> HttpResponse:
    """A card of A6 or A5 to print and leave at their desk."""
    partner = get_object_or_404(Partner.objects.current(), pk=pk)
    size = request.GET.get("size", "a6")
    context = {
        "partner": partner,
        "practice": PracticeProfile.load(request_or_site=request),
        "drawn": mark_safe(drawn(partner)),  # noqa: S308 - made by segno from an address of ours
        "address": address_of(partner),
        "size": size if size in SIZES else "a6",
        "sizes": SIZES,
    }
    return render(request, "partners/card.html", context)
