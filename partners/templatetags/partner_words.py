"""How days, kinds and due dates are said on the office's pages."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from django import template
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from wagtail.admin.templatetags.wagtailadmin_tags import icon

from crm.people.addresses import address
from partners.models import FollowUp

register = template.Library()
register.simple_tag(address)


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


@register.filter
def todo_tags(todo: FollowUp) -> SafeString:
    """What is said of a to do after its day: a meeting, again and again, put off; each tag after a space."""
    tags = []
    if todo.is_meeting:
        tags.append(("", "meeting"))
    if days := todo.repeat_days:
        tags.append(("", f"again after {days} day{'' if days == 1 else 's'}"))
    if todo.put_off:
        tags.append((" pill-late" if todo.snoozes > 1 else "", todo.put_off))
    return format_html_join("", ' <span class="pill{}">{}</span>', tags)


@register.simple_tag(takes_context=True)
def form_keys(context: template.Context) -> SafeString:
    """What each of a page's hundred little forms carries: its token and the way back; made once a page."""
    request = context["request"]
    known = vars(request)
    if "form_keys" not in known:
        hidden = (
            '<input type="hidden" name="csrfmiddlewaretoken" value="{}"><input type="hidden" name="next" value="{}">'
        )
        known["form_keys"] = format_html(hidden, get_token(request), request.get_full_path())
    return known["form_keys"]


ENTRY_ICONS = {
    "touch": "comment",
    "done": "check",
    "referral": "download",
    "stage": "arrow-right",
    "letter": "mail",
    "merge": "group",
    "sent": "upload",
    "gift": "gift",
}


@register.filter
@cache
def entry_icon(sort: str) -> SafeString:
    """The picture of one sort of entry in the timeline; drawn once, for a timeline has dozens."""
    return render_to_string("wagtailadmin/shared/icon.html", icon(name=ENTRY_ICONS.get(sort, "calendar")))
