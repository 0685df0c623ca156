from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from partners.actions import AlreadyTakenBack, NotTakenBack, TouchInFuture, log_touch, put_back, take_back
from partners.models import FollowUp, Touch

pytestmark = pytest.mark.django_db

VISIT = Touch.TouchKind.VISIT


def test_it_notes_what_happened(quiet_gym, owner):
    touch = log_touch(quiet_gym, kind=VISIT, summary=" Brought coffee ", is_give=True, by=owner)

    assert (touch.summary, touch.is_give, touch.by) == ("Brought coffee", True, owner)
    assert not FollowUp.objects.exists()


def test_it_notes_who_was_there(physician, owner):
    ada = physician.roles.get().contact

    touch = log_touch(physician, kind=VISIT, by=owner, contacts=[ada])

    assert list(touch.contacts.all()) == [ada]


def test_it_refuses_what_has_not_happened_yet(quiet_gym, owner):
    with pytest.raises(TouchInFuture, match="next step with a date"):
        log_touch(quiet_gym, kind=VISIT, by=owner, occurred_at=timezone.now() + timedelta(hours=1))
    assert quiet_gym.touches.count() == 1


def test_it_promises_the_next_step(quiet_gym, owner):
    day = timezone.localdate() + timedelta(days=3)

    touch = log_touch(quiet_gym, kind=VISIT, by=owner, next_step="Send the knee handout", due_on=day)

    promised = quiet_gym.follow_ups.get()
    assert (promised.title, promised.due_on, promised.touch) == ("Send the knee handout", day, touch)


def test_it_gives_a_next_step_without_a_date_a_week(quiet_gym, owner):
    log_touch(quiet_gym, kind=VISIT, by=owner, next_step="Send the knee handout")

    assert quiet_gym.follow_ups.get().due_on == timezone.localdate() + timedelta(days=7)


def test_it_gives_a_date_without_a_next_step_a_title(quiet_gym, owner):
    log_touch(quiet_gym, kind=VISIT, by=owner, due_on=timezone.localdate() + timedelta(days=1))

    assert quiet_gym.follow_ups.get().title == "Get in touch with Ironworks Gym"


def test_it_takes_a_slip_back_with_what_it_promised(quiet_gym, owner):
    touch = log_touch(quiet_gym, kind=VISIT, by=owner, next_step="Send the knee handout")

    take_back(touch, by=owner)

    assert touch not in quiet_gym.touches.standing()
    assert not quiet_gym.follow_ups.open().exists()
    assert quiet_gym.touches.filter(pk=touch.pk).exists(), "history stays"


def test_it_takes_back_only_once(quiet_gym, owner):
    touch = log_touch(quiet_gym, kind=VISIT, by=owner)
    take_back(touch, by=owner)

    with pytest.raises(AlreadyTakenBack):
        take_back(touch, by=owner)


def test_it_writes_down_who_took_it_back(quiet_gym, owner):
    touch = take_back(log_touch(quiet_gym, kind=VISIT, by=owner), by=owner)

    entry = LogEntry.objects.get_for_object(touch).first()
    assert (entry.actor, list(entry.changes)) == (owner, ["taken_back_at"])


def test_it_puts_back_what_was_taken_back(quiet_gym, owner):
    touch = take_back(log_touch(quiet_gym, kind=VISIT, by=owner, next_step="Send the knee handout"), by=owner)

    put_back(touch, by=owner)

    assert touch in quiet_gym.touches.standing()
    assert quiet_gym.follow_ups.open().count() == 1


def test_it_puts_back_nothing_that_stands(quiet_gym, owner):
    touch = log_touch(quiet_gym, kind=VISIT, by=owner)

    with pytest.raises(NotTakenBack):
        put_back(touch, by=owner)


def test_it_notes_that_a_promise_went_with_its_touch(quiet_gym, owner):
    touch = log_touch(quiet_gym, kind=Touch.TouchKind.VISIT, by=owner, next_step="Call")
    take_back(touch, by=owner)

    entry = LogEntry.objects.get_for_object(touch.follow_ups.get()).first()
    assert (entry.actor, [*entry.changes]) == (owner, ["taken_back_at"])
