"""A draft from the last workshop, and the preparation that goes with a day."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from partners.actions import complete, snooze
from partners.models import FollowUp, Partner, Plan
from tests.workshops.conftest import fill, make_workshop
from tests.workshops.test_storm import storm
from workshops import actions
from workshops.actions.preparing import follow_host, steps_of
from workshops.models import Registration, Topic, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def last(workshop) -> Workshop:
    fill(workshop, "Ada", "Ben")
    workshop.refresh_from_db()
    topic = Topic.objects.create(name="Knees, again")
    Workshop.objects.filter(pk=workshop.pk).update(topic=topic, is_private=True, video_url="https://example.com/room")
    workshop.refresh_from_db()
    return workshop


@pytest.fixture
def when(last):
    starts_at = last.starts_at + timedelta(days=91)
    return {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=90)}


def due(workshop: Workshop) -> list[int]:
    """How many days before or after the workshop each open step is due."""
    day = workshop.local_start.date()
    return [(todo.due_on - day).days for todo in steps_of(workshop).open()]


# The draft


def test_it_makes_a_draft_like_the_last_one(last, when, owner):
    draft = actions.plan_next(last, **when, by=owner)

    assert (draft.state, draft.follows, draft.host, draft.topic) == ("draft", last, last.host, last.topic)
    assert (draft.title, draft.place, draft.video_url) == (last.title, last.place, last.video_url)
    assert draft.is_private
    assert (draft.seats_taken, draft.revision, draft.time_version) == (0, 0, 0)
    assert draft.code != last.code and draft.uid != last.uid and draft.slug != last.slug
    assert not draft.registrations.exists()


def test_it_makes_one_draft_for_a_day_however_often_it_is_asked(last, when, owner):
    assert actions.plan_next(last, **when, by=owner) == actions.plan_next(last, **when, by=owner)


def test_it_takes_a_draft_back_and_puts_its_preparation_aside(last, when, owner):
    draft = actions.plan_next(last, **when, by=owner)
    actions.take_back_draft(draft, by=owner)

    assert not Workshop.objects.filter(follows=last).exists()
    assert not FollowUp.objects.open().exists()


def test_it_takes_back_no_workshop_that_people_know_of(workshop, owner):
    with pytest.raises(actions.NotADraft):
        actions.take_back_draft(workshop, by=owner)

    assert Workshop.objects.filter(pk=workshop.pk).exists()


# The preparation


@pytest.fixture
def planned(practice, quiet_gym, owner) -> Workshop:
    """A draft in a hundred days, with its preparation promised."""
    at = (timezone.now() + timedelta(days=100)).replace(hour=16, minute=0, second=0, microsecond=0)
    workshop = make_workshop(host=quiet_gym, starts_at=at, state="draft")
    actions.prepare(workshop, by=owner)
    return workshop


def test_it_promises_every_step_of_the_plan_by_its_day(planned):
    assert due(planned) == [-56, -42, -28, -14, -7, -1, 1, 2, 7]


def test_it_promises_them_once(planned, owner):
    actions.prepare(planned, by=owner)

    assert len(due(planned)) == 9


def test_it_promises_nothing_without_a_host_a_plan_or_a_coming_day(practice, quiet_gym, owner):
    assert actions.prepare(make_workshop(), by=owner) == []
    assert actions.prepare(make_workshop(host=quiet_gym, starts_at=timezone.now() - timedelta(days=1)), by=owner) == []
    Plan.objects.filter(trigger="workshop").update(is_on=False)
    assert actions.prepare(make_workshop(host=quiet_gym), by=owner) == []


def test_it_counts_from_the_day_on_the_workshops_own_clock(practice, quiet_gym, owner):
    at = (timezone.now() + timedelta(days=100)).replace(hour=3, minute=0, second=0, microsecond=0)
    workshop = make_workshop(host=quiet_gym, starts_at=at, time_zone="America/Vancouver")
    actions.prepare(workshop, by=owner)

    assert steps_of(workshop).last().due_on == at.date() + timedelta(days=7 - 1)


def test_publishing_says_that_day_and_topic_are_settled(planned, owner):
    actions.publish(planned, by=owner)

    assert due(planned) == [-28, -14, -7, -1, 1, 2, 7]
    assert steps_of(planned).first().outcome == "The workshop was published."


def test_publishing_promises_what_no_draft_promised(practice, quiet_gym, owner):
    workshop = make_workshop(host=quiet_gym, state="draft")
    actions.publish(workshop, by=owner)

    assert len(due(workshop)) == 7


def test_open_steps_move_with_the_day_and_done_ones_stay(planned, owner):
    first = steps_of(planned).first()
    complete(first, by=owner)
    moved_to = planned.starts_at + timedelta(days=10)
    actions.move(planned, starts_at=moved_to, ends_at=moved_to + timedelta(hours=1), by=owner)
    planned.refresh_from_db()

    assert due(planned) == [-42, -28, -14, -7, -1, 1, 2, 7]
    first.refresh_from_db()
    assert first.due_on == moved_to.date() - timedelta(days=66)


def test_a_step_that_was_put_off_keeps_its_distance(planned, owner):
    step = steps_of(planned).last()
    snooze(step, until=step.due_on + timedelta(days=3), by=owner)
    at = planned.starts_at + timedelta(days=10)
    actions.move(planned, starts_at=at, ends_at=at + timedelta(hours=1), by=owner)
    planned.refresh_from_db()

    assert due(planned)[-1] == 10


def test_moving_the_day_back_moves_the_steps_back(planned, owner):
    was, lasts = planned.starts_at, planned.ends_at - planned.starts_at
    before = due(planned)
    for at in (was - timedelta(days=70), was):
        actions.move(planned, starts_at=at, ends_at=at + lasts, by=owner)
    planned.refresh_from_db()

    assert due(planned) == before


def test_no_step_is_due_in_the_past(planned, owner):
    at = timezone.now() + timedelta(days=5)
    actions.move(planned, starts_at=at, ends_at=at + timedelta(hours=1), by=owner)

    assert min(todo.due_on for todo in steps_of(planned).open()) == timezone.localdate()


def test_another_hour_moves_no_step(planned, owner):
    before = list(steps_of(planned).values_list("due_on", flat=True))
    actions.move(planned, starts_at=planned.starts_at + timedelta(minutes=30), by=owner)

    assert list(steps_of(planned).values_list("due_on", flat=True)) == before


def test_cancelling_puts_the_rest_aside(planned, owner):
    complete(steps_of(planned).first(), by=owner)
    actions.cancel_workshop(planned, reason="", by=owner)

    assert due(planned) == []
    assert steps_of(planned).filter(done_at__isnull=False).count() == 1


def test_another_host_gets_the_open_steps(planned, physician, owner):
    was_at = planned.host
    complete(steps_of(planned).first(), by=owner)
    planned.host = physician
    planned.save()
    follow_host(planned, was_at=was_at, by=owner)

    assert len(due(planned)) == 8
    assert was_at.follow_ups.count() == 1


def test_steps_wait_while_there_is_no_host(planned, physician, owner):
    was_at = planned.host
    for host, before in ((None, was_at), (physician, None)):
        planned.host = host
        planned.save()
        follow_host(planned, was_at=before, by=owner)
        assert len(due(planned)) == (9 if host else 0)
    assert FollowUp.objects.open().count() == 9
    assert Partner.objects.get(pk=was_at.pk).follow_ups.open().count() == 0


def test_a_draft_carries_no_registration_along(last, when, owner):
    before = Registration.objects.count()
    actions.plan_next(last, **when, by=owner)

    assert Registration.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_once_make_one_draft(practice, quiet_gym, owner):
    last = make_workshop(host=quiet_gym)
    starts_at = last.starts_at + timedelta(days=91)
    tap = partial(actions.plan_next, last, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), by=owner)

    assert storm([tap] * 4) == {"draft": 4}
    assert Workshop.objects.filter(follows=last).count() == 1
    assert FollowUp.objects.count() == 9
