"""People who fill in a form: a browser's requests, made ready beforehand and sent by one process that costs next to nothing.

The crowd has to share the machine with the web server and the database it measures, so it is raw sockets and a selector.
What it sends is what a browser sends: everybody has opened the page themselves, and comes back with their own cookie,
the page's signed time and its hidden fields.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

PATIENCE = 60  # seconds
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)"[^>]* value="([^"]*)"')
COOKIE = re.compile(rb"^set-cookie: *(csrftoken=[^;]+)", re.IGNORECASE | re.MULTILINE)
LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Reply:
    """One answer, and how long somebody waited for it."""

    head: bytes
    body: bytes
    seconds: float

    @property
    def status(self) -> int:
        return int(self.head[9:12])


@dataclass
class Visitor:
    """One connection that is kept alive, and what is still to be sent on it, one request after the other."""

    port: int
    requests: list[bytes]
    replies: list[Reply] = field(default_factory=list)
    received: bytes = b""
    sent_at: float = 0.0

    def __post_init__(self) -> None:
        self.line = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def is_done(self) -> bool:
        return len(self.replies) == len(self.requests)

    def send(self) -> None:
        self.sent_at = time.perf_counter()
        self.line.sendall(self.requests[len(self.replies)])

    def receive(self) -> None:
        """Take what has come; with a whole answer, send the next request."""
        more = self.line.recv(1 << 18)
        assert more, f"The server hung up: {self.received[:200]!r}"
        self.received += more
        head, blank, body = self.received.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not blank or length is None or len(body) < int(length[1]):
            return
        self.replies.append(Reply(head, body, time.perf_counter() - self.sent_at))
        self.received = b""
        if not self.is_done:
            self.send()


def ask(port: int, shares: Sequence[Sequence[bytes]]) -> tuple[float, list[list[Reply]]]:
    """Let each visitor send their requests, all of them at once; the seconds from the first to the last, and the answers."""
    visitors = [Visitor(port, list(share)) for share in shares]
    start = time.perf_counter()
    with selectors.DefaultSelector() as open_lines:
        for visitor in visitors:
            visitor.send()
            open_lines.register(visitor.line, selectors.EVENT_READ, visitor)
        while open_lines.get_map():
            ready = open_lines.select(PATIENCE)
            assert ready, "Nobody is answered any more."
            for key, _events in ready:
                key.data.receive()
                if key.data.is_done:
                    open_lines.unregister(key.fileobj)
    seconds = time.perf_counter() - start
    for visitor in visitors:
        visitor.line.close()
    return seconds, [visitor.replies for visitor in visitors]


def forms(port: int, address: str, people: Sequence[dict[str, str]], *, visitors: int) -> list[bytes]:
    """Everybody's form as their browser would send it; each has opened the page for it, by so many lines at once."""
    page = f"GET {address} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode()
    _seconds, pages = ask(port, dealt([page] * len(people), visitors))
    opened = dealt(list(people), visitors)
    shares = [
        [_form(port, address, reply, person) for reply, person in zip(*share, strict=True)]
        for share in zip(pages, opened, strict=True)
    ]
    return [shares[place % len(shares)][place // len(shares)] for place in range(len(people))]


def dealt(what: list, visitors: int) -> list[list]:
    """Dealt out like cards; nobody goes without."""
    return [what[visitor::visitors] for visitor in range(min(visitors, len(what)))]


def _form(port: int, address: str, page: Reply, person: dict[str, str]) -> bytes:
    assert page.status == 200, f"{address}: {page.status}"
    cookie = COOKIE.search(page.head)
    assert cookie, "The page has a form and sets its cookie."
    body = urlencode({**dict(HIDDEN.findall(page.body.decode())), "website": "", **person}).encode()
    head = (
        f"POST {address} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n"
        f"Cookie: {cookie[1].decode()}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
