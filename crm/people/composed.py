"""Questions that pages ask all day, composed once a process.

Django writes a set's SQL anew each time it is asked. For a union of six or eight sets that takes longer than PostgreSQL
takes to answer. Here it is written once, with stand-ins for the moment and for the key of the record it is about, and
these alone are replaced each time. Whatever else decides the words of the question belongs to its ``form``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

MOMENT = datetime(9000, 6, 15, 12, tzinfo=UTC)
KEY = 9_000_000_000_000_000_001
LONG_BEFORE = 8_900  # a year; no stand-in lies before it


class NotForEver(ValueError):
    """A question that knows a day of its own would ask about that day for ever."""


@dataclass(frozen=True)
class Composed:
    """The SQL, its parameters with the stand-ins, and how each column that needs it is read."""

    sql: str
    params: tuple[Any, ...]
    today: date
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]

    def ask(self, *, now: datetime, key: int) -> list[tuple]:
        today = timezone.localdate(now)
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [self._now(each, now, today, key) for each in self.params])
            rows = cursor.fetchall()
        return [self._read(row) for row in rows] if self.converters else rows

    def _now(self, stand_in: Any, now: datetime, today: date, key: int) -> Any:
        if isinstance(stand_in, datetime):
            return now + (stand_in - MOMENT)
        if isinstance(stand_in, date):
            return today + (stand_in - self.today)
        return key if stand_in == KEY else stand_in

    def _read(self, row: tuple) -> tuple:
        values = list(row)
        for place, converters, expression in self.converters:
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return tuple(values)


def ask(compose: Callable[..., QuerySet], *form: Hashable, now: datetime, key: int = 0) -> list[tuple]:
    """The rows of the values_list() that ``compose(*form, now=…, key=…)`` returns."""
    return _composed(compose, form, timezone.get_current_timezone_name()).ask(now=now, key=key)


@lru_cache(maxsize=128)
def _composed(compose: Callable[..., QuerySet], form: tuple[Hashable, ...], zone: str) -> Composed:
    compiler = compose(*form, now=MOMENT, key=KEY).query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    if any(isinstance(each, date) and each.year < LONG_BEFORE for each in params):
        raise NotForEver(f"{compose.__qualname__} looks at the clock itself.")
    columns = [column[0] for column in compiler.select[: compiler.col_count]]
    converters = [(place, *each) for place, each in compiler.get_converters(columns).items()]
    return Composed(sql, tuple(params), timezone.localdate(MOMENT), converters)
