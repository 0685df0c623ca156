"""How fast a transport may be used now: what its provider's answers have taught us, shared by all workers.

Additive increase, multiplicative decrease: each 429 halves the speed, which then grows back by a steady step, and the
limit is lifted after a quiet while. SendGrid publishes no figure to keep to, so its answers are all there is.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from crm.mail.models import Batch, Lane

DOUBLES_IN = 60  # seconds in which a slowed lane regains what the last 429 took
QUIET = timedelta(minutes=10)  # without a 429 for so long, the limit is lifted
SLOWEST = 10.0  # messages a second: a small broadcast still leaves within minutes
WATCHED = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=15)
FARTHEST = timedelta(hours=2)  # no pause that was set by a right clock lies further ahead
STOP_PAUSE = timedelta(minutes=5)
PROBE = 10  # messages that are risked on a provider which failed us last


class LaneClosed(Exception):
    """Nothing leaves on this lane now; the sentence says why, ``until`` when it is tried again."""

    def __init__(self, reason: str, until: datetime) -> None:
        super().__init__(reason)
        self.until = until


@dataclass(frozen=True)
class Turn:
    """How many messages may be taken in hand next, and whether they are to find out if the provider is well again."""

    most: int
    is_probe: bool


def turn(transport: str, *, most: int, until: float) -> Turn:
    """This worker's turn, after waiting for it where the lane is slowed.

    Raises LaneClosed while the lane is paused, and where the turn would come only after ``until`` (monotonic seconds).
    """
    lane = _open_lane(transport)
    if lane is None:
        return Turn(most, is_probe=False)
    speed = speed_of(lane, timezone.now())
    if speed is not None:
        most = max(1, min(most, int(speed)))
        begins = _reserve(transport, seconds=most / speed)
        wait = (begins - timezone.now()).total_seconds()
        if time.monotonic() + wait > until:
            raise LaneClosed(lane.reason, begins)
        time.sleep(max(wait, 0))
        lane = _open_lane(transport) or lane  # much can happen to a provider meanwhile
    return Turn(min(most, PROBE) if lane.failures else most, is_probe=bool(lane.failures))


def _open_lane(transport: str) -> Lane | None:
    """What is known of this lane, None where nothing ever went wrong; LaneClosed while it is paused."""
    lane = Lane.objects.filter(pk=transport).first()
    now = timezone.now()
    if lane and lane.paused_until and now < lane.paused_until < now + FARTHEST:
        raise LaneClosed(lane.reason, lane.paused_until)
    return lane


def speed_of(lane: Lane, now: datetime) -> float | None:
    """Messages a second that are allowed now; None without a limit."""
    if lane.slowed_at is None or lane.slowed_to is None or abs(now - lane.slowed_at) > QUIET:
        return None
    return lane.slowed_to * (1 + max((now - lane.slowed_at).total_seconds(), 0) / DOUBLES_IN)


@transaction.atomic
def _reserve(transport: str, *, seconds: float) -> datetime:
    """Take the next slot of so many seconds on a slowed lane; return when it begins."""
    lane = Lane.objects.select_for_update().get(pk=transport)
    begins = max(lane.next_slot_at or timezone.now(), timezone.now())
    Lane.objects.filter(pk=transport).update(next_slot_at=begins + timedelta(seconds=seconds))
    return begins


@transaction.atomic
def slow_down(transport: str, *, reason: str, retry_after: timedelta | None) -> None:
    """The provider has had too much: pause as long as it asks, and go on at half the speed."""
    now = timezone.now()
    Lane.objects.get_or_create(pk=transport)
    lane = Lane.objects.select_for_update().get(pk=transport)
    speed = speed_of(lane, now) or _recent_speed(transport, now)
    pause = retry_after or _backoff(lane.failures)
    Lane.objects.filter(pk=transport).update(
        slowed_at=now,
        slowed_to=max(speed / 2, SLOWEST),
        paused_until=now + pause,
        next_slot_at=now + pause,
        reason=reason[:300],
        failures=F("failures") + 1,
    )


@transaction.atomic
def pause(transport: str, *, reason: str, is_stopped: bool = False, retry_after: timedelta | None = None) -> None:
    """The provider cannot be used: try again after a while, longer each time; a stopped lane waits for a person."""
    lane, _ = Lane.objects.get_or_create(pk=transport)
    wait = STOP_PAUSE if is_stopped else retry_after or _backoff(lane.failures)
    Lane.objects.filter(pk=transport).update(
        paused_until=timezone.now() + wait, is_stopped=is_stopped, reason=reason[:300], failures=F("failures") + 1
    )


def reopen(transport: str) -> None:
    """It works again: forget failures, keep what was learnt about speed."""
    failing = Lane.objects.filter(pk=transport, failures__gt=0)
    failing.update(failures=0, paused_until=None, is_stopped=False, reason="")


def _backoff(failures: int) -> timedelta:
    return min(timedelta(seconds=5 * 3 ** min(failures, 10)), LONGEST_PAUSE)


def _recent_speed(transport: str, now: datetime) -> float:
    """Messages a second that left on this lane of late."""
    recent = Batch.objects.filter(transport=transport, claimed_at__gt=now - WATCHED)
    return (recent.aggregate(total=Sum("size"))["total"] or 0) / WATCHED.total_seconds()
