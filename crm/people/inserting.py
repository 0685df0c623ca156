"""Many new rows in one statement that is written and planned once, whatever their number.

Django writes the SQL of ``bulk_create`` anew each time, and each value as a literal or a list in Python: where a few
dozen people register in the same second, that was more than half of what they wait for. Here the rows go over as one
document of JSON, which PostgreSQL reads by the table's own types.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, cached_property
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Field, Model
from django.utils.functional import Promise

from crm.people.composed import prepared

Record = TypeVar("Record", bound=Model)


def insert_all(records: Sequence[Model]) -> None:
    """What ``bulk_create`` does with new records of one model, which get their keys in their order."""
    bundle = Bundle()
    bundle.add_all(records)
    bundle.write()


def insert_missing(model: type[Record], rows: Sequence[Mapping[str, Any]]) -> list[Record]:
    """Insert what breaks no rule of uniqueness, and return the records of these alone; rows are as in ``Bundle.add``."""
    if not rows:
        return []
    insertion = _insertion(model, has_keys=False, ignore_conflicts=True)
    cursor = prepared()
    cursor.execute(f"{insertion.sql} RETURNING {insertion.columns}", [_written(insertion.filled(rows))])
    return [model.from_db(DEFAULT_DB_ALIAS, insertion.names, row) for row in cursor.fetchall()]


class Bundle:
    """New rows of several tables that go over in one statement.

    Each way to the database and back costs as much as ten rows.
    """

    def __init__(self) -> None:
        self.rows: dict[Insertion, list[dict[Any, Any]]] = {}
        self.records: dict[Insertion, list[Model]] = {}

    def add(self, model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows of which nobody needs the record: each by column, and what is left out has its default."""
        insertion = _insertion(model, has_keys=False)
        self.rows.setdefault(insertion, []).extend(insertion.filled(rows))

    def add_all(self, records: Sequence[Model], *, ignore_conflicts: bool = False) -> None:
        """Records of one model, which get their keys in their order when they are written.

        The keys of all of them, or of none, are known before. Where conflicts are ignored they have to be, for some may
        not be written.
        """
        if not records:
            return
        has_keys = records[0].pk is not None
        insertion = _insertion(
            type(records[0]), has_keys=has_keys, ignore_conflicts=ignore_conflicts, returns_keys=not has_keys
        )
        self.rows.setdefault(insertion, []).extend(insertion.of_records(records))
        self.records.setdefault(insertion, []).extend(records)

    def write(self) -> None:
        """Insert all of it; a second time there is nothing left."""
        rows, records = {insertion: rows for insertion, rows in self.rows.items() if rows}, self.records
        self.rows, self.records = {}, {}
        if not rows:
            return
        cursor = prepared()
        cursor.execute(_one_statement(*rows), [_written(part) for part in rows.values()])
        keys: dict[int, list[int]] = defaultdict(list)
        for part, key in cursor.fetchall():
            keys[part].append(key)
        for part, insertion in enumerate(rows):
            if insertion.returns_keys:
                for record, key in zip(records[insertion], keys[part], strict=True):
                    record.pk = key
            for record in records.get(insertion, ()):
                record._state.adding, record._state.db = False, DEFAULT_DB_ALIAS


@dataclass(frozen=True, eq=False)
class Insertion:
    """How rows of one model are written; there is one of each."""

    model: type[Model]
    sql: str
    fields: tuple[Field, ...]
    returns_keys: bool

    @cached_property
    def key(self) -> str:
        return _quoted(self.model._meta.pk)

    @cached_property
    def columns(self) -> str:
        """Of a whole row, as Django reads it."""
        return ", ".join(map(_quoted, self.model._meta.concrete_fields))

    @cached_property
    def names(self) -> list[str]:
        return [field.attname for field in self.model._meta.concrete_fields]

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """By column; what each row has of its own, such as the moment it was made, is not among them."""
        standing = (field for field in self.fields if not (field.has_default() and callable(field.default)))
        return {str(field.column): field.get_default() for field in standing}

    def of_records(self, records: Sequence[Model]) -> list[dict[Any, Any]]:
        return [{field.column: field.pre_save(record, True) for field in self.fields} for record in records]

    def filled(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[Any, Any]]:
        return [{**self.defaults, **row} for row in rows]


@cache
def _insertion(
    model: type[Model], *, has_keys: bool, ignore_conflicts: bool = False, returns_keys: bool = False
) -> Insertion:
    meta = model._meta
    fields = tuple(
        field for field in meta.local_concrete_fields if (has_keys or not field.primary_key) and not field.generated
    )
    columns, table = ", ".join(map(_quoted, fields)), connection.ops.quote_name(meta.db_table)
    rows = f"SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s)"  # noqa: S608  # names of ours, quoted
    end = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    if returns_keys:
        end += f" RETURNING {_quoted(meta.pk)}"
    return Insertion(model, f"INSERT INTO {table} ({columns}) {rows}{end}", fields, returns_keys)


@cache
def _one_statement(*insertions: Insertion) -> str:
    """All of them, and as its rows the keys they return: the number of the part and a key."""
    parts = ", ".join(f"part_{number} AS ({insertion.sql})" for number, insertion in enumerate(insertions))
    keys = [
        f"SELECT {number}, {insertion.key} FROM part_{number}"  # noqa: S608  # names of ours, quoted
        for number, insertion in enumerate(insertions)
        if insertion.returns_keys
    ]
    return f"WITH {parts} {' UNION ALL '.join(keys) or 'SELECT 0, 0 WHERE false'}"


def _quoted(field: Field | None) -> str:
    return connection.ops.quote_name(str(field.column)) if field else ""


def _written(rows: Sequence[Mapping[Any, Any]]) -> str:
    """The rows by column."""
    return json.dumps(rows, default=_plain)


def _plain(value: Any) -> str:
    """As PostgreSQL reads it back."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not written so.")
