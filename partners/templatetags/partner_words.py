"""How days, kinds and due dates are said on the office's pages."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from django import template
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from wagtail.admin.templatetags.wagtailadmin_tags import icon

from crm.people.addresses import address
from crm.people.days import worded
from crm.people.escaping import written
from crm.people.patterns import filled
from partners.models import FollowUp, Partner, Referral
from partners.timeline import Entry

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


def shortened(text: str, most: int) -> str:
    """At most so many signs. Django looks at every sign of every text; most of those in a list are short enough."""
    return text if len(text) <= most else Truncator(text).chars(most)


def lately(partner: Partner) -> str:
    """Their stage, and our last touch: when, of which kind, and about what."""
    rhythm = partner.rhythm
    touch = rhythm.last_touch
    if touch is None:
        return f"{partner.get_stage_display()} · no touch yet, added {days_ago(partner.created_at)}"
    about = f": {shortened(touch.summary, 60)}" if touch.summary else ""
    return f"{partner.get_stage_display()} · {touch.get_kind_display()} {days_ago(rhythm.last_touch_at)}{about}"


@register.filter
def due_tag(day: date | None) -> SafeString:
    """A tag that says how late something is, or when it comes."""
    if not day:
        return SafeString("")
    days = (day - timezone.localdate()).days
    if days < 0:
        return written('<span class="pill pill-late">{} late</span>', "1 day" if days == -1 else f"{-days} days")
    words = {0: "today", 1: "tomorrow"}.get(days) or worded(day, "MONTH_DAY_FORMAT")
    return written('<span class="pill">{}</span>', words)


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


@register.simple_tag(takes_context=True)
def todo_row(context: template.Context, todo: FollowUp, *, with_partner: bool = False) -> SafeString:
    """One to do and its buttons; drawn once a page."""
    partner = todo.partner if with_partner else None
    contact = todo.contact if with_partner and partner is None else None
    form = {
        "is_meeting": todo.is_meeting,
        "done_at": bool(todo.done_at),
        "taken_back_at": bool(todo.taken_back_at),
        "has_partner": partner is not None,
        "has_contact": contact is not None,
    }
    words: dict[str, object] = {
        "pk": todo.pk,
        "title": todo.title,
        "links": _links_of(context, todo),
        "due": due_tag(todo.due_on),
        "tags": todo_tags(todo),
    }
    if todo.partner_id:
        words["partner_id"] = todo.partner_id
    else:
        form["partner_id"] = False
    if partner:
        words |= {"partner": str(partner), "partner_url": partner.get_absolute_url()}
    if contact:
        words["contact"] = str(contact)
    return filled(context, "partners/_todo.html", "todo", form=form, words=words)


def _links_of(context: template.Context, todo: FollowUp) -> SafeString:
    """The way to what it is about, where that is an outing or a workshop."""
    if not todo.outing_pk and not todo.workshop_pk:
        return SafeString("")
    return render_to_string("partners/_todo_links.html", {"todo": todo, "perms": context["perms"]})


class Snoozed(NamedTuple):
    """As much of a rhythm as decides what a row offers."""

    snoozed_until: date | None
    snoozes: int


@register.simple_tag(takes_context=True)
def slipping_row(context: template.Context, partner: Partner, *, is_quiet: bool) -> SafeString:
    """Somebody who has gone quiet or soon will, and what to do; drawn once a page."""
    rhythm = partner.rhythm
    form = {
        "rhythm": Snoozed(rhythm.snoozed_until, rhythm.snoozes),
        "archived_at": bool(partner.archived_at),
        "is_quiet": is_quiet,
    }
    words = {
        "pk": partner.pk,
        "name": partner.name,
        "get_absolute_url": partner.get_absolute_url(),
        "lately": lately(partner),
        "latest": worded(rhythm.latest_on, "MONTH_DAY_FORMAT") if rhythm.latest_on else "",
    }
    return filled(context, "office/today/_slipping.html", "partner", form=form, words=words)


@register.simple_tag(takes_context=True)
def thanks_row(context: template.Context, referral: Referral) -> SafeString:
    """A referral that is owed its thanks; drawn once a page."""
    return filled(context, "office/today/_thanks.html", "referral", form={}, words=_words_of(referral))


@register.simple_tag(takes_context=True)
def ageing_row(context: template.Context, referral: Referral) -> SafeString:
    """A referral that waits for its next step; drawn once a page."""
    form = {"next_state": referral.next_state, "alert": referral.alert}
    return filled(context, "office/today/_ageing.html", "referral", form=form, words=_words_of(referral))


def _words_of(referral: Referral) -> dict[str, object]:
    return {
        "pk": referral.pk,
        "name": str(referral),
        "get_absolute_url": referral.get_absolute_url(),
        "partner": str(referral.partner),
        "partner_url": referral.partner.get_absolute_url(),
        "came": days_ago(referral.received_at),
    }


@register.simple_tag(takes_context=True)
def board_card(context: template.Context, card: object) -> SafeString:
    """One card of the board; drawn once a page."""
    words = vars(card)
    return filled(context, "partners/board/_card.html", "card", form={"warns": bool(words["warning"])}, words=words)


ENTRY_PILLS = {"gave value": " pill-give", "thanked": " pill-give", "not thanked yet": " pill-late"}


@register.simple_tag(takes_context=True)
def entry_row(context: template.Context, entry: Entry) -> SafeString:
    """One line of a partner's timeline; drawn once a page for each sort."""
    at = timezone.localtime(entry.at)
    form: dict[str, object] = {"sort": entry.sort, "is_gone": entry.is_gone}
    pills = (written(' <span class="pill{}">{}</span>', ENTRY_PILLS.get(tag, ""), tag) for tag in entry.tags)
    words: dict[str, object] = {
        "title": entry.title,
        "pills": SafeString("".join(pills)),
        "details": SafeString("".join(written('<p class="meta">{}</p>', line) for line in entry.details)),
        "iso": at.isoformat(),
        "minute": date_format(at, "SHORT_DATETIME_FORMAT"),
        "day": date_format(at, "SHORT_DATE_FORMAT"),
        "ago": days_ago(at),
    }
    for name in ("url", "text", "by", "touch"):
        said = getattr(entry, name)
        (words if said else form)[name] = said
    return filled(context, "partners/_entry.html", "entry", form=form, words=words)


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
