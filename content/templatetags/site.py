"""What every public page's frame needs: the menu, absolute addresses, structured data, the theme's version."""

from __future__ import annotations

import math
import re
from urllib.parse import quote_plus

from django import template
from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.html import json_script
from django.utils.safestring import SafeString, mark_safe
from wagtail.models import Site

from content import structured
from crm.people.models import PracticeProfile

register = template.Library()


@register.simple_tag(takes_context=True)
def site_frame(context) -> dict:
    """The menu, the call to action and the privacy page: looked up once for each request."""
    request = context.get("request")
    if request is None:
        return {"menu": [], "call": None, "privacy": ""}
    if not hasattr(request, "_site_frame"):
        request._site_frame = _frame(request)
    return request._site_frame


def _frame(request) -> dict:
    site = Site.find_for_request(request)
    pages = list(site.root_page.get_children().live().public()) if site else []
    items = [_item(page.title, page.get_url(request), page.slug, request) for page in pages if page.show_in_menus]
    if workshops := _address("workshops"):
        items.insert(min(2, len(items)), _item("Workshops", workshops, "workshops", request))
    privacy = next((page.get_url(request) for page in pages if page.slug == "privacy"), "")
    call = next((item for item in items if item["slug"] == "contact"), None)
    return {"menu": items, "call": call, "privacy": privacy}


def _item(title: str, url: str, slug: str, request) -> dict:
    return {"title": title, "url": url, "slug": slug, "is_here": request.path.startswith(url)}


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@register.simple_tag
def workshop_url(workshop) -> str:
    try:
        return workshop.get_absolute_url()
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def canonical(context) -> str:
    """This page's one address, without what follows the question mark."""
    request = context.get("request")
    return settings.BASE_URL + (request.path if request else "/")


@register.filter
def absolute(path: str) -> str:
    """An address on this site as others must write it."""
    return path if "://" in path else settings.BASE_URL + path


@register.simple_tag
def theme_url(practice: PracticeProfile) -> str:
    """The theme's address; it changes with the colours, so browsers may keep the file."""
    return f"{reverse('theme')}?v={practice.brand_color[1:]}{practice.accent_color[1:]}".lower()


@register.filter
def tel(phone: str) -> str:
    """A phone number as a link target."""
    return "tel:" + re.sub(r"(?!^\+)[^0-9]", "", phone.strip())


@register.filter
def map_url(practice: PracticeProfile) -> str:
    """A map of the address, on a site that is not ours: a link, never an embedded map."""
    return f"https://www.openstreetmap.org/search?query={quote_plus(practice.postal_address)}"


@register.filter
def hours_lines(practice: PracticeProfile) -> list[str]:
    return [line.strip() for line in practice.hours.splitlines() if line.strip()]


@register.simple_tag
def angle(step: int) -> dict[str, float]:
    """The moving arm of the joint drawn on a card: it opens a little further with every card."""
    degrees = math.radians(28 + 24 * (step % 6))
    x, y = math.cos(degrees), math.sin(degrees)
    return {
        "x": round(14 + 44 * x, 1),
        "y": round(50 - 44 * y, 1),
        "arc_x": round(14 + 28 * x, 1),
        "arc_y": round(50 - 28 * y, 1),
    }


@register.simple_tag
def json_ld(data: dict | list) -> SafeString:
    """Structured data for search engines, with everything escaped that could leave the script element."""
    script = json_script(data)
    return mark_safe(script.replace('type="application/json"', 'type="application/ld+json"', 1))  # noqa: S308


@register.simple_tag
def practice_data(practice: PracticeProfile) -> dict:
    return structured.practice(practice)
