"""What became of a message, in words: an answer in one sentence, then everything that happened, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from wagtail.models import ModelLogEntry

from crm.mail.models import Batch, DeliveryEvent, InboundMail, Message
from crm.mail.reasons import Explanation, explain

CARRIERS = {
    "local": "this machine",
    "smtp": "the mail server",
    "client": "the mail server for clients",
    "sendgrid": "SendGrid",
}
MINUTE = timedelta(minutes=1)
State, Fate = Message.State, Message.Fate
BY_HAND = {
    "mail.cancel": "took it out of the queue",
    "mail.try_again": "asked to send it again",
    "mail.take_back": "took that back before it left",
}
REPORTED = {
    Fate.PROCESSED: "{who} has taken it in and is about to deliver it.",
    Fate.DEFERRED: "Their mail server asked to try later. {who} goes on trying for three days.",
    Fate.DELIVERED: "Their mail server took it. It has arrived.",
    Fate.BLOCKED: "Their mail server turned it away.",
    Fate.BOUNCED: "It bounced: their mail server refused it for good.",
    Fate.DROPPED: "{who} did not even try to deliver it.",
    Fate.COMPLAINED: "They marked it as spam. Nothing but what they ask for is sent to this address any more.",
}
OTHER_KINDS = {
    "unsubscribe": "They unsubscribed at {who}.",
    "group_unsubscribe": "They unsubscribed at {who}.",
    "group_resubscribe": "They took their unsubscribe at {who} back.",
    "open": "Their mail program fetched a picture of it. That may have been a person or a machine.",
    "click": "A link in it was opened. That may have been a person or a machine.",
}


@dataclass(frozen=True)
class Line:
    """One thing that happened, and what it means where that takes explaining."""

    at: datetime
    words: str
    said: str = ""
    explanation: Explanation | None = None


def moment(at: datetime) -> str:
    """A time as people write it, in the practice's own zone."""
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


def sentence(words: str) -> str:
    """With one full stop at its end, also where the last word has one of its own."""
    return words.rstrip(". ") + "."


def carrier_of(message: Message) -> str:
    """Who took it from us, in words."""
    return CARRIERS.get(message.transport, "the provider")


def history(message: Message, events: list[DeliveryEvent]) -> list[Line]:
    """The life of a message so far, oldest line first; ``events`` is what was reported of it."""
    lines = [Line(message.created_at, _queued(message)), *_by_hand(message)]
    if message.batch is not None and message.state != State.QUEUED:
        lines += _left(message, message.batch)
    if message.settled_at:
        lines.append(Line(message.settled_at, _settled(message)))
    elif message.state == State.QUEUED and (message.attempts or message.reason):
        lines.append(Line(message.not_before, _waits(message)))
    who = carrier_of(message)
    lines += [_reported(event, who) for event in events]
    lines += [Line(mail.received_at, _came_back(mail)) for mail in message.replies.defer("raw")]
    if (decision := getattr(message, "decision", None)) is not None:
        lines.append(Line(decision.at, f"{decision.by} let it be. {decision.get_trouble_display()}."))
    return sorted(lines, key=lambda line: line.at)


def events_of(message: Message) -> list[DeliveryEvent]:
    """What the provider reported of it, oldest first."""
    return list(message.events.defer("raw"))


def _came_back(mail: InboundMail) -> str:
    """A person's answer, or what was done with a mail that needed none."""
    is_filed_by_itself = mail.state == InboundMail.State.CLAIMED
    return mail.outcome if is_filed_by_itself else f"They answered: “{mail.subject or 'no subject'}”."


def _queued(message: Message) -> str:
    waits = message.not_before - message.created_at > MINUTE and not message.attempts and not message.reason
    return sentence(f"Queued, to leave {moment(message.not_before)}" if waits else "Queued")


def _by_hand(message: Message) -> list[Line]:
    lines = []
    for entry in ModelLogEntry.objects.for_instance(message).select_related("user"):
        if entry.action in BY_HAND:
            before = f" Before that: {entry.data['because']}" if entry.data.get("because") else ""
            lines.append(Line(entry.timestamp, f"{entry.user or 'Somebody'} {BY_HAND[entry.action]}.{before}"))
    return lines


def _left(message: Message, batch: Batch) -> list[Line]:
    """Taken in hand, and on its way; what never leaves this machine does neither."""
    if batch.transport == "local":
        return []
    company = "" if batch.size == 1 else f", one of {batch.size:,} in one request"
    lines = [Line(batch.claimed_at, f"Taken in hand{company}.")]
    if batch.posting_at:
        lines.append(Line(batch.posting_at, f"On its way to {carrier_of(message)}."))
    return lines


def _waits(message: Message) -> str:
    times = "once" if message.attempts == 1 else f"{message.attempts} times"
    tried = f" Tried {times} so far." if message.attempts else ""
    return f"It leaves at this time at the earliest. {message.reason}{tried}"


def _settled(message: Message) -> str:
    match message.state:
        case State.HANDED_OVER if message.transport == "local":
            return "Handed over by local: kept here, nothing left this machine."
        case State.HANDED_OVER:
            number = message.provider_id or (message.batch.provider_id if message.batch else "")
            return f"Handed over to {carrier_of(message)}." + (f" It answered: {number}." if number else "")
        case State.SKIPPED:
            return f"Not sent. {message.reason}"
        case State.EXPIRED:
            return f"Not sent, because it would have come too late. {message.reason}"
        case State.REJECTED:
            return f"Refused for good. {message.reason}"
    return f"Nobody knows whether it left. {message.reason}"


def _reported(event: DeliveryEvent, who: str) -> Line:
    if event.rank == Fate.SILENT:
        words = OTHER_KINDS.get(event.kind, "{who} reported: " + event.kind + ".")
    else:
        words = REPORTED[Fate(event.rank)]
    is_trouble = event.rank in (Fate.DEFERRED, *Message.FAILED_FATES)
    return Line(
        event.happened_at,
        words.format(who=who),
        event.reason if is_trouble else "",
        explain(event.reason) if is_trouble else None,
    )
