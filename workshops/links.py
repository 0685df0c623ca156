"""Addresses of a workshop's page to hand on, and the code to scan that leads there."""

from __future__ import annotations

import io

import segno
from django.conf import settings

from partners.models import Partner
from workshops.entrance import Entrance
from workshops.models import Workshop


def address(workshop: Workshop, *, partner: Partner | None = None) -> str:
    """The page's whole address, as it is printed, copied and drawn: it credits the partner and opens a private one."""
    return settings.BASE_URL + Entrance(workshop, partner, workshop.code).address


def drawn(address: str, *, title: str, scale: int = 4) -> str:
    """A QR code as SVG. A quarter of it may be hidden by a thumb or a scratch."""
    out = io.BytesIO()
    segno.make(address, error="q", micro=False).save(
        out, kind="svg", scale=scale, border=2, xmldecl=False, svgclass="qr", lineclass=None, omitsize=True, title=title
    )
    return out.getvalue().decode()
