from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail.health import last_report_at, webhook_silence
from crm.mail.models import Batch, EventReport
from tests.mail.events.conftest import event

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(sent):
    return lambda minutes, **more: sent(at=timezone.now() - timedelta(minutes=minutes), **more)


def minutes_of_silence() -> int | None:
    silence = webhook_silence()
    return silence and silence // timedelta(minutes=1)


def test_it_is_well_while_nothing_is_sent(hook):
    assert (webhook_silence(), last_report_at()) == (None, None)


def test_it_gives_the_first_report_its_time(hook, send):
    send(9)

    assert webhook_silence() is None


def test_it_counts_from_the_first_message_that_nobody_reported_on(hook, send):
    send(42)
    send(1)

    assert minutes_of_silence() == 42


def test_it_is_broken_by_any_report(hook, send):
    hook.post([event(send(42))])

    assert webhook_silence() is None
    assert timezone.now() - last_report_at() < timedelta(minutes=1)


def test_it_begins_anew_after_a_report(hook, send):
    send(90)
    EventReport.objects.create(size=1, received_at=timezone.now() - timedelta(minutes=60))
    send(30)

    assert minutes_of_silence() == 30


def test_it_is_nobody_s_silence_without_a_webhook(send, settings):
    settings.SENDGRID_WEBHOOK_KEY = ""
    send(42)

    assert webhook_silence() is None


def test_it_expects_no_report_on_what_went_another_way(hook, send):
    send(42, transport="smtp")
    send(42)
    Batch.objects.filter(transport="sendgrid").update(outcome=Batch.Outcome.UNKNOWN)

    assert webhook_silence() is None


def test_it_forgets_what_was_sent_weeks_ago(hook, send):
    send(60 * 24 * 8)

    assert webhook_silence() is None
