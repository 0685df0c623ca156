from datetime import timedelta

import pytest
from django.utils import timezone

from partners.actions import PlanOver, PlanStands, complete, drop, follow_up, resume, stop
from partners.actions.plans import begin, begin_plan
from partners.models import FollowUp, Plan, PlanStep

pytestmark = pytest.mark.django_db


def days_of(trigger: str) -> list[int]:
    return list(Plan.objects.get(trigger=trigger).steps.values_list("days", flat=True))


def test_it_ships_the_plan_of_a_first_referral():
    """Card in 48 hours, call or visit in 7 days, a standing workshop in 30, the tier again in 60."""
    assert days_of("first_referral") == [2, 7, 30, 60]


def test_it_ships_the_back_plan_of_a_workshop():
    assert days_of("workshop") == [-56, -42, -28, -14, -7, -1, 1, 2, 7]


def test_it_ships_a_plan_for_a_new_partner():
    assert days_of("new_partner") == [2, 9, 16, 21, 28]


def test_it_promises_every_step(quiet_gym, owner):
    today = timezone.localdate()

    steps = begin(Plan.Trigger.FIRST_REFERRAL, partner=quiet_gym, from_day=today, key="r1", by=owner)

    assert [(step.due_on - today).days for step in steps] == [2, 7, 30, 60]
    assert {(step.partner, step.by, step.step.plan.name) for step in steps} == {(quiet_gym, owner, "First referral")}


def test_it_begins_once_for_each_key(quiet_gym, owner):
    today = timezone.localdate()
    first = begin(Plan.Trigger.FIRST_REFERRAL, partner=quiet_gym, from_day=today, key="r1", by=owner)
    again = begin(Plan.Trigger.FIRST_REFERRAL, partner=quiet_gym, from_day=today, key="r1", by=owner)
    begin(Plan.Trigger.FIRST_REFERRAL, partner=quiet_gym, from_day=today, key="r10", by=owner)

    assert again == first
    assert FollowUp.objects.count() == 8


def test_it_begins_once_even_when_its_steps_were_changed_since(quiet_gym, owner):
    today, plan = timezone.localdate(), Plan.objects.get(trigger="first_referral")
    begin_plan(plan, partner=quiet_gym, from_day=today, key="r1", by=owner)
    PlanStep.objects.create(plan=plan, title="One more", days=90)

    assert len(begin_plan(plan, partner=quiet_gym, from_day=today, key="r1", by=owner)) == 4


def test_it_asks_today_for_what_should_have_happened_already(quiet_gym, owner):
    today = timezone.localdate()

    steps = begin(Plan.Trigger.WORKSHOP, partner=quiet_gym, from_day=today + timedelta(days=20), key="w1", by=owner)

    assert [(step.due_on - today).days for step in steps] == [0, 0, 0, 6, 13, 19, 21, 22, 27]


def test_it_does_nothing_where_the_plan_is_switched_off(quiet_gym, owner):
    Plan.objects.update(is_on=False)

    assert begin(Plan.Trigger.NEW_PARTNER, partner=quiet_gym, from_day=timezone.localdate(), key="1", by=owner) == []


def test_it_promises_one_thing_once_for_a_reason(quiet_gym, owner):
    today = timezone.localdate()
    for _ in range(2):
        follow_up(partner=quiet_gym, title="Tell them what you did", due_on=today, by=owner, once_key="advice:1")

    assert FollowUp.objects.count() == 1


def test_it_keeps_what_was_said_of_a_promise(quiet_gym, owner):
    todo = follow_up(
        partner=quiet_gym, title="Lunch", due_on=timezone.localdate(), by=owner, is_meeting=True, repeat_days=90
    )

    assert (todo.is_meeting, todo.repeat_days) == (True, 90)


@pytest.fixture
def steps(quiet_gym, owner) -> list[FollowUp]:
    today = timezone.localdate()
    return begin(Plan.Trigger.FIRST_REFERRAL, partner=quiet_gym, from_day=today, key="r1", by=owner)


def open_steps() -> list[int]:
    return [step.place for step in FollowUp.objects.open()]


def test_it_says_which_step_of_its_plan_it_is(steps, quiet_gym):
    loose = follow_up(partner=quiet_gym, title="Call", due_on=timezone.localdate(), once_key="advice:1")

    assert [step.place for step in steps] == [1, 2, 3, 4]
    assert len({step.run for step in steps}) == 1
    assert (loose.run, loose.place) == ("", 0)


def test_it_stops_a_plan_and_keeps_what_was_done(steps, quiet_gym, owner):
    complete(steps[0], by=owner)

    assert stop(quiet_gym, run=steps[0].run, by=owner) == steps[1:]
    assert open_steps() == []
    assert FollowUp.objects.filter(done_at__isnull=False).count() == 1
    with pytest.raises(PlanOver):
        stop(quiet_gym, run=steps[0].run, by=owner)


def test_it_resumes_a_plan_without_what_was_dropped_before(steps, quiet_gym, owner):
    drop(steps[1], by=owner)
    stop(quiet_gym, run=steps[0].run, by=owner)

    resume(quiet_gym, run=steps[0].run, by=owner)

    assert open_steps() == [1, 3, 4]


def test_it_resumes_only_what_was_stopped(steps, quiet_gym, owner):
    with pytest.raises(PlanStands):
        resume(quiet_gym, run=steps[0].run, by=owner)


def test_it_leaves_other_plans_alone_when_one_is_stopped(steps, quiet_gym, owner):
    today = timezone.localdate()
    other = begin(Plan.Trigger.FIRST_REFERRAL, partner=quiet_gym, from_day=today, key="r2", by=owner)
    stop(quiet_gym, run=steps[0].run, by=owner)

    assert list(FollowUp.objects.open()) == other
