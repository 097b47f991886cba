"""The journal in PostgreSQL, shared by many processes: `journal_store.py`'s statements behind psycopg.

Ids come from a sequence of the database, so that their order is that of arrival in all processes. Calls
that wait for their answer, and subscriptions, are each process's own.
"""

from __future__ import annotations

from typing import Any

from mockso.errors import JournalError
from mockso.journal.entry import Row
from mockso.journal.store import CALLS, DROPPED, FORMAT, INSERT, NOTES, TEXTS, Values, printable

try:
    import psycopg
except ImportError as error:
    raise JournalError(
        "a journal in PostgreSQL needs psycopg 3, which is not installed. Run: pip install 'mockso[postgres]'"
    ) from error

_FOLDED = " || ' ' || ".join(
    f"encode({name}, 'escape')" if name.endswith("_body") else name for name in TEXTS
)
# Any number that no other program is likely to lock: two servers that start at once make the tables once, and two
# that drop calls count each once.
_LOCK = 8_585_003


class PostgresStore:
    """Tables in the database that `url` names."""

    shared = True
    holds = f"strpos(lower({_FOLDED}), ?) > 0"

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = self._connect()
        host = self._connection.info
        self.name = f"postgresql://{host.host}:{host.port}/{host.dbname}"
        with self._connection.transaction():
            self._run("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
            calls = CALLS.replace("INTEGER PRIMARY KEY", "BIGINT PRIMARY KEY").replace("BLOB", "BYTEA")
            for statement in (calls, DROPPED, NOTES, "CREATE SEQUENCE IF NOT EXISTS calls_seq"):
                self._run(statement)
            self._run("INSERT INTO notes VALUES ('format', ?) ON CONFLICT DO NOTHING", (FORMAT,))
        found = self.rows("SELECT value FROM notes WHERE name = 'format'")[0][0]
        if found != FORMAT:
            raise JournalError(
                f"{self.name}: its journal has format {found}, this version writes {FORMAT}. Drop the tables "
                "'calls', 'dropped' and 'notes', or name another database."
            )

    def _connect(self) -> psycopg.Connection[Row]:
        try:
            return psycopg.connect(self._url, autocommit=True, connect_timeout=5)
        except psycopg.Error as error:
            reason = str(error).strip().partition("\n")[0]
            place = self._url.rpartition("@")[2]
            raise JournalError(
                f"PostgreSQL at {place!r} cannot be used as a journal ({reason}). Start it, or correct --journal."
            ) from error

    def _run(self, statement: str, values: Values = ()) -> psycopg.Cursor[Row]:
        # Statements are ours, not a caller's: psycopg wants that said by type.
        text: Any = statement.replace("%", "%%").replace("?", "%s")
        try:
            if self._connection.closed:
                self._connection = self._connect()
            return self._connection.execute(text, values)
        except psycopg.Error as error:
            raise JournalError(f"{self.name}: {str(error).strip()}. Is the database still there?") from error

    def insert(self, row: Row) -> None:
        try:
            self._run(INSERT, row)
        except (UnicodeEncodeError, JournalError) as error:
            cleaned = printable(row)
            if cleaned == row and not self._connection.closed:
                raise
            if isinstance(error, JournalError) and self._connection.closed:
                self._connection = self._connect()
            self._run(INSERT, cleaned)

    def rows(self, statement: str, values: Values = ()) -> list[Row]:
        found: list[Row] = self._run(statement, values).fetchall()
        return found

    def hits(self, text: str, low: int, high: int, lowest: int) -> list[int]:
        raise NotImplementedError("the database searches itself: other processes write too")

    def transaction(self, *statements: tuple[str, Values]) -> None:
        with self._connection.transaction():
            # One process at a time: each then sees what the one before deleted, and counts none of it again.
            self._run("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
            for statement, values in statements:
                self._run(statement, values)

    def next_id(self) -> int:
        return int(self.rows("SELECT nextval('calls_seq')")[0][0])

    def changed_elsewhere(self) -> bool:
        return True

    def close(self) -> None:
        self._connection.close()
