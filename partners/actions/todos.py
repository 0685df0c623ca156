from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from crm.people.models import Contact, User
from partners.actions import advice
from partners.actions.refusals import AlreadyDone, NotDone, NotDropped, SnoozedToThePast
from partners.actions.trail import note
from partners.models import FollowUp, Partner


def follow_up(
    *,
    partner: Partner | None = None,
    contact: Contact | None = None,
    title: str,
    due_on: date,
    by: User | None = None,
    is_meeting: bool = False,
    repeat_days: int | None = None,
    once_key: str = "",
) -> FollowUp:
    """Promise something to a partner or a contact by a day; with a key, once for whatever reason the key names."""
    promise: dict[str, Any] = {
        "partner": partner,
        "contact": contact,
        "title": title.strip()[:200],
        "due_on": due_on,
        "is_meeting": is_meeting,
        "repeat_days": repeat_days,
        "by": by,
    }
    if not once_key:
        return FollowUp.objects.create(**promise)
    promised, _made = FollowUp.objects.get_or_create(once_key=once_key, defaults=promise)
    return promised


@transaction.atomic
def complete(follow_up: FollowUp, *, by: User | None, outcome: str = "") -> FollowUp:
    """Mark a to do as done, once. One that comes again is promised anew in the same breath, counted from today."""
    now, words = timezone.now(), outcome.strip()[:200]
    if FollowUp.objects.open().filter(pk=follow_up.pk).update(done_at=now, outcome=words) != 1:
        raise AlreadyDone

    follow_up.done_at, follow_up.outcome = now, words
    note(follow_up, by, done_at=(None, now))
    if follow_up.repeat_days:
        _promise_again(follow_up, by)
    advice.report(follow_up, by=by)
    return follow_up


@transaction.atomic
def reopen(follow_up: FollowUp, *, by: User | None) -> FollowUp:
    """Undo complete(), and take back what it promised anew as long as nobody has done that."""
    done = FollowUp.objects.filter(pk=follow_up.pk, done_at__isnull=False, taken_back_at=None)
    if done.update(done_at=None, outcome="") != 1:
        raise NotDone

    was, follow_up.done_at, follow_up.outcome = follow_up.done_at, None, ""
    note(follow_up, by, done_at=(was, None))
    for again in FollowUp.objects.open().filter(once_key=_again(follow_up)):
        drop(again, by=by)
    advice.unreport(follow_up, done_at=was, by=by)
    return follow_up


def _again(follow_up: FollowUp) -> str:
    return f"again:{follow_up.pk}"


def _promise_again(done: FollowUp, by: User | None) -> None:
    """The next of a row. It is a meeting only once somebody has booked it."""
    due_on = timezone.localdate() + timedelta(days=done.repeat_days or 0)
    promise = {
        "partner": done.partner,
        "contact": done.contact,
        "title": done.title,
        "due_on": due_on,
        "repeat_days": done.repeat_days,
        "by": by,
    }
    again, made = FollowUp.objects.get_or_create(once_key=_again(done), defaults=promise)
    # Done, undone and done again: the one that was taken back stands again.
    back = FollowUp.objects.filter(pk=again.pk, done_at=None, taken_back_at__isnull=False)
    if not made and back.update(taken_back_at=None, due_on=due_on):
        note(again, by, taken_back_at=(again.taken_back_at, None))


def snooze(follow_up: FollowUp, *, until: date, by: User | None) -> FollowUp:
    """Put an open to do off to a later day, and count it; today or earlier is refused."""
    if until <= timezone.localdate():
        raise SnoozedToThePast
    return _put(follow_up, on=until, by=by, snoozes=lambda was: F("snoozes") + (1 if until > was else 0))


def unsnooze(follow_up: FollowUp, *, on: date, by: User | None) -> FollowUp:
    """Undo snooze(): due on the day before it, and put off once less."""
    return _put(follow_up, on=on, by=by, snoozes=lambda was: Greatest(F("snoozes") - (1 if was > on else 0), 0))


def put_due(follow_up: FollowUp, *, on: date, by: User | None) -> FollowUp:
    """Change the day of an open to do, to any day. It does not count as putting it off."""
    return _put(follow_up, on=on, by=by, snoozes=lambda was: F("snoozes"))


@transaction.atomic
def _put(follow_up: FollowUp, *, on: date, by: User | None, snoozes: Callable[[date], Any]) -> FollowUp:
    was = FollowUp.objects.filter(pk=follow_up.pk).values_list("due_on", flat=True).get()
    if was == on:  # tapped twice: it is there already
        return follow_up
    if FollowUp.objects.open().filter(pk=follow_up.pk, due_on=was).update(due_on=on, snoozes=snoozes(was)) != 1:
        raise AlreadyDone

    follow_up.refresh_from_db(fields=["due_on", "snoozes"])
    note(follow_up, by, due_on=(was, on))
    return follow_up


@transaction.atomic
def drop(follow_up: FollowUp, *, by: User | None) -> FollowUp:
    """Let an open to do count no more. It stays on record, and pick_up() brings it back."""
    now = timezone.now()
    if FollowUp.objects.open().filter(pk=follow_up.pk).update(taken_back_at=now) != 1:
        raise AlreadyDone

    follow_up.taken_back_at = now
    note(follow_up, by, taken_back_at=(None, now))
    return follow_up


@transaction.atomic
def pick_up(follow_up: FollowUp, *, by: User | None) -> FollowUp:
    """Undo drop()."""
    was = follow_up.taken_back_at
    words = follow_up.outcome if follow_up.done_at else ""  # why it was put aside holds no more
    dropped = FollowUp.objects.filter(pk=follow_up.pk, taken_back_at__isnull=False)
    if dropped.update(taken_back_at=None, outcome=words) != 1:
        raise NotDropped

    follow_up.taken_back_at, follow_up.outcome = None, words
    note(follow_up, by, taken_back_at=(was, None))
    return follow_up
