"""A web server as the practice runs it, and a crowd that asks it for pages over connections kept alive."""

from __future__ import annotations

import http.client
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from http.cookies import SimpleCookie
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.crew import database_url
from tests.practice import free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)"[^>]* value="([^"]*)"')


@contextmanager
def served(application: str) -> Iterator[int]:
    """Serve an application with two granian workers of eight threads on the benchmark's database; yields the port."""
    port = free_port()
    command = [
        sys.executable, "-m", "granian", application, "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "2", "--blocking-threads", "8", "--log-level", "error", "--working-dir", str(ROOT),
    ]  # fmt: skip
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


def fill_in(port: int, address: str, shares: list[list[dict[str, str]]], *, pause: float) -> float:
    """Each visitor opens the page, takes time to type, and sends a share of the forms; return the seconds of sending."""
    visitors = len(shares)
    with ProcessPoolExecutor(visitors, mp_context=get_context("spawn")) as pool:
        spans = list(pool.map(_send, [port] * visitors, [address] * visitors, shares, [pause] * visitors))
    return max(end for _, end in spans) - min(start for start, _ in spans)


def _send(port: int, address: str, forms: list[dict[str, str]], pause: float) -> tuple[float, float]:
    visitor = connect(port)
    visitor.request("GET", address)
    page = visitor.getresponse()
    cookie = SimpleCookie(page.headers["Set-Cookie"])["csrftoken"].value
    headers = {"Cookie": f"csrftoken={cookie}", "Content-Type": "application/x-www-form-urlencoded"}
    hidden = dict(HIDDEN.findall(page.read().decode()))
    time.sleep(pause)
    start = time.monotonic()
    for form in forms:
        visitor.request("POST", address, urlencode({**hidden, **form}), headers)
        answer = visitor.getresponse()
        answer.read()
        assert answer.status == 302, f"{address}: {answer.status}"
    return start, time.monotonic()


def press_at_once(
    port: int, address: str, people: list[dict[str, str]], *, pause: float, crowds: int = 4
) -> list[float]:
    """Everybody has the page open and presses in the same moment, on a connection of their own; the seconds each waited."""
    shares = [people[crowd::crowds] for crowd in range(crowds)]
    at = time.time() + pause + 5
    with ProcessPoolExecutor(crowds, mp_context=get_context("spawn")) as pool:
        waits = pool.map(_press, [port] * crowds, [address] * crowds, shares, [at] * crowds)
        return sorted(wait for crowd in waits for wait in crowd)


def _press(port: int, address: str, people: list[dict[str, str]], at: float) -> list[float]:
    status, page = ask(connect(port), address)
    assert status == 200, f"{address}: {status}"
    hidden = dict(HIDDEN.findall(page.decode()))
    cookie = secrets.token_hex(16)

    def press(person: dict[str, str]) -> float:
        form = urlencode({**hidden, **person, "csrfmiddlewaretoken": cookie})
        headers = {"Cookie": f"csrftoken={cookie}", "Content-Type": "application/x-www-form-urlencoded"}
        visitor = connect(port)
        visitor.connect()
        time.sleep(max(0.0, at - time.time()))
        start = time.monotonic()
        visitor.request("POST", address, form, headers)
        answer = visitor.getresponse()
        answer.read()
        assert answer.status == 302, f"{address}: {answer.status}"
        return time.monotonic() - start

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(press, people))
