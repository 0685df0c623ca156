"""Who takes the mail: a SendGrid and an SMTP server on this machine, each a process of its own that counts and forgets.

All contestants of a run share them, for what a sink takes of the four cores is taken from everybody alike.
"""

from __future__ import annotations

import asyncio
import json
import smtplib
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

KEY = "SG.fake"


@dataclass(frozen=True)
class SendGridSink:
    """The loopback SendGrid in its lenient form."""

    url: str

    def begin(self, *, answers_after: float = 0.0) -> None:
        """Forget what was taken, and answer after so many seconds from now on."""
        self._ask("/fake/reset", {})
        self._ask("/fake/latency", answers_after)

    def counted(self) -> int:
        """How many messages were taken, each once: twice would be a message sent twice."""
        took = json.loads(self._ask("/fake/accepted"))
        assert set(took["accepted"].values()) <= {1}, "Somebody was written to twice."
        return len(took["accepted"])

    def _ask(self, path: str, told: object = None) -> bytes:
        body = None if told is None else json.dumps(told).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data=body), timeout=60) as answer:
            return answer.read()


@contextmanager
def sendgrid() -> Iterator[SendGridSink]:
    with _process("tests.fakes.sendgrid", "--lenient", "--key", KEY) as port:
        yield SendGridSink(f"http://127.0.0.1:{port}")


@dataclass(frozen=True)
class SmtpSink:
    """An SMTP server that takes everything."""

    port: int

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def counted(self) -> int:
        """How many messages were taken since somebody asked last."""
        with smtplib.SMTP("127.0.0.1", self.port) as link:
            return int(link.noop()[1])


@contextmanager
def smtp() -> Iterator[SmtpSink]:
    with _process("tests.bench.sinks") as port:
        yield SmtpSink(port)


@contextmanager
def _process(module: str, *options: str) -> Iterator[int]:
    """A program that prints its port and serves until its standard input closes."""
    command = [sys.executable, "-m", module, *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin and program.stdout
        yield int(program.stdout.readline())
        program.stdin.close()


class Conversation(asyncio.Protocol):
    """One sender's connection: the least of RFC 5321 that a sender needs. NOOP tells how many messages there were."""

    taken = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.rest, self.is_data = b"", False
        self._say(b"220 sink")

    def data_received(self, received: bytes) -> None:
        self.rest += received
        while self._step():
            pass

    def _step(self) -> bool:
        end = b"\r\n.\r\n" if self.is_data else b"\r\n"
        said, found, rest = self.rest.partition(end)
        if found:
            self.rest = rest
            self._answer(said[:4].upper())
        return bool(found)

    def _answer(self, verb: bytes) -> None:
        if self.is_data:
            self.is_data = False
            Conversation.taken += 1
            self._say(b"250 taken")
        elif verb == b"EHLO":
            self._say(b"250-sink\r\n250 PIPELINING")
        elif verb == b"DATA":
            self.is_data = True
            self._say(b"354 go on")
        elif verb == b"NOOP":
            self._say(b"250 %d" % Conversation.taken)
            Conversation.taken = 0
        elif verb == b"QUIT":
            self._say(b"221 bye")
            self.transport.close()
        else:
            self._say(b"250 fine")

    def _say(self, line: bytes) -> None:
        self.transport.write(line + b"\r\n")


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Conversation, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
