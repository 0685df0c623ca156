"""Plans: steps that are promised together, counted in days from one."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from crm.people.models import Contact, User
from partners.models import FollowUp, Partner, Plan


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
            defaults={
                "partner": partner,
                "contact": contact,
                "title": step.title,
                "due_on": max(today, from_day + timedelta(days=step.days)),
                "is_meeting": step.is_meeting,
                "step": step,
                "by": by,
            },
        )
        steps.append(promised)
    return steps
