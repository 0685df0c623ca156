"""What becomes of a batch: given back, begun, answered, taken apart, or found lost.

Every step is a compare-and-set on the batch, so a slow worker and the reaper, or the same answer twice, cannot both
win. What the provider reports about a message outweighs our own doubt: a message it knows has been handed over.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Concat, Left
from django.utils import timezone

from crm.mail.claiming import LEASE, Parcel, held_by, part_of
from crm.mail.models import CONSENT_NEEDED, Batch, Message, Suppression
from crm.mail.transports.outcome import Answer, Lesson, Outcome, Verdict

MOST_ATTEMPTS = 8
LONGEST_WAIT = timedelta(hours=6)
FRESH = timedelta(seconds=1)
LOST = "The worker was lost while it was handing this over. It may have left, so it is not sent again by itself."
State = Message.State
End = Batch.Outcome
ENDS = {
    Verdict.ACCEPTED: End.ACCEPTED,
    Verdict.NOT_ACCEPTED: End.NOT_ACCEPTED,
    Verdict.REJECTED: End.REJECTED,
    Verdict.UNKNOWN: End.UNKNOWN,
}
ACCEPT_EACH = """
UPDATE mail_message m SET state = 'handed_over', settled_at = %s, reason = '', provider_id = v.provider_id
FROM unnest(%s::uuid[], %s::text[]) v (id, provider_id)
WHERE m.id = v.id AND m.batch_id = %s AND m.state IN ('claimed', 'unknown')
"""


@transaction.atomic
def strike_late(batch: Batch, messages: list[Message]) -> list[Message]:
    """Those who have not unsubscribed since they were claimed. What was claimed a moment ago is not asked again."""
    if timezone.now() - batch.claimed_at < FRESH:
        return messages
    closed = Suppression.objects.scopes_of([message.to_email for message in messages])
    late = [message for message in messages if _is_closed(message, closed.get(message.to_email, set()))]
    if not late:
        return messages
    held_by(batch).filter(pk__in=[message.pk for message in late]).update(
        state=State.SKIPPED, reason="They unsubscribed a moment before it left.", settled_at=timezone.now()
    )
    left = [message for message in messages if message not in late]
    if not left:
        _close(batch, End.RELEASED)
    return left


def _is_closed(message: Message, scopes: set[str]) -> bool:
    return Suppression.Scope.ALL in scopes or (
        Suppression.Scope.LETTERS in scopes and message.message_class in CONSENT_NEEDED
    )


def reject(batch: Batch, faults: dict[UUID, str]) -> None:
    """Set aside those messages of a claimed batch that could not be written, each with its sentence."""
    for pk, reason in faults.items():
        held_by(batch).filter(pk=pk).update(state=State.REJECTED, reason=reason[:300], settled_at=timezone.now())


def begin(batch: Batch, size: int) -> bool:
    """Commit that posting begins, before the first byte; False where the batch is empty or no longer ours."""
    if not size:
        _close(batch, End.RELEASED)
        return False
    now = timezone.now()
    ours = Batch.objects.filter(pk=batch.pk, outcome=End.OPEN, posting_at=None)
    batch.posting_at = now
    return bool(ours.update(posting_at=now, size=size))


@transaction.atomic
def divide(batch: Batch, messages: Sequence[Message]) -> list[Parcel]:
    """Give some messages of a batch a batch of their own, in a list; an empty one where it holds none of them any more.

    A worker that slept past its lease may find that others have them now, and must not post them as well.
    """
    held = set(held_by(batch).select_for_update().values_list("pk", flat=True))
    mine = [message for message in messages if message.pk in held]
    return [part_of(batch, mine)] if mine else []


@transaction.atomic
def release(batch: Batch) -> int:
    """Give a batch back that has not begun to leave; return how many messages wait again."""
    if not _close(batch, End.RELEASED, posting_at=None):
        return 0
    return held_by(batch).update(state=State.QUEUED, batch=None)


def about_to_leave(messages: QuerySet[Message]) -> QuerySet[Batch]:
    """Requests with one of these alone that have not begun."""
    claimed = messages.filter(state=State.CLAIMED).order_by().values("batch")
    return Batch.objects.filter(pk__in=claimed, outcome=End.OPEN, posting_at=None, size=1)


@transaction.atomic
def settle(batch: Batch, messages: Sequence[Message], answer: Answer) -> list[Parcel]:
    """Write down what came back, and return the parts that must be posted once more.

    A late answer still counts, even if the batch was called unknown meanwhile; one that comes twice changes nothing.
    """
    whole = answer.whole
    is_split = whole.is_splittable and len(messages) > 1
    if not _close(batch, End.SPLIT if is_split else ENDS[whole.verdict], outcome=whole):
        return []
    if is_split:
        return _take_apart(batch, messages, whole)
    if whole.verdict != Verdict.ACCEPTED:
        _believe_reports(batch)
    _settle_each(batch, messages, answer)
    held_by(batch).exclude(pk__in=list(answer.each)).update(**_settlement(whole, timezone.now()))
    return []


def _take_apart(batch: Batch, messages: Sequence[Message], refusal: Outcome) -> list[Parcel]:
    """Find the ones to blame: those the provider named, else by halves. The others leave without them."""
    named = {messages[place].pk for place in refusal.culprits if place < len(messages)}
    if named:
        reject(batch, dict.fromkeys(named, refusal.reason))
        rest = [message for message in messages if message.pk not in named]
        return divide(batch, rest)
    middle = len(messages) // 2
    return divide(batch, messages[:middle]) + divide(batch, messages[middle:])


def _settle_each(batch: Batch, messages: Sequence[Message], answer: Answer) -> None:
    """Settle those messages of which the transport knows more than of the request as a whole."""
    now = timezone.now()
    taken = {pk: outcome for pk, outcome in answer.each.items() if outcome.verdict == Verdict.ACCEPTED}
    if taken:
        ids = [outcome.provider_id[:200] for outcome in taken.values()]
        with connection.cursor() as cursor:
            cursor.execute(ACCEPT_EACH, [now, list(taken), ids, batch.pk])
    for message in messages:
        if message.pk in answer.each and message.pk not in taken:
            outcome = answer.each[message.pk]
            held_by(batch).filter(pk=message.pk).update(**_settlement(outcome, now, message=message))


def _settlement(outcome: Outcome, now: datetime, *, message: Message | None = None) -> dict[str, Any]:
    """What the ledger says after this outcome. Only a message's own failure counts as an attempt."""
    # Nothing is written beside somebody who was erased while it was on its way: a server's answer names addresses.
    reason = Case(When(to_email="", then=Value("")), default=Value(outcome.reason[:300])) if outcome.reason else ""
    match outcome.verdict:
        case Verdict.ACCEPTED:
            return {"state": State.HANDED_OVER, "settled_at": now, "reason": ""}
        case Verdict.REJECTED:
            return {"state": State.REJECTED, "reason": reason, "settled_at": now}
        case Verdict.UNKNOWN:
            return {"state": State.UNKNOWN, "reason": reason, "settled_at": now}
    waits: dict[str, Any] = {"state": State.QUEUED, "batch": None, "reason": reason}
    if outcome.in_our_name:
        return {**waits, "letterhead": None}
    if message is None or outcome.lesson != Lesson.NONE:
        return waits
    attempts = message.attempts + 1
    again_at = now + (outcome.retry_after or backoff(attempts))
    if attempts >= MOST_ATTEMPTS:
        tried = Concat(
            Value(f"Given up after {attempts} attempts. "), Left(reason, 270) if outcome.reason else Value("")
        )
        return {"state": State.REJECTED, "reason": tried, "settled_at": now, "attempts": attempts}
    if message.expires_at and again_at > message.expires_at:
        return {"state": State.EXPIRED, "reason": reason, "settled_at": now, "attempts": attempts}
    return {**waits, "not_before": again_at, "attempts": attempts}


def backoff(attempts: int) -> timedelta:
    """How long to wait before the next attempt: a minute, three, nine, ..., six hours, and a little by chance."""
    return min(timedelta(minutes=3 ** max(attempts - 1, 0)), LONGEST_WAIT) * random.uniform(1, 1.2)  # noqa: S311 - no secret


def reap() -> int:
    """Free what lost workers held, and return how many messages that were.

    What never began to leave goes back into the queue; of the rest nobody can say, unless the provider has. A lease
    that lies further ahead than any we give is from a clock that was wrong.
    """
    freed, now = 0, timezone.now()
    is_over = Q(lease_until__lt=now) | Q(lease_until__gt=now + 2 * LEASE)
    for batch in Batch.objects.filter(is_over, outcome=End.OPEN):
        freed += release(batch) if batch.posting_at is None else _give_up(batch)
    return freed


@transaction.atomic
def _give_up(batch: Batch) -> int:
    lost = Outcome(Verdict.UNKNOWN, LOST)
    if not _close(batch, End.UNKNOWN, outcome=lost, was=(End.OPEN,)):
        return 0
    known = _believe_reports(batch)
    return known + held_by(batch).update(**_settlement(lost, timezone.now()))


def _believe_reports(batch: Batch) -> int:
    """What the provider has reported on was handed over, whatever became of the answer."""
    reported = held_by(batch).exclude(fate=Message.Fate.SILENT)
    return reported.update(state=State.HANDED_OVER, settled_at=timezone.now(), reason="")


def _close(
    batch: Batch,
    end: Batch.Outcome,
    *,
    outcome: Outcome | None = None,
    was: Sequence[str] = (End.OPEN, End.UNKNOWN),
    **only: Any,
) -> bool:
    """End a batch that is in hand, or whose end nobody knew; False where somebody else has ended it."""
    told = {"reason": outcome.reason[:300], "status": outcome.status} if outcome else {}
    if outcome and outcome.provider_id:
        told["provider_id"] = outcome.provider_id[:200]
    mine = Batch.objects.filter(pk=batch.pk, outcome__in=was, **only)
    return bool(mine.update(outcome=end, answered_at=timezone.now(), **told))
