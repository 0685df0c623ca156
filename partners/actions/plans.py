"""Plans: steps that are promised together, counted in days from one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from crm.people.models import Contact, User
from partners.actions.refusals import PlanOver, PlanStands
from partners.actions.trail import note
from partners.imports.writing import insert
from partners.models import FollowUp, Partner, Plan, PlanStep
from partners.models.follow_up import RUN

COURTING_KEY = "courting"


def begin(
    trigger: Plan.Trigger,
    *,
    partner: Partner,
    from_day: date,
    key: str,
    by: User | None,
    contact: Contact | None = None,
) -> list[FollowUp]:
    """Begin the plan in use for this occasion, once for each key; return its steps, or nothing where no plan is in use."""
    plan = Plan.objects.filter(trigger=trigger, is_on=True).first()
    return begin_plan(plan, partner=partner, from_day=from_day, key=key, by=by, contact=contact) if plan else []


@transaction.atomic
def begin_plan(
    plan: Plan, *, partner: Partner, from_day: date, key: str, by: User | None, contact: Contact | None = None
) -> list[FollowUp]:
    """Promise every step of a plan, once for each key. A step whose day has passed is due today."""
    run = FollowUp.run_key(plan, key)
    if begun := list(partner.follow_ups.of_run(run)):
        return begun

    today, steps = timezone.localdate(), []
    for place, step in enumerate(plan.steps.all(), start=1):
        # Two at once: the constraint on once_key lets one of them in, and the other finds what it made.
        promised, _made = FollowUp.objects.get_or_create(
            once_key=f"{run}:{place}",
            defaults={"partner": partner, "contact": contact, "by": by, **_promise(step, from_day, today)},
        )
        steps.append(promised)
    return steps


def _promise(step: PlanStep, from_day: date, today: date) -> dict[str, Any]:
    """What a step says of the to do that is promised because of it."""
    return {
        "title": step.title,
        "due_on": step.due_on(from_day, today),
        "is_meeting": step.is_meeting,
        "step": step,
    }


def begin_for_many(
    trigger: Plan.Trigger, *, keys: Mapping[Partner, str], from_day: date, by: User | None
) -> list[FollowUp]:
    """begin() for many partners, each with a key of its own, in a few statements; return what was promised.

    Whoever calls it holds the partners, so that nobody begins the same meanwhile.
    """
    plan = Plan.objects.filter(trigger=trigger, is_on=True).first()
    steps = list(plan.steps.all()) if plan else []
    if not plan or not steps or not keys:
        return []
    runs = {FollowUp.run_key(plan, key): partner for partner, key in keys.items()}
    firsts = FollowUp.objects.filter(once_key__in=[f"{run}:1" for run in runs])
    begun = {todo.run for todo in firsts.only("once_key")}
    today = timezone.localdate()
    promised = [
        FollowUp(partner=partner, by=by, once_key=f"{run}:{place}", **_promise(step, from_day, today))
        for run, partner in runs.items()
        if run not in begun
        for place, step in enumerate(steps, start=1)
    ]
    insert(promised)
    return promised


@transaction.atomic
def stop(partner: Partner, *, run: str, by: User | None) -> list[FollowUp]:
    """Drop what is still open of one beginning of a plan. What was done stays, and resume() brings the rest back."""
    rest = list(partner.follow_ups.of_run(run).open().select_for_update())
    if not rest:
        raise PlanOver
    return _put(rest, at=timezone.now(), by=by)


@transaction.atomic
def resume(partner: Partner, *, run: str, by: User | None) -> list[FollowUp]:
    """Undo stop(): what it dropped is open again; what was dropped before it on its own stays dropped."""
    steps = partner.follow_ups.of_run(run)
    stopped_at = steps.aggregate(at=Max("taken_back_at"))["at"]
    back = list(steps.filter(taken_back_at=stopped_at).select_for_update()) if stopped_at else []
    if not back:
        raise PlanStands

    return _put(back, at=None, by=by)


@transaction.atomic
def recount(
    key: str, *, partner: Partner, from_day: date, was_from: date, by: User | None, was_at: Partner | None = None
) -> list[FollowUp]:
    """Count the open steps promised for this reason from another day, and promise them to this partner.

    One that somebody put off keeps its distance, one whose day has passed is due today. Return what was changed.
    """
    steps = (was_at or partner).follow_ups.of_occasion(key).open().select_for_update(of=("self",))
    today, moved = timezone.localdate(), []
    for todo in steps.select_related("step"):
        due_on = _counted(todo, from_day, from_day - was_from, today)
        if (due_on, partner.pk) == (todo.due_on, todo.partner_id):
            continue
        FollowUp.objects.filter(pk=todo.pk).update(due_on=due_on, partner=partner)
        note(todo, by, due_on=(todo.due_on, due_on))
        todo.due_on, todo.partner = due_on, partner
        moved.append(todo)
    return moved


def _counted(todo: FollowUp, from_day: date, moved_by: timedelta, today: date) -> date:
    if todo.step is None or todo.snoozes:  # a step of no plan any more, or put off by hand
        return max(today, todo.due_on + moved_by)
    return todo.step.due_on(from_day, today)


def put_aside(partner: Partner, *, because: str, by: User | None) -> list[FollowUp]:
    """Drop what is still open of courting them, and keep why, by which bring_back() finds it."""
    courting = partner.follow_ups.open().filter(once_key__startswith=RUN, once_key__contains=f":{COURTING_KEY}:")
    return _put(list(courting.select_for_update()), at=timezone.now(), by=by, outcome=because)


def bring_back(partner: Partner, *, because: str, by: User | None) -> list[FollowUp]:
    """Undo put_aside()."""
    return _put(list(aside(partner, because=because).select_for_update()), at=None, by=by, outcome="")


def aside(partner: Partner, *, because: str) -> QuerySet[FollowUp]:
    """What was put aside for a reason that begins so, and has not been brought back."""
    return partner.follow_ups.filter(taken_back_at__isnull=False, done_at=None, outcome__startswith=because)


def _put(todos: list[FollowUp], *, at: datetime | None, by: User | None, **words: str) -> list[FollowUp]:
    """Let these count no more, or again, and write it down."""
    FollowUp.objects.filter(pk__in=[todo.pk for todo in todos]).update(taken_back_at=at, **words)
    for todo in todos:
        note(todo, by, taken_back_at=(todo.taken_back_at, at))
    return todos
