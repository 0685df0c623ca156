from __future__ import annotations

import itertools
import uuid
from datetime import timedelta

import pytest
from django.db import connection

from crm.mail.events import apply_pending
from crm.mail.models import DeliveryEvent, EventReport, Message
from tests.mail.events.conftest import NOW, SENT_AT, event, fate

pytestmark = pytest.mark.django_db
Fate, State = Message.Fate, Message.State


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("processed", {}, Fate.PROCESSED),
        ("deferred", {}, Fate.DEFERRED),
        ("delivered", {}, Fate.DELIVERED),
        ("open", {}, Fate.DELIVERED),
        ("click", {}, Fate.DELIVERED),
        ("bounce", {"type": "blocked"}, Fate.BLOCKED),
        ("bounce", {}, Fate.BOUNCED),
        ("dropped", {}, Fate.DROPPED),
        ("spamreport", {}, Fate.COMPLAINED),
    ],
)
def test_it_believes_what_it_is_told(hook, sent, kind, more, expected):
    message = sent()

    hook.post([event(message, kind, **more)])

    assert fate(message) == (expected, State.HANDED_OVER, 60)


@pytest.mark.parametrize("kind", ["unsubscribe", "group_unsubscribe", "group_resubscribe", "something_new"])
def test_it_takes_other_events_for_no_fate(hook, sent, kind):
    message = sent()

    hook.post([event(message, kind)])

    assert fate(message) == (Fate.SILENT, State.HANDED_OVER, None)


def test_it_comes_to_the_same_in_any_order(hook, sent):
    message = sent()
    events = [
        event(message, "processed", after=1),
        event(message, "bounce", after=300),
        event(message, "delivered", after=5),
        event(message, "bounce", after=200),
    ]

    for order in itertools.permutations(events):
        DeliveryEvent.objects.all().delete()
        Message.objects.update(fate=0, fate_at=None)
        for one in order:
            hook.post([one])
        assert fate(message) == (Fate.BOUNCED, State.HANDED_OVER, 200)


def test_it_believes_an_event_that_comes_before_our_own_answer(hook, sent):
    """The worker is still waiting for the 202: what it holds is its own to settle."""
    message = sent(State.CLAIMED)

    hook.post([event(message)])

    assert fate(message) == (Fate.DELIVERED, State.CLAIMED, 60)


def test_it_settles_an_unknown(hook, sent):
    message = sent(State.UNKNOWN)

    hook.post([event(message, "processed")])

    message.refresh_from_db()
    assert (message.state, message.settled_at, message.reason) == (State.HANDED_OVER, SENT_AT, "")


def test_it_settles_an_unknown_by_any_word_of_it(hook, sent):
    message = sent(State.UNKNOWN)

    hook.post([event(message, "group_unsubscribe")])

    assert fate(message) == (Fate.SILENT, State.HANDED_OVER, None)


def test_it_keeps_an_event_about_a_message_it_does_not_know(hook, db):
    hook.post([event(rapport_message=str(uuid.uuid4())), event(rapport_message="no id"), event(rapport_message=7)])

    assert list(DeliveryEvent.objects.values_list("message", flat=True)) == [None, None, None]


def test_it_keeps_an_event_about_somebody_who_was_erased(hook, sent):
    message = sent()
    Message.objects.filter(pk=message.pk).update(contact=None)

    assert hook.post([event(message, "spamreport"), event(message, "bounce")]) == 204

    assert fate(message)[0] == Fate.COMPLAINED


def test_it_finds_the_message_of_a_late_bounce_by_address(hook, sent, ada):
    sent(at=SENT_AT - timedelta(days=1))
    latest = sent()
    sent(at=SENT_AT + timedelta(days=3))
    late = {"event": "bounce", "type": "bounce", "timestamp": NOW + 86_400, "email": ada.email.upper()}

    hook.post([late])

    assert fate(latest) == (Fate.BOUNCED, State.HANDED_OVER, 86_400)
    assert Message.objects.exclude(fate=Fate.SILENT).count() == 1


def test_it_gives_no_late_bounce_to_an_old_message(hook, sent, ada):
    old = sent(at=SENT_AT - timedelta(days=8))

    hook.post([{"event": "bounce", "timestamp": NOW, "email": ada.email, "sg_event_id": "late"}])

    assert fate(old)[0] == Fate.SILENT


def test_it_gives_another_sender_s_delivery_to_nobody(hook, sent, ada):
    message = sent()

    hook.post([{"event": "delivered", "timestamp": NOW + 5, "email": ada.email}])
    hook.post([{"event": "bounce", "timestamp": NOW + 5, "email": ada.email, "rapport_message": str(uuid.uuid4())}])

    assert fate(message)[0] == Fate.SILENT


def test_it_applies_a_report_once(hook, sent):
    message = sent()
    hook.post([event(message)])
    Message.objects.update(fate=0, fate_at=None)

    assert apply_pending() == 0
    assert fate(message)[0] == Fate.SILENT


def test_it_leaves_to_the_tick_what_cannot_be_applied_now(hook, sent):
    message = sent()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE mail_message ADD CONSTRAINT busy CHECK (fate = 0)")

    assert hook.post([event(message)]) == 204
    assert (fate(message)[0], EventReport.objects.get().applied_at) == (Fate.SILENT, None)
    assert apply_pending() == 0

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE mail_message DROP CONSTRAINT busy")
    assert apply_pending() == 1
    assert fate(message)[0] == Fate.DELIVERED
    assert EventReport.objects.get().applied_at
