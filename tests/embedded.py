"""Loaded before Django's settings: gives the tests a database of their own, in a data folder of their own.

DATABASE_URL, where it is set, names another server; its role must be allowed to create databases.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

from crm.office.postgres import EmbeddedPostgres

stack = ExitStack()
data = Path(os.environ.setdefault("RAPPORT_DATA", str(Path(__file__).resolve().parent.parent / "var" / "test")))

(data / "static").mkdir(parents=True, exist_ok=True)  # WhiteNoise warns about a folder that is not there

for name in (
    "BASE_URL",
    "SECRET_KEY",
    "SENDGRID_API_KEY",
    "SENDGRID_API_URL",
    "SMTP_URL",
    "SENDGRID_BAA_SIGNED_ON",
    "CLIENT_MAIL_BAA_SIGNED_ON",
    "REDIS_URL",
    "DEBUG",
):
    os.environ.pop(name, None)  # what a developer's shell holds must not reach a test

if "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = stack.enter_context(EmbeddedPostgres(data, durable=False).held()).url


def pytest_unconfigure() -> None:
    stack.close()
