"""Tables in PostgreSQL, shared by many processes.

Numbers come from a sequence of the database, so that their order is that of arrival in all processes. A server that
went away is looked for again at the next statement, but not more often than once in a while.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from mockso.errors import MocksoError
from mockso.storage.table import Record, Schema, Statement, Values, printable
from mockso.timing import monotonic

# Any number that no other program is likely to lock: two servers that start at once create the tables once,
# and two transactions never overlap.
_LOCK = 8_585_003
_TYPES = (("INTEGER PRIMARY KEY", "BIGINT PRIMARY KEY"), ("BLOB", "BYTEA"))

PAUSE = 0.25  # seconds after an attempt to connect that failed; until then, all statements fail


class PostgresTables:
    """Tables in the database that `url` names."""

    is_shared = is_server = True

    def __init__(self, schema: Schema, url: str) -> None:
        self._schema = schema
        self._url = url
        self._sequence = f"{schema.numbered}_seq"
        self._next_try = 0.0
        self._refusal = ""
        self._connection = self._connect()
        host = self._connection.info
        self.name = f"postgresql://{host.host}:{host.port}/{host.dbname}"
        notes = schema.notes
        with self._connection.transaction():
            self._run("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
            if self._run("SELECT to_regclass(?) IS NULL", (notes,)).fetchall()[0][0]:
                self._create()
            format = self._run(f"SELECT value FROM {notes} WHERE name = 'format'").fetchall()[0][0]
        if format != schema.format:
            self._connection.close()
            *names, last = map(repr, (*schema.tables, notes))
            raise schema.error(
                f"{self.name}: {schema.unlike(format)}. "
                f"Drop the tables {', '.join(names)} and {last}, or name another database."
            )

    def _create(self) -> None:
        for statement in self._schema.statements:
            for ours, theirs in _TYPES:
                statement = statement.replace(ours, theirs)
            self._run(statement)
        if self._schema.numbered:
            self._run(f"CREATE SEQUENCE IF NOT EXISTS {self._sequence}")
        note = f"INSERT INTO {self._schema.notes} VALUES ('format', ?) ON CONFLICT DO NOTHING"
        self._run(note, (self._schema.format,))

    def _connect(self) -> psycopg.Connection[Record]:
        if monotonic() < self._next_try:
            raise self._schema.error(self._refusal)
        try:
            connection = psycopg.connect(self._url, autocommit=True, connect_timeout=5)
            if self._schema.patience:
                limit: Any = f"SET statement_timeout = {int(self._schema.patience * 1000)}"
                connection.execute(limit)
            return connection
        except psycopg.Error as error:
            reason = str(error).strip().partition("\n")[0]
            place = self._url.rpartition("@")[2]
            self._refusal = (
                f"PostgreSQL at {place!r} cannot be used as a {self._schema.owner} ({reason}). "
                f"Start it, or correct {self._schema.option}."
            )
            self._next_try = monotonic() + PAUSE
            raise self._schema.error(self._refusal) from error

    def _run(self, statement: str, values: Values = ()) -> psycopg.Cursor[Record]:
        # Statements are ours, not a caller's: psycopg asks for that as a type.
        text: Any = statement.replace("%", "%%").replace("?", "%s")
        try:
            if self._connection.closed:
                self._connection = self._connect()
            return self._connection.execute(text, values)
        except psycopg.Error as error:
            raise self._error(error) from error

    def _error(self, error: psycopg.Error) -> MocksoError:
        return self._schema.error(f"{self.name}: {str(error).strip()}. Is the database still there?")

    def insert(self, statement: str, values: Values) -> None:
        try:
            self._run(statement, values)
        except (UnicodeEncodeError, MocksoError) as error:
            clean = printable(values)
            if clean == values and not self._connection.closed:
                raise
            if isinstance(error, MocksoError) and self._connection.closed:
                self._connection = self._connect()
            self._run(statement, clean)

    def rows(self, statement: str, values: Values = ()) -> list[Record]:
        try:
            return self._run(statement, values).fetchall()
        except MocksoError:
            # A server that was started anew has closed the connection, which is found out now: what only reads,
            # and a number that is left out, can be asked for again.
            if not self._connection.closed:
                raise
            return self._run(statement, values).fetchall()

    def transaction(self, *statements: Statement) -> None:
        with self._begin():
            # One process at a time: each then sees what the one before deleted, and does not count it again.
            self._run("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
            for statement, values in statements:
                self._run(statement, values)

    def swap(self, first: Statement, *others: Statement) -> bool:
        if not others:
            return self._run(*first).rowcount > 0
        with self._begin():
            if not self._run(*first).rowcount:
                return False
            for statement, values in others:
                self._run(statement, values)
        return True

    @contextmanager
    def alone(self, lock: Statement) -> Iterator[None]:
        with self._begin():
            self._run(*lock)
            yield

    @contextmanager
    def _begin(self) -> Iterator[None]:
        try:
            if self._connection.closed:
                self._connection = self._connect()
            with self._connection.transaction():
                yield
        except psycopg.Error as error:
            raise self._error(error) from error

    def next_id(self) -> int:
        return int(self.rows(f"SELECT nextval('{self._sequence}')")[0][0])

    def changed_elsewhere(self) -> bool:
        return True

    def close(self) -> None:
        self._connection.close()
