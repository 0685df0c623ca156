from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from crm.mail.actions import queue
from crm.mail.models import Content, Message, MessageClass
from crm.people.actions import record_consent
from crm.people.models import ConsentEvent, Contact, Purpose

WITH_WAY_OUT = {"text": "Hello. [[unsubscribe_url]]", "html": '<p>Hello. <a href="[[unsubscribe_url]]">Stop</a></p>'}


@pytest.fixture
def ada(db) -> Contact:
    """Somebody who said yes to partner letters and news."""
    contact = Contact.objects.create(name="Ada Okafor", email="ada@example.com")
    for purpose in (Purpose.PARTNER, Purpose.NEWS):
        record_consent(contact, purpose=purpose, state=ConsentEvent.State.GRANTED, source="in person")
    return contact


@pytest.fixture
def write(practice, ada) -> Callable[..., Message]:
    """write(...): one queued message to Ada, for a reason of its own."""
    numbers = count(1)

    def make(message_class=MessageClass.TRANSACTIONAL, *, contact=ada, content=None, **options) -> Message:
        words = {"subject": "Hello", "text": "Hello.", "html": "<p>Hello.</p>"}
        words |= WITH_WAY_OUT if message_class in (MessageClass.MARKETING, MessageClass.PARTNER) else {}
        content = Content.objects.create(**{**words, **(content or {})})
        return queue(
            contact, message_class=message_class, dedupe_key=f"test:{next(numbers)}", content=content, **options
        )

    return make


WORDS = {
    "subject": "Hello [[first_name|you]], from [[partner|us]]",
    "text": "Dear [[first_name|friend]], [[partner|your gym]] and we. Stop: [[unsubscribe_url]]",
    "html": '<p title="[[partner|gym]]">Dear [[first_name|<b>friend</b>]]</p><a href="[[unsubscribe_url]]">Stop</a>',
}


@pytest.fixture
def content(db) -> Content:
    return Content.objects.create(**WORDS)


@pytest.fixture
def letter(practice, content):
    """letter(n, ...): one queued letter to a reader of its own, who said yes."""

    def make(number: int, *, email: str = "", content: Content = content, values: dict | None = None) -> Message:
        reader = Contact.objects.create(name=f"Reader {number}", email=email or f"reader{number}@example.com")
        record_consent(reader, purpose=Purpose.PARTNER, state=ConsentEvent.State.GRANTED, source="test")
        values = {"first_name": f"Name {number}", "partner": ""} if values is None else values
        return queue(
            reader, message_class=MessageClass.PARTNER, dedupe_key=f"t:{number}", content=content, values=values
        )

    return make
