"""A web server as the practice runs it, and a crowd that asks it for pages over connections kept alive."""

from __future__ import annotations

import http.client
import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from crm.office import web
from tests.bench.crew import database_url
from tests.practice import free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def served(application: str) -> Iterator[int]:
    """Serve an application on the benchmark's database as ``manage.py run`` does; yields the port."""
    port = free_port()
    command = web.command(host="127.0.0.1", port=port, application=application)
    environment = {**os.environ, "DATABASE_URL": database_url(), "PORT": str(port)}
    server = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        wait_until(lambda: _answers(port), "answer", 60)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _answers(port: int) -> bool:
    try:
        return ask(connect(port), "/")[0] == 200
    except OSError:
        return False


def connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("localhost", port, timeout=30)


def ask(visitor: http.client.HTTPConnection, address: str) -> tuple[int, bytes]:
    """Ask for one page and read it to its end."""
    visitor.request("GET", address)
    answer = visitor.getresponse()
    return answer.status, answer.read()


def pages_a_second(port: int, address: str, *, visitors: int, lasting: float) -> float:
    """What so many visitors, each a process with one connection, get together."""
    with ProcessPoolExecutor(visitors, mp_context=get_context("spawn")) as pool:
        list(pool.map(_visit, [port] * visitors, [address] * visitors, [0.5] * visitors))  # all there, and all warm
        return sum(pool.map(_visit, [port] * visitors, [address] * visitors, [lasting] * visitors))


def _visit(port: int, address: str, lasting: float) -> float:
    visitor, pages = connect(port), 0
    start = time.perf_counter()
    while time.perf_counter() < start + lasting:
        status, _body = ask(visitor, address)
        assert status == 200, f"{address}: {status}"
        pages += 1
    visitor.close()
    return pages / (time.perf_counter() - start)
