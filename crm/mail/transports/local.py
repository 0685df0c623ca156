"""Nothing leaves: mail is kept in the outbox and shown in the office as the recipient would see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from crm.mail.models import Batch, Content, Message
from crm.mail.render import CannotRender, render
from crm.mail.transports.outcome import Answer, Written, accepted
from crm.people.models import PracticeProfile


class LocalTransport:
    name = "local"
    is_local = True
    most_per_request = 500
    connections = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        pass

    def write(
        self, batch: Batch, messages: Sequence[Message], *, content: Content, practice: PracticeProfile
    ) -> Written:
        """Draw every message, so that one which cannot be written is found here as it would be elsewhere."""
        faults: dict[UUID, str] = {}
        for message in messages:
            try:
                render(message, practice=practice)
            except CannotRender as problem:
                faults[message.pk] = str(problem)
        return Written(None, [message for message in messages if message.pk not in faults], faults)

    def post(self, written: Written) -> Answer:
        """The row is the mail, so there is nothing to do but to say yes."""
        return Answer(accepted())
