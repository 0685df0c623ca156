"""Works out anew, from the events as they came, what the provider's reports mean for messages and addresses.

In small steps, each a transaction of its own, while mail goes on leaving and reports go on coming. A step that stands
in a worker's way gives way and is tried again. Nothing is taken back to zero first, so nobody sees a half-told story.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from crm.mail.closing import addresses_that_blocked, close_addresses, judge
from crm.mail.events import PATIENCE, apply_pending, name_bounces
from crm.mail.models import DeliveryEvent, Message
from crm.mail.reports import read_event

Result = TypeVar("Result")
STEP = 2000
TRIES = 20

RECKON = """
UPDATE mail_message message
SET fate = coalesce(heard.rank, 0), fate_at = heard.happened_at,
    state = CASE WHEN message.state = 'unknown' AND heard.rank IS NOT NULL THEN 'handed_over' ELSE message.state END,
    reason = CASE WHEN message.state = 'unknown' AND heard.rank IS NOT NULL THEN '' ELSE message.reason END
FROM unnest(%s::uuid[]) AS wanted (id)
LEFT JOIN LATERAL (
    SELECT event.rank, CASE WHEN event.rank > 0 THEN event.happened_at END AS happened_at
    FROM mail_deliveryevent event WHERE event.message_id = wanted.id
    ORDER BY event.rank DESC, event.happened_at LIMIT 1
) heard ON true
WHERE message.id = wanted.id
    AND (
        message.fate <> coalesce(heard.rank, 0)
        OR message.fate_at IS DISTINCT FROM heard.happened_at
        OR message.state = 'unknown' AND heard.rank IS NOT NULL
    )
"""


class Progress(NamedTuple):
    """How far it has come: so many of what."""

    done: int
    what: str


def rebuild(*, step: int = STEP) -> Iterator[Progress]:
    """Replay every event, and say how far it has come; doing it twice, or after every report, changes nothing."""
    while apply_pending():
        pass
    done, last_event = 0, 0
    while ids := _gently(partial(_replay, last_event, step)):
        done, last_event = done + len(ids), ids[-1]
        yield Progress(done, "events")
    done, last_message = 0, UUID(int=0)
    while messages := _gently(partial(_reckon, last_message, step)):
        done, last_message = done + len(messages), messages[-1]
        yield Progress(done, "messages")
    addresses = addresses_that_blocked()
    for start in range(0, len(addresses), step):
        _gently(partial(judge, addresses[start : start + step]))
    yield Progress(len(addresses), "addresses that have turned us away")


def _replay(after: int, step: int) -> list[int]:
    """Read some events anew, find the messages of those that have lost theirs, and close what they close."""
    events = list(DeliveryEvent.objects.filter(pk__gt=after).order_by("pk")[:step])
    if not events:
        return []
    known = set(_messages_of(events).values_list("pk", flat=True))
    changed = [event for event in events if _is_read_otherwise(event, known)]
    DeliveryEvent.objects.bulk_update(changed, ["kind", "rank", "happened_at", "reason", "message"])
    these = DeliveryEvent.objects.filter(pk__gt=after, pk__lte=events[-1].pk)
    name_bounces(these)
    close_addresses(these)
    return [event.pk for event in events]


def _messages_of(events: list[DeliveryEvent]) -> QuerySet[Message]:
    lost = [read_event(event.raw) for event in events if event.message_id is None]
    return Message.objects.filter(pk__in=[reading.message for reading in lost if reading and reading.message])


def _is_read_otherwise(event: DeliveryEvent, known: set[UUID]) -> bool:
    """Put into the event what its words mean today; was it anything else before?"""
    reading = read_event(event.raw)
    if reading is None:
        return False
    before = (event.kind, event.rank, event.happened_at, event.reason, event.message_id)
    event.kind, event.rank, event.reason = reading.kind, reading.rank, reading.reason
    event.happened_at = datetime.fromtimestamp(reading.at, UTC)
    if event.message_id is None and reading.message in known:
        event.message_id = reading.message
    return before != (event.kind, event.rank, event.happened_at, event.reason, event.message_id)


def _reckon(after: UUID, step: int) -> list[UUID]:
    """Set the fates of some messages. Their rows are held, so a report that comes now is added after it."""
    rows = Message.objects.filter(pk__gt=after).order_by("pk").select_for_update(no_key=True)
    ids = list(rows.values_list("pk", flat=True)[:step])
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(RECKON, [ids])
    return ids


def _gently(work: Callable[[], Result]) -> Result:
    """Do one step in a transaction, and again if somebody else needed its rows."""
    for pause in range(TRIES):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(PATIENCE)
                return work()
        except OperationalError:
            if pause == TRIES - 1:
                raise
            time.sleep(0.1 * pause)
    raise AssertionError("Every try returns or raises.")
