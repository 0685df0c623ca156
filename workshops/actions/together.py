"""Many who want the same thing in the same moment are served in one go.

Each commit waits for the disk, and everybody waits for the workshop's lock. So whoever comes while others of this
process are being served joins those who wait, and the first of them to get a turn does the work of all.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Condition
from typing import Generic, TypeVar

from django.db import Error, transaction

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")

AT_MOST = 64


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


class Together(Generic[Wish, Answer]):
    """Serves wishes that belong together, by key, with ``serve``: it answers as many as it is given, in their order."""

    def __init__(self, serve: Callable[[int, Sequence[Wish]], Sequence[Answer]]) -> None:
        self.serve = serve
        self.queues: defaultdict[int, Queue[Wish, Answer]] = defaultdict(Queue)

    def ask(self, key: int, wish: Wish) -> Answer:
        """What ``serve`` answers to this wish. Inside a transaction it is served alone: others can't be part of that."""
        if transaction.get_connection().in_atomic_block:
            return self.serve(key, [wish])[0]
        place: Place[Wish, Answer] = Place(wish)
        queue = self.queues[key]
        with queue.moved:
            queue.places.append(place)
        while (places := self._turn(queue, place)) is not None:
            self._serve(key, queue, places)
        return self.serve(key, [wish])[0] if place.answer is None else place.answer

    def _turn(self, queue: Queue[Wish, Answer], place: Place[Wish, Answer]) -> list[Place[Wish, Answer]] | None:
        """Wait until this place is answered, which is None, or it is on us to serve these."""
        with queue.moved:
            while True:
                if place.answer is not None or place.is_alone:
                    return None
                if not queue.is_busy:
                    queue.is_busy = True
                    return [queue.places.popleft() for _ in range(min(len(queue.places), AT_MOST))]
                queue.moved.wait()

    def _serve(self, key: int, queue: Queue[Wish, Answer], places: Sequence[Place[Wish, Answer]]) -> None:
        try:
            answers = self.serve(key, [place.wish for place in places])
            for place, answer in zip(places, answers, strict=True):
                place.answer = answer
        except (Error, ValueError):
            pass  # one of them has something the database does not take; whose it is, each finds out alone
        finally:
            with queue.moved:
                for place in places:
                    place.is_alone = place.answer is None
                queue.is_busy = False
                queue.moved.notify_all()
