"""Messages in every state, and what a provider reports of them, without a provider."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.utils import timezone

from crm.mail.models import Batch, DeliveryEvent, EventReport, Message

State, Fate, End = Message.State, Message.Fate, Batch.Outcome


def batch(outcome: str = End.ACCEPTED, *, size: int = 1, at: datetime | None = None, transport="sendgrid") -> Batch:
    at = at or timezone.now()
    return Batch.objects.create(
        transport=transport,
        size=size,
        worker="test:1",
        claimed_at=at,
        lease_until=at + timedelta(minutes=5),
        posting_at=None if outcome == End.RELEASED else at,
        answered_at=at if outcome else None,
        provider_id="abc.def" if outcome == End.ACCEPTED else "",
        outcome=outcome,
    )


def put(message: Message, state: str, reason: str = "", *, at: datetime | None = None, transport="sendgrid") -> Message:
    """Put a message where a worker would have put it."""
    at = at or timezone.now()
    ends = {
        State.HANDED_OVER: End.ACCEPTED,
        State.REJECTED: End.REJECTED,
        State.UNKNOWN: End.UNKNOWN,
        State.CLAIMED: "",
    }
    Message.objects.filter(pk=message.pk).update(
        state=state,
        reason=reason,
        settled_at=None if state in Message.OPEN_STATES else at,
        batch=batch(ends[State(state)], at=at, transport=transport) if state in ends else None,
    )
    message.refresh_from_db()
    return message


def report(message: Message, fate: Fate, reason: str = "", *, at: datetime | None = None, kind: str = "") -> None:
    """What the event webhook would have written down."""
    at = at or timezone.now()
    DeliveryEvent.objects.create(
        event_id=secrets.token_hex(8),
        report=EventReport.objects.create(size=1, received_at=at, applied_at=at),
        message=message,
        kind=kind or fate.name.lower(),
        rank=fate,
        happened_at=at,
        reason=reason,
        raw={},
    )
    if fate > message.fate:
        Message.objects.filter(pk=message.pk).update(fate=fate, fate_at=at)
        message.refresh_from_db()
