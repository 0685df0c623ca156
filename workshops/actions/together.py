"""Many who want the same thing in the same moment are served in one go.

Each commit waits for the disk, and everybody waits for the workshop's lock. So whoever comes while others of this
process are being served joins those who wait, and the first of them to get a turn does the work of all. Several
processes take turns too, and who is served is decided when the turn has come: as many as came until then.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from threading import Condition
from typing import Generic, TypeVar

from django.db import Error, transaction

from crm.people.composed import prepared

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")
Ready = TypeVar("Ready")

AT_MOST = 64
TURNS = 0x5EA7  # which kind of lock: PostgreSQL knows such locks by two numbers


@dataclass(eq=False)
class Place(Generic[Wish, Answer]):
    """One who waits to be served: answered, or told to come alone because the work of all of them failed."""

    wish: Wish
    answer: Answer | None = None
    is_alone: bool = False


@dataclass(eq=False)
class Queue(Generic[Wish, Answer]):
    """Those who wait, and whether somebody is serving just now."""

    moved: Condition = field(default_factory=Condition)
    places: deque[Place[Wish, Answer]] = field(default_factory=deque)
    is_busy: bool = False

    def take(self) -> list[Place[Wish, Answer]]:
        """Those whose turn it is now."""
        with self.moved:
            return [self.places.popleft() for _ in range(min(len(self.places), AT_MOST))]


@dataclass(eq=False)
class Turn(Generic[Wish, Answer]):
    """Those who are served in one go, and what each is answered."""

    queue: Queue[Wish, Answer]
    places: list[Place[Wish, Answer]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    is_over: bool = False

    def end(self) -> None:
        """Tell everybody, once, and let the next of this process begin; who has no answer comes alone."""
        if self.is_over:
            return
        self.is_over = True
        with self.queue.moved:
            for place, answer in zip_longest(self.places, self.answers):
                place.answer, place.is_alone = answer, answer is None
            self.queue.is_busy = False
            self.queue.moved.notify_all()


class Together(Generic[Wish, Answer, Ready]):
    """Serves wishes that belong together, by key, with ``serve``: it answers as many as it is given, in their order.

    It is called inside a transaction that is about nothing else, and gets what ``prepare`` made of one of the wishes
    in that transaction, while others were still being served.
    """

    def __init__(
        self,
        serve: Callable[[Sequence[Wish], Ready], Sequence[Answer]],
        *,
        prepare: Callable[[Wish], Ready],
    ) -> None:
        self.serve, self.prepare = serve, prepare
        self.queues: defaultdict[int, Queue[Wish, Answer]] = defaultdict(Queue)

    def ask(self, key: int, wish: Wish) -> Answer:
        """What ``serve`` answers to this wish. Inside a transaction it is served alone: others can't be part of that."""
        if transaction.get_connection().in_atomic_block:
            return self._serve_alone(wish)
        place: Place[Wish, Answer] = Place(wish)
        queue = self.queues[key]
        with queue.moved:
            queue.places.append(place)
        while self._is_our_turn(queue, place):
            self._serve(key, wish, Turn(queue))
        return self._serve_alone(wish) if place.answer is None else place.answer

    def _is_our_turn(self, queue: Queue[Wish, Answer], place: Place[Wish, Answer]) -> bool:
        """Wait until this place is answered, which is False, or it is on us to serve those who wait."""
        with queue.moved:
            while True:
                if place.answer is not None or place.is_alone:
                    return False
                if not queue.is_busy:
                    queue.is_busy = True
                    return True
                queue.moved.wait()

    def _serve_alone(self, wish: Wish) -> Answer:
        with transaction.atomic():
            return self.serve([wish], self.prepare(wish))[0]

    def _serve(self, key: int, wish: Wish, turn: Turn[Wish, Answer]) -> None:
        try:
            with transaction.atomic():
                ready = self.prepare(wish)
                _wait_for_other_processes(key)
                turn.places = turn.queue.take()
                transaction.on_commit(turn.end)  # before anything else that waits for the commit
                turn.answers += self.serve([place.wish for place in turn.places], ready)
        except (Error, ValueError):
            # One of them has something the database does not take; whose it is, each finds out alone.
            turn.places = turn.places or turn.queue.take()
            turn.answers.clear()
        finally:
            turn.end()


def _wait_for_other_processes(key: int) -> None:
    """Whoever serves others of this key elsewhere has ended: held until the end of the transaction, and by nobody else."""
    prepared().execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURNS, key])
