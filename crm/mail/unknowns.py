"""What becomes of messages of which nobody can say whether they left.

A report settles them. Where none comes, a reminder is sent once more, and marked as such, for twice harms less than
never; a letter waits for the owner's word.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from crm.mail.actions import nudge
from crm.mail.events import settle_reported
from crm.mail.health import webhook_silence
from crm.mail.models import DeliveryEvent, EventReport, Message
from crm.mail.rules import REPEATED

REPORT_WAIT = timedelta(minutes=10)  # reports come within a minute, and half an hour late on a bad day
BLIND_WAIT = timedelta(hours=1)  # without a webhook there is nothing to wait for but a late bounce or a call
SENT_AGAIN = "Nobody could say whether it had left, and no report came. So it is sent once more, and may come twice."


def settle_unknowns() -> int:
    """Believe what the provider reported, and queue again, once, what may be repeated; return how many were settled.

    While the webhook is silent nothing ages, because the report that would settle it may be waiting there.
    """
    settled = settle_reported()
    if webhook_silence() is None:
        settled += _repeat(repeatable(timezone.now()))
    return settled


def repeatable(now: datetime) -> QuerySet[Message]:
    """Unknown messages that may be sent once more by now: still of use, never repeated, and nothing heard of them."""
    reports = EventReport.objects.filter(received_at__gt=OuterRef("settled_at")).order_by("received_at")
    unheard = Message.objects.annotate(heard_at=Subquery(reports.values("received_at")[:1])).filter(
        ~Exists(DeliveryEvent.objects.filter(message=OuterRef("pk")))
    )
    return unheard.filter(
        Q(expires_at=None) | Q(expires_at__gt=now),
        _has_waited(now),
        state=Message.State.UNKNOWN,
        message_class__in=REPEATED,
        is_repeat=False,
    )


def _has_waited(now: datetime) -> Q:
    """Long enough since it became unknown, and since the webhook was first heard of after that.

    A webhook that was away brings the reports of that time one after another.
    """
    blindly = Q(settled_at__lte=now - BLIND_WAIT)
    if not settings.SENDGRID_WEBHOOK_KEY:
        return blindly
    since = now - REPORT_WAIT
    heard = Q(settled_at__lte=since) & (Q(heard_at=None) | Q(heard_at__lte=since))
    by_sendgrid = Q(batch__transport="sendgrid")
    return (by_sendgrid & heard) | (~by_sendgrid & blindly)


def _repeat(messages: QuerySet[Message]) -> int:
    """Compare-and-set, so that of two ticks at once only one queues a message again."""
    chosen = messages.values("pk")
    queued = Message.objects.filter(pk__in=chosen, state=Message.State.UNKNOWN, is_repeat=False).update(
        state=Message.State.QUEUED,
        is_repeat=True,
        batch=None,
        not_before=timezone.now(),
        settled_at=None,
        reason=SENT_AGAIN,
    )
    if queued:
        nudge()
    return queued
