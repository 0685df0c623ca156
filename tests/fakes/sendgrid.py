"""A SendGrid on this machine: real HTTP, real refusals, and a record of every message it has accepted."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWERS = {
    400: {"errors": [{"message": "Does not contain a valid address.", "field": "personalizations.0.to.0.email"}]},
    401: {"errors": [{"message": "The provided authorization grant is invalid, expired, or revoked"}]},
    413: {"errors": [{"message": "Content size exceeded"}]},
    429: {"errors": [{"message": "too many requests"}]},
    500: {"errors": [{"message": "Internal error"}]},
}


class FakeSendGrid:
    """``accepted`` holds the payloads that were taken, in order; what happened to the answer is another matter."""

    def __init__(self, key: str = "SG.fake") -> None:
        self.key = key
        self.reset()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def reset(self) -> None:
        self.accepted: list[dict] = []
        self.headers: list[dict] = []
        self.connections = 0
        self.status = 202
        self.answer_headers: dict[str, str] = {}
        self.hangs = False
        self.drops_connection = False
        self.got_one = threading.Event()
        self.go_on = threading.Event()
        self.lock = threading.Lock()

    def __enter__(self) -> FakeSendGrid:
        self.thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def judge(self, payload: dict, key: str) -> int:
        """The status a real SendGrid would give, unless the test has asked for another."""
        if key != f"Bearer {self.key}":
            return 401
        if self.status != 202:
            return self.status
        return 202 if _is_complete(payload) else 400


def _is_complete(payload: dict) -> bool:
    people = [to["email"] for part in payload.get("personalizations", []) for to in part.get("to", [])]
    kinds = [part.get("type") for part in payload.get("content", [])]
    return (
        bool(people)
        and len(people) <= 1000
        and len(people) == len({email.lower() for email in people})
        and "@" in payload.get("from", {}).get("email", "")
        and bool(payload.get("subject"))
        and kinds[:1] == ["text/plain"]
        and ("text/html" not in kinds or kinds[1] == "text/html")
        and all(part.get("value") for part in payload["content"])
        and all(";" not in file["type"] for file in payload.get("attachments", []))
        and not any(set(name.get("name", "")) & set(",;") for name in _names(payload))
        and all(isinstance(v, str) for p in payload["personalizations"] for v in p.get("custom_args", {}).values())
    )


def _names(payload: dict) -> list[dict]:
    return [payload["from"], *(to for part in payload["personalizations"] for to in part["to"])]


def _handler(fake: FakeSendGrid) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            with fake.lock:
                fake.connections += 1

        def do_POST(self) -> None:
            payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = 404 if self.path != "/v3/mail/send" else fake.judge(payload, self.headers.get("Authorization", ""))
            if status == 202:
                with fake.lock:
                    fake.accepted.append(payload)
                    fake.headers.append(dict(self.headers))
                fake.got_one.set()
            if fake.hangs:
                fake.go_on.wait(30)
            if fake.hangs or fake.drops_connection:
                self.close_connection = True
                return
            self._answer(status)

        def _answer(self, status: int) -> None:
            body = b"" if status == 202 else json.dumps(ANSWERS.get(status, {})).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status == 202:
                self.send_header("X-Message-Id", f"fake-{len(fake.accepted)}")
            for name, value in fake.answer_headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass

    return Handler
