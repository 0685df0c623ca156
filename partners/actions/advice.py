"""Whoever gave advice hears what we did with it: a promise that comes with asking, kept by telling them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from crm.people.models import User
from partners.actions.trail import note
from partners.models import FollowUp, Partner, Touch

REPORT_WITHIN = timedelta(days=30)
PROMISE = "Tell them what you did with it"
KEY = "advice:"
REPORT = Touch.TouchKind.REPORTED_BACK


def promise_report(touch: Touch) -> FollowUp:
    """Promise to tell them, thirty days after the asking."""
    due_on = timezone.localdate(touch.occurred_at) + REPORT_WITHIN
    key = f"{KEY}{touch.pk}"
    return FollowUp.objects.create(
        partner=touch.partner, touch=touch, title=PROMISE, due_on=due_on, by=touch.by, once_key=key
    )


def keep_promise(touch: Touch) -> None:
    """This touch told them: the oldest such promise to them is kept."""
    owed = _owed(touch.partner).filter(done_at=None, taken_back_at=None)
    oldest = owed.order_by("due_on", "pk").values("pk")[:1]
    # The same instant as the touch: how the one finds the other when either is taken back.
    owed.filter(pk__in=oldest).update(done_at=touch.created_at, outcome=touch.summary[:200])


def owe_again(touch: Touch) -> None:
    """Undo keep_promise(): the touch that told them counts no more."""
    _owed(touch.partner).filter(done_at=touch.created_at).update(done_at=None, outcome="")


def report(todo: FollowUp, *, by: User | None) -> None:
    """The promise was ticked off: note the touch that kept it, for to tell them is a give."""
    if todo.partner and todo.once_key.startswith(KEY) and todo.done_at:
        Touch.objects.create(
            partner=todo.partner, kind=REPORT, summary=todo.outcome or "Told them what came of their advice.",
            is_give=True, source=Touch.Source.SYSTEM, occurred_at=todo.done_at, created_at=todo.done_at, by=by,
        )  # fmt: skip


def unreport(todo: FollowUp, *, done_at: datetime | None, by: User | None) -> None:
    """Undo report(): the promise is open again, and its touch counts no more."""
    if not todo.partner or not done_at or not todo.once_key.startswith(KEY):
        return
    now = timezone.now()
    for touch in todo.partner.touches.standing().filter(kind=REPORT, created_at=done_at):
        Touch.objects.standing().filter(pk=touch.pk).update(taken_back_at=now)
        note(touch, by, taken_back_at=(None, now))


def _owed(partner: Partner):
    return FollowUp.objects.filter(partner=partner, once_key__startswith=KEY)
