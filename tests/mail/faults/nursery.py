"""Drains in processes of their own, cheap enough to be killed by the hundred: each is forked from one that is warm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Worker:
    """One process that drains."""

    pid: int
    nursery: Nursery

    def kill(self) -> int:
        """Kill it as ``kill -9`` does, if it still lives, and wait for the end."""
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()

    def wait(self) -> int:
        """Wait for its end; a negative number is the signal it died of."""
        return self.nursery.ask(wait=self.pid)


class Nursery:
    """The warm process. It has no database connection and no threads of its own, so that a fork starts clean."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.mail.faults.nursery"],
            cwd=ROOT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "crm.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, verb: str, *, settings: dict[str, object], trap: dict | None = None) -> Worker:
        """A worker that has just begun with this verb; ``trap`` names a function of ``traps`` and its arguments."""
        from django.db import connection

        places = {name: connection.settings_dict[name] for name in ("HOST", "PORT", "USER", "PASSWORD", "NAME")}
        return Worker(self.ask(fork={"settings": settings, "trap": trap, "verb": verb, "places": places}), self)

    def ask(self, **job: object) -> int:
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("The nursery has died.")
        return int(answer)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def main() -> None:
    import django

    django.setup()
    import crm.office.tick  # noqa: F401 - imports all that a child could need

    print_answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # a child that prints must not answer for us
    for line in sys.stdin:
        job = json.loads(line)
        answer = _fork(job["fork"]) if "fork" in job else _ended(job["wait"])
        print_answer.write(f"{answer}\n")
        print_answer.flush()


def _fork(job: dict) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            _live(job)
            code = 0
        except KeyboardInterrupt:
            pass
        finally:
            if code:
                import traceback

                traceback.print_exc()
            os._exit(code)
    return pid


def _live(job: dict) -> None:
    from django.conf import settings
    from django.db import connection
    from django.utils.module_loading import import_string

    from tests.mail.faults import traps

    os.close(0)
    connection.settings_dict.update(job["places"])
    for name, value in job["settings"].items():
        setattr(settings, name, value)
    if trap := job["trap"]:
        getattr(traps, trap["name"])(**trap["arguments"])
    import_string(job["verb"])()
    if trap and "place" in trap["arguments"]:
        Path(trap["arguments"]["place"]).touch()  # it never came to that step: nobody need wait for it


def _ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main()
