from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from partners.actions import AlreadyDone, NotDone, SnoozedToThePast, complete, follow_up, put_due, reopen, snooze

pytestmark = pytest.mark.django_db


@pytest.fixture
def todo(quiet_gym, owner):
    return follow_up(partner=quiet_gym, title="Call Sam", due_on=timezone.localdate(), by=owner)


def test_it_is_done_once(todo, owner):
    complete(todo, by=owner, outcome="Left a message")
    todo.refresh_from_db()

    assert todo.outcome == "Left a message"
    with pytest.raises(AlreadyDone):
        complete(todo, by=owner)


def test_it_opens_again(todo, owner):
    complete(todo, by=owner, outcome="Left a message")
    reopen(todo, by=owner)
    todo.refresh_from_db()

    assert (todo.done_at, todo.outcome) == (None, "")
    with pytest.raises(NotDone):
        reopen(todo, by=owner)


def test_it_is_snoozed_to_a_later_day(todo, owner):
    friday = timezone.localdate() + timedelta(days=5)

    snooze(todo, until=friday, by=owner)
    todo.refresh_from_db()

    assert todo.due_on == friday


def test_it_refuses_to_be_snoozed_to_today(todo, owner):
    with pytest.raises(SnoozedToThePast):
        snooze(todo, until=timezone.localdate(), by=owner)


def test_it_refuses_to_be_snoozed_once_done(todo, owner):
    complete(todo, by=owner)

    with pytest.raises(AlreadyDone):
        snooze(todo, until=timezone.localdate() + timedelta(days=1), by=owner)


def test_it_goes_back_to_the_day_it_was_due(todo, owner):
    was = todo.due_on
    snooze(todo, until=was + timedelta(days=5), by=owner)

    put_due(todo, on=was, by=owner)
    todo.refresh_from_db()

    assert todo.due_on == was


def test_it_leaves_every_change_on_the_audit_trail(todo, owner):
    snooze(todo, until=todo.due_on + timedelta(days=5), by=owner)
    complete(todo, by=owner)

    changed = LogEntry.objects.get_for_object(todo).filter(action=LogEntry.Action.UPDATE, actor=owner)
    assert {field for entry in changed for field in entry.changes} == {"due_on", "done_at"}
