"""How fast a transport may be used: slowed by the provider, recovering by itself, shared by all workers."""

from __future__ import annotations

import math
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail import lanes
from crm.mail.models import Batch, Lane

pytestmark = pytest.mark.django_db


def recently(size: int) -> None:
    now = timezone.now()
    Batch.objects.create(transport="sendgrid", size=size, worker="w", claimed_at=now, lease_until=now)


def pass_time(**fields) -> Lane:
    """Let the lane's pause be over."""
    Lane.objects.update(paused_until=timezone.now(), next_slot_at=timezone.now(), **fields)
    return Lane.objects.get()


def test_it_sets_no_limit_where_nothing_went_wrong():
    assert lanes.turn("sendgrid", most=1000, until=math.inf) == lanes.Turn(1000, is_probe=False)


def test_it_halves_the_speed_at_each_429():
    recently(2_000)
    lanes.slow_down("sendgrid", reason="Too much.", retry_after=timedelta(seconds=5))
    assert Lane.objects.get().slowed_to == 100  # half of 2,000 in ten seconds

    lanes.slow_down("sendgrid", reason="Too much.", retry_after=None)
    assert Lane.objects.get().slowed_to == pytest.approx(50, rel=0.01)


def test_it_never_stands_still():
    for _ in range(12):
        lanes.slow_down("sendgrid", reason="Too much.", retry_after=None)

    assert Lane.objects.get().slowed_to == lanes.SLOWEST


def test_it_grows_back_steadily_and_then_lifts_the_limit():
    now = timezone.now()
    lane = Lane(transport="sendgrid", slowed_at=now, slowed_to=100.0)

    assert lanes.speed_of(lane, now) == 100
    assert lanes.speed_of(lane, now + timedelta(seconds=30)) == 150
    assert lanes.speed_of(lane, now + timedelta(seconds=60)) == 200
    assert lanes.speed_of(lane, now + lanes.QUIET + timedelta(seconds=1)) is None


def test_it_survives_a_clock_that_jumps_back():
    now = timezone.now()
    lane = Lane(transport="sendgrid", slowed_at=now + timedelta(minutes=5), slowed_to=100.0)

    assert lanes.speed_of(lane, now) == 100
    lane.slowed_at = now + timedelta(hours=1)
    assert lanes.speed_of(lane, now) is None


def test_it_closes_the_lane_for_as_long_as_it_pauses():
    lanes.pause("sendgrid", reason="It is away.")

    with pytest.raises(lanes.LaneClosed, match="It is away"):
        lanes.turn("sendgrid", most=1000, until=math.inf)
    pass_time()
    assert lanes.turn("sendgrid", most=1000, until=math.inf) == lanes.Turn(lanes.PROBE, is_probe=True)


def test_it_pauses_longer_each_time_and_forgets_when_it_works():
    pauses = []
    for _ in range(8):
        before = timezone.now()
        lanes.pause("sendgrid", reason="It is away.")
        pauses.append(round((Lane.objects.get().paused_until - before).total_seconds()))
    assert pauses == [5, 15, 45, 135, 405, 900, 900, 900]

    lanes.reopen("sendgrid")
    lane = Lane.objects.get()
    assert (lane.failures, lane.paused_until, lane.reason) == (0, None, "")


def test_it_shares_the_speed_among_workers():
    Lane.objects.create(transport="sendgrid", slowed_at=timezone.now(), slowed_to=40.0)
    began, start = timezone.now(), time.monotonic()
    turns = [lanes.turn("sendgrid", most=4, until=math.inf) for _ in range(4)]

    assert {turn.most for turn in turns} == {4}
    assert time.monotonic() - start >= 0.25  # three turns of a tenth of a second were waited for
    assert Lane.objects.get().next_slot_at >= began + timedelta(seconds=0.4)


def test_it_does_not_wait_for_a_turn_that_comes_too_late():
    later = timezone.now() + timedelta(minutes=5)
    Lane.objects.create(transport="sendgrid", slowed_at=timezone.now(), slowed_to=1.0, next_slot_at=later)

    with pytest.raises(lanes.LaneClosed):
        lanes.turn("sendgrid", most=1000, until=time.monotonic() + 1)


def test_it_asks_again_after_it_has_waited_for_its_turn(monkeypatch):
    soon = timezone.now() + timedelta(seconds=20)
    Lane.objects.create(transport="sendgrid", slowed_at=timezone.now(), slowed_to=10.0, next_slot_at=soon)
    monkeypatch.setattr(lanes.time, "sleep", lambda seconds: lanes.pause("sendgrid", reason="It is away."))

    with pytest.raises(lanes.LaneClosed, match="It is away"):
        lanes.turn("sendgrid", most=1000, until=math.inf)
