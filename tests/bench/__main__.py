"""Every benchmark, a line for each figure: name, value, unit. Run with “make bench”.

Each figure that counts is a ratio against a ceiling or a peer measured in the same run, for absolute figures are the
machine's. The database is a fresh embedded one with fsync on, in ``var/bench``.
"""

from __future__ import annotations

import os
import shutil
import sys
from importlib import import_module
from pathlib import Path

BENCHMARKS = ("outbox", "registration")
DATA = Path(__file__).resolve().parents[2] / "var" / "bench"


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all of them, on an empty database."""
    shutil.rmtree(DATA, ignore_errors=True)
    os.environ |= {"RAPPORT_DATA": str(DATA), "DJANGO_SETTINGS_MODULE": "crm.settings"}
    os.environ.pop("DATABASE_URL", None)
    from crm.office.postgres import EmbeddedPostgres

    (DATA / "static").mkdir(parents=True)
    with EmbeddedPostgres(DATA).held():
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        for name in names or BENCHMARKS:
            for figure, value, unit in import_module(f"tests.bench.{name}").measure():
                print(f"{name}.{figure} {value:.4g} {unit}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
