"""Every partner's name, kept in memory while it is true: what is typed is looked up without asking for thousands of rows.

PostgreSQL says in one row whether anything was named anew since, by whatever process, so a kept book is never a wrong one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from partners.names import fold, ranked

# One number for all names, cities and who is archived: it differs when one of them does.
EDITION = """
    SELECT count(*), coalesce(sum(hashtextextended(concat_ws(chr(31), id, archived_at IS NULL, name, city), 0)), 0)::text
    FROM partners_partner
"""
ROWS = "SELECT id, name, city, archived_at IS NULL FROM partners_partner"
SHORTEST_RUN = 3  # letters of a part of a name that may stand for it

_kept: dict[str, tuple[tuple, Book]] = {}


@dataclass(frozen=True)
class Book:
    """The names as they are now. Archived partners are in it, but nobody finds them by a part of their name."""

    rows: tuple[tuple[int, str, str, bool], ...]

    @cached_property
    def names(self) -> dict[int, str]:
        return {key: name for key, name, _city, _is_current in self.rows}

    @cached_property
    def folded(self) -> dict[int, str]:
        return {key: fold(f"{name} {city}") for key, name, city, _is_current in self.rows}

    @cached_property
    def current(self) -> dict[int, str]:
        return {key: self.folded[key] for key, _name, _city, is_current in self.rows if is_current}

    @cached_property
    def whole(self) -> dict[str, list[int]]:
        """The current partners by their whole name, written as one word: iron works gym is ironworks gym."""
        found: dict[str, list[int]] = defaultdict(list)
        for key, name, _city, is_current in self.rows:
            words = _words(name)
            if is_current and words:
                found["".join(words)].append(key)
        return dict(found)

    @cached_property
    def parts(self) -> dict[str, list[int]]:
        """The current partners by any run of words of their name."""
        found: dict[str, list[int]] = defaultdict(list)
        for key, name, _city, is_current in self.rows:
            if is_current:
                for run in _runs(_words(name)):
                    found[run].append(key)
        return dict(found)

    def closest(self, typed: str, *, limit: int) -> list[int]:
        """The current partners whose name or city is like what was typed, the best first."""
        return ranked(typed, self.current, limit=limit)

    def closest_of_all(self, typed: str, *, limit: int) -> list[int]:
        """The same, archived partners among them."""
        return ranked(typed, self.folded, limit=limit)


def opened() -> Book:
    """The book as of this moment: one small query, and the names only when one of them changed."""
    name = f"{connection.settings_dict['HOST']}/{connection.settings_dict['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute(EDITION)
        edition = cursor.fetchone()
        edition_kept, book = _kept.get(name, (None, None))
        if book is None or edition_kept != edition:
            cursor.execute(ROWS)
            book = Book(tuple(cursor.fetchall()))
            _kept[name] = (edition, book)
    return book


def _words(name: str) -> list[str]:
    words = fold(name).split()
    words = words[1:] if len(words) > 1 and words[0] == "the" else words
    return [word for word in words if word != "and"] or words


def _runs(words: list[str]) -> Iterable[str]:
    count = len(words)
    runs = {"".join(words[first:last]) for first in range(count) for last in range(first + 1, count + 1)}
    return sorted(run for run in runs if len(run) >= SHORTEST_RUN and not run.isdecimal())
