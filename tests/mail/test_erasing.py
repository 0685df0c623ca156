"""Somebody is erased at the very moment at which a message to them is on its way."""

from __future__ import annotations

import json

import pytest
from django.core import serializers

from crm.mail import erasing, settling
from crm.mail.claiming import claim
from crm.mail.events import take_in
from crm.mail.models import Batch, Content, DeliveryEvent, EventReport, Lane, Message
from crm.mail.sending import Drain
from crm.mail.transports import ways
from crm.mail.transports.payload import MESSAGE_ID
from tests.fakes.sendgrid import Rule

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture
def way(sendgrid):
    """SendGrid, with one connection of its own."""
    (found,) = [way for way in ways() if not way.transport.is_local][:1]
    with found.transport:
        yield found


def held(way, practice):
    """One message in a worker's hands, and the worker."""
    (parcel,) = claim(way, practice=practice, most=1).parcels
    return parcel, Drain(way, practice=practice, until=0)


def erase() -> None:
    erasing.scrub(Message.objects.all())


def words_kept() -> bool:
    rows = [row for model in (Message, Batch, Content, DeliveryEvent, EventReport) for row in model.objects.all()]
    return "ada@example.com" in serializers.serialize("json", rows)


def test_it_does_not_leave_when_a_worker_holds_it_and_has_not_begun(write, way, practice, sendgrid):
    message = write()
    parcel, worker = held(way, practice)

    erase()

    assert worker.begin(parcel) is None
    message.refresh_from_db()
    assert (message.state, message.reason, message.to_email) == (State.SKIPPED, "Erased on their wish.", "")
    assert sendgrid.accepted == []


def test_it_leaves_when_it_was_being_posted_and_keeps_no_word(write, way, practice, sendgrid):
    message = write()
    parcel, worker = held(way, practice)
    written = worker.begin(parcel)

    erase()
    settling.settle(parcel.batch, written.messages, way.transport.post(written))

    message.refresh_from_db()
    assert (message.state, message.to_email, message.values) == (State.HANDED_OVER, "", {})
    assert len(sendgrid.accepted) == 1
    assert not words_kept()


def test_it_keeps_no_word_of_a_servers_answer_either(write, way, practice, sendgrid):
    message = write()
    parcel, worker = held(way, practice)
    written = worker.begin(parcel)
    erase()
    sendgrid.script(Rule(status=400, to="ada@example.com", message="ada@example.com does not exist."))

    settling.settle(parcel.batch, written.messages, way.transport.post(written))

    message.refresh_from_db()
    assert (message.state, message.reason) == (State.REJECTED, "")


def test_it_sends_nothing_more_of_what_was_lost_meanwhile(write, way, practice, sendgrid):
    """The worker dies while it posts: the message is unknown, and a second try has nobody to go to."""
    message = write()
    parcel, worker = held(way, practice)
    worker.begin(parcel)
    erase()
    Batch.objects.update(lease_until=parcel.batch.claimed_at)
    settling.reap()
    Message.objects.filter(pk=message.pk).update(state=State.QUEUED, batch=None, settled_at=None)

    claimed = claim(way, practice=practice, most=1)

    message.refresh_from_db()
    assert (claimed.parcels, message.state) == ([], State.REJECTED)
    assert sendgrid.accepted == []


def test_it_keeps_what_is_reported_later_and_not_to_whom(write, way, practice, sendgrid):
    message = write()
    parcel, worker = held(way, practice)
    written = worker.begin(parcel)
    settling.settle(parcel.batch, written.messages, way.transport.post(written))
    erase()

    event = {"event": "delivered", "timestamp": 1_800_000_000, "sg_event_id": "one", "email": "ada@example.com"}
    take_in(json.dumps([{**event, MESSAGE_ID: str(message.pk)}]).encode())

    message.refresh_from_db()
    assert message.fate == Message.Fate.DELIVERED
    assert not words_kept()
    assert not Lane.objects.filter(is_stopped=True).exists()
