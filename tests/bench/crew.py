"""Worker processes that are ready before the clock starts, and say afterwards how much memory they took at most."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

Prepare = Callable[..., Callable[[], Any]]
PROCESSES = get_context("spawn")  # nothing is inherited, least of all a database connection


@dataclass(frozen=True)
class Report:
    """What one worker came back with."""

    result: Any
    peak_mb: float


class Crew:
    """Some workers, each in a process of its own, that have prepared and wait for the word."""

    def __init__(self, pipes: list[Connection]) -> None:
        self.pipes = pipes

    def work(self) -> list[Report]:
        """Let them all begin at once; return when the last one has ended."""
        for pipe in self.pipes:
            pipe.send("go")
        return [pipe.recv() for pipe in self.pipes]


@contextmanager
def crew(count: int, prepare: Prepare, *arguments: Any, environment: dict[str, str] | None = None) -> Iterator[Crew]:
    """So many processes that have called ``prepare`` and hold the work it returned."""
    pipes, processes = [], []
    for _ in range(count):
        here, there = PROCESSES.Pipe()
        process = PROCESSES.Process(target=_serve, args=(there, prepare, arguments, environment or {}), daemon=True)
        process.start()
        there.close()
        pipes.append(here)
        processes.append(process)
    try:
        for pipe in pipes:
            pipe.recv()
        yield Crew(pipes)
    finally:
        for pipe, process in zip(pipes, processes, strict=True):
            pipe.close()
            process.join(30)


def _serve(pipe: Connection, prepare: Prepare, arguments: tuple[Any, ...], environment: dict[str, str]) -> None:
    os.environ.update(environment)
    work = prepare(*arguments)
    pipe.send("ready")
    try:
        pipe.recv()
    except EOFError:
        return
    pipe.send(Report(work(), _peak_mb()))


def _peak_mb() -> float:
    """The most memory this process ever held; what the one it was forked from held is not counted."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found, "Only Linux tells."
    return int(found[1]) / 1024


def named(module: str, name: str, *arguments: Any) -> Callable[[], Any]:
    """What a function prepares whose module needs Django, in a process that has nothing yet."""
    import django

    django.setup()
    return getattr(import_module(module), name)(*arguments)


def drainer() -> Callable[[], int]:
    """One worker's share: all that is due, as the worker of the practice does it."""
    import django

    django.setup()
    from django.db import connection

    from crm.mail.actions import drain

    connection.ensure_connection()
    return lambda: drain(seconds=3600)


def database_url() -> str:
    """The address of the benchmark's database, for a process of its own."""
    from django.db import connection

    parameters = connection.get_connection_params()
    return f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}"
