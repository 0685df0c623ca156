"""Questions that pages ask all day, composed once a process.

Django writes a set's SQL anew each time it is asked. For a union of six or eight sets that takes longer than PostgreSQL
takes to answer. Here it is written once, with stand-ins for the moment, for the key of the record it is about and for
whatever else is handed over by name, and these alone are replaced each time. Whatever decides the words of the question
belongs to its ``form``; how many keys there are does not, where they are asked for as ``AnyOf``.

PostgreSQL too reads and plans it once for each connection, where the connection keeps what it prepared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import count
from typing import Any, Self, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import connection, transaction
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.postgresql.psycopg_any import mogrify
from django.db.backends.utils import CursorWrapper
from django.db.models import BigIntegerField, Field, Model, QuerySet, Value
from django.db.models.sql import Query
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


@contextmanager
def prepared() -> Iterator[CursorWrapper]:
    """A cursor that prepares; Django makes it, so what watches its cursors sees this one too."""
    connection.ensure_connection()
    psycopg = connection.connection
    before, psycopg.cursor_factory = psycopg.cursor_factory, Prepared
    try:
        cursor = connection.cursor()
    finally:
        psycopg.cursor_factory = before
    with cursor:
        yield cursor


@dataclass(frozen=True)
class Composed:
    """The SQL with places for what changes, the stand-ins for it, and the compiler that knows how its rows are read."""

    sql: str
    params: tuple[Any, ...]
    given: tuple[tuple[int, str], ...]  # in which places stands what was handed over by which name
    today: date
    compiler: Any
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]

    def rows(self, now: datetime, given: dict[str, Given]) -> list[tuple]:
        """The rows as PostgreSQL gives them."""
        if self.compiler.query.select_for_update and connection.get_autocommit():
            raise transaction.TransactionManagementError(
                "What is locked outside of a transaction is free again at once."
            )
        moments = [now, *(each for each in given.values() if isinstance(each, datetime))]
        today = timezone.localdate(now)
        params = [self._now(each, moments, today) for each in self.params]
        for place, name in self.given:
            value = given[name]
            params[place] = Int8(value) if isinstance(value, int) else value  # one statement, however large a key is
        with prepared() as cursor:
            cursor.execute(self.sql, params)
            return cursor.fetchall()

    def read(self, rows: list[tuple]) -> list[tuple]:
        """The values as their fields read them."""
        return [self._read(row) for row in rows] if self.converters else rows

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


class Answered(Query):
    """A query that was asked already: Django makes its records of the rows as if it had written the SQL itself."""

    compiler: Any

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        return self.compiler


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
    rows, compiler = composed.rows(now, {"key": key, **given}), copy(composed.compiler)
    compiler.execute_sql = lambda *args, **kwargs: [rows]
    query = Answered(compiler.query.model)
    query.compiler = compiler
    return list(QuerySet(model=compiler.query.model, query=query))


def _composed_for(compose: Callable[..., QuerySet], form: tuple[Hashable, ...], given: dict[str, Given]) -> Composed:
    kinds = tuple((name, type(value)) for name, value in given.items())
    return _composed(compose, form, kinds, timezone.get_current_timezone_name())


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
    compose: Callable[..., QuerySet], form: tuple[Hashable, ...], kinds: tuple[tuple[str, type], ...], zone: str
) -> Composed:
    stand_ins = _stand_ins(kinds)
    compiler = compose(*form, now=MOMENT, **stand_ins).query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    knows_a_day = any(isinstance(each, date) for each in form)
    if not knows_a_day and any(isinstance(each, date) and each.year < LONG_BEFORE for each in params):
        raise NotForEver(f"{compose.__qualname__} looks at the clock itself.")
    columns = [column[0] for column in compiler.select[: compiler.col_count]]
    convert = compiler.get_converters(columns)
    compiler.get_converters = lambda _columns: convert  # they stay the same, and Django looks for them each time
    converters = [(place, *each) for place, each in convert.items()]
    sql, changing, given = _with_places(sql, params, list(stand_ins))
    return Composed(sql, tuple(changing), tuple(given), timezone.localdate(MOMENT), compiler, converters)
