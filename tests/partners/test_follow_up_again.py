"""To dos that come again, are put off, dropped and brought back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from partners.actions import (
    AlreadyDone,
    NotDropped,
    complete,
    drop,
    follow_up,
    pick_up,
    put_due,
    reopen,
    snooze,
    unsnooze,
)
from partners.models import FollowUp

pytestmark = pytest.mark.django_db


@pytest.fixture
def monthly(quiet_gym, owner) -> FollowUp:
    due_on = timezone.localdate() - timedelta(days=3)
    return follow_up(partner=quiet_gym, title="Bring coffee", due_on=due_on, by=owner, repeat_days=30)


def again() -> FollowUp:
    return FollowUp.objects.open().get()


def test_it_promises_the_next_one_counted_from_the_day_it_was_done(monthly, owner):
    complete(monthly, by=owner)

    assert (again().title, again().repeat_days) == ("Bring coffee", 30)
    assert again().due_on == timezone.localdate() + timedelta(days=30)


def test_it_promises_the_next_one_once(monthly, owner):
    complete(monthly, by=owner)
    with pytest.raises(AlreadyDone):
        complete(FollowUp.objects.get(pk=monthly.pk), by=owner)

    assert FollowUp.objects.count() == 2


def test_it_takes_the_next_one_back_when_it_was_not_done_after_all(monthly, owner):
    complete(monthly, by=owner)
    reopen(monthly, by=owner)

    assert again() == monthly


def test_it_promises_the_next_one_once_however_often_it_is_undone(monthly, owner):
    for _ in range(2):
        complete(monthly, by=owner)
        reopen(monthly, by=owner)
    complete(monthly, by=owner)

    assert again() != monthly
    assert FollowUp.objects.count() == 2


def test_it_keeps_a_next_one_that_was_done_already(monthly, owner):
    complete(monthly, by=owner)
    complete(again(), by=owner)
    reopen(monthly, by=owner)

    assert FollowUp.objects.filter(done_at__isnull=False).count() == 1
    assert FollowUp.objects.open().count() == 2


def test_it_promises_a_meeting_again_but_does_not_book_it(quiet_gym, owner):
    today = timezone.localdate()
    lunch = follow_up(partner=quiet_gym, title="Lunch", due_on=today, by=owner, is_meeting=True, repeat_days=90)
    complete(lunch, by=owner)

    assert again().is_meeting is False


@pytest.mark.parametrize(
    ("times", "words"), [(0, ""), (1, "put off once"), (2, "put off twice"), (3, "put off 3 times")]
)
def test_it_counts_how_often_it_was_put_off(monthly, owner, times, words):
    for days in range(1, times + 1):
        snooze(monthly, until=timezone.localdate() + timedelta(days=days), by=owner)

    assert (monthly.snoozes, monthly.put_off) == (times, words)


def test_it_counts_a_tap_made_twice_once(monthly, owner):
    for _ in range(2):
        snooze(monthly, until=timezone.localdate() + timedelta(days=1), by=owner)

    assert monthly.snoozes == 1


def test_it_does_not_count_what_is_brought_forward_or_moved(quiet_gym, owner):
    today = timezone.localdate()
    todo = follow_up(partner=quiet_gym, title="Call", due_on=today + timedelta(days=9), by=owner)
    snooze(todo, until=today + timedelta(days=1), by=owner)
    put_due(todo, on=today + timedelta(days=20), by=owner)

    assert todo.snoozes == 0


def test_it_counts_one_less_when_it_is_not_put_off_after_all(monthly, owner):
    was = monthly.due_on
    snooze(monthly, until=timezone.localdate() + timedelta(days=1), by=owner)
    unsnooze(monthly, on=was, by=owner)

    assert (monthly.due_on, monthly.snoozes) == (was, 0)


def test_it_is_dropped_and_picked_up(monthly, owner):
    drop(monthly, by=owner)
    assert not FollowUp.objects.open().exists()

    pick_up(monthly, by=owner)
    assert again() == monthly
    with pytest.raises(NotDropped):
        pick_up(monthly, by=owner)
