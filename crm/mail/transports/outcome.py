"""What a transport may say about one request: the whole seam between the outbox and the world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

from crm.mail.letterheads import has_own_sender
from crm.mail.models import Batch, Content, Message
from crm.people.models import PracticeProfile


class Verdict(Enum):
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not accepted"  # provably: it may be tried again
    REJECTED = "rejected"  # for good: trying the same again would change nothing
    UNKNOWN = "unknown"  # it may have left, so nothing tries again by itself


class Lesson(Enum):
    """What an answer says about the messages that come after."""

    NONE = "nothing"
    SLOWER = "the provider has had too much: slow down"
    AWAY = "the next would fare no better: pause"
    STOPPED = "a person must mend something first: no message is blamed"


@dataclass(frozen=True)
class Outcome:
    """The verdict on a request, or on one message of it where a transport can tell them apart."""

    verdict: Verdict
    reason: str = ""
    provider_id: str = ""
    status: int | None = None
    retry_after: timedelta | None = None
    lesson: Lesson = Lesson.NONE
    culprits: tuple[int, ...] = ()  # which recipients of a refused request are to blame, by their place in it
    is_splittable: bool = False  # refused because of one among many, so the others may go without it
    blames_sender: bool = False  # the From is not one that the provider sends for
    in_our_name: bool = False  # to be tried again from the practice's own address


@dataclass(frozen=True)
class Answer:
    """What came back: for the request as a whole, and for single messages where it differs."""

    whole: Outcome
    each: dict[UUID, Outcome] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """A request ready to be posted, for the messages it carries in this order; the others could not be written."""

    body: Any
    messages: Sequence[Message]
    faults: dict[UUID, str] = field(default_factory=dict)
    alone: Sequence[Message] = ()  # these need a request of their own


def accepted(provider_id: str = "", *, status: int | None = None) -> Outcome:
    return Outcome(Verdict.ACCEPTED, provider_id=provider_id, status=status)


def not_accepted(
    reason: str, *, status: int | None = None, retry_after: timedelta | None = None, lesson: Lesson = Lesson.NONE
) -> Outcome:
    return Outcome(Verdict.NOT_ACCEPTED, reason, status=status, retry_after=retry_after, lesson=lesson)


def not_set_up(reason: str, *, status: int | None = None, blames_sender: bool = False) -> Outcome:
    stopped = not_accepted(f"Sending has stopped. {reason}", status=status, lesson=Lesson.STOPPED)
    return replace(stopped, blames_sender=blames_sender)


def forgiving(answer: Answer, messages: Sequence[Message]) -> Answer:
    """The answer, but that what left from an address of its own is not refused for good, nor stops what comes after.

    It is tried once more from the practice's own address. So where the host of our invites is not fit to send after
    all, each confirmation takes a moment longer, and none is lost.
    """
    own = {message.pk for message in messages if has_own_sender(message)}
    if not own:
        return answer
    each = {pk: _in_our_name(outcome) if pk in own else outcome for pk, outcome in answer.each.items()}
    return Answer(_in_our_name(answer.whole) if len(messages) == 1 else answer.whole, each)


def _in_our_name(outcome: Outcome) -> Outcome:
    if outcome.verdict != Verdict.REJECTED and not outcome.blames_sender:
        return outcome
    return Outcome(Verdict.NOT_ACCEPTED, outcome.reason, status=outcome.status, in_our_name=True)


def rejected(
    reason: str, *, status: int | None = None, culprits: tuple[int, ...] = (), is_splittable: bool = False
) -> Outcome:
    return Outcome(Verdict.REJECTED, reason, status=status, culprits=culprits, is_splittable=is_splittable)


def unknown(reason: str, *, status: int | None = None) -> Outcome:
    return Outcome(Verdict.UNKNOWN, reason, status=status, lesson=Lesson.AWAY)


class Transport(Protocol):
    """A way out. Entered once for a drain, so that it may keep its connections; it never raises for a bad network.

    ``write`` is pure. ``post`` may be called from ``connections`` threads at once, and touches no database.
    """

    name: str
    is_local: bool
    most_per_request: int
    connections: int

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def write(
        self, batch: Batch, messages: Sequence[Message], *, content: Content, practice: PracticeProfile
    ) -> Written: ...

    def post(self, written: Written) -> Answer: ...
