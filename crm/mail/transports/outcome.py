"""What a transport may say about one message: the whole seam between the outbox and the world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from types import TracebackType
from typing import Protocol, Self

from crm.mail.models import Message
from crm.mail.render import Rendered


class Verdict(Enum):
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not accepted"  # provably: it may be tried again
    REJECTED = "rejected"  # for good: trying again would change nothing
    UNKNOWN = "unknown"  # it may have left, so nothing tries again by itself


@dataclass(frozen=True)
class Outcome:
    """The verdict on one message.

    With ``is_general`` the next message would fare no better, so the drain stops. With ``is_setting`` a person must
    mend something first: no message is blamed, and none runs out of attempts.
    """

    verdict: Verdict
    reason: str = ""
    provider_id: str = ""
    retry_after: timedelta | None = None
    is_general: bool = False
    is_setting: bool = False


def accepted(provider_id: str = "") -> Outcome:
    return Outcome(Verdict.ACCEPTED, provider_id=provider_id)


def not_accepted(reason: str, *, retry_after: timedelta | None = None, is_general: bool = False) -> Outcome:
    return Outcome(Verdict.NOT_ACCEPTED, reason, retry_after=retry_after, is_general=is_general)


def not_set_up(reason: str) -> Outcome:
    return Outcome(Verdict.NOT_ACCEPTED, f"Sending has stopped. {reason}", is_general=True, is_setting=True)


def rejected(reason: str) -> Outcome:
    return Outcome(Verdict.REJECTED, reason)


def unknown(reason: str) -> Outcome:
    return Outcome(Verdict.UNKNOWN, reason)


class Transport(Protocol):
    """A way out. Entered once for a drain, so that it may keep one connection; it never raises for a bad network."""

    name: str
    is_local: bool

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def deliver(self, rendered: Rendered, message: Message) -> Outcome: ...
