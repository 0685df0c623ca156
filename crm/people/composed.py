"""Questions that pages ask all day, composed once a process.

Django writes a set's SQL anew each time it is asked. For a union of six or eight sets that takes longer than PostgreSQL
takes to answer. Here it is written once, with stand-ins for the moment and for the key of the record it is about, and
these alone are replaced each time. Whatever else decides the words of the question belongs to its ``form``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.sql import Query
from django.utils import timezone

MOMENT = datetime(9000, 6, 15, 12, tzinfo=UTC)
KEY = 9_000_000_000_000_000_001
LONG_BEFORE = 8_900  # a year; no stand-in lies before it
APART = 200  # years between the stand-ins of two moments

Record = TypeVar("Record", bound=Model)


class NotForEver(ValueError):
    """A question that knows a day of its own would ask about that day for ever."""


@dataclass(frozen=True)
class Composed:
    """The SQL, its parameters with the stand-ins, and the compiler that knows how its rows are read."""

    sql: str
    params: tuple[Any, ...]
    today: date
    compiler: Any
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]

    def rows(self, moments: Sequence[datetime], key: int) -> list[tuple]:
        """The rows as PostgreSQL gives them."""
        today = timezone.localdate(moments[0])
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [self._now(each, moments, today, key) for each in self.params])
            return cursor.fetchall()

    def read(self, rows: list[tuple]) -> list[tuple]:
        """The values as their fields read them."""
        return [self._read(row) for row in rows] if self.converters else rows

    def _now(self, stand_in: Any, moments: Sequence[datetime], today: date, key: int) -> Any:
        if isinstance(stand_in, datetime):
            place = (stand_in.year - LONG_BEFORE) // APART
            return stand_in if place < 0 else moments[place] + (stand_in - _stand_in(place))
        if isinstance(stand_in, date):
            return stand_in if stand_in.year < LONG_BEFORE else today + (stand_in - self.today)
        return key if stand_in == KEY else stand_in

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


def ask(
    compose: Callable[..., QuerySet], *form: Hashable, now: datetime, key: int = 0, **moments: datetime
) -> list[tuple]:
    """The rows of the values_list() that ``compose(*form, now=…, key=…)`` returns.

    A moment that is not always so far from now, as the last business day, is handed over by a name of its own.
    """
    composed = _composed(compose, form, tuple(moments), timezone.get_current_timezone_name())
    return composed.read(composed.rows([now, *moments.values()], key))


def records(
    compose: Callable[..., QuerySet[Record]], *form: Hashable, now: datetime, key: int = 0, **moments: datetime
) -> list[Record]:
    """The records that ``compose(*form, now=…, key=…)`` returns, with what is joined and annotated."""
    composed = _composed(compose, form, tuple(moments), timezone.get_current_timezone_name())
    rows, compiler = composed.rows([now, *moments.values()], key), copy(composed.compiler)
    compiler.execute_sql = lambda *args, **kwargs: [rows]
    query = Answered(compiler.query.model)
    query.compiler = compiler
    return list(QuerySet(model=compiler.query.model, query=query))


def _stand_in(place: int) -> datetime:
    return MOMENT.replace(year=MOMENT.year + place * APART)


@lru_cache(maxsize=128)
def _composed(
    compose: Callable[..., QuerySet], form: tuple[Hashable, ...], names: tuple[str, ...], zone: str
) -> Composed:
    moments = {name: _stand_in(place) for place, name in enumerate(names, start=1)}
    compiler = compose(*form, now=MOMENT, key=KEY, **moments).query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    knows_a_day = any(isinstance(each, date) for each in form)
    if not knows_a_day and any(isinstance(each, date) and each.year < LONG_BEFORE for each in params):
        raise NotForEver(f"{compose.__qualname__} looks at the clock itself.")
    columns = [column[0] for column in compiler.select[: compiler.col_count]]
    converters = [(place, *each) for place, each in compiler.get_converters(columns).items()]
    return Composed(sql, tuple(params), timezone.localdate(MOMENT), compiler, converters)
