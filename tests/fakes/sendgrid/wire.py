"""HTTP/1.1 by hand, one thread a connection: so that it can stop in the middle of a body, or answer never."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import struct
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from tests.fakes.sendgrid.limits import MOST_BYTES, first_problem
from tests.fakes.sendgrid.script import Rule

if TYPE_CHECKING:
    from tests.fakes.sendgrid.server import FakeSendGrid

SEND = "/v3/mail/send"
SAYINGS = {
    400: "Bad Request",
    401: "The provided authorization grant is invalid, expired, or revoked",
    403: "access forbidden",
    404: "not found",
    405: "method not allowed",
    413: "Content size exceeded",
    415: "Content-Type should be application/json.",
    429: "too many requests",
    500: "Internal error",
}
LONGEST_HOLD = 60
AT_ONCE = struct.pack("ii", 1, 0)  # linger for no time: a close becomes a reset


class Vanished(Exception):
    """The sender closed the connection in the middle of a request."""


class Server(socketserver.ThreadingTCPServer):
    """Loopback only, and every connection can be closed from here."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, fake: FakeSendGrid, port: int) -> None:
        self.fake = fake
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Connection)

    def hang_up(self) -> None:
        """Close every connection, whatever it is in the middle of."""
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Broken connections are what it is here for; anything else is a mistake in it, and is shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Connection(socketserver.StreamRequestHandler):
    """One kept-alive connection."""

    disable_nagle_algorithm = True
    rbufsize = 256 * 1024

    @property
    def fake(self) -> FakeSendGrid:
        return self.server.fake

    def handle(self) -> None:
        self.is_kept = True
        self.server.open.add(self.request)
        with self.fake.lock:
            self.fake.connections += 1
        try:
            while self.is_kept and self._read_head():
                self._answer_one()
        except Vanished:
            with self.fake.lock:
                self.fake.cut_short += 1
        finally:
            self.server.open.discard(self.request)

    def _read_head(self) -> bool:
        line = self.rfile.readline(65537).decode("latin-1").split()
        if len(line) != 3:
            return False
        self.method, self.path = line[0], line[1].partition("?")[0]
        self.headers: dict[str, str] = {}
        while (line := self.rfile.readline(65537)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            self.headers[name.strip().title()] = value.strip()
        self.is_kept = self.headers.get("Connection", "").lower() != "close"
        return True

    def _answer_one(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        if self.path.startswith("/fake/"):
            self._obey(self._read(length))
        elif self.path != SEND:
            self._show_account(self._read(length))
        elif self.fake.is_lenient:
            provider_id = self.fake.swallow(self._read(length))
            time.sleep(self.fake.latency)
            self._say(202, headers={"X-Message-Id": provider_id})
        elif (rule := self.fake.rule_for(None)).then == "half":
            self._read(length // 2)
            self._wait(rule)
            self._reset()
        else:
            self._treat(self._read(length))

    def _read(self, length: int) -> bytes:
        body = self.rfile.read(length)
        if len(body) < length:
            raise Vanished
        return body

    def _treat(self, body: bytes) -> None:
        """One request to send, judged as the real one would, unless a rule has something else in mind."""
        if problem := self._objection(body):
            return self._say(*problem)
        try:
            payload = json.loads(body)
        except ValueError:
            return self._say(400, "Bad Request")
        rule = self.fake.rule_for(payload)
        status, message, field = self._judge(payload, rule)
        headers = dict(rule.headers)
        if status == 202 or rule.accepts:
            headers["X-Message-Id"] = self.fake.take(payload, self.headers)
        self._wait(rule)
        time.sleep(self.fake.latency + rule.latency)
        if rule.holds and self.fake.hangs:  # nobody has taken it back: let the sender wait in vain
            rule = Rule(then="hang up")
        return self._end(rule, status, message, field, headers)

    def _objection(self, body: bytes) -> tuple[int, str] | None:
        if self.headers.get("Authorization") != f"Bearer {self.fake.key}":
            return 401, SAYINGS[401]
        if self.method != "POST":
            return 405, SAYINGS[405]
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json" or "Content-Encoding" in self.headers:
            return 415, SAYINGS[415]
        if len(body) >= MOST_BYTES:
            return 413, SAYINGS[413]
        try:
            body.decode()
        except UnicodeDecodeError:
            return 400, "Invalid UTF8 in request."
        return None

    def _judge(self, payload: dict, rule: Rule) -> tuple[int, str, str | None]:
        if rule.status == 400:
            return 400, *rule.complaint(payload)
        if rule.status:
            return rule.status, rule.message or SAYINGS.get(rule.status, "error"), rule.field
        if problem := first_problem(payload):
            return 400, problem.message, problem.field
        domain = payload["from"]["email"].rpartition("@")[2].lower()
        if self.fake.senders is not None and domain not in self.fake.senders:
            return 403, "The from address does not match a verified Sender Identity.", "from"
        if payload.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
            return 200, "", None
        return 202, "", None

    def _wait(self, rule: Rule) -> None:
        if rule.holds or rule.then == "silence":
            self.fake.go_on.wait(LONGEST_HOLD)

    def _end(self, rule: Rule, status: int, message: str, field: str | None, headers: dict[str, str]) -> None:
        if rule.then == "reset":
            return self._reset()
        if rule.then in ("hang up", "silence"):
            self.is_kept = False
            return None
        if rule.then != "close":
            return self._say(status, message, field, headers)
        # Corked, so that the last byte and the end of the connection travel in one packet and nobody sees one without
        # the other: what the sender does next is then no matter of luck.
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        self._say(status, message, field, headers)
        self.request.shutdown(socket.SHUT_WR)
        self.is_kept = False
        return None

    def _reset(self) -> None:
        self.is_kept = False
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        self.rfile.close()
        self.request.close()

    def _say(
        self, status: int, message: str = "", field: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        with self.fake.lock:
            self.fake.answers[status] += not self.fake.is_lenient
        errors = {"errors": [{"message": message, "field": field, "help": None}]}
        self._write(status, b"" if status < 300 else json.dumps(errors).encode(), headers)

    def _write(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Content-Type: application/json"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + body)

    # How the account is set up, and what another process may ask and tell

    def _show_account(self, body: bytes) -> None:
        if self.headers.get("Authorization") != f"Bearer {self.fake.key}":
            return self._say(401, SAYINGS[401])
        if status := self.fake.account_status.get(self.path):
            return self._say(status, SAYINGS.get(status, "error"))
        if self.path not in self.fake.account:
            return self._say(404, SAYINGS[404])
        if self.method != "GET":
            return self._say(405, SAYINGS[405])
        return self._write(200, json.dumps(self.fake.account[self.path]).encode())

    def _obey(self, body: bytes) -> None:
        match self.method, self.path:
            case "GET", "/fake/accepted":
                return self._write(200, json.dumps(self._truth()).encode())
            case "GET", "/fake/script":
                return self._write(200, json.dumps([asdict(rule) for rule in self.fake.rules.rules]).encode())
            case "POST", "/fake/script":
                self.fake.script(*(Rule(**words) for words in json.loads(body)))
            case "POST", "/fake/latency":
                self.fake.latency = float(json.loads(body))
            case "POST", "/fake/go_on":
                self.fake.go_on.set()
            case "POST", "/fake/reset":
                latency = self.fake.latency
                self.fake.reset()
                self.fake.latency = latency
            case _:
                return self._say(404, SAYINGS[404])
        return self._write(200, b"{}")

    def _truth(self) -> dict:
        with self.fake.lock:
            return {
                "accepted": dict(self.fake.accepted_count),
                "requests": sum(self.fake.answers.values()),
                "recipients": self.fake.recipient_count,
                "answers": {str(status): times for status, times in self.fake.answers.items()},
                "connections": self.fake.connections,
                "cut_short": self.fake.cut_short,
            }
