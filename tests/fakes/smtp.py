"""An SMTP server on this machine that keeps what it gets, and refuses when it is told to."""

from __future__ import annotations

import socket
import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class FakeSmtp:
    """``accepted`` holds the messages taken; ``refusals`` maps a step to the line answered there.

    A step is MAIL, RCPT or DATA, or one of them at one address: “RCPT ada@example.com”. With ``takes_groups`` it offers
    pipelining; with ``wants_words`` it asks for the words of a letter that it has let nobody have.

    With ``tls`` it speaks TLS: from the first byte with ``is_smtps``, else after STARTTLS and not before. With a
    ``login`` of (user, password) it takes mail only from whoever knows it.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        is_smtps: bool = False,
        login: tuple[str, str] | None = None,
        takes_groups: bool = False,
    ) -> None:
        self.accepted: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.senders: list[str] = []
        self.refusals: dict[str, str] = {}
        self.vanishes_after_data = self.wants_words = False
        self.takes_groups = takes_groups
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.is_smtps = is_smtps
        self.login = login
        self.logins: list[str] = []
        self.controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=tls if is_smtps else None,
            tls_context=None if is_smtps else tls,
            require_starttls=bool(tls and not is_smtps),
            authenticator=self._authenticate if login else None,
            auth_required=bool(login),
            auth_require_tls=bool(tls and not is_smtps),
        )

    @property
    def url(self) -> str:
        return f"smtp{'s' if self.is_smtps else ''}://127.0.0.1:{self.port}"

    def _authenticate(self, server, session, envelope, mechanism, given) -> AuthResult:
        tried = (given.login.decode(), given.password.decode())
        self.logins.append(tried[0])
        return AuthResult(success=tried == self.login, handled=False)

    def __enter__(self) -> FakeSmtp:
        self.controller.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.controller.stop()

    async def handle_EHLO(self, server, session, envelope, hostname, lines) -> list[str]:  # noqa: N802 - aiosmtpd's name
        session.host_name = hostname
        return [lines[0], "250-PIPELINING", *lines[1:]] if self.takes_groups else lines

    def _refusal(self, step: str, address: str) -> str | None:
        return self.refusals.get(step) or self.refusals.get(f"{step} {address}")

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:  # noqa: N802 - aiosmtpd's name
        if refusal := self._refusal("MAIL", address):
            return refusal
        envelope.mail_from = address
        self.senders.append(address)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802 - aiosmtpd's name
        refusal = self._refusal("RCPT", address)
        if refusal is None or self.wants_words:
            envelope.rcpt_tos.append("" if refusal else address)
        return refusal or "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if refusal := self._refusal("DATA", envelope.rcpt_tos[0]):
            return refusal
        if not any(envelope.rcpt_tos):
            self.raw.append(envelope.original_content)
            return "554 nobody to give it to"
        self.raw.append(envelope.original_content)
        self.accepted.append(message_from_bytes(envelope.original_content, policy=policy.default))
        if self.vanishes_after_data:
            server.transport.abort()
        return f"250 taken as {len(self.accepted)}"
