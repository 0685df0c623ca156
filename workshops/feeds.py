"""Calendars to subscribe to: the same workshops give the same bytes, so that nothing new costs nothing (RFC 7986).

Google looks every few hours and may never notice a change. So a feed is for us and for partners; whoever registered
hears of a change by mail.
"""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.core.cache import cache as kept
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from crm.people.models import PracticeProfile
from workshops import ical, invites
from workshops.models import Feed, Workshop

BEFORE, AHEAD = timedelta(days=90), timedelta(days=400)
CANCELLED_KEPT = timedelta(days=30)
REFRESH = "PT1H"
NEEDED = (
    *("id", "title", "summary", "slug", "place", "video_url", "starts_at", "ends_at", "state", "uid"),
    *("revision", "revised_at", "created_at"),
)
STATUS: dict[str, str] = {Workshop.State.DRAFT: "TENTATIVE", Workshop.State.CANCELLED: "CANCELLED"}
# Not every calendar shows the status, so the title says it too.
MARKS: dict[str, str] = {Workshop.State.DRAFT: "Draft: ", Workshop.State.CANCELLED: "Cancelled: "}


def written(feed: Feed, practice: PracticeProfile) -> bytes:
    """The calendar as it stands. It names no registrant, and the video link only to us."""
    name = f"Workshops at {feed.host.name}" if feed.host else f"Workshops, {practice.name}"
    lines = [
        ical.text("NAME", name),
        ical.text("X-WR-CALNAME", name),
        ical.line("REFRESH-INTERVAL", REFRESH, VALUE="DURATION"),
        ical.line("X-PUBLISHED-TTL", REFRESH),
    ]
    for row in shown_in(feed).values_list(*NEEDED, named=True):
        lines += _event(row, is_ours=feed.host is None)
    return ical.calendar(lines).encode()


def shown_in(feed: Feed) -> QuerySet[Workshop]:
    """What is near enough, drafts for us alone; who had a cancelled one in a calendar has a month to see it go."""
    now = timezone.now()
    near = Workshop.objects.filter(starts_at__range=(now - BEFORE, now + AHEAD)).filter(
        ~Q(state=Workshop.State.CANCELLED) | Q(cancelled_at__gt=now - CANCELLED_KEPT)
    )
    theirs = near.public().filter(host=feed.host) if feed.host else near
    return theirs.order_by("starts_at", "pk")


def tag_of(body: bytes) -> str:
    """A strong tag: the same for the same bytes, and for no others."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def changed_at(feed: Feed, tag: str) -> int:
    """Since when the feed reads as it does, in seconds as HTTP counts them: the first time that it was asked for.

    No row tells it, for a workshop also comes and goes by the calendar. What was forgotten counts as changed just now.
    """
    key = f"workshop-feed:{feed.pk}"
    known, since = kept.get(key) or ("", 0)
    if known != tag:
        since = int(time.time())
        kept.set(key, (tag, since), timeout=None)
    return since


@lru_cache(maxsize=4096)
def _event(row: Any, *, is_ours: bool) -> list[str]:
    """One workshop's lines: nothing but its row goes into them, so they are written once for as long as it stands."""
    video_url = row.video_url if is_ours and row.state != Workshop.State.CANCELLED else ""
    page = _page_of(row)
    about = [ical.plain(row.summary), f"Video link: {video_url}" if video_url else "", page]
    return ical.component(
        "VEVENT",
        [
            ical.line("UID", str(row.uid)),
            ical.line("SEQUENCE", row.revision),
            ical.line("STATUS", STATUS.get(row.state, "CONFIRMED")),
            ical.moment("DTSTAMP", row.revised_at),
            ical.moment("LAST-MODIFIED", row.revised_at),
            ical.moment("CREATED", row.created_at),
            ical.moment("DTSTART", row.starts_at),
            ical.moment("DTEND", row.ends_at),
            ical.text("SUMMARY", MARKS.get(row.state, "") + ical.plain(row.title)),
            ical.text("LOCATION", ical.plain(row.place or video_url or invites.ONLINE)),
            ical.text("DESCRIPTION", "\n\n".join(filter(None, about))),
            ical.line("URL", page),
            "TRANSP:OPAQUE",
            "CLASS:PUBLIC",
        ],
    )


def _page_of(row: Any) -> str:
    """A draft has no page but the office's."""
    if row.state == Workshop.State.DRAFT:
        return f"{settings.BASE_URL}{reverse('workshops:inspect', args=[row.id])}"
    return f"{settings.BASE_URL}{_address().replace('*', row.slug)}"


@cache
def _address() -> str:
    """What the addresses of all workshops look like; to work out each would take longer than all the rest."""
    return reverse("workshop", args=["slug"]).replace("slug", "*")
