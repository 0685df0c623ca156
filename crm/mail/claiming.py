"""Taking messages in hand: each for one worker only, and only those that may be written to."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.db.models.base import ModelState
from django.utils import timezone

from crm.mail.models import Batch, Message
from crm.mail.render import AddressUnusable, mailbox
from crm.mail.rules import SHARING
from crm.mail.transports import Way
from crm.mail.weighing import weigh
from crm.people.models import PracticeProfile

LEASE = timedelta(minutes=5)
SINGLES = 20  # messages with a request of their own that one worker takes at a time
State = Message.State
SHARED = Q(message_class__in=SHARING, calendar="")
COLUMNS = (
    *("id", "message_class", "contact_id", "to_email", "to_name", "content_id", "values", "calendar"),
    *("calendar_method", "letterhead", "priority", "not_before", "expires_at", "attempts"),
)
TIMES = ("not_before", "expires_at")
RETURNED = ", ".join(
    f"(extract(epoch FROM m.{column}) * 1000000)::bigint" if column in TIMES else f'm."{column}"' for column in COLUMNS
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The array is worked out once. Joined instead, a plan may ask for due rows again and again, and get others each time.
TAKE = """
UPDATE mail_message m SET state = 'claimed', batch_id = %s WHERE m.id = ANY(ARRAY({due})) RETURNING {columns}
"""
# Right after a launch there are no statistics yet, and a plan may sort the whole queue for a thousand rows of it. By the
# indexes a claim costs the same however long the queue is.
BY_INDEX = "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off"


@dataclass(frozen=True)
class Parcel:
    """One request in the making: a batch, and the messages it carries."""

    batch: Batch
    messages: list[Message]


@dataclass(frozen=True)
class Claim:
    """What one worker took in hand at once; ``taken`` counts those struck out and put off as well."""

    taken: int
    parcels: list[Parcel]


@transaction.atomic
def claim(way: Way, *, practice: PracticeProfile, most: int) -> Claim:
    """Take the most urgent due messages of this way: many of one content for one request, or some with their own."""
    with connection.cursor() as cursor:
        cursor.execute(BY_INDEX)
    batch = _opened(way.transport.name)
    messages = _take(way, most, batch)
    weighed = weigh(messages, batch=batch, practice=practice)
    _write_down(weighed.refused, weighed.deferred)
    free = _reachable(weighed.free)
    if not free:
        return Claim(len(messages), [])
    if way.transport.is_local:
        return Claim(len(messages), [_parcel(batch, free)])
    if not _is_shared(free[0]):
        return Claim(len(messages), [part_of(batch, [message]) for message in free])
    first = _one_each(free)
    return Claim(len(messages) - len(free) + len(first), [_parcel(batch, first)])


def _opened(transport: str) -> Batch:
    """A batch that is not written down yet: how many it carries is only known in the end."""
    now = timezone.now()
    return Batch(transport=transport, worker=worker(), claimed_at=now, lease_until=now + LEASE)


def _take(way: Way, most: int, batch: Batch) -> list[Message]:
    due = Message.objects.due().filter(message_class__in=way.classes)
    due = due.select_for_update(skip_locked=True, of=("self",))
    if way.transport.is_local:
        messages = _taken(due[:most], batch)
        prefetch_related_objects(messages, "content__attachments")
        return messages
    first = due.only("message_class", "calendar", "content").first()
    if first is None:
        return []
    if _is_shared(first):
        alike = due.filter(SHARED, content=first.content_id, message_class=first.message_class)
        return _taken(alike[: min(most, way.transport.most_per_request)], batch)
    return _taken(due.exclude(SHARED)[: min(most, SINGLES)], batch)


def _taken(due: QuerySet[Message], batch: Batch) -> list[Message]:
    """Put these rows into the batch and read them, in one statement that writes each row once."""
    sql, parameters = due.values("id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(TAKE.format(due=sql, columns=RETURNED), [batch.pk, *parameters])
        rows = cursor.fetchall()
    database = connection.alias
    taken = [_revived(row, batch, database) for row in rows]
    return sorted(taken, key=attrgetter("priority", "not_before", "id.int"))


def _revived(row: tuple, batch: Batch, database: str) -> Message:
    """A message from its columns, without the ceremony of the model's constructor: a claim reads a thousand of them.

    Times come as whole microseconds, which take a tenth of the time to read.
    """
    message = Message.__new__(Message)
    known = dict(zip(COLUMNS, row, strict=True))
    known["values"] = orjson.loads(known["values"])
    if known["letterhead"] is not None:
        known["letterhead"] = orjson.loads(known["letterhead"])
    for name in TIMES:
        if known[name] is not None:
            known[name] = EPOCH + timedelta(microseconds=known[name])
    origin = ModelState()
    origin.adding, origin.db = False, database
    message.__dict__.update(known, state=State.CLAIMED, batch_id=batch.id, _state=origin)
    return message


def _is_shared(message: Message) -> bool:
    return message.message_class in SHARING and not message.calendar


def _reachable(messages: list[Message]) -> list[Message]:
    """Strike out addresses that no server would take."""
    reachable = []
    for message in messages:
        try:
            mailbox(message.to_email)
        except AddressUnusable as problem:
            _these([message.pk]).update(
                state=State.REJECTED, batch=None, reason=str(problem)[:300], settled_at=timezone.now()
            )
        else:
            reachable.append(message)
    return reachable


def _one_each(messages: list[Message]) -> list[Message]:
    """An address at most once: SendGrid refuses a request that names one twice. The other waits for the next."""
    by_address: dict[str, Message] = {}
    others = [message.pk for message in messages if by_address.setdefault(_address(message), message) is not message]
    if others:
        _these(others).update(state=State.QUEUED, batch=None)
    return list(by_address.values())


def _address(message: Message) -> str:
    return mailbox(message.to_email).lower()


def _parcel(batch: Batch, messages: list[Message]) -> Parcel:
    batch.size = len(messages)
    batch.save(force_insert=True)
    return Parcel(batch, messages)


def part_of(batch: Batch, messages: Sequence[Message]) -> Parcel:
    """Give some messages of a batch one of their own, inside the caller's transaction."""
    parcel = _parcel(_opened(batch.transport), list(messages))
    ids = [message.pk for message in messages]
    held_by(batch).filter(pk__in=ids).update(state=State.CLAIMED, batch=parcel.batch)
    return parcel


def held_by(batch: Batch) -> QuerySet[Message]:
    """What this batch still answers for."""
    return Message.objects.filter(batch=batch, state__in=[State.CLAIMED, State.UNKNOWN])


def _write_down(refused: dict[tuple[str, str], list[UUID]], deferred: dict[tuple[datetime, str], list[UUID]]) -> None:
    for (state, reason), ids in refused.items():
        _these(ids).update(state=state, batch=None, reason=reason[:300], settled_at=timezone.now())
    for (until, reason), ids in deferred.items():
        _these(ids).update(state=State.QUEUED, batch=None, not_before=until, reason=reason)


def _these(ids: Iterable[UUID]) -> QuerySet[Message]:
    return Message.objects.filter(pk__in=list(ids))


def worker() -> str:
    """This process, as the office names it."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"
