"""Put a test database back to what a fresh copy of the template holds: thirty times as quick as another copy.

Tests with transactions of their own leave their rows behind. Their tables are emptied, and what a fresh copy has in
them is written again, keys and sequences included. Whoever changed the tables themselves is noticed, and the answer
is no: then only a new copy will do.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from psycopg import Cursor, sql

# Any change of a table, column, trigger, function or constraint writes a row of the catalogue anew.
MAKE = """
SELECT sum(writer::text::numeric), count(*) FROM (
    SELECT xmin AS writer FROM pg_class UNION ALL SELECT xmin FROM pg_attribute UNION ALL SELECT xmin FROM pg_trigger
    UNION ALL SELECT xmin FROM pg_proc UNION ALL SELECT xmin FROM pg_constraint
) AS catalogue
"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
SEQUENCES = "SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'public'"
OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
MOST_BYTES = 100 * 2**20  # of what emptied tables still take on the disk


class Rows:
    """What the database that Django is connected to holds just now; it must be a fresh copy."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            self.make = self._ask(cursor.cursor, MAKE)
            tables = [name for [name] in self._ask(cursor.cursor, TABLES)]
            self.kept = {name: rows for name in tables if (rows := self._read(cursor.cursor, name))}
            self.written = self._written(cursor.cursor)
            self.empty = [name for name in tables if name not in self.kept]
            self.sequences = self._ask(cursor.cursor, SEQUENCES)
        connection.close()

    def put_back(self) -> bool:
        """Make it so again, and say whether that was possible. Whoever else is connected is shown the door."""
        connection.close()
        with connection.cursor() as wrapped:
            cursor = wrapped.cursor
            may_skip_triggers = self._ask(cursor, "SELECT current_setting('is_superuser') = 'on'") == [(True,)]
            bytes_taken = self._ask(cursor, "SELECT pg_database_size(current_database())")[0][0]
            if not may_skip_triggers or bytes_taken > MOST_BYTES:
                return False
            cursor.execute(OTHERS)
            if self._ask(cursor, MAKE) != self.make:
                return False
            with cursor.connection.transaction():
                cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key
                self._write(cursor)
        connection.close()
        return True

    def _write(self, cursor: Cursor) -> None:
        now = self._written(cursor)
        changed = [name for name in self.kept if now[name] != self.written[name]]
        names = [sql.Identifier(name) for name in [*self.empty, *changed]]
        cursor.execute(sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(name) for name in names))
        for name in changed:
            with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as copy:
                copy.write(self.kept[name])
        if changed:
            self.written = self._written(cursor)
        places = [
            sql.SQL("setval({}::regclass, {}, {})").format(
                sql.Literal(sequence), sql.Literal(last or start), sql.Literal(last is not None)
            )
            for sequence, start, last in self.sequences
        ]
        cursor.execute(sql.SQL("SELECT ARRAY[{}]").format(sql.SQL(", ").join(places)))

    def _written(self, cursor: Cursor) -> dict[str, Any]:
        """Who wrote each table's rows: it differs as soon as one was added, changed or deleted."""
        one = "SELECT {}, ARRAY[count(*), sum(xmin::text::numeric)] FROM {}"
        each = [sql.SQL(one).format(sql.Literal(name), sql.Identifier(name)) for name in self.kept]
        return dict(cursor.execute(sql.SQL(" UNION ALL ").join(each)).fetchall())

    @staticmethod
    def _read(cursor: Cursor, table: str) -> bytes:
        with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
            return b"".join(bytes(part) for part in copy)

    @staticmethod
    def _ask(cursor: Cursor, query: str) -> list:
        return cursor.execute(query).fetchall()
