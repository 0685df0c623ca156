"""Death at a chosen step: every statement, commit and byte that leaves a worker is counted, and one is its last."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

TO_THE_DATABASE = (
    (psycopg.Cursor, "execute"),
    (psycopg.Cursor, "executemany"),
    (psycopg.Cursor, "copy"),
    (psycopg.Connection, "commit"),
)
TO_THE_NETWORK = ((socket.socket, "connect"), (socket.socket, "sendall"), (socket.socket, "recv_into"))


def die() -> None:
    """What ``kill -9`` does: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()


def count_steps(log: str, *, last: int | None = None) -> None:
    """Write down each step before it is taken; die in place of step ``last``.

    Sending counts twice: before the first byte, and when half of the bytes are out.
    """
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def step(number: int, name: str, detail: object) -> None:
        os.write(file, f"{number} {name} {' '.join(str(detail).split())[:160]}\n".encode())
        if number == last:
            die()

    _at_each_step(step)


def pause_at(step: int, place: str) -> None:
    """Before this step say so at ``place``, and go on when there is a file beside it that ends in “.over”."""

    def wait(number: int, name: str, detail: object) -> None:
        if number == step:
            Path(place).touch()
            while not Path(f"{place}.over").exists():
                time.sleep(0.005)

    _at_each_step(wait)


def _at_each_step(step: Callable[[int, str, object], None]) -> None:
    numbers = itertools.count(1)
    lock = threading.Lock()

    def counted(name: str, detail: object) -> None:
        with lock:
            step(next(numbers), name, detail)

    for owner, name in (*TO_THE_DATABASE, *TO_THE_NETWORK):
        setattr(owner, name, _counted(getattr(owner, name), name, counted))


def _counted(original: Callable, name: str, step: Callable[[str, object], None]) -> Callable:
    def counted(self, *arguments, **options):
        detail = arguments[0] if arguments else ""
        step(name, bytes(detail)[:60] if isinstance(detail, bytes | bytearray | memoryview) else detail)
        if name == "sendall":  # only half of it, so that there is a moment in the middle
            data = memoryview(arguments[0]).cast("B")
            original(self, data[: len(data) // 2])
            step("half sent", len(data) // 2)
            return original(self, data[len(data) // 2 :])
        return original(self, *arguments, **options)

    return counted
