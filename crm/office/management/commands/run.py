from __future__ import annotations

import fcntl
import gc
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from crm.office import web
from crm.office.postgres import EmbeddedPostgres
from crm.office.supervisor import Child, Supervisor, end_leftovers, is_port_free, say

WAIT_SECONDS = 60


class Command(BaseCommand):
    help = "Start the practice: database, website, office and worker, until Ctrl-C."

    def handle(self, *args, **options) -> None:
        postgres = EmbeddedPostgres(settings.DATA_DIR) if "DATABASE_URL" not in os.environ else None
        with self._only_run_here():
            end_leftovers(settings.DATA_DIR)
            self._check_port()
            self._prepare()
            connection.close()
            address = postgres.url if postgres else os.environ["DATABASE_URL"]
            environment = {**os.environ, "DATABASE_URL": address, "PYTHONUNBUFFERED": "1"}
            children = [
                Child("website", web.command(host=settings.HOST, port=settings.PORT)),
                Child("worker", self._worker()),
            ]
            Supervisor(settings.DATA_DIR, children, environment, postgres).run(self._announce)
            say("Rapport has stopped. Your data is safe; “make run” starts it again.")

    @contextmanager
    def _only_run_here(self) -> Iterator[None]:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        with (settings.DATA_DIR / "run.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CommandError(
                    f"Rapport already runs with the data in {settings.DATA_DIR}. Stop that one with Ctrl-C, or start a "
                    f"second copy: RAPPORT_DATA=/another/folder PORT={settings.PORT + 1} make run"
                ) from None
            yield

    def _check_port(self) -> None:
        if not is_port_free(settings.HOST, settings.PORT):
            raise CommandError(
                f"Port {settings.PORT} is taken by another program. Stop it, or choose another port: "
                f"PORT={settings.PORT + 1} make run"
            )

    def _prepare(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            say("Bringing the database up to date. The first time takes half a minute.")
            gc.set_threshold(200_000, 20, 50)  # else a quarter of that goes into looking for garbage
            call_command("migrate", verbosity=0, interactive=False)
        if settings.IS_LOCAL and not get_user_model().objects.exists():
            say("Loading the demo practice.")
            call_command("demo")
        self._collect_static()

    def _collect_static(self) -> None:
        """Gather styles and scripts under hashed names, unless nothing has changed since the last time."""
        stamp = Path(settings.STATIC_ROOT) / "collected.txt"
        newest = str(max(path.stat().st_mtime_ns for path in _own_and_installed()))
        if not stamp.exists() or stamp.read_text() != newest:
            call_command("collectstatic", verbosity=0, interactive=False, clear=True)
            stamp.write_text(newest)

    def _worker(self) -> list[str]:
        return [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"]

    def _announce(self) -> None:
        """Wait until site, worker and database are well, then say where everything is."""
        report = _wait_until_well(f"http://{_reachable(settings.HOST)}:{settings.PORT}/healthz")
        if not report.get("ok"):
            say(f"Rapport started, but not everything is well yet: {json.dumps(report)}")
        say("")
        say("  Rapport is running.")
        say(f"    Site    {settings.BASE_URL}/")
        say(f"    Office  {settings.BASE_URL}/admin/")
        for line in self._login():
            say(line)
        say(f"    Help    {settings.BASE_URL}/help/")
        say(f"    Data    {settings.DATA_DIR}")
        say("  Ctrl-C stops it.")
        say("")

    def _login(self) -> list[str]:
        users = get_user_model().objects
        if not users.exists():
            return ["    Login   none yet. Make yours: python manage.py createsuperuser"]
        if not settings.IS_LOCAL:
            return []
        from crm.office.demo import OWNER_EMAIL, PASSWORD

        owner = users.filter(email=OWNER_EMAIL).first()
        connection.close()
        if owner and owner.check_password(PASSWORD):
            return [f"    Login   {OWNER_EMAIL} with the password {PASSWORD}"]
        return []


def _own_and_installed() -> Iterator[Path]:
    yield Path(settings.BASE_DIR / "requirements.txt")
    for folder in settings.STATICFILES_DIRS:
        yield from Path(folder).rglob("*")


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104


def _wait_until_well(url: str) -> dict:
    report: dict = {}
    deadline = time.monotonic() + WAIT_SECONDS
    while not report.get("ok") and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                report = json.load(answer)
        except urllib.error.HTTPError as problem:
            report = json.load(problem)
        except (OSError, ValueError):
            report = {"website": "not answering yet"}
        time.sleep(0.2)
    return report
