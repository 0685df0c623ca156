"""Every benchmark, a line for each figure: name, value, unit. Run with “make bench”, or some: python -m tests.bench site.

Each figure that counts is a ratio against a ceiling or a peer measured in the same run, for absolute figures are the
machine's. The server is an embedded one with fsync on, in ``var/bench``; every benchmark gets an empty database there.
"""

from __future__ import annotations

import logging
import os
import sys
from importlib import import_module
from pathlib import Path

BENCHMARKS = ("office", "bulk", "importing", "site", "registration", "feed", "outbox", "sending", "webhook")
DATA = Path(__file__).resolve().parents[2] / "var" / "bench"
NOT_FROM_THE_SHELL = ("DATABASE_URL", "BASE_URL", "PORT", "DEBUG", "SENDGRID_API_KEY", "SMTP_URL", "REDIS_URL")


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all of them."""
    for name in NOT_FROM_THE_SHELL:
        os.environ.pop(name, None)
    os.environ |= {"RAPPORT_DATA": str(DATA), "DJANGO_SETTINGS_MODULE": "crm.settings"}
    from crm.office.postgres import EmbeddedPostgres

    (DATA / "static").mkdir(parents=True, exist_ok=True)
    with EmbeddedPostgres(DATA).held():
        import django
        from django.core.management import call_command

        django.setup()
        logging.disable(logging.INFO)
        call_command("collectstatic", verbosity=0, interactive=False)
        for name in names or BENCHMARKS:
            _run(name)


def _run(name: str) -> None:
    from tests import database

    database.use_copy(f"bench_{name}")
    try:
        for figure, value, unit in import_module(f"tests.bench.{name}").measure():
            print(f"{name}.{figure} {value:.4g} {unit}", flush=True)
    finally:
        database.drop(f"bench_{name}")


if __name__ == "__main__":
    main(sys.argv[1:])
