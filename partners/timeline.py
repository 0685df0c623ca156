"""Everything that ever happened with one partner, newest first, in one line of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from heapq import merge
from itertools import islice

from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone
from wagtail import hooks

from crm.mail.models import Message
from partners.models import FollowUp, Gift, Partner, Stage, Touch

PER_PAGE = 25


@dataclass
class Entry:
    """One line: when, what sort (it chooses the icon), what, and who did it."""

    at: datetime
    sort: str
    title: str
    text: str = ""
    by: str = ""
    url: str = ""
    touch: Touch | None = None
    tags: list[str] = field(default_factory=list)


def page_of(partner: Partner, number: int) -> tuple[list[Entry], bool]:
    """Return one page of a partner's timeline, and whether there is an older one.

    Higher rooms add theirs through the hook ``partner_timeline``: partner and limit in, entries newest first out.
    """
    limit = number * PER_PAGE + 1
    sources = [_touches(partner, limit), _done(partner, limit), _referrals(partner, limit)]
    sources += [_moves(partner, limit), _letters(partner, limit), _gifts(partner, limit)]
    sources += [source(partner, limit) for source in hooks.get_hooks("partner_timeline")]
    newest = list(islice(merge(*sources, key=lambda entry: entry.at, reverse=True), limit))
    return newest[(number - 1) * PER_PAGE : number * PER_PAGE], len(newest) == limit


def _touches(partner: Partner, limit: int) -> Iterator[Entry]:
    for touch in partner.touches.select_related("by", "script").prefetch_related("contacts")[:limit]:
        with_whom = ", ".join(str(contact) for contact in touch.contacts.all())
        title = f"{touch.get_kind_display()} with {with_whom}" if with_whom else touch.get_kind_display()
        by = str(touch.by or "")
        yield Entry(touch.occurred_at, "touch", title, touch.summary, by, touch=touch, tags=touch.tags)


def _done(partner: Partner, limit: int) -> Iterator[Entry]:
    done = FollowUp.objects.filter(partner=partner, done_at__isnull=False, taken_back_at=None)
    for todo in done.select_related("by").order_by("-done_at")[:limit]:
        yield Entry(todo.done_at or todo.created_at, "done", f"Done: {todo.title}", todo.outcome, str(todo.by or ""))


def _referrals(partner: Partner, limit: int) -> Iterator[Entry]:
    for referral in partner.referrals.standing().select_related("referred_by")[:limit]:
        who = f"{referral.referred_by} sent" if referral.referred_by else "They sent"
        thanked = ["thanked"] if referral.thanked_at else ["not thanked yet"]
        yield Entry(
            referral.received_at,
            "referral",
            f"{who} us someone",
            f"{referral}, {referral.get_state_display().lower()}.",
            url=referral.get_absolute_url(),
            tags=thanked,
        )


def _moves(partner: Partner, limit: int) -> Iterator[Entry]:
    """Stages, and who was merged into this partner, both from its change history."""
    told = LogEntry.objects.get_for_object(partner).filter(action=LogEntry.Action.UPDATE)
    moves = told.filter(changes__has_any_keys=["stage", "merged"])
    labels = dict(Stage.choices)
    for entry in moves.select_related("actor").order_by("-timestamp")[:limit]:
        by = str(entry.actor or "")
        for parted, merged in [entry.changes.get("merged", ("", ""))]:
            if merged or parted:
                words = (
                    f"{merged} was merged into this partner" if merged else f"{parted} is a partner of its own again"
                )
                yield Entry(entry.timestamp, "merge", words, by=by)
        if "stage" in entry.changes:
            was, now = (labels.get(stage, stage) for stage in entry.changes["stage"])
            yield Entry(entry.timestamp, "stage", f"Moved from {was} to {now}", by=by)


def _letters(partner: Partner, limit: int) -> Iterator[Entry]:
    letters = Message.objects.filter(contact__roles__partner=partner).select_related("content", "contact")
    for letter in letters.order_by("-created_at")[:limit]:
        title = f"E-mail to {letter.contact}: {letter.content.subject}"
        yield Entry(letter.created_at, "letter", title, tags=[letter.get_state_display().lower()])


def _gifts(partner: Partner, limit: int) -> Iterator[Entry]:
    for gift in Gift.objects.standing().of(partner).select_related("contact", "partner", "by")[:limit]:
        noon = timezone.make_aware(datetime.combine(gift.given_on, time(12)))
        title = f"Gave {gift.contact}: {gift.what}" if gift.contact else f"Gave: {gift.what}"
        url = reverse("gifts:inspect", args=[gift.pk])
        yield Entry(noon, "gift", title, gift.purpose, str(gift.by or ""), url=url, tags=[f"${gift.dollars}"])
