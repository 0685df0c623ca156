"""The worker's heartbeat: do what is due, in every room that has something due."""

from __future__ import annotations

import time

from django.db.models import Min
from django.utils import timezone

from campaigns.actions import launch_due
from campaigns.models import Broadcast
from content.call_wishes import receive_call_wishes
from content.forgetting import forget_quiet_leads
from crm.mail.actions import drain, reap
from crm.mail.events import apply_pending
from crm.mail.inbound import look_through
from crm.mail.models import Message
from crm.mail.unknowns import settle_unknowns
from crm.people.guard import forget_old_tallies
from crm.people.zones import practice_time
from partners import digest, duplicates
from workshops.actions import (
    close_doors,
    close_past,
    forget_given_up,
    lapse_offers,
    lapse_unconfirmed,
    promise_next,
    remind,
    write_afterwards,
    write_week_later,
)

# A tick comes once a minute, give or take the scheduler's half minute. What falls due before the next one is waited for.
WATCH_SECONDS = 75


def tick(*, watch_seconds: float = WATCH_SECONDS) -> None:
    """Do what is due, then what falls due while watching.

    Safe to lose, to repeat, to kill, and to run twice at once: each action claims its own work in the tables.
    """
    until = time.monotonic() + watch_seconds
    work()
    while (pause := seconds_until_due()) is not None and time.monotonic() + pause < until:
        time.sleep(pause)
        work()


@practice_time()
def work() -> None:
    """Launch what is due, look at what came in, free what a lost worker held and who did not take a seat, send, close.

    The morning's e-mail comes last: what goes wrong with it holds up no other mail. Then two of the same are looked for.
    """
    launch_due()
    look_through()
    reap()
    apply_pending()
    settle_unknowns()
    lapse_offers()
    lapse_unconfirmed()
    receive_call_wishes()
    remind()
    write_afterwards()
    write_week_later()
    drain()
    close_past()
    close_doors()
    promise_next()
    forget_old_tallies()
    forget_given_up()
    forget_quiet_leads()
    digest.send_due()
    duplicates.look()


def seconds_until_due() -> float | None:
    """How long until the next broadcast or message is due; None when nothing waits. Never less than a second."""
    times = [
        Broadcast.objects.filter(state=Broadcast.State.SCHEDULED)
        .order_by("send_at")
        .values_list("send_at", flat=True)
        .first(),
        Message.objects.filter(due_at__isnull=False).aggregate(soonest=Min("due_at"))["soonest"],
    ]
    soonest = min((at for at in times if at), default=None)
    return max(1.0, (soonest - timezone.now()).total_seconds()) if soonest else None
