"""One kept HTTP connection that knows its phase: until the last byte is out, nothing can have been accepted."""

from __future__ import annotations

import http.client
import select
import ssl
import time
from functools import cache
from urllib.parse import urlsplit

CONNECT_SECONDS = 5
READ_SECONDS = 30
IDLE_SECONDS = 30
MOST_REQUESTS = 1000


class Link:
    """A connection to one address, made when it is first needed and made anew when it has grown old."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)
        self.http: http.client.HTTPConnection | None = None
        self.used_at = 0.0
        self.requests = 0

    def send(self, verb: str, path: str, body: bytes, headers: dict[str, str]) -> None:
        """Put the whole request on the wire; an OSError means that it did not get there whole."""
        link = self._made()
        try:
            link.request(verb, f"{self.url.path}{path}", body=body, headers=headers)
        except http.client.HTTPException as problem:  # such as a connection that was left half-way
            raise OSError(str(problem)) from problem

    def receive(self) -> tuple[int, http.client.HTTPMessage, bytes]:
        """The answer; an error means that nobody knows what became of the request."""
        if self.http is None:
            raise http.client.NotConnected
        response = self.http.getresponse()
        said = response.read()
        self.used_at = time.monotonic()
        self.requests += 1
        return response.status, response.headers, said

    def hang_up(self) -> None:
        if self.http:
            self.http.close()
        self.http = None

    def _made(self) -> http.client.HTTPConnection:
        if self.http and (self._is_old() or self._is_closed_by_peer()):
            self.hang_up()
        if self.http is None:
            host, port = self.url.hostname or "", self.url.port
            if self.url.scheme == "https":
                self.http = http.client.HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=_trust())
            else:
                self.http = http.client.HTTPConnection(host, port, timeout=CONNECT_SECONDS)
            self.http.connect()
            self.http.sock.settimeout(READ_SECONDS)
            self.requests = 0
        return self.http

    def _is_old(self) -> bool:
        return time.monotonic() - self.used_at > IDLE_SECONDS or self.requests >= MOST_REQUESTS

    def _is_closed_by_peer(self) -> bool:
        """An idle connection that has something to say is being closed: a post on it would end unknown."""
        if self.http is None or self.http.sock is None:
            return True
        readable, _, _ = select.select([self.http.sock], [], [], 0)
        return bool(readable)


@cache
def _trust() -> ssl.SSLContext:
    """The certificates that are trusted, read once: it costs milliseconds."""
    return ssl.create_default_context()
