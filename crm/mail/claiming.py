"""Taking messages in hand: each for one worker only, and only those that may be written to."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
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
    *("id", "message_class", "contact", "to_email", "to_name", "content", "values", "calendar", "calendar_method"),
    *("state", "batch", "priority", "not_before", "expires_at", "attempts"),
)


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
    messages = _take(way, most)
    weighed = weigh(messages, transport=way.transport.name, practice=practice)
    _write_down(weighed.refused, weighed.deferred)
    free = _reachable(weighed.free)
    if not free:
        return Claim(len(messages), [])
    if way.transport.is_local:
        return Claim(len(messages), [_parcel(way, free)])
    if _is_shared(free[0]):
        first = _one_each(free)
        return Claim(len(messages) - len(free) + len(first), [_parcel(way, first)])
    return Claim(len(messages), [_parcel(way, [message]) for message in free])


def _take(way: Way, most: int) -> list[Message]:
    due = Message.objects.due().filter(message_class__in=way.classes)
    due = due.select_for_update(skip_locked=True, of=("self",)).only(*COLUMNS)
    if way.transport.is_local:
        return list(due.prefetch_related("content__attachments")[:most])
    first = due.first()
    if first is None:
        return []
    if _is_shared(first):
        alike = due.filter(SHARED, content=first.content_id, message_class=first.message_class)
        return list(alike[: min(most, way.transport.most_per_request)])
    return list(due.exclude(SHARED)[: min(most, SINGLES)])


def _is_shared(message: Message) -> bool:
    return message.message_class in SHARING and not message.calendar


def _reachable(messages: list[Message]) -> list[Message]:
    """Strike out addresses that no server would take."""
    reachable = []
    for message in messages:
        try:
            mailbox(message.to_email)
        except AddressUnusable as problem:
            Message.objects.filter(pk=message.pk).update(
                state=State.REJECTED, reason=str(problem)[:300], settled_at=timezone.now()
            )
        else:
            reachable.append(message)
    return reachable


def _one_each(messages: list[Message]) -> list[Message]:
    """An address at most once: SendGrid refuses a request that names one twice. The other waits for the next."""
    by_address: dict[str, Message] = {}
    for message in messages:
        by_address.setdefault(mailbox(message.to_email).lower(), message)
    return list(by_address.values())


def _parcel(way: Way, messages: list[Message]) -> Parcel:
    now = timezone.now()
    batch = Batch.objects.create(
        transport=way.transport.name, size=len(messages), worker=worker(), claimed_at=now, lease_until=now + LEASE
    )
    assign(batch, messages, among=Message.objects.filter(state=State.QUEUED))
    return Parcel(batch, messages)


def assign(batch: Batch, messages: Sequence[Message], *, among: QuerySet[Message]) -> None:
    """Put these messages into a batch."""
    among.filter(pk__in=[message.pk for message in messages]).update(state=State.CLAIMED, batch=batch)
    for message in messages:
        message.state, message.batch = State.CLAIMED, batch


def _write_down(refused: dict[tuple[str, str], list[UUID]], deferred: dict[tuple[datetime, str], list[UUID]]) -> None:
    for (state, reason), ids in refused.items():
        _these(ids).update(state=state, reason=reason[:300], settled_at=timezone.now())
    for (until, reason), ids in deferred.items():
        _these(ids).update(not_before=until, reason=reason)


def _these(ids: Iterable[UUID]) -> QuerySet[Message]:
    return Message.objects.filter(pk__in=list(ids))


def worker() -> str:
    """This process, as the office names it."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"
