"""SendGrid's v3 API over a connection of our own.

The sendgrid package builds the payload. It does not post it: its client opens a new TLS connection for each request
and waits for ever. Here one connection is kept, everything has a time limit, and the phase of a failure is known.
SendGrid has no idempotency key, so an answer lost after the last byte leaves a message unknown.
"""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Self

from crm.mail.models import Batch, Content, Message
from crm.mail.render import CannotRender, render
from crm.mail.transports.link import Link
from crm.mail.transports.outcome import (
    Answer,
    Lesson,
    Outcome,
    Written,
    accepted,
    not_accepted,
    not_set_up,
    rejected,
    unknown,
)
from crm.mail.transports.payload import compact, payload, shared_payload
from crm.people.models import PracticeProfile

SEND = "/v3/mail/send"
MOST_BYTES = 30_000_000
LONGEST_PAUSE = timedelta(hours=1)
PLACED = re.compile(r"personalizations\.(\d+)\b")


class SendGridTransport:
    """A kept connection for each posting thread to SENDGRID_API_URL."""

    name = "sendgrid"
    is_local = False
    most_per_request = 1000  # SendGrid's limit on recipients in one request
    connections = 4

    def __init__(self, url: str, *, key: str) -> None:
        self.url = url
        self.key = key
        self.threads = threading.local()
        self.links: list[Link] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        for link in self.links:
            link.hang_up()

    def write(
        self, batch: Batch, messages: Sequence[Message], *, content: Content, practice: PracticeProfile
    ) -> Written:
        """One request: many recipients of one content with their values, or one message written out."""
        if len(messages) == 1:
            return _written_out(batch, messages[0], content, practice)
        shared = shared_payload(batch, messages, content=content, practice=practice)
        return Written(compact(shared.body), shared.messages, shared.faults, shared.alone)

    def post(self, written: Written) -> Answer:
        """Hand one request over, and say what is known about it. A message too large for SendGrid never travels."""
        if len(written.body) >= MOST_BYTES:
            return Answer(rejected("It is larger than the 30 MB that SendGrid takes.", is_splittable=True))
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            link = self._link()
            link.send("POST", SEND, written.body, headers)
        except OSError as problem:
            self._link().hang_up()
            return Answer(not_accepted(f"SendGrid could not be reached: {problem}.", lesson=Lesson.AWAY))
        try:
            status, answered, said = link.receive()
        except (OSError, http.client.HTTPException) as problem:
            link.hang_up()
            silent = f"SendGrid went silent after it had the whole message: {type(problem).__name__}."
            return Answer(unknown(silent))
        return Answer(judge(status, answered, said))

    def _link(self) -> Link:
        if not hasattr(self.threads, "link"):
            self.threads.link = Link(self.url)
            self.links.append(self.threads.link)
        return self.threads.link


def _written_out(batch: Batch, message: Message, content: Content, practice: PracticeProfile) -> Written:
    message.content = content
    try:
        body = compact(payload(render(message, practice=practice), message, batch=batch))
    except CannotRender as problem:
        return Written(None, [], {message.pk: str(problem)})
    return Written(body, [message])


def judge(status: int, headers: http.client.HTTPMessage, answer: bytes) -> Outcome:
    """What SendGrid's answer means for this request."""
    if 200 <= status < 300:
        return accepted(headers.get("X-Message-Id", ""), status=status)
    said, named = f"SendGrid answered {status}: {complaint(answer)}", fields(answer)
    if status in {400, 403} and any(name.partition(".")[0] == "from" for name in named):
        return not_set_up(f"{said} Check the practice's e-mail address.", status=status, blames_sender=True)
    if status in {400, 413}:
        return _refusal(status, said, named)
    if status == 429:
        return not_accepted(said, status=status, retry_after=pause(headers), lesson=Lesson.SLOWER)
    if status >= 500:
        return unknown(f"{said} It may have been accepted all the same.", status=status)
    if status in {401, 403}:
        return not_set_up(f"{said} Check SENDGRID_API_KEY.", status=status)
    return not_accepted(said, status=status, lesson=Lesson.AWAY)


def _refusal(status: int, said: str, fields: list[str]) -> Outcome:
    """Who is to blame: those it names, else one among many, else the words they all share."""
    culprits = tuple(sorted({int(found[1]) for name in fields if (found := PLACED.match(name))}))
    is_splittable = not fields or any(name.startswith("personalizations") for name in fields)
    return rejected(said, status=status, culprits=culprits, is_splittable=is_splittable)


def fields(answer: bytes) -> list[str]:
    """What a refusal names, as in personalizations.17.to.0.email; nothing where it names nothing."""
    try:
        return [error["field"] for error in json.loads(answer)["errors"] if error.get("field")]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


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
