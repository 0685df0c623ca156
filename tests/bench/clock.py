"""How the benchmarks measure: wall time of a block, medians of several runs, many threads on one database."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

Figures = Iterable[tuple[str, float, str]]


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_seconds(work: Callable[[], object], *, runs: int = 5) -> float:
    work()
    return statistics.median(seconds(work) for _ in range(runs))


def percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def in_threads(work: Callable[[int], object], count: int, *, threads: int) -> float:
    """Do the work for 0 to count - 1 in so many threads; return the seconds it took."""

    def one(number: int) -> None:
        work(number)

    with ThreadPoolExecutor(threads) as pool:
        start = time.perf_counter()
        list(pool.map(one, range(count)))
        spent = time.perf_counter() - start
        list(pool.map(lambda _: connection.close(), range(threads)))
    return spent
