"""What every public page's frame needs: the menu, absolute addresses, structured data, the theme's version."""

from __future__ import annotations

import re

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
def site_menu(context) -> list[dict]:
    """The pages marked “Show in menus”, and the workshops once they have an address."""
    request = context.get("request")
    site = Site.find_for_request(request) if request else None
    if site is None:
        return []
    pages = site.root_page.get_children().live().public().in_menu()
    items = [{"title": page.title, "url": page.get_url(request)} for page in pages]
    workshops = _address("workshops")
    if workshops:
        items.insert(min(2, len(items)), {"title": "Workshops", "url": workshops})
    for item in items:
        item["is_here"] = request.path.startswith(item["url"])
    return items


def _address(name: str) -> str:
    try:
        return reverse(name)
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


@register.simple_tag
def json_ld(data: dict | list) -> SafeString:
    """Structured data for search engines, with everything escaped that could leave the script element."""
    script = json_script(data)
    return mark_safe(script.replace('type="application/json"', 'type="application/ld+json"', 1))  # noqa: S308


@register.simple_tag
def practice_data(practice: PracticeProfile) -> dict:
    return structured.practice(practice)


@register.filter
def hours_lines(practice: PracticeProfile) -> list[str]:
    return [line.strip() for line in practice.hours.splitlines() if line.strip()]


@register.simple_tag
def privacy_url() -> str:
    """Where the site keeps its privacy page, by convention."""
    return "/privacy/"
