"""Whoever gave advice hears what we did with it: a promise that comes with asking, kept by telling them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from crm.people.models import User
from partners.actions.trail import note
from partners.models import FollowUp, Partner, Touch

REPORT_WITHIN = timedelta(days=30)
PROMISE = "Tell them what you did with it"
KEY = "advice:"
ASKED, REPORT = Touch.TouchKind.ADVICE_ASKED, Touch.TouchKind.REPORTED_BACK


def follow(touch: Touch, *, by: User | None) -> FollowUp | None:
    """What comes of a touch that stands: asking for advice promises to tell them, and telling them keeps that promise."""
    if touch.kind == ASKED:
        return _promise_report(touch, by)
    keep_promise(touch)
    return None


def unfollow(touch: Touch, *, was: str, by: User | None) -> FollowUp | None:
    """Undo follow() for the kind that a touch was: the promise it made is withdrawn, the one it kept is owed again."""
    if was != ASKED:
        owe_again(touch, was=was)
        return None
    promised = FollowUp.objects.open().filter(once_key=_key(touch)).first()
    if promised:
        _set_back(promised, timezone.now(), by)
    return promised


def recount(touch: Touch, *, was_at: datetime, by: User | None) -> FollowUp | None:
    """They were asked on another day: the promise counts from that one, unless it is kept or was moved by hand."""
    was_due, due_on = _due_on(was_at), _due_on(touch.occurred_at)
    counted = FollowUp.objects.filter(once_key=_key(touch), done_at=None, due_on=was_due, snoozes=0)
    promised = counted.first() if due_on != was_due else None
    if promised is None or counted.update(due_on=due_on) != 1:
        return None
    promised.due_on = due_on
    note(promised, by, due_on=(was_due, due_on))
    return promised


def _promise_report(touch: Touch, by: User | None) -> FollowUp | None:
    """Promise to tell them, thirty days after the asking, once; one that was withdrawn stands again."""
    promise = {"title": PROMISE, "due_on": _due_on(touch.occurred_at), "by": touch.by}
    promised, is_new = FollowUp.objects.get_or_create(
        once_key=_key(touch), defaults={"partner": touch.partner, "touch": touch, **promise}
    )
    if is_new:
        return promised
    if promised.done_at or not promised.taken_back_at:
        return None
    _set_back(promised, None, by)
    return promised


def keep_promise(touch: Touch) -> None:
    """If this touch told them, the oldest such promise to them is kept."""
    if touch.kind != REPORT:
        return
    owed = _owed(touch.partner).filter(done_at=None, taken_back_at=None)
    oldest = owed.order_by("due_on", "pk").values("pk")[:1]
    # The same instant as the touch: how the one finds the other when either is taken back.
    owed.filter(pk__in=oldest).update(done_at=touch.created_at, outcome=touch.summary[:200])


def owe_again(touch: Touch, *, was: str) -> None:
    """Undo keep_promise(): a touch that told them counts no more."""
    if was == REPORT:
        _owed(touch.partner).filter(done_at=touch.created_at).update(done_at=None, outcome="")


def _set_back(promised: FollowUp, at: datetime | None, by: User | None) -> None:
    was, promised.taken_back_at = promised.taken_back_at, at
    promised.save(update_fields=["taken_back_at"])
    note(promised, by, taken_back_at=(was, at))


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


def _due_on(asked_at: datetime) -> date:
    return timezone.localdate(asked_at) + REPORT_WITHIN


def _key(touch: Touch) -> str:
    return f"{KEY}{touch.pk}"


def _owed(partner: Partner):
    return FollowUp.objects.filter(partner=partner, once_key__startswith=KEY)
