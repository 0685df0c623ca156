"""Many new rows in one statement that is written and planned once, whatever their number.

Django writes the SQL of ``bulk_create`` anew each time, and each value as a literal or a list in Python: where a few
dozen people register in the same second, that was more than half of what they wait for. Here the rows go over as one
document of JSON, which PostgreSQL reads by the table's own types.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Field, Model
from django.utils.functional import Promise

from crm.people.composed import prepared


def insert_all(rows: Sequence[Model], *, ignore_conflicts: bool = False) -> None:
    """What ``bulk_create`` does with rows of one model; the keys of all of them, or of none, are known before.

    They get their keys in their order. Where conflicts are ignored they get none, for some may not have been written.
    """
    if not rows:
        return
    statement = _statement(type(rows[0]), rows[0].pk is not None, ignore_conflicts)
    with prepared() as cursor:
        cursor.execute(statement.sql, [statement.document(rows)])
        keys = cursor.fetchall() if statement.returns_keys else []
    for row, [key] in zip(rows, keys, strict=False):
        row.pk = key
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


@dataclass(frozen=True)
class Statement:
    sql: str
    fields: tuple[Field, ...]
    returns_keys: bool

    def document(self, rows: Sequence[Model]) -> str:
        """The rows by column."""
        return json.dumps(
            [{field.column: field.pre_save(row, True) for field in self.fields} for row in rows], default=_plain
        )


@cache
def _statement(model: type[Model], has_keys: bool, ignore_conflicts: bool) -> Statement:
    meta, quoted = model._meta, connection.ops.quote_name
    fields = tuple(
        field for field in meta.local_concrete_fields if (has_keys or not field.primary_key) and not field.generated
    )
    columns, table = ", ".join(quoted(str(field.column)) for field in fields), quoted(meta.db_table)
    returns_keys = not has_keys and not ignore_conflicts
    end = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    if returns_keys:
        end = f" RETURNING {quoted(str(meta.pk.column))}"
    rows = f"SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s)"  # noqa: S608  # names of ours, quoted
    sql = f"INSERT INTO {table} ({columns}) {rows}{end}"
    return Statement(sql, fields, returns_keys)


def _plain(value: Any) -> str:
    """As PostgreSQL reads it back."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not written so.")
