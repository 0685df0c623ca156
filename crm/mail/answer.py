"""Did it leave, did it arrive, and if not, why? One message, one answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from crm.mail.history import carrier_of, moment, sentence
from crm.mail.models import DeliveryEvent, EventReport, Message
from crm.mail.needs import settles_itself
from crm.mail.reasons import explain

State, Fate = Message.State, Message.Fate
REPORTING = ("sendgrid",)
WORD_COMES_WITHIN = timedelta(hours=24)  # so long SendGrid goes on trying to tell us


@dataclass(frozen=True)
class Answer:
    """The answer, what follows from it, and how it should look: good, waiting, doubt or bad."""

    said: str
    more: str = ""
    tone: str = "waiting"


def answer(message: Message, events: list[DeliveryEvent]) -> Answer:
    """Whether it left and arrived, as far as anybody can know."""
    match message.state:
        case State.QUEUED:
            return _waiting(message)
        case State.CLAIMED if message.is_on_its_way:
            return Answer(f"It is leaving right now: {carrier_of(message)} has not answered yet.")
        case State.CLAIMED:
            return Answer("It has not left yet: a worker has it in hand, and it leaves within seconds.")
        case State.SKIPPED:
            return Answer("It did not leave.", message.reason, "quiet")
        case State.EXPIRED:
            return Answer("It did not leave, because it would have come too late.", message.reason, "bad")
        case State.REJECTED:
            return Answer("It did not leave: it was refused.", message.reason, "bad")
        case State.UNKNOWN:
            return _unknown(message)
    found = _left(message, events)
    if message.is_repeat:
        more = f"{found.more} It was sent again after an outcome that nobody knew, so it may have come twice."
        return Answer(found.said, more.strip(), found.tone)
    return found


def _waiting(message: Message) -> Answer:
    if message.not_before > timezone.now():
        return Answer(sentence(f"It has not left yet. It waits until {moment(message.not_before)}"), message.reason)
    more = message.reason or "It leaves as soon as a worker gets to it, within a minute or two."
    return Answer("It has not left yet. Its turn has come.", more)


def _unknown(message: Message) -> Answer:
    said = f"Nobody knows whether it left: {carrier_of(message)} gave no answer that could be trusted."
    if settles_itself(message):
        return Answer(said, "Where no report of it comes, it is sent once more by itself, while it is of use.", "doubt")
    if message.transport not in REPORTING or message.settled_at is None:
        return Answer(said, "No report will come by itself. Ask its reader, or look in the mail server's log.", "doubt")
    until = message.settled_at + WORD_COMES_WITHIN
    if until > timezone.now():
        more = f"If it did leave, SendGrid's reports will say so, mostly within minutes, at the latest {moment(until)}"
        return Answer(said, sentence(more), "doubt")
    if _reports_come():
        return Answer(said, "SendGrid has reported nothing of it since, so it more likely did not leave.", "doubt")
    return Answer(said, "SendGrid's reports do not reach this practice, so none will say.", "doubt")


def _left(message: Message, events: list[DeliveryEvent]) -> Answer:
    at = moment(message.settled_at) if message.settled_at else ""
    who = carrier_of(message)
    match message.fate:
        case Fate.DELIVERED:
            arrived = moment(message.fate_at) if message.fate_at else ""
            return Answer(
                sentence(f"It left and it arrived: their mail server took it {arrived}"),
                "If its reader cannot find it, it lies in their spam folder.",
                "good",
            )
        case Fate.DEFERRED:
            return Answer(f"It left {at} and has not arrived yet: their mail server asks {who} to wait.", _why(events))
        case Fate.BLOCKED | Fate.BOUNCED:
            return Answer("It left and did not arrive: their mail server refused it.", _why(events), "bad")
        case Fate.DROPPED:
            return Answer(f"It left us and did not arrive: {who} did not try to deliver it.", _why(events), "bad")
        case Fate.COMPLAINED:
            return Answer("It left and it arrived, and they marked it as spam.", "Do not write to them again.", "bad")
    return _unheard(message, at, who)


def _unheard(message: Message, at: str, who: str) -> Answer:
    """It left, and nothing says whether it arrived."""
    if message.transport == "local":
        return Answer("It did not leave this machine: no way out is set up, so it is kept here.", tone="quiet")
    said = f"It left {at}: {who} took it. Whether it arrived is not known"
    if message.transport not in REPORTING:
        return Answer(
            f"{said}.", "A mail server sends no reports. Had it bounced, the notice would be in your own inbox.", "good"
        )
    if _reports_come():
        return Answer(f"{said} yet.", f"{who} reports it, mostly within a minute.")
    more = "SendGrid's reports do not reach this practice. The doctor says how to set them up."
    return Answer(f"{said}.", more, "doubt")


def _why(events: list[DeliveryEvent]) -> str:
    """What the last trouble means and what to do about it."""
    troubles = [event for event in events if event.rank in (Fate.DEFERRED, *Message.FAILED_FATES)]
    if not troubles:
        return ""
    found = explain(troubles[-1].reason)
    return f"{found.means} {found.do}" if found else f"Its words: {troubles[-1].reason or 'none'}."


def _reports_come() -> bool:
    return EventReport.objects.exists()
