"""Plain SMTP that knows its phase: up to the last byte of a message it has not left, after it nobody can say."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from crm.mail import mime
from crm.mail.models import Batch, Content, Message
from crm.mail.render import CannotRender, mailbox
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
from crm.people.models import PracticeProfile

CONNECT_SECONDS = 10
ANSWER_SECONDS = 30
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
END = b".\r\n"
# Letters between two notes in the ledger, for so many are in doubt if a worker is killed: as many as leave in a moment.
FEWEST, MOST, MOMENT = 20, 100, 0.1
GO_ON, GONE = 354, {421, -1}


class BadAddress(Exception):
    """The address of a mail server cannot be used; the sentence says why."""


@dataclass(frozen=True)
class Server:
    """Where to hand mail over, as SMTP_URL says."""

    host: str
    port: int
    user: str
    password: str
    is_tls: bool
    starts_tls: bool

    @classmethod
    def parse(cls, url: str, *, setting: str = "SMTP_URL") -> Server:
        """Read smtp://user:password@host:587 or smtps://...; ?starttls=no is for a server on a trusted line."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as problem:
            raise BadAddress(f"The host or the port in {setting} cannot be read.") from problem
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise BadAddress(f"{setting} must look like smtp://user:password@host:587 or smtps://user:password@host.")
        is_tls = parts.scheme == "smtps"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if not f"{user}{password}".isascii():
            raise BadAddress(f"The user and the password in {setting} may hold no letters beyond ASCII.")
        wanted = parse_qs(parts.query).get("starttls", ["no" if parts.hostname in THIS_MACHINE else "yes"])[0]
        if wanted not in {"yes", "no"}:
            raise BadAddress(f"starttls in {setting} must be yes or no.")
        return cls(
            host=parts.hostname,
            port=port or (465 if is_tls else 587),
            user=user,
            password=password,
            is_tls=is_tls,
            starts_tls=wanted == "yes" and not is_tls,
        )


def connected(server: Server, *, seconds: float) -> smtplib.SMTP:
    """Connect, under TLS as asked for and only to a certificate that is to be trusted, and log in."""
    context = ssl.create_default_context()
    where = (server.host, server.port)
    if server.is_tls:
        link: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=seconds, context=context)
    else:
        link = smtplib.SMTP(*where, timeout=seconds)
    try:
        if server.starts_tls:
            link.starttls(context=context)
        if server.user:
            link.login(server.user, server.password)
        link.ehlo_or_helo_if_needed()
    except (OSError, smtplib.SMTPException):
        link.close()
        raise
    return link


@dataclass(frozen=True)
class Letter:
    """One message, ready for the wire."""

    pk: UUID
    from_email: str
    to_email: str
    body: bytes

    @cached_property
    def envelope(self) -> tuple[tuple[bytes, set[int]], ...]:
        """From whom, to whom, and that words follow: each line, and the answers that mean yes."""
        return (
            (f"mail FROM:{smtplib.quoteaddr(self.from_email)}\r\n".encode("ascii"), {250}),
            (f"rcpt TO:{smtplib.quoteaddr(self.to_email)}\r\n".encode("ascii"), {250, 251}),
            (b"data\r\n", {GO_ON}),
        )

    @property
    def group(self) -> bytes:
        """The envelope in one piece."""
        return b"".join(line for line, _yes in self.envelope)


class SmtpTransport:
    """One connection, kept for as long as a drain lasts."""

    is_local = False
    connections = 1

    def __init__(self, url: str, *, name: str = "smtp") -> None:
        self.setting = "CLIENT_MAIL_URL" if name == "client" else "SMTP_URL"
        self.server = Server.parse(url, setting=self.setting)
        self.name = name
        self.most_per_request = FEWEST
        self.link: smtplib.SMTP | None = None
        self.asked: Letter | None = None  # its envelope has been sent ahead, and is not answered yet
        self.press: mime.Press | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        if self.link:
            with suppress(OSError, smtplib.SMTPException):
                self.link.quit()
        self._hang_up()

    def write(
        self, batch: Batch, messages: Sequence[Message], *, content: Content, practice: PracticeProfile
    ) -> Written:
        """Each message as the bytes that travel, and its two addresses."""
        letters, faults = [], {}
        for message in messages:
            try:
                press = self._press(content, message, practice)
                body = press.printed(message).replace(b"\r\n.", b"\r\n..")
                letters.append(Letter(message.pk, press.sender_of(message), mailbox(message.to_email), body))
            except CannotRender as problem:
                faults[message.pk] = str(problem)
        return Written(letters, [message for message in messages if message.pk not in faults], faults)

    def _press(self, content: Content, message: Message, practice: PracticeProfile) -> mime.Press:
        """The content, set once for as long as messages of its kind follow on one another."""
        message.content = content
        if self.press is None or not self.press.suits(message, practice):
            self.press = mime.Press(content, is_letter=message.is_letter, practice=practice)
        return self.press

    def post(self, written: Written) -> Answer:
        """Hand one letter over after the other; once the server is gone, the rest has not left."""
        began = time.monotonic()
        each: dict[UUID, Outcome] = {}
        for letter, after in zip_longest(written.body, written.body[1:]):
            outcome = each[letter.pk] = self._deliver(letter, after)
            if outcome.lesson != Lesson.NONE:
                rest = not_accepted(outcome.reason, status=outcome.status, lesson=outcome.lesson)
                return Answer(outcome if len(written.body) == 1 else rest, each)
        self._pace(len(each), time.monotonic() - began)
        return Answer(outcome if len(written.body) == 1 else accepted(status=250), each)

    def _pace(self, letters: int, seconds: float) -> None:
        """Take as many next time as this server takes in a moment: a quick one more, a slow one few."""
        self.most_per_request = max(FEWEST, min(MOST, int(letters * MOMENT / max(seconds, 0.001))))

    def _deliver(self, letter: Letter, after: Letter | None = None) -> Outcome:
        """Hand one letter over, and the envelope of the one after it where the server takes several lines at once."""
        try:
            link = self._linked()
            refused = self._envelope(link, letter)
            if refused:
                return refused
            link.send(letter.body)
        except smtplib.SMTPAuthenticationError as problem:
            self._hang_up()
            return not_set_up(f"The mail server refused our login: {words(problem.smtp_error)}. Check {self.setting}.")
        except ssl.SSLCertVerificationError as problem:
            self._hang_up()
            return not_set_up(
                f"The certificate of the mail server {self.server.host} is not to be trusted: {problem.verify_message}. "
                f"No letter was shown to it. Check {self.setting}."
            )
        except (OSError, smtplib.SMTPException) as problem:
            return self._gone(f"The mail server {self.server.host} could not be reached: {problem}.")
        return self._end(link, after)

    def _linked(self) -> smtplib.SMTP:
        if self.link is None:
            self.link = connected(self.server, seconds=CONNECT_SECONDS)
            if self.link.sock:
                self.link.sock.settimeout(ANSWER_SECONDS)
                # The final dot is a packet of its own. Without this it waits for the other side's delayed answer.
                self.link.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.link

    def _envelope(self, link: smtplib.SMTP, letter: Letter) -> Outcome | None:
        """Say from whom, to whom, and that words follow; return the server's no, if it says no.

        Lines that were sent as one are answered one by one, and each answer is heard (RFC 2920).
        """
        is_ahead, self.asked = self.asked is letter, None
        is_group = is_ahead or takes_groups(link)
        if is_group and not is_ahead:
            link.send(letter.group)
        heard: list[tuple[int, bytes]] = []
        for line, yes in letter.envelope:
            if not is_group:
                link.send(line)
            heard.append(link.getreply())
            if heard[-1][0] in GONE or not (is_group or heard[-1][0] in yes):
                break
        noes = [said for said, (_, yes) in zip(heard, letter.envelope, strict=False) if said[0] not in yes]
        if is_group and noes and heard[-1][0] == GO_ON:
            self._withdraw(link, is_to_nobody=heard[1] in noes)
        return self._refusal(*noes[0]) if noes else None

    def _withdraw(self, link: smtplib.SMTP, *, is_to_nobody: bool) -> None:
        """The server wants the words of a letter whose envelope it refused. It gets none, and a dot only for nobody."""
        if not is_to_nobody:
            return self._hang_up()
        link.send(END)
        link.getreply()
        return None

    def _end(self, link: smtplib.SMTP, after: Letter | None) -> Outcome:
        """Send the final dot. From here on a lost answer leaves us not knowing; of the next letter nothing has left."""
        self.asked = after if after and takes_groups(link) else None
        try:
            link.send(END + (self.asked.group if self.asked else b""))
            code, answer = link.getreply()
        except (OSError, smtplib.SMTPException) as problem:
            self._hang_up()
            return unknown(f"The mail server went silent after it had the whole message: {problem}.")
        return accepted(words(answer)[:200]) if code == 250 else self._refusal(code, answer)

    def _refusal(self, code: int, answer: bytes) -> Outcome:
        said = f"The mail server answered {code}: {words(answer)}"
        if code in GONE:
            return self._gone(said)
        if self.link and not self.asked:
            with suppress(OSError, smtplib.SMTPException):
                self.link.rset()
        return rejected(said) if code >= 500 else not_accepted(said)

    def _gone(self, reason: str) -> Outcome:
        self._hang_up()
        return not_accepted(reason, lesson=Lesson.AWAY)

    def _hang_up(self) -> None:
        if self.link:
            self.link.close()
        self.link = self.asked = None


def takes_groups(link: smtplib.SMTP) -> bool:
    """Does the server take several lines before it has answered the first?"""
    return link.has_extn("pipelining")


def words(answer: bytes | str) -> str:
    """A server's answer on one line."""
    return " ".join((answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer).split())
