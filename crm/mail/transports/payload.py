"""What SendGrid is given: the JSON of one message written out, or of one content for up to a thousand readers.

In a shared request the words travel once, and each reader's values beside them. SendGrid puts the values in raw, in
subject, text and HTML alike, and up to four times over. So each place has a tag of its own for each of the three, a
value is written for the part it stands in, and the tags carry a mark drawn anew for each request, which no value may
contain. (Limits and field rules: SendGrid's reference of POST /v3/mail/send.)
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any
from uuid import UUID

import orjson
from sendgrid.helpers.mail import (
    Attachment,
    ClickTracking,
    Content,
    CustomArg,
    Disposition,
    Email,
    FileContent,
    FileName,
    FileType,
    Header,
    Mail,
    OpenTracking,
    Personalization,
    ReplyTo,
    SubscriptionTracking,
    To,
    TrackingSettings,
)

from crm.mail.mime import invite_files
from crm.mail.models import Batch, Message
from crm.mail.models import Content as Words
from crm.mail.render import (
    CannotRender,
    Enclosure,
    Pattern,
    Rendered,
    ascii_words,
    enclosures_of,
    headers_of,
    mailbox,
    one_line,
    pattern,
    values_of,
)
from crm.mail.transports.outcome import Written
from crm.people.models import PracticeProfile

MESSAGE_ID = "rapport_message"  # how the provider's events name the message later
BATCH_ID = "rapport_batch"
MOST_VALUES, MOST_TAGS = 10_000, 150  # bytes and number of substitutions for one reader
SENDS_ITSELF = "Reply-To"  # a field of the request, so not among the headers


def payload(rendered: Rendered, message: Message, *, batch: Batch | None = None) -> dict:
    """The JSON for one message: text first, then HTML, then the calendar; nothing tracked, nothing rewritten."""
    mail = _envelope(rendered.from_email, rendered.from_name, rendered.subject)
    to = Personalization()
    to.add_to(To(rendered.to_email, plain_name(rendered.to_name) or None))
    to.add_custom_arg(CustomArg(MESSAGE_ID, str(message.pk)))
    if batch:
        to.add_custom_arg(CustomArg(BATCH_ID, str(batch.pk)))
    for name, value in rendered.headers.items():
        if name != SENDS_ITSELF:
            to.add_header(Header(name, value))
    mail.add_personalization(to)
    mail.reply_to = ReplyTo(rendered.headers.get("Reply-To", rendered.from_email))
    _put_words(mail, rendered.text, rendered.html)
    if rendered.calendar:
        mail.add_content(Content(f"text/calendar; method={rendered.calendar_method}", rendered.calendar))
        _enclose(mail, invite_files(rendered))
    _enclose(mail, rendered.attachments)
    return mail.get()


def shared_payload(batch: Batch, messages: Sequence[Message], *, content: Words, practice: PracticeProfile) -> Written:
    """One request for these readers. Who lacks a value is a fault; who has too many for the limit must go alone."""
    values = [values_of(message) for message in messages]
    try:
        words = pattern(content, is_letter=messages[0].is_letter, mark=_mark(values))
    except CannotRender as problem:
        return Written(None, [], {message.pk: str(problem) for message in messages})
    if len(words.slots) > MOST_TAGS:
        return Written(None, [], alone=messages)
    carried, people, alone = [], [], []
    faults: dict[UUID, str] = {}
    batch_id = str(batch.pk)
    for message, known in zip(messages, values, strict=True):
        try:
            person = personalization(message, words, known, batch_id=batch_id, practice=practice)
        except CannotRender as problem:
            faults[message.pk] = str(problem)
            continue
        if _is_too_much(person["substitutions"]):
            alone.append(message)
        else:
            carried.append(message)
            people.append(person)
    return Written({**_frame(words, content, practice), "personalizations": people}, carried, faults, alone)


def personalization(
    message: Message, words: Pattern, values: dict[str, str], *, batch_id: str, practice: PracticeProfile
) -> dict[str, Any]:
    """One reader's part of a shared request: the very dict that the package's Personalization gives, ten times faster."""
    headers = headers_of(message, practice)
    headers.pop(SENDS_ITSELF, None)
    to = {"email": mailbox(message.to_email)}
    if name := plain_name(one_line(message.to_name)):
        to["name"] = name
    return {
        "to": [to],
        "headers": headers,
        "substitutions": words.fill(values),
        "custom_args": {MESSAGE_ID: str(message.id), BATCH_ID: batch_id},
    }


def compact(payload: dict) -> bytes:
    """The JSON as it travels."""
    return orjson.dumps(payload)


def _frame(words: Pattern, content: Words, practice: PracticeProfile) -> dict[str, Any]:
    """Everything in a shared request but its readers."""
    mail = _envelope(mailbox(practice.email), one_line(practice.name), words.subject)
    mail.reply_to = ReplyTo(mailbox(practice.email))
    _put_words(mail, words.text, words.html)
    _enclose(mail, enclosures_of(content))
    return mail.get()


def _envelope(from_email: str, from_name: str, subject: str) -> Mail:
    """Nothing tracked, nothing rewritten. SendGrid takes no accents in the name of the sender."""
    mail = Mail(from_email=Email(from_email, plain_name(ascii_words(from_name)) or None), subject=subject)
    mail.tracking_settings = TrackingSettings(
        ClickTracking(False, False), OpenTracking(False), SubscriptionTracking(False)
    )
    return mail


def _put_words(mail: Mail, text: str, html: str) -> None:
    mail.add_content(text or " ", "text/plain")
    if html:
        mail.add_content(html, "text/html")


def _enclose(mail: Mail, files: Iterable[Enclosure]) -> None:
    for file in files:
        mail.add_attachment(_attachment(file))


def _mark(values: Sequence[dict[str, str]]) -> str:
    """What makes the tags of this request its own: no value contains it, and nobody could have known it."""
    written = "\n".join(map(str, chain.from_iterable(known.values() for known in values)))
    while (mark := secrets.token_hex(4)) in written:
        pass
    return mark


def _is_too_much(substitutions: dict[str, str]) -> bool:
    """More bytes of JSON than SendGrid takes for one reader? Characters are counted first, for that is quicker."""
    parts = (*substitutions, *substitutions.values())
    quotes = 3 * len(parts)
    characters = sum(map(len, parts))
    return 4 * characters + quotes > MOST_VALUES and len("".join(parts).encode()) + quotes > MOST_VALUES


def plain_name(name: str) -> str:
    """A name without the two characters that SendGrid does not take in names."""
    return " ".join(name.replace(",", " ").replace(";", " ").split())


def _attachment(file: Enclosure) -> Attachment:
    return Attachment(
        FileContent(base64.b64encode(file.body).decode()),
        FileName(file.filename),
        FileType(file.content_type.partition(";")[0]),  # a parameter here is refused
        Disposition("attachment"),
    )
