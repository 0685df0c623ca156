from __future__ import annotations

from pathlib import Path

import pytest

from partners.imports import actions
from partners.models import ImportBatch

OTTAWA = Path(__file__).resolve().parents[2] / "data" / "ottawa-gyms.csv"


@pytest.fixture
def ottawa() -> bytes:
    return OTTAWA.read_bytes()


@pytest.fixture
def checked(db):
    """Check a list written as text and return the batch."""

    def check(text: str | bytes, *, filename: str = "list.csv", mapping=None, **defaults) -> ImportBatch:
        body = text if isinstance(text, bytes) else text.encode()
        return actions.preview(actions.start(body, filename=filename), mapping=mapping, defaults=defaults)

    return check


@pytest.fixture
def imported(checked):
    """Check and commit a list written as text."""

    def commit(text: str | bytes, **options) -> ImportBatch:
        return actions.commit(checked(text, **options))

    return commit


def fates(batch: ImportBatch) -> list[str]:
    return list(batch.rows.values_list("fate", flat=True))
