"""The whole practice as its owner starts it: ``manage.py run`` with a database, a site and a worker of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from crm.office.supervisor import leftovers

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 180


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(true: Callable[[], object], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"Not within {seconds} seconds: {what}"
        time.sleep(0.1)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A data folder that PostgreSQL's own account can reach too: pytest's temporary ones are for one account only."""
    folder = Path(tempfile.mkdtemp(prefix="rapport-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Practice:
    """Starts, watches and harms one running practice."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = data / "run.log"
        self.process: subprocess.Popen | None = None

    @property
    def environment(self) -> dict[str, str]:
        mine = {"RAPPORT_DATA": str(self.data), "PORT": str(self.port)}
        return {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | mine

    def start(self) -> None:
        before = len(self.log.read_text()) if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run"], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        wait_until(lambda: self._has_started(before), "start", START_SECONDS)

    def _has_started(self, before: int) -> bool:
        """It has said so since; a site that answers may still be what a killed run left behind."""
        said = self.log.read_text()[before:]
        assert self.process.poll() is None, said
        return "Ctrl-C stops it." in said

    def health(self) -> dict:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as problem:
            return json.load(problem)
        except (OSError, ValueError):
            return {"ok": False}

    def is_well(self) -> bool:
        return self.health()["ok"]

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def processes(self, word: str) -> list[psutil.Process]:
        """This practice's living processes with the word in their command line, parents first."""
        found = []
        for process in leftovers(self.data):
            with suppress(psutil.NoSuchProcess):  # it may end while we look, or have ended and not been buried yet
                if word in " ".join(process.cmdline()):
                    found.append((process.create_time(), process.pid, process))
        return [process for _, _, process in sorted(found)]

    def postgres_pid(self) -> int:
        return int((self.data / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])

    def stop(self) -> None:
        """What Ctrl-C does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)
