"""What became of a message, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from icalendar import Calendar
from wagtail.models import ModelLogEntry

from crm.mail.models import Message

SENDERS = {
    "local": "this machine",
    "smtp": "the mail server",
    "client": "the mail server for clients",
    "sendgrid": "SendGrid",
}
MINUTE = timedelta(minutes=1)
State = Message.State


@dataclass(frozen=True)
class Line:
    at: datetime
    words: str


def history(message: Message) -> list[Line]:
    """The life of a message so far, oldest line first."""
    lines = [Line(message.created_at, _queued(message)), *_by_hand(message)]
    batch = message.batch
    if batch and batch.posting_at and message.transport != "local" and message.state != State.QUEUED:
        lines.append(Line(batch.posting_at, f"On its way to {SENDERS.get(message.transport, 'the provider')}."))
    if message.settled_at:
        lines.append(Line(message.settled_at, _settled(message)))
    elif message.attempts:
        times = "once" if message.attempts == 1 else f"{message.attempts} times"
        lines.append(Line(message.not_before, f"The next attempt; tried {times} so far. {message.reason}"))
    elif message.reason:
        lines.append(Line(message.not_before, f"The next attempt. {message.reason}"))
    return sorted(lines, key=lambda line: line.at)


def _queued(message: Message) -> str:
    waits = message.not_before - message.created_at > MINUTE and not message.attempts
    return f"Queued, to leave {moment(message.not_before)}." if waits else "Queued."


def _by_hand(message: Message) -> list[Line]:
    entries = ModelLogEntry.objects.for_instance(message).select_related("user")
    words = {"mail.cancel": "took it out of the queue", "mail.try_again": "asked to send it again"}
    lines = []
    for entry in entries:
        if entry.action in words:
            before = f" Before that: {entry.data['because']}" if entry.data.get("because") else ""
            lines.append(Line(entry.timestamp, f"{entry.user or 'Somebody'} {words[entry.action]}.{before}"))
    return lines


def _settled(message: Message) -> str:
    match message.state:
        case State.HANDED_OVER if message.transport == "local":
            return "Handed over by local: kept here, nothing left this machine."
        case State.HANDED_OVER:
            answer = message.provider_id or (message.batch.provider_id if message.batch else "")
            number = f" It answered: {answer}." if answer else ""
            return f"Handed over to {SENDERS.get(message.transport, 'the provider')}.{number}"
        case State.SKIPPED:
            return f"Not sent. {message.reason}"
        case State.EXPIRED:
            return f"Not sent, because it would have come too late. {message.reason}"
        case State.REJECTED:
            return f"Refused for good. {message.reason}"
    return f"Nobody knows whether it left. {message.reason}"


def moment(at: datetime) -> str:
    """A time as people write it, in the practice's own zone."""
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


@dataclass(frozen=True)
class Appointment:
    """A calendar object in words."""

    what: str
    summary: str
    when: str
    where: str
    version: str


MEANINGS = {
    "REQUEST": "An invitation: the reader's calendar offers to put it in.",
    "CANCEL": "A cancellation: the reader's calendar takes it out.",
    "PUBLISH": "A copy for the reader's calendar.",
}


def appointment(message: Message) -> Appointment | None:
    """What the calendar part says; None where there is none or it cannot be read."""
    if not message.calendar:
        return None
    try:
        event = Calendar.from_ical(message.calendar.encode()).walk("VEVENT")[0]
        start, end = event.decoded("DTSTART"), event.decoded("DTEND", None)
    except (ValueError, KeyError, IndexError):
        return None
    return Appointment(
        what=MEANINGS.get(message.calendar_method.upper(), "A calendar object."),
        summary=str(event.get("SUMMARY", "")),
        when=_span(start, end),
        where=str(event.get("LOCATION", "")),
        version=f"{event.get('UID', '')}, change {event.get('SEQUENCE', 0)}",
    )


def _span(start, end) -> str:
    day = date_format(start, "DATE_FORMAT")
    if not isinstance(start, datetime):
        return day
    until = f" to {date_format(end, 'TIME_FORMAT')}" if isinstance(end, datetime) else ""
    return f"{day}, {date_format(start, 'TIME_FORMAT')}{until}"
