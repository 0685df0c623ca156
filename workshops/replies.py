"""Answers of calendars to our invites (RFC 5546, REPLY), as a claimant of the mail that comes in.

An answer is acted upon only where the invite is known, it names the one who was invited, it comes from them, and
something vouches for that. Whatever else calls itself an answer waits in the tray: it may be a forgery, an answer to
what is long past, or somebody the invite was passed on to.

The calendar is read as bytes, never as text: what looks like a path would be opened as a file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone
from icalendar import Calendar, Component

from crm.mail.inbound import ForAPerson
from crm.mail.models import InboundMail
from crm.mail.reading import FAULTS, Incoming, clean, message_id_of
from crm.mail.render import AddressUnusable, mailbox
from crm.mail.vouching import verdict
from workshops import actions
from workshops.models import Invite

LARGEST_MAIL = 1024 * 1024
LARGEST_CALENDAR = 64 * 1024  # an answer has two; reading one that was made to be slow takes half a second
MOST_EVENTS = 10
KIND = "text/calendar"
ANSWERS = {
    "ACCEPTED": Invite.Answer.ACCEPTED,
    "TENTATIVE": Invite.Answer.TENTATIVE,
    "DECLINED": Invite.Answer.DECLINED,
}
NEEDED = {"UID", "ATTENDEE", "DTSTAMP", "SEQUENCE"}


class NotAnAnswer(Exception):
    """A calendar that says something else, and is none of our business."""


class Doubtful(Exception):
    """An answer that a person must look at; the sentence says why."""


@dataclass(frozen=True)
class Reply:
    """What one event of an answer says, as far as it can be read."""

    uid: str
    attendee: str
    answer: Invite.Answer
    sequence: int
    stamped_at: datetime


def take_answer(mail: InboundMail, incoming: Incoming) -> str | None:
    """Note what an invited person answered, and give back the seat of who declined."""
    body = next((file.body for file in incoming.files if file.kind == KIND), None)
    if body is None:
        return None
    try:
        if len(mail.raw) > LARGEST_MAIL or len(body) > LARGEST_CALENDAR:
            raise Doubtful("It is far too large for what a calendar answers, so it was not read.")
        events = _events(body)
        with transaction.atomic():  # all of it or nothing: what waits for a person has changed nothing yet
            return " ".join(_taken(mail, reply_of(event)) for event in events)
    except NotAnAnswer:
        return None
    except Doubtful as doubt:
        return ForAPerson(f"An answer to an invite, left to you. {doubt}")


def reply_of(event: Component) -> Reply:
    """What the event says, or a Doubtful with what is wrong with it."""
    broken = NEEDED & {name.upper() for name, _ in event.errors if name}
    attendee, uid = event.get("ATTENDEE"), event.get("UID")
    if broken or uid is None or isinstance(uid, list):
        raise Doubtful("It cannot be read as a calendar's answer.")
    if attendee is None or isinstance(attendee, list):
        raise Doubtful("It does not name exactly one person.")
    word = str(attendee.params.get("PARTSTAT", "")).upper()
    if word not in ANSWERS:
        raise Doubtful(f"It says neither yes, maybe nor no, but “{clean(word, most=40) or 'nothing'}”.")
    sequence = event.get("SEQUENCE", 0)
    if not isinstance(sequence, int):
        raise Doubtful("It cannot be read as a calendar's answer.")
    return Reply(clean(str(uid), most=255), _address(str(attendee)), ANSWERS[word], sequence, _stamp(event))


def _events(body: bytes) -> list[Component]:
    try:
        calendar = Calendar.from_ical(body)
        method = str(calendar.get("METHOD", "")).upper() if isinstance(calendar, Calendar) else ""
        events = calendar.walk("VEVENT") if isinstance(calendar, Calendar) else []
    except FAULTS as fault:
        raise Doubtful("Its calendar part cannot be read.") from fault
    if method == "COUNTER":
        raise Doubtful("It asks for another time.")
    if method != "REPLY":
        raise NotAnAnswer
    if not 1 <= len(events) <= MOST_EVENTS:
        raise Doubtful("It names no event, or too many.")
    return events


def _taken(mail: InboundMail, reply: Reply) -> str:
    invite = Invite.objects.filter(uid=reply.uid).select_related("registration__workshop").first()
    if invite is None:
        raise Doubtful("It is about no invite of ours.")
    registration = invite.registration
    about = f"“{registration.workshop.title}”"  # no name: this stands in the mail of somebody else
    if not registration.email:
        raise Doubtful("It is about somebody who has no address here.")
    if _address(registration.email) != reply.attendee:
        raise Doubtful(f"{clean(reply.attendee, most=80)} was not invited; the seat at {about} is somebody else's.")
    found = verdict(mail)
    if _address(mail.sender) != reply.attendee or not found.is_vouched:
        why = found.words if _address(mail.sender) == reply.attendee else "Somebody else sent it."
        raise Doubtful(f"It speaks for a seat at {about}. {why}")
    mail.contact = registration.contact
    try:
        return actions.take_reply(
            invite,
            answer=reply.answer,
            sequence=reply.sequence,
            stamped_at=min(reply.stamped_at, mail.received_at, timezone.now()),
            key=_key(mail, reply),
            mail=mail,
        )
    except actions.Refusal as refusal:
        raise Doubtful(str(refusal)) from refusal


def _key(mail: InboundMail, reply: Reply) -> str:
    name = f"{message_id_of(bytes(mail.raw))}|{reply.uid}|{reply.stamped_at.isoformat()}"
    return hashlib.sha256(name.encode()).hexdigest()


def _stamp(event: Component) -> datetime:
    try:
        at = event.decoded("DTSTAMP")
    except FAULTS as fault:
        raise Doubtful("It does not say when it was made.") from fault
    if not isinstance(at, datetime):
        raise Doubtful("It does not say when it was made.")
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _address(words: str) -> str:
    address = words.strip().lower().removeprefix("mailto:")
    try:
        return mailbox(address)
    except AddressUnusable:
        return address
