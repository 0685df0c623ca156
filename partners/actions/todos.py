from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.people.models import Contact, User
from partners.actions.refusals import AlreadyDone, NotDone, SnoozedToThePast
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
    """Mark a to do as done, once."""
    now = timezone.now()
    if FollowUp.objects.open().filter(pk=follow_up.pk).update(done_at=now, outcome=outcome.strip()) != 1:
        raise AlreadyDone

    follow_up.done_at, follow_up.outcome = now, outcome.strip()
    note(follow_up, by, done_at=(None, now))
    return follow_up


@transaction.atomic
def reopen(follow_up: FollowUp, *, by: User | None) -> FollowUp:
    """Undo complete()."""
    done = FollowUp.objects.filter(pk=follow_up.pk, done_at__isnull=False, taken_back_at=None)
    if done.update(done_at=None, outcome="") != 1:
        raise NotDone

    was, follow_up.done_at, follow_up.outcome = follow_up.done_at, None, ""
    note(follow_up, by, done_at=(was, None))
    return follow_up


def snooze(follow_up: FollowUp, *, until: date, by: User | None) -> FollowUp:
    """Move an open to do to a later day; today or earlier is refused."""
    if until <= timezone.localdate():
        raise SnoozedToThePast
    return put_due(follow_up, on=until, by=by)


@transaction.atomic
def put_due(follow_up: FollowUp, *, on: date, by: User | None) -> FollowUp:
    """Move an open to do to any day: what undoes a snooze."""
    was = FollowUp.objects.filter(pk=follow_up.pk).values_list("due_on", flat=True).get()
    if FollowUp.objects.open().filter(pk=follow_up.pk).update(due_on=on) != 1:
        raise AlreadyDone

    follow_up.due_on = on
    note(follow_up, by, due_on=(was, on))
    return follow_up


@transaction.atomic
def drop(follow_up: FollowUp, *, by: User | None) -> FollowUp:
    """Let an open to do count no more. It stays on record."""
    now = timezone.now()
    if FollowUp.objects.open().filter(pk=follow_up.pk).update(taken_back_at=now) != 1:
        raise AlreadyDone

    follow_up.taken_back_at = now
    note(follow_up, by, taken_back_at=(None, now))
    return follow_up
