"""One migrated template for all test processes, kept between runs while migrations and set-up stay the same."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from psycopg import sql

ROOT = Path(settings.BASE_DIR)
TEMPLATE = "rapport_test_template"


def use_copy(name: str) -> None:
    """Point Django at a fresh copy of the migrated template."""
    with _lock(), _admin() as admin:
        wanted = _fingerprint()
        if _comment(admin) != wanted:
            _build_template(admin, wanted)
        drop(name)
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
    _connect_to(name)
    forget()


def forget() -> None:
    """Drop what this process remembers of rows that are no more."""
    ContentType.objects.clear_cache()
    caches["renditions"].clear()  # pictures get the numbers of earlier ones again


@contextmanager
def empty(name: str) -> Iterator[dict[str, Any]]:
    """A database without tables for somebody else, and how Django's settings name it."""
    drop(name)
    with _admin() as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    keys = ("ENGINE", "USER", "PASSWORD", "HOST", "PORT")
    try:
        yield {"NAME": name, **{key: str(connection.settings_dict[key]) for key in keys}}
    finally:
        drop(name)


def drop(name: str) -> None:
    connection.close()
    with _admin() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _build_template(admin: psycopg.Connection, fingerprint: str) -> None:
    drop(TEMPLATE)
    admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    _connect_to(TEMPLATE)
    call_command("migrate", verbosity=0)
    connection.close()
    admin.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(TEMPLATE), sql.Literal(fingerprint)))


def _connect_to(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _comment(admin: psycopg.Connection) -> str | None:
    found = admin.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [TEMPLATE]
    ).fetchone()
    return found[0] if found else None


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(
        [
            *ROOT.glob("*/migrations/*.py"),
            *ROOT.glob("crm/*/migrations/*.py"),
            ROOT / "crm/office/setup.py",
            ROOT / "crm/office/apps.py",
        ]
    ):
        digest.update(path.read_bytes())
    digest.update(repr(sorted((d.name, d.version) for d in distributions())).encode())
    return digest.hexdigest()


@contextmanager
def _admin() -> Iterator[psycopg.Connection]:
    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    keep = {key: parameters[key] for key in ("dbname", "user", "password", "host", "port") if parameters.get(key)}
    with psycopg.connect(**keep, autocommit=True) as admin:
        yield admin


@contextmanager
def _lock() -> Iterator[None]:
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with open(settings.DATA_DIR / "template.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
