"""Who may be written to and when, asked at the moment of the claim."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from crm.mail.actions import drain
from crm.mail.models import Lane, Message, MessageClass, Pause
from crm.mail.rules import next_opening

pytestmark = pytest.mark.django_db
State = Message.State
TORONTO = ZoneInfo("America/Toronto")
LATE = datetime(2026, 3, 4, 22, 30, tzinfo=TORONTO)
NOON = datetime(2026, 1, 14, 12, 0, tzinfo=TORONTO)


@pytest.fixture
def hours(practice):
    """Letters leave from eight to eight."""
    practice.letters_from, practice.letters_until = time(8), time(20)
    practice.save()


def fresh(message: Message) -> Message:
    message.refresh_from_db()
    return message


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (datetime(2026, 3, 4, 7, 59, tzinfo=TORONTO), datetime(2026, 3, 4, 8, tzinfo=TORONTO)),
        (datetime(2026, 3, 4, 8, 0, tzinfo=TORONTO), None),
        (datetime(2026, 3, 4, 19, 59, tzinfo=TORONTO), None),
        (datetime(2026, 3, 4, 20, 0, tzinfo=TORONTO), datetime(2026, 3, 5, 8, tzinfo=TORONTO)),
        # The night before the clocks go forward, and the night before they go back: eight is eight on the wall.
        (datetime(2026, 3, 7, 22, 0, tzinfo=TORONTO), datetime(2026, 3, 8, 8, tzinfo=TORONTO)),
        (datetime(2026, 10, 31, 22, 0, tzinfo=TORONTO), datetime(2026, 11, 1, 8, tzinfo=TORONTO)),
    ],
)
def test_it_keeps_the_hours_of_the_wall_clock(now, opens):
    assert next_opening(now, zone=TORONTO, opens=time(8), closes=time(20)) == opens


def test_it_opens_once_where_the_hour_comes_twice_or_not_at_all():
    gap = next_opening(datetime(2026, 3, 8, 0, 30, tzinfo=TORONTO), zone=TORONTO, opens=time(2, 30), closes=time(20))
    fold = next_opening(datetime(2026, 11, 1, 0, 30, tzinfo=TORONTO), zone=TORONTO, opens=time(1, 30), closes=time(20))

    assert gap.astimezone(ZoneInfo("UTC")) == datetime(2026, 3, 8, 7, 30, tzinfo=ZoneInfo("UTC"))
    assert fold.astimezone(ZoneInfo("UTC")) == datetime(2026, 11, 1, 5, 30, tzinfo=ZoneInfo("UTC"))


def test_it_lets_letters_wait_for_the_morning(write, hours):
    with time_machine.travel(LATE, tick=False):
        letter, confirmation = write(MessageClass.PARTNER), write(MessageClass.TRANSACTIONAL)
        drain()

    assert (fresh(letter).state, letter.reason) == (State.QUEUED, "Letters wait for the recipient's morning.")
    assert letter.not_before == datetime(2026, 3, 5, 8, tzinfo=TORONTO)
    assert fresh(confirmation).state == State.HANDED_OVER
    with time_machine.travel(letter.not_before, tick=False):
        drain()
    assert (fresh(letter).state, letter.reason) == (State.HANDED_OVER, "")


@pytest.mark.parametrize(
    ("now", "leaves_at"),
    [
        (datetime(2026, 3, 4, 20, 59, tzinfo=TORONTO), None),
        (datetime(2026, 3, 4, 21, 0, tzinfo=TORONTO), datetime(2026, 3, 5, 8, tzinfo=TORONTO)),
        (datetime(2026, 3, 5, 6, 59, tzinfo=TORONTO), datetime(2026, 3, 5, 8, tzinfo=TORONTO)),
        (datetime(2026, 3, 5, 7, 0, tzinfo=TORONTO), None),
        # The night in which the clocks go forward.
        (datetime(2026, 3, 7, 23, 0, tzinfo=TORONTO), datetime(2026, 3, 8, 8, tzinfo=TORONTO)),
    ],
)
def test_it_wakes_nobody_with_words_that_keep_the_night(write, now, leaves_at):
    with time_machine.travel(now, tick=False):
        reminder = write(content={"by_day_in": "America/Toronto"})
        drain()

    assert fresh(reminder).state == (State.QUEUED if leaves_at else State.HANDED_OVER)
    if leaves_at:
        assert (reminder.not_before, reminder.reason) == (leaves_at, "It waits for the morning: people sleep.")
        with time_machine.travel(leaves_at, tick=False):
            drain()
        assert fresh(reminder).state == State.HANDED_OVER


def test_it_goes_by_the_night_of_the_words_own_zone(write):
    with time_machine.travel(LATE, tick=False):
        reminder = write(content={"by_day_in": "America/Vancouver"})
        drain()

    assert fresh(reminder).state == State.HANDED_OVER


def test_it_goes_by_the_recipients_clock(write, hours, ada):
    ada.time_zone = "America/Vancouver"
    ada.save()
    with time_machine.travel(LATE, tick=False):
        letter = write(MessageClass.PARTNER)
        drain()

    assert fresh(letter).state == State.HANDED_OVER  # half past seven in Vancouver


def test_it_gives_up_a_letter_that_would_come_too_late_in_the_morning(write, hours):
    with time_machine.travel(LATE, tick=False):
        letter = write(MessageClass.PARTNER, expires_at=LATE + timedelta(hours=1))
        drain()

    assert fresh(letter).state == State.EXPIRED
    assert letter.reason == "Letters wait for the recipient's morning. By then it would have been too late."


def test_it_sends_two_letters_a_week_to_one_person(write):
    with time_machine.travel(NOON, tick=False):
        letters = [write(MessageClass.PARTNER) for _ in range(3)]
        news = write(MessageClass.MARKETING)
        drain()
        drain()

    states = [fresh(letter).state for letter in letters]
    assert sorted(states) == [State.HANDED_OVER, State.HANDED_OVER, State.QUEUED]
    late = next(letter for letter in letters if letter.state == State.QUEUED)
    assert late.reason == "They have had their letters for this week."
    assert late.not_before == NOON + timedelta(days=7)
    assert fresh(news).state == State.HANDED_OVER  # each class has its own cap
    with time_machine.travel(late.not_before + timedelta(minutes=1), tick=False):
        drain()
    assert fresh(late).state == State.HANDED_OVER


def test_it_counts_what_may_have_left_against_the_week(write, sendgrid):
    sendgrid.status = 500
    letters = [write(MessageClass.PARTNER) for _ in range(2)]
    drain()
    Message.objects.update(state=State.UNKNOWN, settled_at=timezone.now(), batch=None)
    sendgrid.status = 202

    Lane.objects.all().delete()
    third = write(MessageClass.PARTNER)
    drain()
    assert fresh(third).reason == "They have had their letters for this week."
    assert all(fresh(letter).state == State.UNKNOWN for letter in letters)


def test_it_keeps_a_pause(write, ada):
    until = timezone.now() + timedelta(days=5)
    Pause.objects.create(contact=ada, until=until)
    letter, confirmation = write(MessageClass.PARTNER), write()

    drain()
    assert (fresh(letter).state, letter.reason, letter.not_before) == (
        State.QUEUED,
        "They asked for a pause.",
        until,
    )
    assert fresh(confirmation).state == State.HANDED_OVER


@pytest.mark.parametrize(
    ("message_class", "days"),
    [
        (MessageClass.TRANSACTIONAL, 3),
        (MessageClass.CARE, 3),
        (MessageClass.MARKETING, 14),
        (MessageClass.PARTNER, 14),
        (MessageClass.SYSTEM, 1),
    ],
)
def test_it_is_worth_sending_for_as_long_as_its_class_says(write, message_class, days):
    message = write(message_class)

    assert message.expires_at - message.not_before == timedelta(days=days)
