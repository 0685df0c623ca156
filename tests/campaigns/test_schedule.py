from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from campaigns import actions
from campaigns.actions import NotReady, TimeIsPast, TooLate, cancel, launch_due, schedule, unschedule
from campaigns.models import Broadcast
from crm.mail.models import Message
from tests.campaigns.conftest import at_gym, person, write_letter

pytestmark = pytest.mark.django_db
TORONTO = ZoneInfo("America/Toronto")


def test_it_schedules_a_draft(broadcast, owner):
    at = timezone.now() + timedelta(days=1)

    schedule(broadcast, at=at, by=owner)

    assert (broadcast.state, broadcast.send_at, broadcast.by) == (Broadcast.State.SCHEDULED, at, owner)


def test_it_sends_at_once_without_a_time(broadcast, owner):
    at_gym(person())

    schedule(broadcast, at=None, by=owner)

    assert launch_due() == 1


def test_it_refuses_the_past(broadcast, owner):
    with pytest.raises(TimeIsPast, match="That time is past"):
        schedule(broadcast, at=timezone.now() - timedelta(minutes=1), by=owner)


def test_it_refuses_a_letter_that_is_not_ready(broadcast, owner):
    broadcast.letter = write_letter(subject="Hi [[nickname]]")

    with pytest.raises(NotReady, match="nickname"):
        schedule(broadcast, at=None, by=owner)
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.DRAFT


@pytest.mark.parametrize("state", ["scheduled", "cancelled"])
def test_it_refuses_what_is_no_draft(broadcast, owner, state):
    Broadcast.objects.update(state=state, send_at=timezone.now())

    with pytest.raises(TooLate):
        schedule(broadcast, at=None, by=owner)


def test_it_gives_a_missed_broadcast_a_new_time(due, owner):
    at_gym(person())
    with time_machine.travel(due.send_at + timedelta(days=3), tick=False):
        launch_due()
        due.refresh_from_db()
        schedule(due, at=None, by=owner)

        assert due.note == ""
        assert launch_due() == 1


def test_it_is_taken_back_before_it_leaves(due, owner):
    unschedule(due, by=owner)

    assert due.state == Broadcast.State.DRAFT
    assert launch_due() == 0


def test_it_is_not_taken_back_after_it_left(due, owner):
    launch_due()

    with pytest.raises(TooLate):
        unschedule(due, by=owner)


def test_it_holds_back_what_still_waits(due, owner):
    at_gym(person("Gone"), person("Waiting"))
    launch_due()
    Message.objects.filter(to_name="Gone").update(state=Message.State.HANDED_OVER, settled_at=timezone.now())

    assert cancel(due, by=owner) == 1

    held = Message.objects.get(to_name="Waiting")
    assert (held.state, held.reason) == (Message.State.SKIPPED, "The broadcast was cancelled.")
    assert Message.objects.get(to_name="Gone").state == Message.State.HANDED_OVER


def test_it_is_cancelled_only_once(broadcast, owner):
    cancel(broadcast, by=owner)

    with pytest.raises(TooLate):
        cancel(broadcast, by=owner)


def test_it_never_launches_what_is_cancelled(due, owner):
    cancel(due, by=owner)

    assert launch_due() == 0


def test_it_names_every_refusal():
    assert all(issubclass(refusal, actions.Refused) for refusal in (NotReady, TimeIsPast, TooLate))
