"""Mail that came in goes to whoever claims it; what nobody claims waits in the tray for a person.

A claimant is a function of the mail and what was read of it. It returns a sentence when it took care of the mail, and
None when it did not; where a person must look and nobody else be asked, the sentence is a ``ForAPerson``. It may note
on the mail whom it is from and what it answers. The list is a setting,
``MAIL_CLAIMANTS``, so that a room above this one can put its own there.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from crm.mail import links
from crm.mail.actions import UNSUBSCRIBE_MAIL, close_for_letters, unsubscribe, unsubscribe_contact
from crm.mail.models import InboundMail, Message
from crm.mail.reading import Author, Incoming, clean, read
from crm.mail.render import subject_line
from crm.people.models import Contact, User

logger = logging.getLogger(__name__)


class ForAPerson(str):
    """What a claimant says of a mail that is its own and that it would rather leave to a person."""


Claimant = Callable[[InboundMail, Incoming], str | None]
State = InboundMail.State
AT_ONCE = 500
TOKEN = re.compile(r"(?<![\w-])[\w-]{32}(?![\w-])", re.ASCII)
STOPS = re.compile(r"(?:re:|fwd?:|\s)*(?:please\s+)?(?:unsubscribe|stop|remove)(?:\s+me)?[\s.!]*", re.IGNORECASE)
ACTION = re.compile(rb"^action:\s*(\w+)", re.IGNORECASE | re.MULTILINE)
DIAGNOSIS = re.compile(rb"^diagnostic-code:\s*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)
FATES = {
    b"failed": "it could not be delivered",
    b"delayed": "it is delayed, and the server goes on trying",
    b"delivered": "it was delivered",
    b"relayed": "it was passed on",
    b"expanded": "it was passed on to a list",
}


def look_through(*, most: int = AT_ONCE) -> int:
    """Hand over what nobody looked at yet; return how many mails that were. Any number of workers may do this at once."""
    return sum(1 for _ in _each_new(most))


def _each_new(most: int) -> Iterator[int]:
    for _ in range(most):
        with transaction.atomic():
            waiting = InboundMail.objects.select_for_update(skip_locked=True).filter(state=State.NEW)
            mail = waiting.order_by("pk").first()
            if mail is None:
                return
            _hand_over(mail)
            mail.save(update_fields=["state", "claimed_by", "outcome", "contact", "answers", "handled_at"])
        yield mail.pk


def _hand_over(mail: InboundMail) -> None:
    """Ask each claimant in turn. One that fails leaves no trace but its name: the mail goes to the tray."""
    incoming = read(bytes(mail.raw))
    mail.state = State.TRAY
    mail.contact = Contact.objects.known_by(mail.sender)
    for path in settings.MAIL_CLAIMANTS:
        name = path.rpartition(".")[2]
        known = mail.contact, mail.answers
        try:
            with transaction.atomic():
                sentence = import_string(path)(mail, incoming)
        except Exception as fault:  # whatever a claimant of another room does wrong, the mail must reach the tray
            logger.exception("The claimant %s failed on mail %s.", path, mail.pk)
            mail.contact, mail.answers = known
            mail.outcome = f"Nobody could take care of it: {name} failed ({type(fault).__name__})."
            return
        if isinstance(sentence, ForAPerson):
            mail.outcome = sentence[:300]
            return
        if sentence:
            mail.state, mail.claimed_by, mail.outcome = State.CLAIMED, name[:40], sentence[:300]
            mail.handled_at = timezone.now()
            return


def leave_machines_alone(mail: InboundMail, incoming: Incoming) -> str | None:
    """File what a machine wrote. An absence notice is no answer, and never an unsubscribe.

    One thing is let through: a mail program may press the button for its user, so a mail that a machine wrote of
    itself, in answer to nothing, and that carries the token of a letter, goes on.
    """
    author = incoming.envelope.author
    if author == Author.PERSON or (author == Author.MACHINE and _presses_the_button(mail, incoming)):
        return None
    mail.answers = _answered(incoming)
    about = f" about “{subject_line(mail.answers)}”" if mail.answers else ""
    if author == Author.REPORT:
        return f"{author.capitalize()}{about}: {_report(bytes(mail.raw))}"
    return f"It is {author}{about}. There is nothing to do."


def unsubscribe_by_mail(mail: InboundMail, incoming: Incoming) -> str | None:
    """Take off the list whom the mail names by a letter's token, or else its sender where it says nothing but stop."""
    evidence = f"Asked for in a mail of {mail.received_at:%Y-%m-%d %H:%M} UTC from {mail.sender or 'nobody'}."
    for message in _messages_by_token(mail, incoming):
        unsubscribe(message, source=UNSUBSCRIBE_MAIL, evidence=evidence)
        mail.answers, mail.contact = message, message.contact or mail.contact
        return "It asked for no more letters, so its reader is off the list."
    asks = STOPS.fullmatch(incoming.envelope.subject) or links.UNSUBSCRIBE_BOX in map(_box, reached(mail, incoming))
    if mail.contact is None or not asks:
        return None
    unsubscribe_contact(mail.contact, source=UNSUBSCRIBE_MAIL, evidence=evidence)
    return f"It asked for no more letters, so {mail.contact} is off the list."


def reply_to_a_message(mail: InboundMail, incoming: Incoming) -> str | None:
    """Note what a reply answers. It is not claimed, because a reply needs a person."""
    mail.answers = _answered(incoming)
    if mail.answers:
        mail.contact = mail.contact or mail.answers.contact
        mail.outcome = f"A reply to “{subject_line(mail.answers)}”."[:300]
    return None


@transaction.atomic
def file_done(mail: InboundMail, *, by: User) -> bool:
    """A person has dealt with it; False when it was no longer in the tray."""
    waiting = InboundMail.objects.filter(pk=mail.pk, state=State.TRAY)
    return bool(waiting.update(state=State.DONE, handled_at=timezone.now(), by=by))


def put_back(mail: InboundMail) -> bool:
    """Into the tray again, whoever filed it."""
    filed = InboundMail.objects.filter(pk=mail.pk, state__in=[State.DONE, State.CLAIMED])
    return bool(filed.update(state=State.TRAY, handled_at=None, by=None))


@transaction.atomic
def unsubscribe_sender(mail: InboundMail, *, by: User) -> None:
    """Take the sender off all letters, as they asked in words that only a person understands; and file the mail."""
    evidence = f"Asked for in a mail of {mail.received_at:%Y-%m-%d %H:%M} UTC, read by {by}."
    if mail.sender:
        close_for_letters(mail.sender)
    if mail.contact:
        unsubscribe_contact(mail.contact, source=UNSUBSCRIBE_MAIL, evidence=evidence, by=by)
    InboundMail.objects.filter(pk=mail.pk).update(
        state=State.DONE, handled_at=timezone.now(), by=by, outcome="Their wish for no more letters was carried out."
    )


def _presses_the_button(mail: InboundMail, incoming: Incoming) -> bool:
    return not incoming.envelope.answered and next(_messages_by_token(mail, incoming), None) is not None


def _messages_by_token(mail: InboundMail, incoming: Incoming) -> Iterator[Message]:
    """The messages whose tokens stand in the subject, or after the + of the address it was sent to."""
    extensions = [box.partition("+")[2] for box in (address.partition("@")[0] for address in reached(mail, incoming))]
    for words in (incoming.envelope.subject, *extensions):
        for token in TOKEN.findall(words)[:3]:
            if message := links.message_of(token):
                yield message


def reached(mail: InboundMail, incoming: Incoming) -> list[str]:
    """Every address the mail was for: those it was delivered to, then those its headers name."""
    around = mail.envelope.get("envelope", {}).get("to", []) if isinstance(mail.envelope, dict) else []
    return [*dict.fromkeys([*around, mail.recipient, *incoming.envelope.recipients])][:20]


def _box(address: str) -> str:
    return re.split(r"[+@]", address, maxsplit=1)[0].lower()


def _answered(incoming: Incoming) -> Message | None:
    """The latest message of ours among those it names."""
    named = incoming.envelope.answered[:20]
    return Message.objects.select_related("content", "contact").filter(pk__in=named).order_by("-pk").first()


def _report(raw: bytes) -> str:
    action, diagnosis = ACTION.search(raw), DIAGNOSIS.search(raw)
    fate = FATES.get(action[1].lower(), "") if action else ""
    said = clean(diagnosis[1].decode("utf-8", "replace").partition(";")[2], most=150) if diagnosis else ""
    words = fate or "see its text for what it says"
    return f"{words}. The server said: “{said}”." if said else f"{words}."
