"""A list of 50,000 partners: checked, imported and taken back, beside COPY of the same rows into a bare table.

The bare table has no key, no index and nothing to compare with: what is left between the two is what an import adds
(each row read, judged against what stands there, its partner, person, consent and audit line, and what an undo needs).
"""

from __future__ import annotations

import csv
import io
import random

from django.db import connection

from partners.imports import actions
from partners.models import ImportBatch, Partner
from tests.bench import town
from tests.bench.clock import Figures, seconds

ROWS = 50_000
COLUMNS = (
    "name",
    "kind",
    "street",
    "city",
    "postal code",
    "phone",
    "e-mail",
    "website",
    "contact name",
    "contact e-mail",
)


def measure() -> Figures:
    """Yield rows a second for each step, COPY's, and the ratio of checking and importing to it."""
    rows = _rows(random.Random(ROWS))
    batch = actions.start(_as_csv(rows), filename="towns.csv")
    checking = seconds(lambda: actions.preview(batch))
    committing = seconds(lambda: actions.commit(batch))
    assert Partner.objects.count() == batch.counts["new"] > ROWS * 0.9
    undoing = seconds(lambda: actions.undo(batch))
    assert batch.state == ImportBatch.State.UNDONE
    assert not Partner.objects.exists()
    copying = seconds(lambda: _copy(rows))
    yield "check", ROWS / checking, "rows/s"
    yield "commit", ROWS / committing, "rows/s"
    yield "both", ROWS / (checking + committing), "rows/s"
    yield "undo", ROWS / undoing, "rows/s"
    yield "ceiling", ROWS / copying, "rows/s"
    yield "ratio", copying / (checking + committing), "x"


def _rows(rng: random.Random) -> list[tuple[str, ...]]:
    return [
        (
            f"{town.name_of(number)}", rng.choice(("gym", "yoga studio", "DPC physician", "running club")),
            f"{number % 9000 + 1} {rng.choice(town.SECOND)} Street", rng.choice(town.CITIES), "K1A 0A1",
            f"613 555 {number % 10000:04}", f"hello{number}@example.com", f"https://place{number}.example.com",
            f"Sam {rng.choice(town.LAST)}", f"sam{number}@example.com",
        )
        for number in range(ROWS)
    ]  # fmt: skip


def _as_csv(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode()


def _copy(rows: list[tuple[str, ...]]) -> None:
    columns = ", ".join(f"c{number} text" for number in range(len(COLUMNS)))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_import ({columns})")
        with cursor.copy("COPY bench_import FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
