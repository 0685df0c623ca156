"""How the outbox is emptied: claim, write, note that posting begins, post, settle.

Any number of workers may do this at once, and each may be killed at any point. A batch that is only claimed has not
left; one that has begun to be posted may have. So a claim that outlives its lease goes back into the queue, and a post
that does becomes unknown, which nothing sends again by itself. The database is never held open while a provider is
spoken to: this thread alone uses it, and the posts run in threads beside it.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction

from crm.mail import lanes, settling
from crm.mail.claiming import Parcel, claim
from crm.mail.models import Content
from crm.mail.transports import Way
from crm.mail.transports.outcome import Answer, Lesson, Outcome, Verdict, Written, accepted, forgiving
from crm.people.models import PracticeProfile

Result = TypeVar("Result")
PATIENCE = (0.2, 0.5, 1, 2, 4, 8)  # seconds between attempts to write an answer down while the database is away


def empty(way: Way, *, practice: PracticeProfile, until: float) -> int:
    """Send what is due on this way, until monotonic ``until``; return how many messages were taken in hand."""
    _spare_the_program()
    if not way.transport.is_local:
        return Drain(way, practice=practice, until=until).run()
    kept = 0
    while time.monotonic() < until and (taken := _keep_some(way, practice)):
        kept += taken
    return kept


@cache
def _spare_the_program() -> None:
    """What this process is made of stays until its end: the letters to come must not have it searched for garbage.

    Each thousand makes tens of thousands of objects, and looking through all others as well took a sixth of the time.
    """
    gc.freeze()


@transaction.atomic
def _keep_some(way: Way, practice: PracticeProfile) -> int:
    """Nothing leaves the machine, so claim and outcome are one transaction: each message is kept exactly once."""
    claimed = claim(way, practice=practice, most=way.transport.most_per_request)
    for parcel in claimed.parcels:
        drain = Drain(way, practice=practice, until=0)
        if written := drain.begin(parcel):
            settling.settle(parcel.batch, written.messages, Answer(accepted()))
    return claimed.taken


class Drain:
    """One worker emptying one way, until nothing is due, the time is over, or the lane is closed."""

    def __init__(self, way: Way, *, practice: PracticeProfile, until: float) -> None:
        self.way, self.transport, self.practice, self.until = way, way.transport, practice, until
        self.taken = 0
        self.waiting: list[Parcel] = []
        self.posting: dict[Future[Answer], tuple[Parcel, Written]] = {}
        self.contents: dict[int, Content] = {}
        self.is_probing = self.is_over = False

    def run(self) -> int:
        """Send what is due; return how many messages were taken in hand. What was not begun is given back."""
        with ThreadPoolExecutor(self.transport.connections, thread_name_prefix="post") as pool:
            try:
                while self._fill(pool) or self.posting:
                    self._settle_some()
            finally:
                for parcel in self.waiting:
                    settling.release(parcel.batch)
        return self.taken

    def begin(self, parcel: Parcel) -> Written | None:
        """Write the request, and commit that posting begins before its first byte; None if nothing is left to post."""
        messages = settling.strike_late(parcel.batch, parcel.messages)
        if not messages:
            return None
        written = self.transport.write(parcel.batch, messages, content=self._content(parcel), practice=self.practice)
        settling.reject(parcel.batch, written.faults)
        for message in written.alone:
            self.waiting += settling.divide(parcel.batch, [message])
        return written if settling.begin(parcel.batch, len(written.messages)) else None

    def _fill(self, pool: ThreadPoolExecutor) -> bool:
        """Keep every connection busy; False when there is nothing more to begin."""
        while not self.is_over and len(self.posting) < (1 if self.is_probing else self.transport.connections):
            parcel = self._next()
            if parcel is None:
                return False
            if written := self.begin(parcel):
                self.posting[pool.submit(self.transport.post, written)] = (parcel, written)
        return not self.is_over

    def _next(self) -> Parcel | None:
        """The next request, claimed if none is in hand; None when nothing is due or it is time to stop."""
        while time.monotonic() <= self.until:
            if self.waiting:
                return self.waiting.pop(0)
            try:
                turn = lanes.turn(self.transport.name, most=self.transport.most_per_request, until=self.until)
            except lanes.LaneClosed:
                return None
            self.is_probing = turn.is_probe
            claimed = claim(self.way, practice=self.practice, most=turn.most)
            if not claimed.taken:
                return None
            self.taken += claimed.taken
            self.waiting += claimed.parcels
        return None

    def _content(self, parcel: Parcel) -> Content:
        pk = parcel.messages[0].content_id
        if pk not in self.contents:
            self.contents[pk] = Content.objects.prefetch_related("attachments").get(pk=pk)
        return self.contents[pk]

    def _settle_some(self) -> None:
        """Wait for an answer, and write it down, even where the database is away for a moment."""
        if not self.posting:
            return
        done, _ = wait(self.posting, return_when=FIRST_COMPLETED)
        for future in done:
            parcel, written = self.posting.pop(future)
            answer = forgiving(future.result(), written.messages)
            parts = patiently(lambda: settling.settle(parcel.batch, written.messages, answer))  # noqa: B023
            self.waiting = parts + self.waiting
            patiently(lambda: self._learn(answer.whole))  # noqa: B023

    def _learn(self, outcome: Outcome) -> None:
        name = self.transport.name
        match outcome.lesson:
            case Lesson.NONE:
                if self.is_probing and outcome.verdict == Verdict.ACCEPTED:
                    lanes.reopen(name)
                    self.is_probing = False
                return
            case Lesson.SLOWER:
                lanes.slow_down(name, reason=outcome.reason, retry_after=outcome.retry_after)
            case Lesson.AWAY:
                lanes.pause(name, reason=outcome.reason, retry_after=outcome.retry_after)
            case Lesson.STOPPED:
                lanes.pause(name, reason=outcome.reason, is_stopped=True)
        self.is_over = True


def patiently(work: Callable[[], Result]) -> Result:
    """Do it, and again for a while where the database has gone away; the work must be safe to repeat."""
    for pause in PATIENCE:
        try:
            return work()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(pause)
    return work()
