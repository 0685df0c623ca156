"""What SendGrid's event webhook posts: read event by event, and kept before anything is made of it."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DataError, connection, transaction

from crm.mail.models import EventReport, Message
from crm.mail.transports.payload import MESSAGE_ID

Fate = Message.Fate
RANKS = {
    "processed": Fate.PROCESSED,
    "deferred": Fate.DEFERRED,
    "delivered": Fate.DELIVERED,
    "open": Fate.DELIVERED,
    "click": Fate.DELIVERED,
    "blocked": Fate.BLOCKED,
    "bounce": Fate.BOUNCED,
    "dropped": Fate.DROPPED,
    "spamreport": Fate.COMPLAINED,
}
EARLIEST, LATEST = 946_684_800, 4_102_444_800  # the years 2000 to 2099

STORE = """
INSERT INTO mail_deliveryevent (event_id, report_id, message_id, kind, rank, happened_at, reason, raw)
SELECT heard.event_id, %s, message.id, heard.kind, heard.rank, to_timestamp(heard.at), heard.reason, heard.raw
FROM ROWS FROM (
    unnest(%s::text[], %s::uuid[], %s::text[], %s::smallint[], %s::double precision[], %s::text[]),
    jsonb_array_elements(%s::jsonb)
) AS heard (event_id, message_id, kind, rank, at, reason, raw)
LEFT JOIN mail_message message ON message.id = heard.message_id
ORDER BY heard.event_id
ON CONFLICT (event_id) DO NOTHING
"""


class Event(NamedTuple):
    """What we take from one event, in the order of the columns."""

    event_id: str
    message: UUID | None
    kind: str
    rank: int
    at: float
    reason: str


class Reading(NamedTuple):
    """One post, taken apart: the events, their JSON as one array, and what could not be read."""

    events: list[Event]
    document: str
    unreadable: bytes | None


def store(body: bytes) -> EventReport:
    """Keep what one signed post says, each event once, however often it comes. When this returns, it is kept.

    What is no event is kept as it came, so that nothing signed is lost.
    """
    try:
        reading = read(body)
        try:
            return _keep(reading)
        except (DataError, UnicodeEncodeError):  # JSON allows a few characters that PostgreSQL does not
            return _keep(_reading(_mend(json.loads(body))))
    except (ValueError, RecursionError, DataError):
        return _keep(Reading([], "[]", body))


def read(body: bytes) -> Reading:
    """Take a post apart; ValueError where it is not an array of JSON."""
    text = body.decode()
    items = json.loads(text, parse_constant=_refuse)
    if not isinstance(items, list):
        raise ValueError("Not an array of events.")
    return _reading(items, text)


def read_event(item: Any) -> Event | None:
    """One event, or None for what is none."""
    if not isinstance(item, dict):
        return None
    kind, at, reason = item.get("event"), item.get("timestamp"), item.get("reason") or item.get("response")
    if not (isinstance(kind, str) and kind and isinstance(at, int | float) and EARLIEST <= at < LATEST):
        return None
    if kind == "bounce" and item.get("type") == "blocked":
        kind = "blocked"
    return Event(
        _event_id(item),
        _message_id(item.get(MESSAGE_ID)),
        kind[:24],
        RANKS.get(kind, Fate.SILENT),
        float(at),
        reason[:500] if isinstance(reason, str) else "",
    )


@transaction.atomic
def _keep(reading: Reading) -> EventReport:
    report = EventReport.objects.create(size=len(reading.events), unreadable=reading.unreadable)
    if reading.events:
        columns = [list(column) for column in zip(*reading.events, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(STORE, [report.pk, *columns, reading.document])
    return report


def _reading(items: list, text: str = "") -> Reading:
    heard = [(event, item) for item in items if (event := read_event(item))]
    events = [event for event, _item in heard]
    if len(events) == len(items):
        return Reading(events, text or json.dumps(items), None)
    others = [item for item in items if not read_event(item)]
    return Reading(events, json.dumps([item for _event, item in heard]), json.dumps(others).encode())


def _event_id(item: dict) -> str:
    given = item.get("sg_event_id")
    if isinstance(given, str) and 0 < len(given) <= 100:
        return given
    canonical = json.dumps(item, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _message_id(given: Any) -> UUID | None:
    try:
        return UUID(given) if isinstance(given, str) else None
    except ValueError:
        return None


def _mend(value: Any) -> Any:
    """Put a mark in place of what PostgreSQL cannot hold: NUL, and halves of characters."""
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_mend(key): _mend(part) for key, part in value.items()}
    return [_mend(part) for part in value] if isinstance(value, list) else value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON.")
