"""The web server as the practice runs it, and as the benchmarks do."""

from __future__ import annotations

import os
import sys

from django.conf import settings

THREADS = 8  # of each worker: most of them wait for the database


def workers(cores: int | None = None) -> int:
    """One for each core but one, which is the database's; not more than four, for each takes 200 MB."""
    return max(2, min(4, (cores or os.cpu_count() or 2) - 1))


def command(*, host: str, port: int, application: str = "crm.wsgi:application") -> list[str]:
    """What starts it."""
    return [
        sys.executable, "-m", "granian", application, "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(workers()), "--blocking-threads", str(THREADS), "--respawn-failed-workers",
        "--workers-kill-timeout", "5", "--log-level", "warning", "--working-dir", str(settings.BASE_DIR),
    ]  # fmt: skip
