"""Whoever gave advice hears what we did with it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from partners import guard
from partners.actions import complete, drop, log_touch, pick_up, put_back, put_due, reopen, take_back
from partners.models import FollowUp, Kind, Partner, Touch

pytestmark = pytest.mark.django_db
KIND = Touch.TouchKind


@pytest.fixture
def gym():
    return Partner.objects.create(name="Ironworks Gym", kind=Kind.GYM)


@pytest.fixture
def asked(gym, owner):
    return log_touch(gym, kind=KIND.ADVICE_ASKED, by=owner, learned="Come on Mondays, never at noon.")


def gives(partner) -> int:
    return 2 - guard.lacking(partner).gives


def test_it_promises_to_tell_them_within_30_days(asked, owner):
    promise = asked.follow_ups.get()

    assert (promise.title, promise.by) == ("Tell them what you did with it", owner)
    assert promise.due_on == timezone.localdate() + timedelta(days=30)
    assert asked.learned == "Come on Mondays, never at noon."


def test_it_counts_from_the_day_of_the_asking(gym, owner):
    asked = log_touch(gym, kind=KIND.ADVICE_ASKED, by=owner, occurred_at=timezone.now() - timedelta(days=10))

    assert asked.follow_ups.get().due_on == timezone.localdate() + timedelta(days=20)


def test_it_promises_beside_the_next_step(gym, owner):
    asked = log_touch(gym, kind=KIND.ADVICE_ASKED, by=owner, next_step="Send the handout")

    assert asked.follow_ups.count() == 2


def test_it_takes_the_promise_back_with_the_asking(asked, owner):
    take_back(asked, by=owner)
    assert not FollowUp.objects.open().exists()

    put_back(asked, by=owner)
    assert FollowUp.objects.open().count() == 1


def test_it_counts_telling_them_as_a_give(asked, gym, owner):
    told = log_touch(gym, kind=KIND.REPORTED_BACK, by=owner, summary="Monday works.")

    assert told.is_give
    assert gives(gym) == 1
    assert asked.follow_ups.get().outcome == "Monday works."
    assert not FollowUp.objects.open().exists()


def test_it_owes_again_what_was_told_by_mistake(asked, gym, owner):
    told = log_touch(gym, kind=KIND.REPORTED_BACK, by=owner)
    take_back(told, by=owner)
    assert FollowUp.objects.open().get() == asked.follow_ups.get()

    put_back(told, by=owner)
    assert not FollowUp.objects.open().exists()


def test_it_keeps_the_oldest_promise_first(asked, gym, owner):
    older = log_touch(gym, kind=KIND.ADVICE_ASKED, by=owner, occurred_at=timezone.now() - timedelta(days=9))

    log_touch(gym, kind=KIND.REPORTED_BACK, by=owner)

    assert FollowUp.objects.open().get() == asked.follow_ups.get()
    assert older.follow_ups.get().done_at


def test_it_notes_a_give_when_the_promise_is_ticked_off(asked, gym, owner):
    complete(asked.follow_ups.get(), by=owner, outcome="They liked the new sign.")

    told = gym.touches.get(kind=KIND.REPORTED_BACK)
    assert (told.summary, told.source, told.by) == ("They liked the new sign.", "system", owner)
    assert gives(gym) == 1


def test_it_takes_the_give_back_when_the_promise_is_opened_again(asked, gym, owner):
    promise = complete(asked.follow_ups.get(), by=owner)

    reopen(promise, by=owner)

    assert gives(gym) == 0
    assert not gym.touches.standing().filter(kind=KIND.REPORTED_BACK).exists()


# A touch whose kind was wrong, mended on its own page.


def mend(client, touch, kind: str, *, days: int = 0) -> str:
    at = f"{timezone.localtime(touch.occurred_at) - timedelta(days=days):%Y-%m-%d %H:%M}"
    fields = {"kind": kind, "direction": "out", "occurred_at": at, "counts_for_cadence": "on"}
    page = client.post(reverse("touches:edit", args=[touch.pk]), fields, follow=True)
    touch.refresh_from_db()
    assert touch.kind == kind
    return page.content.decode()


def test_it_promises_when_a_touch_is_mended_into_asking(at_desk, gym, owner):
    touch = log_touch(gym, kind=KIND.VISIT, by=owner, occurred_at=timezone.now() - timedelta(days=10))

    page = mend(at_desk, touch, "advice_asked")

    promise = FollowUp.objects.open().get()
    assert (promise.title, promise.touch) == ("Tell them what you did with it", touch)
    assert promise.due_on == timezone.localdate() + timedelta(days=20)
    assert "Tell them what you did with it." in page


def test_it_withdraws_the_promise_when_it_was_no_asking(at_desk, asked):
    page = mend(at_desk, asked, "call")
    assert not FollowUp.objects.open().exists()
    assert "No longer a to do: Tell them what you did with it." in page

    mend(at_desk, asked, "advice_asked")
    assert FollowUp.objects.open().get() == asked.follow_ups.get()


def test_it_promises_nothing_twice_when_another_word_is_mended(at_desk, asked):
    mend(at_desk, asked, "advice_asked")

    assert FollowUp.objects.count() == 1


def test_it_leaves_a_promise_that_was_kept(at_desk, asked, owner):
    complete(asked.follow_ups.get(), by=owner)

    mend(at_desk, asked, "call")
    mend(at_desk, asked, "advice_asked")

    assert asked.follow_ups.get().done_at
    assert not FollowUp.objects.open().exists()


def test_it_keeps_the_promise_when_a_touch_is_mended_into_telling(at_desk, asked, gym, owner):
    touch = log_touch(gym, kind=KIND.CALL, by=owner, summary="Monday works.")

    mend(at_desk, touch, "reported_back")
    assert not FollowUp.objects.open().exists()

    mend(at_desk, touch, "call")
    assert FollowUp.objects.open().get() == asked.follow_ups.get()


def test_it_promises_nothing_for_what_was_taken_back(at_desk, gym, owner):
    touch = take_back(log_touch(gym, kind=KIND.VISIT, by=owner), by=owner)

    mend(at_desk, touch, "advice_asked")

    assert not FollowUp.objects.exists()


# The day of the asking was another one.


def days_ahead(touch) -> int:
    return (touch.follow_ups.get().due_on - timezone.localdate()).days


def test_it_counts_again_from_the_day_that_it_was(at_desk, asked):
    page = mend(at_desk, asked, "advice_asked", days=10)

    assert days_ahead(asked) == 20
    assert "Tell them what you did with it." in page


def test_it_leaves_the_day_alone_when_only_the_hour_was_another(at_desk, asked):
    at = timezone.localtime(asked.occurred_at).replace(hour=0, minute=1)
    Touch.objects.filter(pk=asked.pk).update(occurred_at=at)
    page = mend(at_desk, asked, "advice_asked")

    assert days_ahead(asked) == 30
    assert "A to do by" not in page


def test_it_leaves_a_promise_that_was_moved_by_hand(at_desk, asked, owner):
    put_due(asked.follow_ups.get(), on=timezone.localdate() + timedelta(days=3), by=owner)

    mend(at_desk, asked, "advice_asked", days=10)

    assert days_ahead(asked) == 3


def test_it_leaves_a_promise_that_was_kept_on_its_day(at_desk, asked, owner):
    complete(asked.follow_ups.get(), by=owner)

    mend(at_desk, asked, "advice_asked", days=10)

    assert days_ahead(asked) == 30


def test_it_comes_back_on_the_right_day_when_it_was_dropped(at_desk, asked, owner):
    promise = drop(asked.follow_ups.get(), by=owner)

    assert "A to do by" not in mend(at_desk, asked, "advice_asked", days=10)
    assert not FollowUp.objects.open().exists()

    pick_up(promise, by=owner)
    assert days_ahead(asked) == 20


def test_it_comes_back_on_the_right_day_when_kind_and_day_were_mended(at_desk, asked):
    mend(at_desk, asked, "call", days=4)
    assert not FollowUp.objects.open().exists()

    mend(at_desk, asked, "advice_asked", days=6)
    assert days_ahead(asked) == 20
    assert FollowUp.objects.open().exists()
