"""Questions that pages ask all day, composed once a process.

Django writes a set's SQL anew each time it is asked. For a union of six or eight sets that takes longer than PostgreSQL
takes to answer. Here it is written once, with stand-ins for the moment, for the key of the record it is about and for
whatever else is handed over by name, and these alone are replaced each time. Whatever decides the words of the question
belongs to its ``form``; how many keys there are does not, where they are asked for as ``AnyOf``.

PostgreSQL too reads and plans it once for each connection, where the connection keeps what it prepared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property, lru_cache
from itertools import count
from typing import Any, Self, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.postgresql.psycopg_any import mogrify
from django.db.backends.utils import CursorWrapper
from django.db.models import BigIntegerField, Field, Model, QuerySet, Value
from django.db.models.query import RelatedPopulator, get_related_populators
from django.utils import timezone
from psycopg.types.numeric import Int8

MOMENT = datetime(9000, 6, 15, 12, tzinfo=UTC)
KEY = 9_000_000_000_000_000_001
LONG_BEFORE = 8_900  # a year; no stand-in lies before it
APART = 200  # years between the stand-ins of two moments
PLACE = "rapport-place-"  # written where a value will stand, until the rest is

Given = datetime | int | str | list[int] | list[str]
Record = TypeVar("Record", bound=Model)


class NotForEver(ValueError):
    """A question that knows a day of its own would ask about that day for ever."""


class AnyOf(Value):
    """As many values as there may be, in one parameter: what a field is compared to in place of ``__in``."""

    def __init__(self, values: list[int] | list[str], of: type[Field] = BigIntegerField) -> None:
        super().__init__(values, output_field=ArrayField(of()))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, params = super().as_sql(compiler, connection)
        return f"ANY({sql})", params


class Prepared(ServerBindingCursor):
    """Hands the values over beside the SQL, which stays the same and can be prepared."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        return super().execute(query, params, prepare=True, **options)  # type: ignore[misc]

    def _convert_query(self, query: Any, params: Any = None) -> Any:
        # Kept for Django's log: psycopg forgets what it had prepared before.
        self._query = super()._convert_query(query, params)  # type: ignore[misc]
        return self._query


def prepared() -> CursorWrapper:
    """A cursor that prepares, for one question and its answer: the next one who asks gets the same.

    Django makes it, once for each connection, for that costs as much as a small question. What watches Django's cursors
    sees this one too: while questions are logged, each has a cursor of its own.
    """
    ours = transaction.get_connection()
    ours.close_if_health_check_failed()
    ours.ensure_connection()
    if ours.queries_logged:
        return _new_cursor(ours)
    kept = getattr(ours, "kept_cursor", None)
    if kept is None or kept.cursor.connection is not ours.connection:
        kept = ours.kept_cursor = _new_cursor(ours)
    return kept


def _new_cursor(ours: BaseDatabaseWrapper) -> CursorWrapper:
    psycopg = ours.connection
    before, psycopg.cursor_factory = psycopg.cursor_factory, Prepared
    try:
        return ours.cursor()
    finally:
        psycopg.cursor_factory = before


@dataclass(frozen=True)
class Composed:
    """The SQL with places for what changes, the stand-ins for it, and how its rows are read."""

    sql: str
    params: tuple[Any, ...]
    given: tuple[tuple[int, str], ...]  # in which places stands what was handed over by which name
    today: date
    is_locking: bool
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]
    records: Records | None  # None where it asks for values

    def rows(self, now: datetime, given: dict[str, Given]) -> list[tuple]:
        """The rows as PostgreSQL gives them."""
        if self.is_locking and connection.get_autocommit():
            raise transaction.TransactionManagementError(
                "What is locked outside of a transaction is free again at once."
            )
        params = self._at(now, given) if self.knows_moments else list(self.params)
        for place, name in self.given:
            value = given[name]
            params[place] = Int8(value) if isinstance(value, int) else value  # one statement, however large a key is
        ours = transaction.get_connection()
        if ours.in_atomic_block:
            return self._asked(params)
        # It only reads, so it may be asked twice: this is how we learn whether the connection still stands.
        ours.health_check_done = True
        try:
            return self._asked(params)
        except (InterfaceError, OperationalError):
            if ours.is_usable():
                raise
            ours.close()
            return self._asked(params)

    def _asked(self, params: list[Any]) -> list[tuple]:
        cursor = prepared()
        cursor.execute(self.sql, params)
        return cursor.fetchall()

    def read(self, rows: list[tuple]) -> list[tuple]:
        """The values as their fields read them."""
        return [self._read(row) for row in rows] if self.converters else rows

    @cached_property
    def knows_moments(self) -> bool:
        return any(isinstance(each, date) for each in self.params)

    def _at(self, now: datetime, given: dict[str, Given]) -> list[Any]:
        moments = [now, *(each for each in given.values() if isinstance(each, datetime))]
        today = timezone.localdate(now)
        return [self._now(each, moments, today) for each in self.params]

    def _now(self, stand_in: Any, moments: Sequence[datetime], today: date) -> Any:
        if isinstance(stand_in, datetime):
            place = (stand_in.year - LONG_BEFORE) // APART
            return stand_in if place < 0 else moments[place] + (stand_in - _stand_in(place))
        if isinstance(stand_in, date):
            return stand_in if stand_in.year < LONG_BEFORE else today + (stand_in - self.today)
        return stand_in

    def _read(self, row: tuple) -> tuple:
        values = list(row)
        for place, converters, expression in self.converters:
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return tuple(values)


@dataclass(frozen=True)
class Records:
    """Where in a row stands what: what Django finds out anew for each set it reads."""

    model: type[Model]
    fields: Sequence[str]
    columns: slice
    joined: Sequence[RelatedPopulator]
    annotated: Sequence[tuple[str, int]]

    @classmethod
    def of(cls, compiler: Any) -> Records | None:
        found, select = compiler.klass_info, compiler.select
        if found is None or compiler.query.values_select:
            return None
        columns = slice(found["select_fields"][0], found["select_fields"][-1] + 1)
        fields = [expression.target.attname for expression, *_ in select[columns]]
        joined = get_related_populators(found, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # stubs of a later Django
        return cls(found["model"], fields, columns, joined, tuple(compiler.annotation_col_map.items()))

    def of_row(self, row: tuple) -> Any:
        record = self.model.from_db(DEFAULT_DB_ALIAS, self.fields, row[self.columns])
        for one in self.joined:
            one.populate(row, record)
        for name, place in self.annotated:
            setattr(record, name, row[place])
        return record


def ask(compose: Callable[..., QuerySet], *form: Hashable, now: datetime, key: int = 0, **given: Given) -> list[tuple]:
    """The rows of the values_list() that ``compose(*form, now=…, key=…)`` returns.

    A moment that is not always so far from now, as the last business day, is handed over by a name of its own; so are
    words, and lists for ``AnyOf``.
    """
    composed = _composed_for(compose, form, given)
    return composed.read(composed.rows(now, {"key": key, **given}))


def records(
    compose: Callable[..., QuerySet[Record]], *form: Hashable, now: datetime, key: int = 0, **given: Given
) -> list[Record]:
    """The records that ``compose(*form, now=…, key=…)`` returns, with what is joined and annotated."""
    composed = _composed_for(compose, form, given)
    if composed.records is None:
        raise TypeError(f"{compose.__qualname__} asks for values.")
    rows = composed.read(composed.rows(now, {"key": key, **given}))
    return [composed.records.of_row(row) for row in rows]


def _composed_for(compose: Callable[..., QuerySet], form: tuple[Hashable, ...], given: dict[str, Given]) -> Composed:
    kinds = tuple((name, type(value)) for name, value in given.items())
    return _composed(compose, form, kinds, timezone.get_current_timezone())


def _stand_in(place: int) -> datetime:
    return MOMENT.replace(year=MOMENT.year + place * APART)


def _stand_ins(kinds: tuple[tuple[str, type], ...]) -> dict[str, Given]:
    """For the key and each name what stands in for it: a moment, or a number as itself, as a word or in a list."""
    moments = (_stand_in(place) for place in count(1))
    stand_ins: dict[str, Given] = {"key": KEY}
    for number, (name, kind) in enumerate(kinds, start=KEY + 1):
        stand_ins[name] = next(moments) if kind is datetime else [number] if kind is list else kind(number)
    return stand_ins


def _with_places(sql: str, params: Sequence[Any], names: Sequence[str]) -> tuple[str, list[Any], list[tuple[int, str]]]:
    """The SQL with places for what changes alone, the stand-ins in them, and which of them are handed over by name."""
    numbers = {str(number): name for number, name in enumerate(names, start=KEY)}
    written: list[Any] = []
    changing: list[Any] = []
    given: list[tuple[int, str]] = []
    for param in params:
        name = numbers.get(str(param[0] if isinstance(param, list) and param else param))
        if name or (isinstance(param, date) and param.year >= LONG_BEFORE):
            written.append(f"{PLACE}{len(changing)}")
            given += [(len(changing), name)] if name else []
            changing.append(param)
        else:
            written.append(param)
    whole = mogrify(sql, written, connection).replace("%", "%%")
    return re.sub(f"'{PLACE}[0-9]+'", "%s", whole), changing, given


@lru_cache(maxsize=128)
def _composed(
    compose: Callable[..., QuerySet], form: tuple[Hashable, ...], kinds: tuple[tuple[str, type], ...], zone: tzinfo
) -> Composed:
    stand_ins = _stand_ins(kinds)
    compiler = compose(*form, now=MOMENT, **stand_ins).query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    knows_a_day = any(isinstance(each, date) for each in form)
    if not knows_a_day and any(isinstance(each, date) and each.year < LONG_BEFORE for each in params):
        raise NotForEver(f"{compose.__qualname__} looks at the clock itself.")
    columns = [column[0] for column in compiler.select[: compiler.col_count]]
    convert = compiler.get_converters(columns)
    converters = [(place, *each) for place, each in convert.items()]
    sql, changing, given = _with_places(sql, params, list(stand_ins))
    return Composed(
        sql,
        tuple(changing),
        tuple(given),
        today=timezone.localdate(MOMENT),
        is_locking=compiler.query.select_for_update,
        converters=converters,
        records=Records.of(compiler),
    )
