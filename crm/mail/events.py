"""What the provider's reports mean for our messages.

Everything here may be done in any order, twice, by several at once, or again from the start. A message's fate only
moves up: to the outcome that outweighs the others, and of two alike to the earlier. A fate is never read and then
written, so reports that arrive at the same moment cannot undo each other.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from crm.mail.closing import close_addresses, look_again
from crm.mail.models import EventReport
from crm.mail.reports import store
from crm.mail.transports.payload import MESSAGE_ID

logger = logging.getLogger(__name__)

ASYNC_BOUNCE_WITHIN = timedelta(days=7)
NAMELESS = ("bounce", "blocked")  # late bounces come without our own ids

# Shorter than the second after which PostgreSQL looks for a deadlock: if we ever stand in a worker's way, we give way.
PATIENCE = "SET LOCAL lock_timeout = '500ms'"

# In doubt is what is unknown, and what is queued once more after that: a report makes the second try needless.
RAISE_FATES = """
UPDATE mail_message message
SET fate = greatest(message.fate, heard.rank),
    fate_at = CASE
        WHEN heard.rank > message.fate THEN heard.happened_at
        WHEN heard.rank = message.fate THEN least(message.fate_at, heard.happened_at)
        ELSE message.fate_at
    END,
    state = CASE
        WHEN message.state = 'unknown' OR message.state = 'queued' AND message.is_repeat THEN 'handed_over'
        ELSE message.state
    END,
    reason = CASE
        WHEN message.state = 'unknown' OR message.state = 'queued' AND message.is_repeat THEN ''
        ELSE message.reason
    END,
    settled_at = CASE
        WHEN message.state = 'unknown' OR message.state = 'queued' AND message.is_repeat THEN coalesce(message.settled_at, now())
        ELSE message.settled_at
    END
FROM (
    SELECT DISTINCT ON (message_id) message_id, rank,
        CASE WHEN rank > 0 THEN happened_at END AS happened_at
    FROM mail_deliveryevent
    WHERE report_id = %s AND message_id IS NOT NULL
    ORDER BY message_id, rank DESC, happened_at
) heard
WHERE message.id = heard.message_id
    AND (
        heard.rank > message.fate
        OR heard.rank = message.fate AND heard.happened_at < message.fate_at
        OR message.state = 'unknown' OR message.state = 'queued' AND message.is_repeat
    )
"""

SETTLE_UNKNOWN = """
UPDATE mail_message message SET state = 'handed_over', reason = ''
WHERE state = 'unknown'
    AND EXISTS (SELECT FROM mail_deliveryevent event WHERE event.message_id = message.id)
"""

NAME_BOUNCES = """
UPDATE mail_deliveryevent event SET message_id = found.message_id
FROM (
    SELECT DISTINCT ON (nameless.id) nameless.id, message.id AS message_id
    FROM mail_deliveryevent nameless
    JOIN mail_message message ON lower(message.to_email) = lower(nameless.raw ->> 'email')
    WHERE nameless.id = ANY(%s)
        AND message.state IN ('handed_over', 'unknown')
        AND message.settled_at <= nameless.happened_at
        AND message.settled_at > nameless.happened_at - %s
    ORDER BY nameless.id, message.settled_at DESC, message.id DESC
) found
WHERE event.id = found.id
"""


def take_in(body: bytes) -> EventReport:
    """Keep a signed post, then make of it what can be made now. What cannot waits for the next tick."""
    report = store(body)
    _try_to_apply(report)
    return report


def apply_pending(*, most: int = 1000) -> int:
    """Apply reports that are kept and not applied, the oldest first; return how many. Safe to run twice at once."""
    waiting = EventReport.objects.filter(applied_at=None).order_by("pk")
    applied = sum(_try_to_apply(report) for report in waiting[:most])
    look_again()
    return applied


def _try_to_apply(report: EventReport) -> bool:
    try:
        return apply(report)
    except DatabaseError as problem:  # somebody holds a row that it needs, or the server is going down
        logger.warning("Report %s is kept, and will be applied at the next tick: %s", report.pk, problem)
        return False


@transaction.atomic
def apply(report: EventReport) -> bool:
    """Let a report's events count, once: raise fates, settle unknowns, close addresses. False if that was done."""
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
    ours = EventReport.objects.filter(pk=report.pk, applied_at=None)
    if not ours.update(applied_at=timezone.now()):
        return False
    events = report.events.all()
    name_bounces(events)
    with connection.cursor() as cursor:
        cursor.execute(RAISE_FATES, [report.pk])
    close_addresses(events)
    events.filter(message__to_email="").update(raw={}, reason="")  # somebody who was erased meanwhile
    return True


def name_bounces(events) -> int:
    """Find the message of bounces that name none: the latest to that address in the week before."""
    nameless = events.filter(message=None, kind__in=NAMELESS).exclude(raw__has_key=MESSAGE_ID)
    ids = list(nameless.values_list("pk", flat=True))
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(NAME_BOUNCES, [ids, ASYNC_BOUNCE_WITHIN])  # type: ignore[list-item]  # psycopg takes a timedelta
        return cursor.rowcount


def settle_reported() -> int:
    """Of what the provider has reported on, nobody need wonder whether it left; return how many that settled.

    Applying a report does the same. This is for a message that became unknown after its report had come.
    """
    with connection.cursor() as cursor:
        cursor.execute(SETTLE_UNKNOWN)
        return cursor.rowcount
