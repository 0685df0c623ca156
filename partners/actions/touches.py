from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from crm.people.models import Contact, User
from partners.actions import advice
from partners.actions.refusals import (
    AlreadyTakenBack,
    AskedTooEarly,
    NotTakenBack,
    ThanksCostNothing,
    TouchInFuture,
)
from partners.actions.trail import note
from partners.guard import lacking
from partners.models import FollowUp, Partner, Script, Touch

NEXT_STEP_WITHIN = timedelta(days=7)


class Told(TypedDict, total=False):
    """What else may be said of a touch; every one has a default."""

    outcome: str
    direction: str
    learned: str
    script: Script | None
    minutes: int | None
    cost_cents: int
    counts_for_cadence: bool
    source: str


@transaction.atomic
def log_touch(
    partner: Partner,
    *,
    kind: Touch.TouchKind,
    by: User | None,
    summary: str = "",
    is_give: bool = False,
    is_ask: bool = False,
    ask_reason: str = "",
    occurred_at: datetime | None = None,
    contacts: Iterable[Contact] = (),
    next_step: str = "",
    due_on: date | None = None,
    is_meeting: bool = False,
    once: UUID | None = None,
    **told: Unpack[Told],
) -> Touch:
    """Note that something happened, and promise what follows; what is still to come or asked too early is refused."""
    now = timezone.now()
    if occurred_at and occurred_at > now:
        raise TouchInFuture
    if kind == Touch.TouchKind.THANKS and told.get("cost_cents"):
        raise ThanksCostNothing

    touch = Touch(partner=partner, kind=kind, summary=summary.strip(), occurred_at=occurred_at or now, by=by, **told)
    touch.is_give, touch.is_ask, touch.once = is_give, is_ask, once
    touch.is_give = touch.gave
    touch.ask_reason = _why_ask(touch, ask_reason.strip())
    touch.save(force_insert=True)
    touch.contacts.set(contacts)
    if next_step.strip() or due_on:
        title = next_step.strip() or f"Get in touch with {partner.name}"
        _promise(touch, title, due_on or timezone.localdate() + NEXT_STEP_WITHIN, is_meeting=is_meeting)
    advice.follow(touch, by=by)
    return touch


def _why_ask(touch: Touch, reason: str) -> str:
    """Why it is asked already; nothing where enough was given, or where nothing was asked."""
    missing = lacking(touch.partner, at=touch.occurred_at) if touch.is_ask else None
    if not missing:
        return ""
    if not reason:
        raise AskedTooEarly(missing.sentence)
    return reason


def _promise(touch: Touch, title: str, due_on: date, *, is_meeting: bool) -> FollowUp:
    return FollowUp.objects.create(
        partner=touch.partner, touch=touch, title=title[:200], due_on=due_on, by=touch.by, is_meeting=is_meeting
    )


@transaction.atomic
def mend_touch(touch: Touch, *, was: str, was_at: datetime, by: User | None) -> FollowUp | None:
    """The kind or the day of a touch was another: promise and withdraw as if this one had been logged.

    Return the promise that changed.
    """
    moved = advice.recount(touch, was_at=was_at, by=by)
    if touch.kind == was or touch.taken_back_at:
        return None if moved and moved.taken_back_at else moved
    withdrawn = advice.unfollow(touch, was=was, by=by)
    return advice.follow(touch, by=by) or withdrawn


@transaction.atomic
def take_back(touch: Touch, *, by: User | None) -> Touch:
    """Let a touch and what it promised count no more. Both stay on record, and put_back() restores them."""
    now = timezone.now()
    if Touch.objects.standing().filter(pk=touch.pk).update(taken_back_at=now) != 1:
        raise AlreadyTakenBack

    advice.owe_again(touch, was=touch.kind)
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
    advice.keep_promise(touch)
    for row in (touch, *promised):
        note(row, by, taken_back_at=(taken_back_at, None))
    return touch
