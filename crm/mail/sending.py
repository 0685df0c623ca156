"""How the outbox is emptied: claim, render, note that posting begins, post, settle.

Any number of workers may do this at once, and each may be killed at any point. A row that is claimed has not left; a
row in posting may have. So a claim that outlives its lease goes back into the queue, and a post that does becomes
unknown, which nothing sends again by itself.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, QuerySet
from django.utils import timezone

from crm.mail.models import CONSENT_NEEDED, Message, MessageClass, Suppression
from crm.mail.render import CannotRender, render
from crm.mail.transports import Transport
from crm.mail.transports.outcome import Outcome, Verdict
from crm.people.actions import consenting
from crm.people.models import Contact, PracticeProfile, Purpose

BATCH = 50
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 8
LONGEST_WAIT = timedelta(hours=6)
State = Message.State
Refusals = dict[tuple[str, str], list[Message]]


class ProviderAway(Exception):
    """The next message would fare no better: sending stops until the next tick, with this sentence."""


def send_some(transport: Transport, *, practice: PracticeProfile, until: float) -> int:
    """Claim one batch and settle it; return how many rows were taken in hand, 0 when nothing is due."""
    if transport.is_local:
        return _keep_some(transport, practice)
    taken, claimed = claim(transport)
    while claimed:
        if time.monotonic() > until:
            release(claimed)
            break
        outcome = _post(claimed.pop(0), transport, practice)
        if outcome and outcome.is_general:
            release(claimed)
            raise ProviderAway(outcome.reason)
    return taken


@transaction.atomic
def _keep_some(transport: Transport, practice: PracticeProfile) -> int:
    """Nothing leaves the machine, so claim and outcome are one transaction: each message is kept exactly once."""
    taken, claimed = claim(transport)
    kept = [message.pk for message in claimed if _is_kept(message, transport, practice)]
    now = timezone.now()
    Message.objects.filter(pk__in=kept).update(
        state=State.HANDED_OVER, transport=transport.name, settled_at=now, posting_at=now, reason=""
    )
    return taken


def _is_kept(message: Message, transport: Transport, practice: PracticeProfile) -> bool:
    try:
        transport.deliver(render(message, practice=practice), message)
    except CannotRender as problem:
        _reject(message, str(problem))
        return False
    return True


@transaction.atomic
def claim(transport: Transport) -> tuple[int, list[Message]]:
    """Take the most urgent due rows, each for one worker only, and strike out those who may not be written to."""
    taken = list(
        Message.objects.due()
        .select_related("content", "contact")
        .prefetch_related("content__attachments")
        .select_for_update(skip_locked=True, of=("self",))[:BATCH]
    )
    refused = refusals(taken, transport=transport)
    for (state, reason), messages in refused.items():
        Message.objects.filter(pk__in=[message.pk for message in messages]).update(
            state=state, reason=reason, settled_at=timezone.now()
        )
    struck = {message.pk for messages in refused.values() for message in messages}
    claimed = [message for message in taken if message.pk not in struck]
    claimed_at = timezone.now()
    Message.objects.filter(pk__in=[message.pk for message in claimed]).update(
        state=State.CLAIMED, claimed_at=claimed_at
    )
    for message in claimed:
        message.state, message.claimed_at = State.CLAIMED, claimed_at
    return len(taken), claimed


def refusals(messages: list[Message], *, transport: Transport) -> Refusals:
    """Who of these may not be written to, by the state and the sentence they get. Asked when the row is claimed."""
    suppressed = Suppression.objects.scopes_of([message.to_email for message in messages])
    allowed = _consenting_contacts(messages)
    refused: Refusals = defaultdict(list)
    for message in messages:
        if message.is_too_late:
            refused[State.EXPIRED, "It was still waiting when it stopped being worth sending."].append(message)
        elif reason := _objection(message, suppressed.get(message.to_email, set()), allowed, transport):
            refused[State.SKIPPED, reason].append(message)
    return refused


def _objection(message: Message, scopes: set[str], allowed: dict[Purpose, set[int]], transport: Transport) -> str:
    purpose = CONSENT_NEEDED.get(MessageClass(message.message_class))
    if Suppression.Scope.ALL in scopes:
        return "This address is on the list of those we never write to."
    if purpose is None:
        return ""
    if Suppression.Scope.LETTERS in scopes:
        return "They unsubscribed from letters."
    if message.contact is None or message.contact.archived_at:
        return "This contact is archived."
    if message.contact_id not in allowed[purpose]:
        return f"We have no yes from them for {purpose.label.lower()}."
    return _agreement_missing(message, transport)


def _agreement_missing(message: Message, transport: Transport) -> str:
    if message.message_class != MessageClass.CARE:
        return ""
    name = "SENDGRID_BAA_SIGNED_ON" if transport.name == "sendgrid" else "CLIENT_MAIL_BAA_SIGNED_ON"
    if getattr(settings, name):
        return ""
    return f"Care letters leave only under a signed agreement (BAA), and none is on record. Set {name}."


def _consenting_contacts(messages: Iterable[Message]) -> dict[Purpose, set[int]]:
    asked: dict[Purpose, set[int]] = defaultdict(set)
    for message in messages:
        purpose = CONSENT_NEEDED.get(MessageClass(message.message_class))
        if purpose and message.contact_id:
            asked[purpose].add(message.contact_id)
    return defaultdict(
        set,
        {
            purpose: set(
                consenting(Contact.objects.filter(pk__in=contacts), purpose=purpose).values_list("pk", flat=True)
            )
            for purpose, contacts in asked.items()
        },
    )


def _post(message: Message, transport: Transport, practice: PracticeProfile) -> Outcome | None:
    """Render and post one claimed message. That posting begins is committed before the first byte."""
    try:
        rendered = render(message, practice=practice)
    except CannotRender as problem:
        _reject(message, str(problem))
        return None
    if not _begin(message, transport):
        return None
    outcome = transport.deliver(rendered, message)
    settle(message, outcome)
    return outcome


def _begin(message: Message, transport: Transport) -> bool:
    """Compare-and-set from claimed to posting, unless the reader unsubscribed meanwhile."""
    now = timezone.now()
    suppressions = Suppression.objects.against(message)
    if (
        _mine(message)
        .exclude(Exists(suppressions))
        .update(state=State.POSTING, posting_at=now, transport=transport.name, reason="")
    ):
        message.state, message.posting_at = State.POSTING, now
        return True
    _mine(message).filter(Exists(suppressions)).update(
        state=State.SKIPPED, reason="They unsubscribed a moment before it left.", settled_at=now
    )
    return False


def settle(message: Message, outcome: Outcome) -> bool:
    """Write down what became of a post. A late answer still counts, even if the row was called unknown meanwhile."""
    posted = Message.objects.filter(
        pk=message.pk, state__in=[State.POSTING, State.UNKNOWN], posting_at=message.posting_at
    )
    return bool(posted.update(**_settlement(message, outcome)))


def _settlement(message: Message, outcome: Outcome) -> dict:
    now = timezone.now()
    reason = outcome.reason[:300]
    match outcome.verdict:
        case Verdict.ACCEPTED:
            return {
                "state": State.HANDED_OVER,
                "provider_id": outcome.provider_id[:200],
                "settled_at": now,
                "reason": "",
            }
        case Verdict.REJECTED:
            return {"state": State.REJECTED, "reason": reason, "settled_at": now}
        case Verdict.UNKNOWN:
            return {"state": State.UNKNOWN, "reason": reason, "settled_at": now}
    attempts = message.attempts + (not outcome.is_setting)
    again_at = now + (outcome.retry_after or backoff(attempts))
    if attempts >= MOST_ATTEMPTS:
        tried = f"Given up after {attempts} attempts. {reason}"
        return {"state": State.REJECTED, "reason": tried[:300], "settled_at": now, "attempts": attempts}
    if message.expires_at and again_at > message.expires_at:
        return {"state": State.EXPIRED, "reason": reason, "settled_at": now, "attempts": attempts}
    return {
        "state": State.QUEUED,
        "reason": reason,
        "not_before": again_at,
        "attempts": attempts,
        "claimed_at": None,
        "posting_at": None,
    }


def backoff(attempts: int) -> timedelta:
    """How long to wait before the next attempt: a minute, three, nine, ..., six hours, and a little by chance."""
    return min(timedelta(minutes=3 ** max(attempts - 1, 0)), LONGEST_WAIT) * random.uniform(1, 1.2)  # noqa: S311 - no secret


def release(messages: list[Message]) -> None:
    """Give claimed rows back untouched."""
    for message in messages:
        _mine(message).update(state=State.QUEUED, claimed_at=None)


def reap() -> int:
    """Free what a lost worker held: a claim goes back into the queue, a post becomes unknown."""
    over = timezone.now() - LEASE
    freed = Message.objects.filter(state=State.CLAIMED, claimed_at__lt=over).update(state=State.QUEUED, claimed_at=None)
    lost = Message.objects.filter(state=State.POSTING, posting_at__lt=over).update(
        state=State.UNKNOWN,
        settled_at=timezone.now(),
        reason="The worker was lost while it was handing this over. It may have left, so it is not sent again.",
    )
    return freed + lost


def _reject(message: Message, reason: str) -> None:
    _mine(message).update(state=State.REJECTED, reason=reason[:300], settled_at=timezone.now())


def _mine(message: Message) -> QuerySet[Message]:
    """This row, for as long as this worker's claim on it stands."""
    return Message.objects.filter(pk=message.pk, state=State.CLAIMED, claimed_at=message.claimed_at)
