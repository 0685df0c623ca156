"""A reminder is made by day; what held it up afterwards must not let it leave at night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm.mail.actions import drain
from crm.mail.models import Message
from tests.workshops.conftest import fill, make_workshop
from workshops import actions

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 18, 22, tzinfo=UTC)  # a Wednesday, 17:00 in Toronto


def one_reminder() -> Message:
    return Message.objects.get(dedupe_key__contains=":reminder:")


def test_it_lets_people_sleep_when_an_outage_held_a_reminder_up(practice, quiet_gym, time_machine_at):
    time_machine_at(START - timedelta(days=5))
    fill(make_workshop(host=quiet_gym, starts_at=START), "Ada")
    drain()
    time_machine_at(START - timedelta(hours=24))
    actions.remind()
    time_machine_at(START - timedelta(hours=19, minutes=30))  # half past nine in the evening, and the host is back

    drain()

    held = one_reminder()
    assert (held.state, held.not_before) == (Message.State.QUEUED, datetime(2026, 11, 18, 13, tzinfo=UTC))
    time_machine_at(held.not_before)
    drain()
    assert one_reminder().state == Message.State.HANDED_OVER


def test_it_does_not_hold_up_the_last_reminder(practice, quiet_gym, time_machine_at):
    early = datetime(2026, 11, 18, 11, 30, tzinfo=UTC)  # half past six in the morning
    time_machine_at(early - timedelta(days=5))
    fill(make_workshop(host=quiet_gym, starts_at=early), "Ada")
    drain()
    time_machine_at(early - timedelta(hours=2))
    actions.remind()

    drain()

    assert one_reminder().state == Message.State.HANDED_OVER
