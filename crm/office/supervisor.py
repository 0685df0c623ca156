"""Keeps the web server, the worker and the embedded PostgreSQL running together, and stops them together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from crm.office.postgres import EmbeddedPostgres

MARK = "RAPPORT_SUPERVISED"
LOOK_SECONDS = 0.5
GRACE_SECONDS = 8
RESTART_SECONDS = (0, 1, 2, 5, 10)  # how long to wait before each further restart of a child that keeps dying


@dataclass
class Child:
    """One program of the practice, restarted when it dies, ever more slowly if it dies at once."""

    name: str
    command: list[str]
    process: subprocess.Popen | None = None
    deaths: int = 0
    started_at: float = 0.0

    def start(self, environment: dict[str, str]) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(self.command, env=environment, start_new_session=True)

    @property
    def is_dead(self) -> bool:
        return self.process is None or self.process.poll() is not None

    @property
    def may_restart(self) -> bool:
        lived = time.monotonic() - self.started_at
        self.deaths = 0 if lived > 60 else self.deaths
        return lived >= RESTART_SECONDS[min(self.deaths, len(RESTART_SECONDS) - 1)]

    def ask_to_end(self) -> None:
        """Tell the program alone, not its children: django-q2's cluster hangs when all are told at once."""
        if self.process is not None:
            self.process.terminate()

    def kill_group(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


@dataclass
class Supervisor:
    """Runs children until told to stop. ``data`` marks them, so that a later start finds those a crash left behind."""

    data: Path
    children: list[Child]
    environment: dict[str, str]
    postgres: EmbeddedPostgres | None = None
    is_stopping: bool = field(default=False, init=False)

    def run(self, when_started: Callable[[], None]) -> None:
        """Start everything, call back once, and stay until Ctrl-C or SIGTERM."""
        environment = {**self.environment, MARK: str(self.data)}
        with self._signals():
            try:
                for child in self.children:
                    child.start(environment)
                when_started()
                while not self.is_stopping:
                    time.sleep(LOOK_SECONDS)
                    self._mend(environment)
            finally:
                self.stop()

    def stop(self) -> None:
        """Ask every child to end, and end those that do not."""
        for child in self.children:
            child.ask_to_end()
        deadline = time.monotonic() + GRACE_SECONDS
        while not all(child.is_dead for child in self.children) and time.monotonic() < deadline:
            time.sleep(0.05)
        for child in self.children:
            child.kill_group()
        for process in leftovers(self.data):
            process.kill()

    def _mend(self, environment: dict[str, str]) -> None:
        if self.postgres is not None and not self.postgres.is_running():
            say("PostgreSQL has stopped. Starting it again.")
            self.postgres.start()
        for child in self.children:
            if not self.is_stopping and child.is_dead and child.may_restart:
                say(f"The {child.name} has stopped. Starting it again.")
                child.kill_group()  # what it left of its own children
                child.deaths += 1
                child.start(environment)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def stop(number, frame) -> None:
            self.is_stopping = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def leftovers(data: Path) -> list[psutil.Process]:
    """Processes of this data folder that a killed supervisor could not take along."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(data) and process.pid != os.getpid():
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def end_leftovers(data: Path) -> int:
    """End what an earlier run of this data folder left behind; return how many processes that were."""
    old = leftovers(data)
    for process in old:
        process.kill()
    psutil.wait_procs(old, timeout=GRACE_SECONDS)
    return len(old)


def is_port_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def say(line: str) -> None:
    print(line, file=sys.stdout, flush=True)
