"""Where rows of calls go: one set of SQL statements, for SQLite in memory or in a file.

A store is called by one thread at a time; the journal has the lock. `journal_postgres.py` has the other
store, the same statements behind another driver.
"""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from mockso.errors import JournalError
from mockso.journal.entry import COLUMNS, Row
from mockso.journal.fold import Texts

Values: TypeAlias = Sequence[Any]

FORMAT = "1"
TEXTS = ("target", "request_headers", "request_body", "reply_headers", "reply_body", "detail")

_TYPES = {
    **dict.fromkeys(("status", "missed", "size"), "INTEGER NOT NULL"),
    **dict.fromkeys(("at", "took"), "DOUBLE PRECISION NOT NULL"),
    **dict.fromkeys(("request_body", "reply_body"), "BLOB NOT NULL"),
    "seq": "INTEGER PRIMARY KEY",
}
_CALLS_COLUMNS = ", ".join(f"{column} {_TYPES.get(column, 'TEXT NOT NULL')}" for column in COLUMNS)
CALLS = f"CREATE TABLE IF NOT EXISTS calls ({_CALLS_COLUMNS})"
DROPPED = "CREATE TABLE IF NOT EXISTS dropped (tenant TEXT PRIMARY KEY, calls INTEGER NOT NULL)"
NOTES = "CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL)"
INSERT = f"INSERT INTO calls VALUES ({', '.join('?' * len(COLUMNS))})"


class Store(Protocol):
    """What the journal asks of a place for rows. Statements have "?" for each value."""

    name: str
    shared: bool
    """Whether other processes may write, so that what is counted here may be wrong."""
    holds: str
    """The condition that a text of the call has "?" in it, which is in lower case; empty where `hits` finds it."""

    def hits(self, text: str, low: int, high: int, lowest: int) -> list[int]:
        """The ids from `low` to `high` of calls in which a text stands; `lowest` is the lowest id of all."""

    def insert(self, row: Row) -> None: ...
    def rows(self, statement: str, values: Values = ()) -> list[Row]: ...
    def transaction(self, *statements: tuple[str, Values]) -> None: ...
    def next_id(self) -> int: ...
    def changed_elsewhere(self) -> bool:
        """Whether somebody else may have written since this was last asked."""

    def close(self) -> None: ...


class SqliteStore:
    """SQLite, in memory where `path` is empty. Otherwise a file in WAL mode: what was inserted is in the
    file when `insert` returns and survives the death of the process, though not of the machine.
    """

    shared = False
    holds = ""

    def __init__(self, path: str = "", *, writing: bool = True) -> None:
        self.name = path or "memory"
        self._lock = None
        if path and not writing and not Path(path).exists():
            raise JournalError(
                f"{path}: there is no such journal file. 'mockso serve --journal {path}' makes one."
            )
        if path and Path(path).is_dir():
            raise JournalError(f"{path}: is a folder. Name a file in it, such as {Path(path) / 'calls.db'}.")
        if path and writing:
            self._lock = _sole_writer(path)
        try:
            self._connection = sqlite3.connect(
                path or ":memory:", isolation_level=None, check_same_thread=False
            )
            # Whoever forgets a journal, as a WSGI host does, leaves no open connection behind.
            weakref.finalize(self, self._connection.close)
            if path and not writing and not self.rows("SELECT 1 FROM sqlite_master WHERE name = 'calls'"):
                raise sqlite3.DatabaseError("it has no calls in it")
            if path:
                self._connection.execute("PRAGMA journal_mode=WAL")
                self._connection.execute("PRAGMA synchronous=NORMAL")
                self._connection.execute("PRAGMA busy_timeout=5000")
            self._texts: Texts | None = None
            self._last = self._prepare()
            self._version = self.rows("PRAGMA data_version")[0][0]
        except sqlite3.Error as error:
            # What cannot be opened has no connection to close.
            if hasattr(self, "_connection"):
                self._connection.close()
            self.unlock()
            raise JournalError(
                f"{path}: cannot be used as a journal ({error}). Name a file that mockso wrote, or a new one."
            ) from error

    def _prepare(self) -> int:
        """Make what is missing; the greatest id ever given."""
        for statement in (CALLS, DROPPED, NOTES):
            self._connection.execute(statement)
        self._connection.execute("INSERT OR IGNORE INTO notes VALUES ('format', ?)", (FORMAT,))
        found = self.rows("SELECT value FROM notes WHERE name = 'format'")[0][0]
        if found != FORMAT:
            raise sqlite3.DatabaseError(f"its format is {found}, this version writes {FORMAT}")
        last = self.rows("SELECT value FROM notes WHERE name = 'last'")
        greatest = self.rows("SELECT coalesce(max(seq), 0) FROM calls")
        return max(int(last[0][0]) if last else 0, int(greatest[0][0]))

    def insert(self, row: Row) -> None:
        try:
            self._connection.execute(INSERT, row)
        except UnicodeEncodeError:
            self._connection.execute(INSERT, printable(row))
        except sqlite3.Error as error:
            raise JournalError(f"{self.name}: the call {row[0]} cannot be written ({error}).") from error

    def rows(self, statement: str, values: Values = ()) -> list[Row]:
        rows: list[Row] = self._connection.execute(statement, values).fetchall()
        return rows

    def transaction(self, *statements: tuple[str, Values]) -> None:
        with self._begun():
            for statement, values in statements:
                self._connection.execute(statement, values)

    @contextmanager
    def _begun(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def hits(self, text: str, low: int, high: int, lowest: int) -> list[int]:
        if self._texts is None:
            self._texts = Texts(self.rows, TEXTS)
        return self._texts.hits(text, low, high, lowest)

    def next_id(self) -> int:
        """A number greater than all before it, those of deleted calls too."""
        self._last += 1
        return self._last

    def changed_elsewhere(self) -> bool:
        # Another process may delete calls of a file ('mockso journal clear').
        before, self._version = self._version, self.rows("PRAGMA data_version")[0][0]
        return bool(self._version != before)

    def close(self) -> None:
        self._connection.close()
        self.unlock()

    def unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def printable(row: Row) -> Row:
    """The row with what no text column takes (lone surrogates, NUL) written as an escape."""
    return tuple(
        value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
        if isinstance(value, str)
        else value
        for value in row
    )


def _sole_writer(path: str) -> int | None:
    """Hold the file's lock, as two servers that number their calls alike would overwrite each other."""
    try:
        import fcntl
    except ImportError:  # Windows: no such lock; the second writer fails at its first call
        return None
    try:
        handle = os.open(f"{path}-lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise JournalError(
            f"{path}: cannot be written ({error.strerror}). Name a file in a folder of yours."
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise JournalError(
            f"{path}: another mockso writes in this journal. Stop it, or give each its own --journal."
        ) from error
    return handle
