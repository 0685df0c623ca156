from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail.models import Batch, DeliveryEvent, EventReport, Message, MessageClass
from crm.mail.unknowns import settle_unknowns
from tests.mail.events.conftest import event, fate

pytestmark = pytest.mark.django_db
State = Message.State


def ago(minutes: float):
    return timezone.now() - timedelta(minutes=minutes)


@pytest.fixture
def lost(sent):
    """lost(minutes): a message that became unknown so many minutes ago."""
    return lambda minutes, **more: sent(State.UNKNOWN, at=ago(minutes), **more)


def test_it_sends_a_confirmation_once_more(hook, lost):
    message = lost(11)

    assert settle_unknowns() == 1

    message.refresh_from_db()
    assert (message.state, message.is_repeat, message.settled_at, message.batch) == (State.QUEUED, True, None, None)
    assert message.reason.endswith("may come twice.")


def test_it_waits_for_a_report(hook, lost):
    lost(9)

    assert settle_unknowns() == 0


def test_it_waits_longer_without_a_webhook(lost):
    message = lost(59)
    assert settle_unknowns() == 0

    Message.objects.filter(pk=message.pk).update(settled_at=ago(61))
    assert settle_unknowns() == 1


def test_it_waits_longer_for_a_server_that_reports_nothing(hook, lost):
    lost(30, transport="smtp")
    assert settle_unknowns() == 0

    lost(61, transport="smtp")
    assert settle_unknowns() == 1


@pytest.mark.parametrize(
    "message_class", [MessageClass.CARE, MessageClass.MARKETING, MessageClass.PARTNER, MessageClass.SYSTEM]
)
def test_it_leaves_all_else_to_the_owner(hook, lost, message_class):
    message = lost(24 * 60, message_class=message_class)

    assert settle_unknowns() == 0
    assert fate(message)[1] == State.UNKNOWN


def test_it_sends_nothing_a_third_time(hook, lost):
    message = lost(11)
    settle_unknowns()
    Message.objects.filter(pk=message.pk).update(state=State.UNKNOWN, settled_at=ago(60), batch=None)

    assert settle_unknowns() == 0


def test_it_sends_nothing_that_has_come_too_late(hook, lost):
    message = lost(11)
    Message.objects.filter(pk=message.pk).update(not_before=ago(30), expires_at=ago(1))

    assert settle_unknowns() == 0


def test_it_believes_a_report_that_came_before_the_doubt(hook, lost):
    """The report was applied while a worker held the message; then the worker died."""
    message = lost(11)
    report = EventReport.objects.create(size=1, applied_at=timezone.now())
    DeliveryEvent.objects.create(
        event_id="early", report=report, message=message, kind="delivered", rank=30, happened_at=ago(12), raw={}
    )

    assert settle_unknowns() == 1
    assert fate(message)[1] == State.HANDED_OVER


def test_it_lets_nothing_age_while_the_webhook_is_silent(hook, lost, sent):
    message = lost(24 * 60)
    sent(at=ago(11))

    assert settle_unknowns() == 0
    assert fate(message)[1] == State.UNKNOWN


def test_it_waits_for_the_rest_when_the_webhook_comes_back(hook, lost, sent):
    """A day away: the first report ends the silence, and the one that matters may come later."""
    message, other = lost(24 * 60), sent(at=ago(11))

    hook.post([event(other, "processed")])
    assert settle_unknowns() == 0

    hook.post([event(message, "processed")])
    assert fate(message)[1] == State.HANDED_OVER


def test_it_sends_again_once_the_webhook_is_back_and_has_nothing(hook, lost, sent):
    lost(24 * 60)
    hook.post([event(sent(at=ago(11)), "processed")])
    EventReport.objects.update(received_at=ago(10.1))
    Batch.objects.filter(outcome=Batch.Outcome.ACCEPTED).update(claimed_at=ago(11))

    assert settle_unknowns() == 1
