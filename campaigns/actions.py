"""What may happen to a broadcast: scheduled, taken back, cancelled, launched once."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from campaigns import preflight, printing
from campaigns.freezing import freeze
from campaigns.models import Broadcast, Letter
from crm.mail.actions import hold_back, nudge, queue
from crm.mail.letters import LetterBroken
from crm.mail.models import Message, MessageClass
from crm.mail.render import CannotRender
from crm.people.models import User


class Refused(Exception):
    """Why something can't happen to a broadcast now, in a sentence."""


class NotReady(Refused):
    """The letter can't leave like this; ``problems`` says what to mend and where."""

    def __init__(self, problems: list[preflight.Problem]) -> None:
        super().__init__(" ".join(problem.sentence for problem in problems))
        self.problems = problems


class Unprintable(Refused):
    """The letter can't even be drawn."""


class TimeIsPast(Refused):
    """Nothing can be sent in the past."""


class TooLate(Refused):
    """Somebody, or the worker, was faster: the broadcast is no longer in a state where this is possible."""


@transaction.atomic
def schedule(broadcast: Broadcast, *, at: datetime | None, by: User) -> Broadcast:
    """Let the worker send a draft at this time; None means at once. Refused while something is wrong with the letter."""
    now = timezone.now()
    if at is not None and at < now:
        raise TimeIsPast("That time is past. Choose a later one, or send it now.")
    if problems := preflight.blocking(broadcast.letter):
        raise NotReady(problems)
    scheduled = Broadcast.objects.filter(pk=broadcast.pk, state__in=Broadcast.OPEN_STATES).update(
        state=Broadcast.State.SCHEDULED, send_at=at or now, note="", by=by
    )
    if scheduled != 1:
        raise TooLate("This broadcast is already scheduled, sent or cancelled.")
    log(broadcast, "campaigns.schedule", user=by)
    broadcast.refresh_from_db()
    return broadcast


@transaction.atomic
def unschedule(broadcast: Broadcast, *, by: User) -> Broadcast:
    """Make a scheduled broadcast a draft again, if it has not left yet."""
    scheduled = Broadcast.objects.filter(pk=broadcast.pk, state=Broadcast.State.SCHEDULED)
    if scheduled.update(state=Broadcast.State.DRAFT, by=by) != 1:
        raise TooLate("This broadcast is no longer waiting for its time.")
    log(broadcast, "campaigns.unschedule", user=by)
    broadcast.refresh_from_db()
    return broadcast


@transaction.atomic
def cancel(broadcast: Broadcast, *, by: User) -> int:
    """Stop a broadcast for good and return how many messages were held back; what has left can't be called back."""
    running = Broadcast.objects.filter(pk=broadcast.pk).exclude(state=Broadcast.State.CANCELLED)
    if running.update(state=Broadcast.State.CANCELLED, by=by) != 1:
        raise TooLate("This broadcast is already cancelled.")
    messages = Message.objects.filter(recipient__broadcast=broadcast)
    held_back = hold_back(messages, reason="The broadcast was cancelled.")
    log(broadcast, "campaigns.cancel", user=by, data={"held_back": held_back})
    broadcast.refresh_from_db()
    return held_back


def send_test(letter: Letter, *, to: User) -> Message:
    """Send the letter's newest version, published or not, to one of us; every time anew."""
    newest = letter.get_latest_revision_as_object()
    try:
        printing.sample(newest, values=printing.SAMPLE)
        content = printing.draw(newest)
    except (LetterBroken, CannotRender) as problem:
        raise Unprintable(str(problem)) from problem
    content.subject = f"Test: {content.subject}"[:200]
    content.save()
    return queue(
        None,
        message_class=MessageClass.SYSTEM,
        dedupe_key=f"test:{letter.pk}:{uuid.uuid4()}",
        content=content,
        values=printing.SAMPLE,
        to_email=to.email,
        to_name=str(to),
        priority=Message.Priority.NOW,
    )


def launch_due() -> int:
    """Launch every broadcast whose time has come, and return how many were. Safe to run twice at once, or to be killed."""
    return sum(launch(broadcast) for broadcast in Broadcast.objects.due().order_by("send_at", "pk"))


@transaction.atomic
def launch(broadcast: Broadcast) -> bool:
    """Freeze letter and audience and queue the messages, all or nothing, by one worker alone; False if nothing left.

    The row is locked until everything is written, and another worker passes it by. A worker that dies leaves a
    rolled-back transaction, and the next tick begins again.
    """
    mine = Broadcast.objects.due().select_for_update(of=("self",), skip_locked=True).filter(pk=broadcast.pk)
    locked = mine.select_related("letter", "audience").first()
    if locked is None:
        return False
    if note := _reason_to_hold(locked):
        Broadcast.objects.filter(pk=locked.pk).update(state=Broadcast.State.MISSED, note=note)
        return False
    content = printing.compose(locked.letter)
    Broadcast.objects.filter(pk=locked.pk).update(
        state=Broadcast.State.SENDING, content=content, launched_at=timezone.now()
    )
    freeze(locked, content=content)
    log(locked, "campaigns.launch")
    nudge()
    return True


def _reason_to_hold(broadcast: Broadcast) -> str:
    """Why a due broadcast must wait for a person: nothing stale and nothing broken is sent."""
    if broadcast.is_stale:
        return "It was not sent: no worker was running for two days after its time. Choose a new time."
    if problems := preflight.blocking(broadcast.letter):
        return f"It was not sent. {problems[0].sentence}"[:300]
    return ""
