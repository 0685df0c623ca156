"""F2 to F5: the provider slows down, fails, goes silent, or closes the connection."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail import lanes
from crm.mail.actions import drain, reap
from crm.mail.models import Lane, Message, MessageClass
from crm.mail.transports import link
from tests.fakes.sendgrid import Rule
from tests.mail.faults import invariants
from tests.mail.faults.conftest import let_pass, make_due

pytestmark = pytest.mark.django_db
State = Message.State


def drain_until_done(most: int = 60) -> int:
    """Ticks, a pause apart, until nothing waits; return how many it took."""
    for number in range(1, most):
        make_due()
        drain()
        if not Message.objects.filter(state=State.QUEUED).exists():
            return number
    raise AssertionError("The queue was never empty.")


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "2"}, {"X-RateLimit-Reset": "9999999999"}])
def test_it_loses_nothing_in_a_storm_of_429(fill, sendgrid, headers):
    fill(12)
    fill(300, MessageClass.PARTNER)
    sendgrid.script(
        Rule(status=429, fraction=0.3, times=4, headers=headers),
        Rule(status=429, times=2, headers=headers),
    )

    drain_until_done()
    assert invariants.hold(sendgrid, total=312) == {State.HANDED_OVER: 312}
    assert sendgrid.answers[429] >= 3


def test_it_slows_down_when_asked_and_recovers(fill, sendgrid):
    fill(40)
    sendgrid.script(Rule(times=10), Rule(status=429, times=1, headers={"Retry-After": "60"}))
    drain()
    lane = Lane.objects.get()
    assert lane.paused_until > timezone.now() + timedelta(seconds=50)
    handed_over = len(sendgrid.recipients)
    drain()
    assert len(sendgrid.recipients) == handed_over < 40  # not one before the minute is over

    let_pass(timedelta(seconds=61))
    lane.refresh_from_db()
    slow = lanes.speed_of(lane, timezone.now())
    let_pass(timedelta(seconds=120))
    lane.refresh_from_db()
    assert slow < lanes.speed_of(lane, timezone.now())
    let_pass(lanes.QUIET)
    lane.refresh_from_db()
    assert lanes.speed_of(lane, timezone.now()) is None
    drain_until_done()
    assert invariants.hold(sendgrid, total=40) == {State.HANDED_OVER: 40}


def test_it_never_resends_after_a_server_error(fill, sendgrid):
    fill(16)
    sendgrid.script(
        *(Rule(status=status, accepts=accepts, times=2) for status in (500, 502, 503, 504) for accepts in (True, False))
    )

    drain_until_done()
    reap()
    drain_until_done()
    assert invariants.hold(sendgrid, total=16) == {State.UNKNOWN: 16}
    assert sum(sendgrid.accepted_count.values()) == 8


@pytest.mark.parametrize("then", ["silence", "reset", "hang up"])
def test_it_never_resends_what_got_no_answer(fill, sendgrid, monkeypatch, then):
    if then == "silence":
        monkeypatch.setattr(link, "READ_SECONDS", 1)  # to wait for; the answer to the twenty others comes in less
    unlucky, _ = fill(2)
    fill(20, MessageClass.PARTNER)
    sendgrid.script(Rule(then=then, to=unlucky.to_email))

    drain_until_done()
    reap()
    drain_until_done()
    states = invariants.hold(sendgrid, total=22)
    assert states[State.UNKNOWN] == 1
    assert states[State.HANDED_OVER] == 21


def test_it_sends_again_what_broke_off_halfway(fill, sendgrid):
    """The half of a request is no request, but whether the other half left can't be seen from here."""
    fill(3)
    sendgrid.script(Rule(then="half", times=1))

    drain_until_done()
    states = invariants.hold(sendgrid, total=3)
    assert states[State.HANDED_OVER] + states[State.UNKNOWN] == 3
    assert states[State.HANDED_OVER] >= 2


def test_it_takes_another_connection_when_the_kept_one_is_closed(fill, sendgrid):
    fill(12)
    sendgrid.script(Rule(then="close"))

    drain_until_done()
    assert invariants.hold(sendgrid, total=12) == {State.HANDED_OVER: 12}
    assert sendgrid.connections == 12
