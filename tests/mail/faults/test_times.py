"""F12 to F15: the unsubscribe or the change that comes a moment before, clocks that jump, a host that was down."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from crm.mail import lanes
from crm.mail.actions import NotWaiting, cancel, drain, hold_back, reap, unsubscribe
from crm.mail.claiming import claim
from crm.mail.models import Message, MessageClass, Suppression, address_hash
from crm.mail.transports import Way, chosen
from crm.people.models import PracticeProfile
from tests.fakes.sendgrid import Rule
from tests.mail.faults import invariants
from tests.mail.faults.conftest import let_pass
from tests.mail.faults.test_answers import drain_until_done

pytestmark = pytest.mark.django_db
State = Message.State
TORONTO = ZoneInfo("America/Toronto")


def test_it_honours_an_unsubscribe_between_queue_and_claim(fill, sendgrid):
    messages = fill(30, MessageClass.MARKETING)
    gone = messages[5:25:2]
    for message in gone:
        unsubscribe(message)

    drain_until_done()
    states = invariants.hold(sendgrid, total=30, closed=[message.to_email for message in gone])
    assert states == {State.HANDED_OVER: 20, State.SKIPPED: 10}


def test_it_knows_a_closed_address_however_it_is_spelled(fill, sendgrid):
    messages = fill(4, MessageClass.PARTNER)
    for message, spelling in zip(messages, ("no@example.com", "No@example.com", "NO@EXAMPLE.COM"), strict=False):
        Message.objects.filter(pk=message.pk).update(to_email=spelling)
    Suppression.objects.create(
        email_hash=address_hash("no@example.com"), scope=Suppression.Scope.ALL, reason=Suppression.Reason.BOUNCED
    )

    drain_until_done()
    states = invariants.hold(sendgrid, total=4, closed=["no@example.com"])
    assert states == {State.HANDED_OVER: 1, State.SKIPPED: 3}


def test_it_takes_back_all_or_says_that_it_is_too_late(fill, sendgrid, owner):
    """A cancellation a moment before: what it held back never leaves, what had left is not called held back."""
    messages = fill(12)
    sendgrid.script(Rule(times=5), Rule(status=429))
    drain()
    gone = set(Message.objects.filter(state=State.HANDED_OVER))
    assert len(gone) == 5

    waiting = Message.objects.filter(pk__in=[message.pk for message in messages])
    assert hold_back(waiting, reason="The appointment was moved.") == 7
    for message in gone:
        with pytest.raises(NotWaiting):
            cancel(message, by=owner)
    sendgrid.script()
    drain_until_done()
    assert invariants.hold(sendgrid, total=12) == {State.HANDED_OVER: 5, State.SKIPPED: 7}


def test_it_lets_die_what_is_stale_after_five_hours_away(fill, sendgrid):
    soon = timezone.now() + timedelta(hours=2)
    fill(5, expires_at=soon)
    fill(5, MessageClass.PARTNER, expires_at=soon + timedelta(hours=12))
    let_pass(timedelta(hours=5))

    drain_until_done()
    assert invariants.hold(sendgrid, total=10) == {State.EXPIRED: 5, State.HANDED_OVER: 5}


@pytest.mark.parametrize("jump", [timedelta(hours=-3), timedelta(days=-2), timedelta(hours=3)])
def test_it_repeats_nothing_when_the_clock_jumps(fill, sendgrid, jump):
    fill(6)
    drain()
    fill(6)
    with time_machine.travel(timezone.now() + jump, tick=True):
        fill(6)
        reap()
        drain()
    reap()
    drain_until_done()
    assert invariants.hold(sendgrid, total=18) == {State.HANDED_OVER: 18}


def test_it_is_not_held_up_by_what_a_clock_that_was_ahead_wrote_down(fill, sendgrid, practice):
    fill(4)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert claim(Way(chosen()), practice=practice, most=4).taken == 4  # and then that worker died
        lanes.slow_down("sendgrid", reason="Too many requests.", retry_after=timedelta(minutes=1))

    assert reap() == 4
    drain()
    assert invariants.hold(sendgrid, total=4) == {State.HANDED_OVER: 4}


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        (datetime(2026, 3, 8, 1, 59, tzinfo=TORONTO), datetime(2026, 3, 8, 8, tzinfo=TORONTO)),  # an hour is left out
        (datetime(2026, 11, 1, 1, 30, fold=0, tzinfo=TORONTO), datetime(2026, 11, 1, 8, tzinfo=TORONTO)),  # and twice
        (datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=TORONTO), datetime(2026, 11, 1, 8, tzinfo=TORONTO)),
        (datetime(2026, 10, 31, 20, tzinfo=TORONTO), datetime(2026, 11, 1, 8, tzinfo=TORONTO)),
        (datetime(2026, 6, 1, 7, 59, 59, tzinfo=TORONTO), datetime(2026, 6, 1, 8, tzinfo=TORONTO)),
    ],
)
def test_it_keeps_the_hours_over_a_change_of_clocks(fill, sendgrid, moment, leaves):
    PracticeProfile.objects.update(letters_from=time(8), letters_until=time(20), time_zone="America/Toronto")
    with time_machine.travel(moment, tick=False) as clock:
        fill(2, MessageClass.PARTNER)
        fill(1)
        drain()
        assert len(sendgrid.recipients) == 1  # a confirmation waits for nobody's morning
        clock.move_to(leaves - timedelta(seconds=1))
        drain()
        assert len(sendgrid.recipients) == 1
        clock.move_to(leaves)
        drain()
        assert invariants.hold(sendgrid, total=3) == {State.HANDED_OVER: 3}
