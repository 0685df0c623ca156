"""One e-mail a morning that says what is due, to each who wants it, and none when nothing is.

It names partners and what was promised to them, never a patient: a to do about a person and no partner, or one whose
words look like somebody's identity, is only counted, and read in the office.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from crm.mail.actions import queue
from crm.mail.letters import compose, literal
from crm.mail.models import MessageClass
from crm.people.models import User
from partners import due
from partners.identity import seen_in
from partners.models import LATE_BY, FollowUp, MorningMail

OWNER = Q(groups__name="Owner") | Q(is_superuser=True)
UNSAID = "A to do whose words stay in the office"


@dataclass(frozen=True)
class Line:
    """One thing that is due, where it is done with a tap, and how long it has waited."""

    words: str
    url: str
    about: str = ""
    day: object = None


@dataclass(frozen=True)
class Part:
    """Lines under one heading, and how many more there are."""

    heading: str
    lines: list[Line]
    more: int
    short: str


def send_due(now: datetime | None = None) -> int:
    """Queue the morning's e-mail for each who waits for it; return how many. Twice at once, nobody gets two."""
    now = now or timezone.now()
    ensure_choices()
    waiting = MorningMail.objects.waiting(now).select_related("user")
    return sum(_send(choice, now) for choice in waiting)


def ensure_choices() -> None:
    """Every owner gets it until they say otherwise; everybody else once they ask for it."""
    owners = User.objects.filter(OWNER, is_active=True, morning_mail=None).distinct()
    MorningMail.objects.bulk_create([MorningMail(user=owner) for owner in owners], ignore_conflicts=True)


def is_owner(user: User) -> bool:
    return User.objects.filter(OWNER, pk=user.pk).exists()


@transaction.atomic
def _send(choice: MorningMail, now: datetime) -> bool:
    """Claim this person's day, and queue what is due; a crash before the commit leaves the day unclaimed."""
    day = timezone.localdate(now)
    unclaimed = MorningMail.objects.filter(pk=choice.pk, is_on=True).exclude(looked_on=day)
    if unclaimed.update(looked_on=day) != 1 or not choice.user.has_perm("partners.view_followup"):
        return False
    parts = parts_of(now)
    if not parts:
        return False
    context = {"parts": parts, "day": day, "first_name": literal(choice.user.first_name), "first": parts[0].short}
    queue(
        None,
        message_class=MessageClass.SYSTEM,
        dedupe_key=f"morning:{choice.user_id}:{day.isoformat()}",
        content=compose("morning", context, message_class=MessageClass.SYSTEM),
        to_email=choice.user.email,
        to_name=str(choice.user),
        not_before=now,
        expires_at=now + LATE_BY,
    )
    return True


def parts_of(now: datetime) -> list[Part]:
    """What is due, in the order that matters; nothing where nothing is."""
    todos, thanks = due.to_dos(now), due.referrals(now)
    quiet = due.slipping(now)["quiet"]
    meetings = [todo for todo in todos["due"].rows if todo.is_meeting]
    others = [todo for todo in todos["due"].rows if not todo.is_meeting]
    parts = [
        _part("Meetings today", "{} meeting{s}", map(_todo, meetings), 0),
        _part("Thank-yous owed for over 48 hours", "{} late thank-you{s}", map(_thanks, thanks["late"].rows),
              thanks["late"].more),
        _part("Overdue", "{} overdue", map(_todo, todos["overdue"].rows), todos["overdue"].more),
        _part("Due today", "{} due today", map(_todo, others), todos["due"].more),
        _part("Thank-yous owed", "{} thank-you{s} owed", map(_thanks, thanks["owed"].rows), thanks["owed"].more),
        _part("Gone quiet", "{} gone quiet", map(_quiet, quiet.rows), quiet.more),
    ]  # fmt: skip
    return [part for part in parts if part.lines]


def _part(heading: str, short: str, lines, more: int) -> Part:
    lines = list(lines)
    total = len(lines) + more
    return Part(heading, lines, more, short.format(total, s="" if total == 1 else "s"))


def _todo(todo: FollowUp) -> Line:
    is_safe = todo.partner is not None and not seen_in(todo.title, todo.partner)
    about = literal(todo.partner.name) if todo.partner else ""
    return Line(literal(todo.title) if is_safe else UNSAID, _link("todo", todo.pk), about, todo.due_on)


def _thanks(referral) -> Line:
    words = f"{literal(referral.partner.name)} sent you someone ({referral})"
    return Line(words, _link("thank_you", referral.pk), day=referral.received_at)


def _quiet(partner) -> Line:
    return Line(
        literal(partner.name), f"{settings.BASE_URL}{partner.get_absolute_url()}", day=partner.rhythm.last_touch_at
    )


def _link(name: str, pk: int) -> str:
    return f"{settings.BASE_URL}{reverse(name, args=[pk])}"
