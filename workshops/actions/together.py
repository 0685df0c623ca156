"""Many who want the same thing in the same moment are served in one go.

Each commit waits for the disk, and everybody waits for the workshop's lock. So whoever comes while others of this
process are being served joins those who wait, and the first of them to get a turn does the work of all. Several
processes take turns too, and who is served is decided when the turn has come: as many as came until then.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Condition
from typing import Generic, TypeVar

from django.db import Error, connection, transaction

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")

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


class Together(Generic[Wish, Answer]):
    """Serves wishes that belong together, by key, with ``serve``: it answers as many as it is given, in their order.

    It is called inside a transaction that is about nothing else.
    """

    def __init__(self, serve: Callable[[int, Sequence[Wish]], Sequence[Answer]]) -> None:
        self.serve = serve
        self.queues: defaultdict[int, Queue[Wish, Answer]] = defaultdict(Queue)

    def ask(self, key: int, wish: Wish) -> Answer:
        """What ``serve`` answers to this wish. Inside a transaction it is served alone: others can't be part of that."""
        if transaction.get_connection().in_atomic_block:
            return self._serve_alone(key, wish)
        place: Place[Wish, Answer] = Place(wish)
        queue = self.queues[key]
        with queue.moved:
            queue.places.append(place)
        while self._is_our_turn(queue, place):
            self._serve(key, queue)
        return self._serve_alone(key, wish) if place.answer is None else place.answer

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

    def _serve_alone(self, key: int, wish: Wish) -> Answer:
        with transaction.atomic():
            return self.serve(key, [wish])[0]

    def _serve(self, key: int, queue: Queue[Wish, Answer]) -> None:
        places: list[Place[Wish, Answer]] = []
        try:
            with transaction.atomic():
                _wait_for_other_processes(key)
                places = queue.take()
                answers = self.serve(key, [place.wish for place in places])
            for place, answer in zip(places, answers, strict=True):
                place.answer = answer
        except (Error, ValueError):
            # One of them has something the database does not take; whose it is, each finds out alone.
            places = places or queue.take()
        finally:
            with queue.moved:
                for place in places:
                    place.is_alone = place.answer is None
                queue.is_busy = False
                queue.moved.notify_all()


def _wait_for_other_processes(key: int) -> None:
    """Whoever serves others of this key elsewhere has ended: held until the end of the transaction, and by nobody else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURNS, key])
