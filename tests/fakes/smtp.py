"""An SMTP server on this machine that keeps what it gets, and refuses when it is told to."""

from __future__ import annotations

import socket
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller


class FakeSmtp:
    """``accepted`` holds the messages taken; ``refusals`` maps a step (RCPT, DATA) to the line answered there."""

    def __init__(self) -> None:
        self.accepted: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.refusals: dict[str, str] = {}
        self.vanishes_after_data = False
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> FakeSmtp:
        self.controller.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.controller.stop()

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802 - aiosmtpd's name
        if "RCPT" in self.refusals:
            return self.refusals["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if "DATA" in self.refusals:
            return self.refusals["DATA"]
        self.raw.append(envelope.original_content)
        self.accepted.append(message_from_bytes(envelope.original_content, policy=policy.default))
        if self.vanishes_after_data:
            server.transport.abort()
        return f"250 taken as {len(self.accepted)}"
