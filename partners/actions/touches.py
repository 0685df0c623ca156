from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from crm.people.models import Contact, User
from partners.actions.refusals import AlreadyTakenBack, NotTakenBack, TouchInFuture
from partners.actions.trail import note
from partners.models import FollowUp, Partner, Touch

NEXT_STEP_WITHIN = timedelta(days=7)


@transaction.atomic
def log_touch(
    partner: Partner,
    *,
    kind: Touch.TouchKind,
    by: User | None,
    summary: str = "",
    is_give: bool = False,
    occurred_at: datetime | None = None,
    contacts: Iterable[Contact] = (),
    next_step: str = "",
    due_on: date | None = None,
    once: UUID | None = None,
) -> Touch:
    """Note that something happened, and promise the next step if there is one; what has not happened is refused."""
    now = timezone.now()
    if occurred_at and occurred_at > now:
        raise TouchInFuture

    touch = Touch.objects.create(
        partner=partner,
        kind=kind,
        summary=summary.strip(),
        is_give=is_give,
        occurred_at=occurred_at or now,
        by=by,
        once=once,
    )
    touch.contacts.set(contacts)
    if next_step.strip() or due_on:
        title = next_step.strip() or f"Get in touch with {partner.name}"
        due_on = due_on or timezone.localdate() + NEXT_STEP_WITHIN
        FollowUp.objects.create(partner=partner, touch=touch, title=title[:200], due_on=due_on, by=by)
    return touch


@transaction.atomic
def take_back(touch: Touch, *, by: User | None) -> Touch:
    """Let a touch and what it promised count no more. Both stay on record, and put_back() restores them."""
    now = timezone.now()
    if Touch.objects.standing().filter(pk=touch.pk).update(taken_back_at=now) != 1:
        raise AlreadyTakenBack

    promised = list(touch.follow_ups.filter(taken_back_at=None))
    touch.follow_ups.filter(pk__in=[todo.pk for todo in promised]).update(taken_back_at=now)
    touch.taken_back_at = now
    for row in (touch, *promised):
        note(row, by, taken_back_at=(None, now))
    return touch


@transaction.atomic
def put_back(touch: Touch, *, by: User | None) -> Touch:
    """Undo take_back(): the touch stands again, and so does what it promised."""
    taken_back_at = Touch.objects.filter(pk=touch.pk).values_list("taken_back_at", flat=True).get()
    if (
        taken_back_at is None
        or Touch.objects.filter(pk=touch.pk, taken_back_at=taken_back_at).update(taken_back_at=None) != 1
    ):
        raise NotTakenBack

    promised = list(touch.follow_ups.filter(taken_back_at=taken_back_at))
    touch.follow_ups.filter(pk__in=[todo.pk for todo in promised]).update(taken_back_at=None)
    touch.taken_back_at = None
    for row in (touch, *promised):
        note(row, by, taken_back_at=(taken_back_at, None))
    return touch
