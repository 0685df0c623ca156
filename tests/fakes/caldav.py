"""A calendar server on this machine: Radicale, which reads calendar objects with code that is not ours."""

from __future__ import annotations

import base64
import http.client
import subprocess
import sys
import time
from pathlib import Path

LOGIN = base64.b64encode(b"ada:secret").decode()
STARTS_WITHIN = 20  # seconds


class CalDav:
    """Radicale in a process of its own, with one user's calendars in a folder."""

    def __init__(self, folder: Path, *, port: int) -> None:
        self.folder, self.port = folder, port

    def __enter__(self) -> CalDav:
        options = {
            "config": "",
            "server-hosts": f"127.0.0.1:{self.port}",
            "auth-type": "none",
            "storage-filesystem-folder": str(self.folder / "calendars"),
            "logging-level": "critical",
        }
        command = [sys.executable, "-m", "radicale", *(f"--{name}={value}" for name, value in options.items())]
        self.said = (self.folder / "said.txt").open("wb")
        self.process = subprocess.Popen(command, stdout=self.said, stderr=self.said)
        self._wait()
        return self

    def __exit__(self, *problem: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=STARTS_WITHIN)
        self.said.close()

    def ask(self, verb: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str, str]:
        """Ask; return status, ETag and body of the answer."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            link.request(verb, f"/ada/{path}", body, {"Authorization": f"Basic {LOGIN}", **named})
            answer = link.getresponse()
            return answer.status, answer.headers.get("ETag", ""), answer.read().decode()
        finally:
            link.close()

    def put(self, path: str, calendar: bytes, **headers: str) -> int:
        return self.ask("PUT", path, calendar, Content_Type="text/calendar; charset=utf-8", **headers)[0]

    def _wait(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                self.ask("OPTIONS", "")
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
