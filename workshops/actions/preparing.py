"""What has to be done with the host before and after a workshop: the steps of the plan, counted from its day."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from crm.people.models import User
from partners import actions as partners
from partners.models import FollowUp, Partner, Plan
from partners.models.follow_up import FollowUpQuerySet
from workshops.models import Workshop

SETTLED = 42  # days before: by then host and topic are agreed, and publishing says that they are


def steps_of(workshop: Workshop, *, host: Partner | None = None) -> FollowUpQuerySet:
    """Every step with the host, whatever became of it."""
    at = host or workshop.host
    return at.follow_ups.of_occasion(_key(workshop)) if at else FollowUp.objects.none()


def prepare(workshop: Workshop, *, by: User | None) -> list[FollowUp]:
    """Promise the steps of the workshop plan, once; nothing without a host or once the day has come."""
    if not workshop.host or workshop.is_cancelled or workshop.has_begun:
        return []
    return partners.begin(
        Plan.Trigger.WORKSHOP, partner=workshop.host, from_day=_day(workshop), key=_key(workshop), by=by
    )


@transaction.atomic
def settle(workshop: Workshop, *, by: User | None) -> None:
    """Publishing says that day and topic stand, so the steps that were to bring that about are done."""
    for todo in steps_of(workshop).open().select_related("step", "partner"):
        if todo.step and todo.step.days <= -SETTLED:
            partners.complete(todo, by=by, outcome="The workshop was published.")


@transaction.atomic
def follow_day(workshop: Workshop, *, was_on: date, by: User | None) -> list[FollowUp]:
    """The day has changed: the open steps move with it."""
    if not workshop.host:
        return []
    return partners.recount(_key(workshop), partner=workshop.host, from_day=_day(workshop), was_from=was_on, by=by)


@transaction.atomic
def follow_host(workshop: Workshop, *, was_at: Partner | None, by: User | None) -> None:
    """Somebody else hosts it: the open steps go to them. Without a host they are put aside, until there is one."""
    if was_at is None:
        if not _take_up(workshop, by=by):
            prepare(workshop, by=by)
    elif workshop.host is None:
        put_aside(workshop, host=was_at, by=by)
    else:
        day = _day(workshop)
        partners.recount(_key(workshop), partner=workshop.host, was_at=was_at, from_day=day, was_from=day, by=by)


@transaction.atomic
def put_aside(workshop: Workshop, *, by: User | None, host: Partner | None = None) -> list[FollowUp]:
    """Drop what is still open, as there is nothing to prepare any more. What was done stays."""
    at = host or workshop.host
    rest = steps_of(workshop, host=host).open().first()
    return partners.stop(at, run=rest.run, by=by) if at and rest else []


def put_aside_with(workshop: Workshop) -> list[FollowUp]:
    """What was put aside when the workshop was cancelled."""
    return list(steps_of(workshop).filter(taken_back_at__gte=workshop.cancelled_at)) if workshop.cancelled_at else []


def _take_up(workshop: Workshop, *, by: User | None) -> list[FollowUp]:
    """Bring back what was put aside when the host was taken out, wherever that was."""
    todo = FollowUp.objects.of_occasion(_key(workshop)).select_related("partner").first()
    if todo is None or todo.partner is None or workshop.host is None:
        return []
    if not steps_of(workshop, host=todo.partner).filter(taken_back_at__isnull=False).exists():
        return []
    back = partners.resume(todo.partner, run=todo.run, by=by)
    follow_host(workshop, was_at=todo.partner, by=by)
    return back


def _key(workshop: Workshop) -> str:
    return f"workshop:{workshop.pk}"


def _day(workshop: Workshop) -> date:
    """On the clock of its own zone."""
    return workshop.local_start.date()
