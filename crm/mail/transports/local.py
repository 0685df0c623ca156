"""Nothing leaves: mail is kept in the outbox and shown in the office as the recipient would see it."""

from __future__ import annotations

from typing import Self

from crm.mail.models import Message
from crm.mail.render import Rendered
from crm.mail.transports.outcome import Outcome, accepted


class LocalTransport:
    name = "local"
    is_local = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        pass

    def deliver(self, rendered: Rendered, message: Message) -> Outcome:
        """The row is the mail, so there is nothing to do but to say yes."""
        return accepted()
