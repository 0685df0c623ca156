"""Nobody is woken by a reminder: it is made by day, by the workshop's clock, and what held it up lets it leave by day only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

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


@pytest.mark.parametrize(
    ("start", "at", "count"),
    [  # Toronto is at UTC-4 until 1 November, at UTC-5 after it
        (datetime(2026, 11, 18, 3, tzinfo=UTC), datetime(2026, 11, 16, 3, tzinfo=UTC), 0),  # begins at 22:00: night
        (datetime(2026, 11, 18, 3, tzinfo=UTC), datetime(2026, 11, 16, 12, 59, tzinfo=UTC), 0),
        (datetime(2026, 11, 18, 3, tzinfo=UTC), datetime(2026, 11, 16, 13, tzinfo=UTC), 1),  # 08:00
        (datetime(2026, 11, 18, 11, tzinfo=UTC), datetime(2026, 11, 17, 12, 59, tzinfo=UTC), 0),  # begins at 06:00
        (datetime(2026, 11, 18, 11, tzinfo=UTC), datetime(2026, 11, 17, 13, tzinfo=UTC), 1),
        (datetime(2026, 11, 18, 11, tzinfo=UTC), datetime(2026, 11, 18, 9, tzinfo=UTC), 1),  # the last one, at 04:00
        # Across the change: 48 hours before 20:30 on the 2nd is 21:30 of summer time, so it waits for 08:00 of summer.
        (datetime(2026, 11, 2, 1, 30, tzinfo=UTC), datetime(2026, 10, 31, 1, 30, tzinfo=UTC), 0),
        (datetime(2026, 11, 2, 1, 30, tzinfo=UTC), datetime(2026, 10, 31, 12, tzinfo=UTC), 1),
        # 24 hours before 21:30 on the 1st is 22:30 on the 31st; the morning after is in winter time.
        (datetime(2026, 11, 2, 2, 30, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC), 0),
        (datetime(2026, 11, 2, 2, 30, tzinfo=UTC), datetime(2026, 11, 1, 13, tzinfo=UTC), 1),
        # In spring: begins at 07:30 on the 9th; 24 hours before is 07:30, no night.
        (datetime(2026, 3, 9, 11, 30, tzinfo=UTC), datetime(2026, 3, 8, 11, 30, tzinfo=UTC), 1),
        # 24 hours before 07:30 on the 8th is 06:30 of winter time, so it waits for 08:00.
        (datetime(2026, 3, 8, 11, 30, tzinfo=UTC), datetime(2026, 3, 7, 11, 30, tzinfo=UTC), 0),
        (datetime(2026, 3, 8, 11, 30, tzinfo=UTC), datetime(2026, 3, 7, 13, tzinfo=UTC), 1),
    ],
)
def test_it_lets_people_sleep_by_the_workshops_clock(practice, time_machine_at, start, at, count):
    time_machine_at(start - timedelta(days=9))
    fill(make_workshop(starts_at=start), "Ada")

    time_machine_at(at)

    assert actions.remind() == count


ELSEWHERE = {  # zone, start, a moment too early, and eight in the morning there; both sides of both changes
    "Berlin, clocks back": ("Europe/Berlin", "2026-10-26T21:30", "2026-10-25T06:59Z", "2026-10-25T07:00Z"),
    "Berlin, clocks forward": ("Europe/Berlin", "2026-03-30T22:30", "2026-03-29T05:59Z", "2026-03-29T06:00Z"),
    "Sydney, clocks back": ("Australia/Sydney", "2026-04-06T21:30", "2026-04-04T21:59Z", "2026-04-04T22:00Z"),
    "Sydney, clocks forward": ("Australia/Sydney", "2026-10-05T22:30", "2026-10-03T20:59Z", "2026-10-03T21:00Z"),
}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_it_lets_people_sleep_wherever_the_clocks_change(practice, time_machine_at, where):
    """48 real hours before is night, so the first waits for 08:00 of the day on which the clocks change."""
    zone, start, early, morning = ELSEWHERE[where]
    starts_at = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone))
    time_machine_at(starts_at - timedelta(days=9))
    fill(make_workshop(starts_at=starts_at.astimezone(UTC), time_zone=zone), "Ada")

    time_machine_at(datetime.fromisoformat(early))
    assert actions.remind() == 0
    time_machine_at(datetime.fromisoformat(morning))
    assert actions.remind() == 1


def test_it_goes_by_the_workshops_zone_and_not_by_ours(practice, time_machine_at):
    start = datetime(2026, 11, 18, 5, tzinfo=UTC)  # midnight in Toronto, 21:00 in Vancouver
    time_machine_at(start - timedelta(days=9))
    fill(make_workshop(starts_at=start, time_zone="America/Vancouver"), "Ada")

    time_machine_at(datetime(2026, 11, 17, 13, tzinfo=UTC))  # 08:00 in Toronto, 05:00 in Vancouver
    assert actions.remind() == 0
    time_machine_at(datetime(2026, 11, 17, 16, tzinfo=UTC))
    assert actions.remind() == 1
