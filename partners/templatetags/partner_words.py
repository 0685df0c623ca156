"""How days, kinds and due dates are said on the office's pages."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


def _day(when: date | datetime) -> date:
    return timezone.localtime(when).date() if isinstance(when, datetime) else when


@register.filter
def days_ago(when: date | datetime | None) -> str:
    """In 3 days, today, yesterday, 12 days ago, then months."""
    if not when:
        return "never"
    days = (timezone.localdate() - _day(when)).days
    if days < 0:
        return "tomorrow" if days == -1 else f"in {-days} days"
    if days == 0:
        return "today"
    if days < 60:
        return "yesterday" if days == 1 else f"{days} days ago"
    return f"{days // 30} months ago" if days < 730 else f"{days // 365} years ago"


@register.filter
def due_tag(day: date | None) -> SafeString:
    """A tag that says how late something is, or when it comes."""
    if not day:
        return SafeString("")
    days = (day - timezone.localdate()).days
    if days < 0:
        return format_html('<span class="pill pill-late">{} late</span>', "1 day" if days == -1 else f"{-days} days")
    words = {0: "today", 1: "tomorrow"}.get(days) or date_format(day, "MONTH_DAY_FORMAT")
    return format_html('<span class="pill">{}</span>', words)
