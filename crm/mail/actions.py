"""What may happen to mail: written down once, queued with the caller's own commit, sent, and taken off the list."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Required, TypedDict, Unpack

from django.db import connection, transaction
from django.db.models import Case, F, QuerySet, When
from django.utils import timezone
from django_q.tasks import async_task
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from crm.mail import sending, settling, transports
from crm.mail.models import (
    CONSENT_NEEDED,
    Closure,
    Content,
    Decision,
    Lane,
    Message,
    MessageClass,
    Reopening,
    Suppression,
    address_hash,
)
from crm.mail.rules import rule_of
from crm.people.actions import ALLOWING, MERGED, hold, record_consent
from crm.people.inserting import Bundle
from crm.people.models import ConsentEvent, Contact, PracticeProfile, Purpose, User

DRAIN_SECONDS = 40
UNSUBSCRIBE_LINK = "unsubscribe link"
UNSUBSCRIBE_MAIL = "unsubscribe by mail"
UNSUBSCRIBE_PROVIDER = "unsubscribed at the provider"


class NoAddress(Exception):
    """This contact has no e-mail address."""


class NotWaiting(Exception):
    """The message is no longer in the queue."""


class NotRepeatable(Exception):
    """Only a message that was refused, or whose fate is unknown, may be sent again."""


class TooLate(Exception):
    """The message has stopped being worth sending."""


class Options(TypedDict, total=False):
    """What may be said of a message beside who gets it, why, and what it says."""

    values: dict[str, str] | None
    to_email: str
    to_name: str
    calendar: str
    calendar_method: str
    letterhead: dict[str, Any] | None
    priority: Message.Priority
    not_before: datetime | None
    expires_at: datetime | None


class Said(Options):
    """All of it."""

    message_class: Required[MessageClass]
    dedupe_key: Required[str]
    content: Required[Content]


def draft(contact: Contact | None, **said: Unpack[Said]) -> Message:
    """One message as it would be queued, written nowhere yet."""
    to_email = said.get("to_email") or (contact.email if contact else "")
    if not to_email:
        raise NoAddress
    not_before = said.get("not_before") or timezone.now()
    settled = {
        "to_email": to_email,
        "to_name": said.get("to_name") or (contact.name if contact else ""),
        "values": said.get("values") or {},
        "not_before": not_before,
        "expires_at": said.get("expires_at") or not_before + rule_of(said["message_class"]).lifetime,
    }
    return Message(contact=contact, **{**said, **settled})


def queue(contact: Contact | None, **said: Unpack[Said]) -> Message:
    """Put one message into the outbox inside the caller's transaction; the same reason twice gives the same message.

    It leaves when the transaction commits and not before ``not_before``; after ``expires_at``, which its class decides
    where nobody says, it is not sent at all.
    """
    new = draft(contact, **said)
    queue_all([new])
    written = Message.objects.get(dedupe_key=new.dedupe_key)
    written.contact, written.content = contact, new.content
    return written


def queue_all(drafts: Sequence[Message], *, bundle: Bundle | None = None) -> None:
    """Put many drafts into the outbox in one statement; one whose reason is there already adds nothing.

    With a ``bundle`` they are written with the rest of it, in this transaction.
    """
    if drafts:
        own = bundle or Bundle()
        own.add_all(drafts, ignore_conflicts=True)
        if bundle is None:
            own.write()
        nudge()


def nudge() -> None:
    """Wake a worker after the commit, once for all that it queues.

    A lost nudge costs a minute and no message: the next tick finds what is due. So whoever queued something is not told
    of a worker that can't be woken; the log is.
    """
    if not any(waiting[1] is _wake for waiting in transaction.get_connection().run_on_commit):
        transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    """What may be lost need not wait for the disk; whoever waits for what was queued waits for this too."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")
        async_task("crm.mail.actions.drain", group="drain")


def drain(*, seconds: float = DRAIN_SECONDS) -> int:
    """Send what is due, then stop; return how many messages were taken in hand.

    Any number of workers may do this at once, it may be killed at any point and run twice: no message leaves twice.
    """
    until = time.monotonic() + seconds
    practice = PracticeProfile.load()
    taken = 0
    for way in transports.ways():
        with way.transport:
            taken += sending.empty(way, practice=practice, until=until)
    return taken


def reap() -> int:
    """Free what lost workers held; return how many messages that were."""
    return settling.reap()


@transaction.atomic
def cancel(message: Message, *, by: User) -> None:
    """Take a waiting message out of the queue; one that a worker has already taken is refused with NotWaiting."""
    waiting = Message.objects.filter(pk=message.pk, state=Message.State.QUEUED)
    if not waiting.update(state=Message.State.SKIPPED, reason=f"Cancelled by {by}.", settled_at=timezone.now()):
        raise NotWaiting
    log(message, "mail.cancel", user=by)


def hold_back(messages: QuerySet[Message], *, reason: str) -> int:
    """Take all of these that still wait out of the queue, and return how many; what a worker has taken goes on.

    The state is asked of the row itself, outside of any join: a row that a worker is just taking is looked at again.
    """
    waiting = Message.objects.filter(pk__in=messages.order_by().values("pk"), state=Message.State.QUEUED)
    return waiting.update(state=Message.State.SKIPPED, reason=reason, settled_at=timezone.now())


@transaction.atomic
def call_back(messages: QuerySet[Message], *, reason: str) -> int:
    """The same, and out of a worker's hands too, where a request with one of these alone has not begun to leave.

    Held back first, so that no worker can take one meanwhile; then what was taken from one.
    """
    held = hold_back(messages, reason=reason)
    let_go(messages)
    return held + hold_back(messages, reason=reason)


def let_go(messages: QuerySet[Message]) -> int:
    """Put those that a worker has in hand, and that have not begun to leave, back into the queue; return how many."""
    return sum(settling.release(batch) for batch in settling.about_to_leave(messages))


@transaction.atomic
def try_again(message: Message, *, by: User, wait: timedelta = timedelta()) -> None:
    """Queue a refused or unknown message once more, on a person's word; anything else is refused.

    After ``wait`` at the earliest: until then take_back() undoes it.
    """
    if message.is_too_late:
        raise TooLate
    known = Message.objects.select_for_update().filter(pk=message.pk, state__in=Message.REPEATABLE_STATES).first()
    if known is None:
        raise NotRepeatable
    Message.objects.filter(pk=known.pk).update(
        state=Message.State.QUEUED,
        not_before=min(timezone.now() + wait, message.expires_at or datetime.max.replace(tzinfo=UTC)),
        reason="",
        attempts=0,
        batch=None,
        settled_at=None,
        is_repeat=Case(When(state=Message.State.UNKNOWN, then=True), default=F("is_repeat")),
    )
    Decision.objects.filter(message=known).delete()
    log(known, "mail.try_again", user=by, data=_as_it_was(known))
    nudge()


def _as_it_was(message: Message) -> dict[str, Any]:
    """What take_back() needs to put a message back, and what its history says of it."""
    return {
        "because": message.reason,
        "state": message.state,
        "settled_at": message.settled_at.isoformat() if message.settled_at else "",
        "batch": str(message.batch_id) if message.batch_id else "",
        "is_repeat": message.is_repeat,
    }


@transaction.atomic
def take_back(message: Message, *, by: User) -> None:
    """Undo try_again() while the message still waits: it stands where it stood. Too late raises NotWaiting."""
    entry = ModelLogEntry.objects.for_instance(message).filter(action="mail.try_again").first()
    if entry is None or "state" not in entry.data:
        raise NotWaiting
    was = entry.data
    waiting = Message.objects.filter(pk=message.pk, state=Message.State.QUEUED, attempts=0)
    if not waiting.update(
        state=was["state"],
        reason=was["because"],
        settled_at=datetime.fromisoformat(was["settled_at"]),
        batch=was["batch"] or None,
        is_repeat=was["is_repeat"],
    ):
        raise NotWaiting
    log(message, "mail.take_back", user=by)


@transaction.atomic
def let_be(messages: QuerySet[Message], *, trouble: Decision.Trouble, by: User) -> datetime | None:
    """Note that these need no more word about this trouble; return the moment that reconsider() undoes, if any did."""
    at = timezone.now()
    words = [Decision(message_id=pk, trouble=trouble, by=by, at=at) for pk in messages.values_list("pk", flat=True)]
    Decision.objects.bulk_create(
        words, batch_size=1000, update_conflicts=True, unique_fields=["message"], update_fields=["trouble", "by", "at"]
    )
    return at if words else None


def reconsider(*, at: datetime, by: User) -> int:
    """Undo what let_be() did at this moment: the messages want a word again. Returns how many those are."""
    removed, _ = Decision.objects.filter(at=at, by=by).delete()
    return removed


@transaction.atomic
def go_on(lane: Lane, *, by: User) -> bool:
    """Use a stopped lane again at once, on a person's word that they have mended it; False where it runs already."""
    stopped = Lane.objects.filter(pk=lane.pk, is_stopped=True)
    if not stopped.update(is_stopped=False, paused_until=None, failures=0, reason=""):
        return False
    log(lane, "mail.go_on", user=by, data={"because": lane.reason})
    nudge()
    return True


@transaction.atomic
def unsubscribe(message: Message, *, source: str = UNSUBSCRIBE_LINK, evidence: str = "") -> None:
    """Take this message's reader off all letters, at once and for letters already queued; safe to repeat."""
    close_for_letters(message.to_email)
    if message.contact_id is not None:
        asked = CONSENT_NEEDED.get(MessageClass(message.message_class))
        evidence = evidence or f"Pressed in message {message.pk}."
        _withdraw(message.contact_id, asked=asked, source=source, evidence=evidence)


@transaction.atomic
def unsubscribe_contact(contact: Contact, *, source: str, evidence: str, by: User | None = None) -> None:
    """Take somebody off all letters who asked for it in another way than by a link; safe to repeat."""
    if contact.email:
        close_for_letters(contact.email)
    _withdraw(contact.pk, asked=None, source=source, evidence=evidence, by=by)


@transaction.atomic
def resubscribe(message: Message) -> bool:
    """Undo what their own unsubscribe did to this reader, on their own word; False when there is nothing to undo."""
    closed = open_for_letters(message.to_email)
    if closed is None or message.contact_id is None:
        return closed is not None
    contact = hold(message.contact_id)
    for purpose, latest in contact.consent_standing:
        if latest and _was_closed_with(closed, latest):
            record_consent(
                contact,
                purpose=purpose,
                state=ConsentEvent.State.GRANTED,
                source=UNSUBSCRIBE_LINK,
                evidence=f"They took their unsubscribe back, in message {message.pk}.",
            )
    return True


@transaction.atomic
def stop_letters(
    email: str,
    *,
    contact: Contact | None,
    after: Message | None,
    reason: Suppression.Reason,
    source: str,
    evidence: str,
    at: datetime,
) -> None:
    """Take an address and its reader off all letters since a moment, on the provider's word; safe to repeat.

    ``after`` is the message that they answered in this way. A yes that they said later stands.
    """
    close_for_letters(email, reason=reason, at=at)
    if contact is not None:
        asked = CONSENT_NEEDED.get(MessageClass(after.message_class)) if after else None
        _withdraw(contact.pk, asked=asked, source=source, evidence=evidence, at=at)


def close_for_letters(
    email: str, *, reason: Suppression.Reason = Suppression.Reason.UNSUBSCRIBED, at: datetime | None = None
) -> None:
    """No letter goes to this address, on its reader's own word; safe to repeat.

    Said now, it closes the address whatever was said before. What is heard of later, as said at a moment in the past,
    does not: somebody may have opened the address again since.
    """
    known, scope = address_hash(email), Suppression.Scope.LETTERS
    if at is None:
        Suppression.objects.get_or_create(email_hash=known, scope=scope, defaults={"reason": reason})
    else:
        Suppression.objects.close([Closure(known, scope, reason, at)])


def open_for_letters(email: str) -> Suppression | None:
    """Open an address that its own reader had closed; return what kept it closed, or None where nothing of theirs did."""
    closed = Suppression.objects.select_for_update().of(email).by_their_own_word().first()
    if closed is not None:
        Suppression.objects.filter(pk=closed.pk).delete()
        Reopening.objects.note(address_hash(email), scope=Suppression.Scope.LETTERS)
    return closed


def _withdraw(
    contact_pk: int,
    *,
    asked: Purpose | None,
    source: str,
    evidence: str,
    by: User | None = None,
    at: datetime | None = None,
) -> None:
    """Note a no to everything that was a yes, and to what they were written to about without any word of theirs.

    A no that came with a merge may be taken back with it, so their own is noted beside it.
    """
    contact = hold(contact_pk)
    at = at or timezone.now()
    for purpose, latest in contact.consent_standing:
        is_open = latest and (latest.state in ALLOWING or latest.source == MERGED)
        if is_open and latest.at <= at if latest else purpose == asked:
            record_consent(
                contact,
                purpose=purpose,
                state=ConsentEvent.State.WITHDRAWN,
                source=source,
                evidence=evidence,
                by=by,
                at=at,
            )


def _was_closed_with(closed: Suppression, latest: ConsentEvent) -> bool:
    """Is this the no that came with the unsubscribe, rather than one said at another time or to us?"""
    is_theirs = latest.source in (UNSUBSCRIBE_LINK, UNSUBSCRIBE_MAIL, UNSUBSCRIBE_PROVIDER)
    return latest.state == ConsentEvent.State.WITHDRAWN and is_theirs and latest.at >= closed.created_at
