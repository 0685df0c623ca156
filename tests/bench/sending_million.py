"""The same letter to a million people: how much longer than to a tenth of them, and how much memory a worker takes.

Not among those that “make bench” runs, for it takes minutes: python -m tests.bench sending_million.
"""

from __future__ import annotations

from tests.bench import sending, sinks
from tests.bench.clock import Figures

WORKERS = 4
FEW, MANY = 100_000, 1_000_000


def measure() -> Figures:
    """Yield rate and peak memory for both, and how many times as long the million takes."""
    letter = sending.prepare()
    took = {}
    with sinks.sendgrid() as sink:
        for count in (FEW, MANY):
            sending.people(count)
            run = sending.broadcast(letter, workers=WORKERS, sink=sink, count=count)
            took[count] = run.total
            yield f"rate_{count}", count / run.total, "messages/s"
            yield f"freezing_{count}", run.freezing, "s"
            yield f"peak_mb_{count}", run.peak_mb, "MB"
    yield "times_as_long", took[MANY] / took[FEW], "x"
