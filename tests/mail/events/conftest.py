from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.test import Client
from django.utils import timezone

from crm.mail.models import Batch, Message, MessageClass
from crm.people.models import Contact
from tests.fakes.sendgrid.events import MORE, Signer, written

NUMBERS = count(1)
SENT_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = int(SENT_AT.timestamp())


def event(message: Message | None = None, kind: str = "delivered", *, after: float = 60, **more) -> dict:
    """One event about a message, so many seconds after it was handed over, with an id of its own."""
    named = {"rapport_message": str(message.pk), "email": message.to_email} if message else {}
    return {
        "event": kind,
        "timestamp": NOW + after,
        "sg_event_id": f"event-{next(NUMBERS)}",
        **named,
        **MORE.get(kind, {}),
        **more,
    }


class Hook:
    """Posts events as SendGrid does; ``answers`` are what it was told."""

    def __init__(self) -> None:
        self.signer, self.client = Signer(), Client(raise_request_exception=False)

    def post(self, events: list | bytes, *, body: bytes | None = None, **headers: str | None) -> int:
        """Post what is signed, or another body under its signature; a header set to None is left out."""
        signed = events if isinstance(events, bytes) else written(events)
        sent = {**self.signer.headers(signed), **headers}
        kept = {name: value for name, value in sent.items() if name != "Content-Type" and value is not None}
        return self.client.post(
            "/mail/events/", data=signed if body is None else body, content_type="application/json", headers=kept
        ).status_code


@pytest.fixture
def hook(settings) -> Hook:
    hook = Hook()
    settings.SENDGRID_WEBHOOK_KEY = hook.signer.public_key
    return hook


@pytest.fixture
def sent(write, ada) -> Callable[..., Message]:
    """sent(): a message that SendGrid has, handed over at SENT_AT."""

    def make(state=Message.State.HANDED_OVER, *, contact=ada, at=SENT_AT, transport="sendgrid", **options) -> Message:
        message = write(options.pop("message_class", MessageClass.TRANSACTIONAL), contact=contact, **options)
        batch = Batch.objects.create(
            transport=transport,
            size=1,
            worker="test",
            claimed_at=at,
            lease_until=at + timedelta(minutes=5),
            posting_at=at,
            answered_at=at,
            outcome=Batch.Outcome.ACCEPTED if state == Message.State.HANDED_OVER else Batch.Outcome.UNKNOWN,
        )
        settled_at = None if state in Message.OPEN_STATES else at
        Message.objects.filter(pk=message.pk).update(state=state, settled_at=settled_at, batch=batch, created_at=at)
        message.refresh_from_db()
        return message

    return make


@pytest.fixture
def somebody(db) -> Callable[[], Contact]:
    return lambda: Contact.objects.create(name="Somebody", email=f"person{next(NUMBERS)}@example.com")


def fate(message: Message) -> tuple[int, str, float | None]:
    """What the ledger says of a message: fate, state, and the seconds from SENT_AT to the fate."""
    message = Message.objects.get(pk=message.pk)
    return message.fate, message.state, message.fate_at and (message.fate_at - SENT_AT).total_seconds()


def soon(minutes: float) -> datetime:
    return timezone.now() + timedelta(minutes=minutes)


def now() -> int:
    return int(time.time())
