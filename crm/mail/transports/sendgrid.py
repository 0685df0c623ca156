"""SendGrid's v3 API over a connection of our own.

The sendgrid package builds the payload. It does not post it: its client opens a new TLS connection for each request
and waits for ever. Here one connection is kept, everything has a time limit, and the phase of a failure is known.
SendGrid has no idempotency key, so an answer lost after the last byte leaves a message unknown.
"""

from __future__ import annotations

import base64
import http.client
import json
import select
import ssl
import time
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit

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

from crm.mail.mime import INVITE, INVITE_TYPE
from crm.mail.models import Message
from crm.mail.render import Enclosure, Rendered
from crm.mail.transports.outcome import Outcome, accepted, not_accepted, not_set_up, rejected, unknown

CONNECT_SECONDS = 5
READ_SECONDS = 30
IDLE_SECONDS = 30
LONGEST_PAUSE = timedelta(hours=1)
MESSAGE_ID = "rapport_message"  # how the provider's events name the message later


class SendGridTransport:
    """One kept connection to SENDGRID_API_URL."""

    name = "sendgrid"
    is_local = False

    def __init__(self, url: str, *, key: str) -> None:
        self.url = urlsplit(url)
        self.key = key
        self.link: http.client.HTTPConnection | None = None
        self.used_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self._hang_up()

    def deliver(self, rendered: Rendered, message: Message) -> Outcome:
        """Post one message, and say what is known about it."""
        body = json.dumps(payload(rendered, message), ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            link = self._linked()
            link.request("POST", f"{self.url.path}/v3/mail/send", body=body, headers=headers)
        except OSError as problem:
            self._hang_up()
            return not_accepted(f"SendGrid could not be reached: {problem}.", is_general=True)
        try:
            response = link.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as problem:
            self._hang_up()
            return unknown(f"SendGrid went silent after it had the whole message: {type(problem).__name__}.")
        self.used_at = time.monotonic()
        return judge(response.status, response.headers, answer)

    def _linked(self) -> http.client.HTTPConnection:
        if self.link and (time.monotonic() - self.used_at > IDLE_SECONDS or self._is_closed_by_peer()):
            self._hang_up()
        if self.link is None:
            host = self.url.hostname or ""
            if self.url.scheme == "https":
                self.link = http.client.HTTPSConnection(
                    host, self.url.port, timeout=CONNECT_SECONDS, context=ssl.create_default_context()
                )
            else:
                self.link = http.client.HTTPConnection(host, self.url.port, timeout=CONNECT_SECONDS)
            self.link.connect()
            self.link.sock.settimeout(READ_SECONDS)
        return self.link

    def _is_closed_by_peer(self) -> bool:
        """An idle connection that has something to say is being closed: a post on it would end unknown."""
        if self.link is None or self.link.sock is None:
            return True
        readable, _, _ = select.select([self.link.sock], [], [], 0)
        return bool(readable)

    def _hang_up(self) -> None:
        if self.link:
            self.link.close()
        self.link = None


def payload(rendered: Rendered, message: Message) -> dict:
    """The JSON for one message: text first, then HTML, then the calendar; nothing tracked, nothing rewritten."""
    mail = Mail(from_email=Email(rendered.from_email, plain_name(rendered.from_name)), subject=rendered.subject)
    to = Personalization()
    to.add_to(To(rendered.to_email, plain_name(rendered.to_name) or None))
    to.add_custom_arg(CustomArg(MESSAGE_ID, str(message.pk)))
    for name, value in rendered.headers.items():
        if name != "Reply-To":
            to.add_header(Header(name, value))
    mail.add_personalization(to)
    mail.reply_to = ReplyTo(rendered.headers.get("Reply-To", rendered.from_email))
    mail.add_content(rendered.text or " ", "text/plain")
    if rendered.html:
        mail.add_content(rendered.html, "text/html")
    if rendered.calendar:
        mail.add_content(Content(f"text/calendar; method={rendered.calendar_method}", rendered.calendar))
        mail.add_attachment(_attachment(Enclosure(INVITE, INVITE_TYPE, rendered.calendar.encode())))
    for file in rendered.attachments:
        mail.add_attachment(_attachment(file))
    mail.tracking_settings = TrackingSettings(
        ClickTracking(False, False), OpenTracking(False), SubscriptionTracking(False)
    )
    return mail.get()


def judge(status: int, headers: http.client.HTTPMessage, answer: bytes) -> Outcome:
    """What SendGrid's answer means for this message."""
    if 200 <= status < 300:
        return accepted(headers.get("X-Message-Id", ""))
    said = f"SendGrid answered {status}: {complaint(answer)}"
    if status in {400, 413}:
        return rejected(said)
    if status == 429:
        return not_accepted(said, retry_after=pause(headers), is_general=True)
    if status >= 500:
        return unknown(f"{said} It may have been accepted all the same.")
    if status in {401, 403}:
        return not_set_up(f"{said} Check SENDGRID_API_KEY.")
    return not_accepted(said, is_general=True)


def complaint(answer: bytes) -> str:
    """The provider's own words, as a sentence."""
    try:
        errors = json.loads(answer)["errors"]
        said = "; ".join(" ".join(filter(None, [error["message"], error.get("field")])) for error in errors)
    except (ValueError, KeyError, TypeError):
        said = answer[:200].decode("utf-8", "replace")
    return f"{' '.join(said.split()).rstrip('.') or 'no words'}."


def pause(headers: http.client.HTTPMessage) -> timedelta | None:
    """How long SendGrid asks us to wait, if it says so."""
    waits = (headers.get("Retry-After", ""), headers.get("X-RateLimit-Reset", ""))
    seconds = [int(value) - since for value, since in zip(waits, (0, int(time.time())), strict=True) if value.isdigit()]
    return min(timedelta(seconds=max(seconds[0], 1)), LONGEST_PAUSE) if seconds else None


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
