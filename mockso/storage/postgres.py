"""Tables in PostgreSQL, shared by many processes.

Numbers come from a sequence of the database, so that their order is that of arrival in all processes.
"""

from __future__ import annotations

from typing import Any

import psycopg

from mockso.errors import MocksoError
from mockso.storage.table import Record, Schema, Statement, Values, printable

# Any number that no other program is likely to lock: two servers that start at once create the tables once,
# and two transactions never overlap.
_LOCK = 8_585_003
_TYPES = (("INTEGER PRIMARY KEY", "BIGINT PRIMARY KEY"), ("BLOB", "BYTEA"))


class PostgresTables:
    """Tables in the database that `url` names."""

    is_shared = True

    def __init__(self, schema: Schema, url: str) -> None:
        self._schema = schema
        self._url = url
        self._sequence = f"{schema.numbered}_seq"
        self._connection = self._connect()
        host = self._connection.info
        self.name = f"postgresql://{host.host}:{host.port}/{host.dbname}"
        with self._connection.transaction():
            self._run("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
            for statement in schema.statements:
                for ours, theirs in _TYPES:
                    statement = statement.replace(ours, theirs)
                self._run(statement)
            self._run(f"CREATE SEQUENCE IF NOT EXISTS {self._sequence}")
            self._run("INSERT INTO notes VALUES ('format', ?) ON CONFLICT DO NOTHING", (schema.format,))
        format = self.rows("SELECT value FROM notes WHERE name = 'format'")[0][0]
        if format != schema.format:
            self._connection.close()
            *names, last = map(repr, (*schema.tables, "notes"))
            raise schema.error(
                f"{self.name}: its {schema.owner} has format {format}, this version writes {schema.format}. "
                f"Drop the tables {', '.join(names)} and {last}, or name another database."
            )

    def _connect(self) -> psycopg.Connection[Record]:
        try:
            return psycopg.connect(self._url, autocommit=True, connect_timeout=5)
        except psycopg.Error as error:
            reason = str(error).strip().partition("\n")[0]
            place = self._url.rpartition("@")[2]
            raise self._schema.error(
                f"PostgreSQL at {place!r} cannot be used as a {self._schema.owner} ({reason}). "
                f"Start it, or correct {self._schema.option}."
            ) from error

    def _run(self, statement: str, values: Values = ()) -> psycopg.Cursor[Record]:
        # Statements are ours, not a caller's: psycopg asks for that as a type.
        text: Any = statement.replace("%", "%%").replace("?", "%s")
        try:
            if self._connection.closed:
                self._connection = self._connect()
            return self._connection.execute(text, values)
        except psycopg.Error as error:
            message = f"{self.name}: {str(error).strip()}. Is the database still there?"
            raise self._schema.error(message) from error

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
        records: list[Record] = self._run(statement, values).fetchall()
        return records

    def transaction(self, *statements: Statement) -> None:
        with self._connection.transaction():
            # One process at a time: each then sees what the one before deleted, and does not count it again.
            self._run("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
            for statement, values in statements:
                self._run(statement, values)

    def next_id(self) -> int:
        return int(self.rows(f"SELECT nextval('{self._sequence}')")[0][0])

    def changed_elsewhere(self) -> bool:
        return True

    def close(self) -> None:
        self._connection.close()
