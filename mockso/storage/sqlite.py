"""Tables in SQLite, in memory or in a file."""

from __future__ import annotations

import os
import sqlite3
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mockso.storage.table import Record, Schema, Statement, Values, printable
from mockso.timing import monotonic

# What SQLite says of a file that somebody else wrote, or that was cut.
_FOREIGN = ("no such column", "no such table", "has no column", "malformed", "not a database")

_PATIENCE = 5  # seconds that somebody waits while others write


class SqliteTables:
    """SQLite, in memory where `path` is empty. Otherwise a file in WAL mode: a row is in the file when
    `insert` returns and survives the death of the process, though not of the machine.

    A file has one writer, or several that all say it is `shared`: these take their numbers from the file.
    """

    is_server = False

    def __init__(self, schema: Schema, path: str = "", *, writing: bool = True, shared: bool = False) -> None:
        self.name = path or "memory"
        self.is_shared = shared and bool(path)
        self._schema = schema
        self._lock = None
        if path and not writing and not Path(path).exists():
            raise schema.error(
                f"{path}: there is no such {schema.owner} file. "
                f"'mockso serve {schema.option} {path}' makes one."
            )
        if path and Path(path).is_dir():
            raise schema.error(f"{path}: is a folder. Name a file in it, such as {Path(path) / 'calls.db'}.")
        if path and writing:
            self._lock = self._writers_lock(path)
        try:
            self._connection = sqlite3.connect(
                path or ":memory:", isolation_level=None, check_same_thread=False
            )
            # Debian builds SQLite so that all of a deleted row is overwritten with zeros, in ten times the time.
            self._connection.execute("PRAGMA secure_delete=FAST")
            # Whoever drops the tables without closing them, as a WSGI host does, leaves no open connection.
            weakref.finalize(self, self._connection.close)
            known = "SELECT 1 FROM sqlite_master WHERE name = ?"
            table = schema.numbered or next(iter(schema.tables))
            if path and not writing and not self._select(known, (table,)):
                raise sqlite3.DatabaseError(f"it has no {table} in it")
            if path:
                self._connection.execute(f"PRAGMA busy_timeout={_PATIENCE * 1000}")
                self._write_ahead()
                self._connection.execute("PRAGMA synchronous=NORMAL")
            self._last = self._prepare()
            self._version = self._select("PRAGMA data_version")[0][0]
        except sqlite3.Error as error:
            # A file that could not be opened has no connection to close.
            if hasattr(self, "_connection"):
                self._connection.close()
            self._unlock()
            raise schema.error(
                f"{path}: cannot be used as a {schema.owner} ({error}). "
                "Name a file that mockso wrote, or a new one."
            ) from error

    def _write_ahead(self) -> None:
        # Of processes that open a new file at once SQLite fails all but one here, whatever its timeout.
        end = monotonic() + _PATIENCE
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > end:
                    raise
            time.sleep(0.005)

    def _prepare(self) -> int:
        """Create what is missing; the greatest number ever given."""
        schema = self._schema
        names = (*schema.tables, schema.notes)
        known = f"SELECT count(*) FROM sqlite_master WHERE name IN ({', '.join('?' * len(names))})"
        if self._select(known, names)[0][0] < len(names):
            note = f"INSERT OR IGNORE INTO {schema.notes} VALUES ('format', ?)"
            self.transaction(*((statement, ()) for statement in schema.statements), (note, (schema.format,)))
        format = self._select(f"SELECT value FROM {schema.notes} WHERE name = 'format'")
        if not format or format[0][0] != schema.format:
            raise sqlite3.DatabaseError(schema.unlike(format[0][0] if format else "0"))
        if not schema.numbered:
            return 0
        last = self._select(f"SELECT value FROM {schema.notes} WHERE name = 'last'")
        greatest = self._select(f"SELECT coalesce(max(seq), 0) FROM {schema.numbered}")
        number = max(int(last[0][0]) if last else 0, int(greatest[0][0]))
        if self.is_shared:
            note = f"INSERT OR IGNORE INTO {schema.notes} VALUES ('next', ?)"
            self._connection.execute(note, (str(number),))
        return number

    def insert(self, statement: str, values: Values) -> None:
        try:
            self._connection.execute(statement, values)
        except UnicodeEncodeError:
            self._connection.execute(statement, printable(values))
        except sqlite3.Error as error:
            raise self._error(error) from error

    def rows(self, statement: str, values: Values = ()) -> list[Record]:
        try:
            return self._select(statement, values)
        except sqlite3.Error as error:
            raise self._error(error) from error

    def numbers(self, statement: str, values: Values = ()) -> tuple[int, ...]:
        try:
            return self._connection.execute(statement, values).fetchone() or ()
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _select(self, statement: str, values: Values = ()) -> list[Record]:
        records: list[Record] = self._connection.execute(statement, values).fetchall()
        return records

    def _error(self, error: sqlite3.Error) -> Exception:
        what = self._schema.numbered or f"the {self._schema.owner}"
        is_foreign = any(words in str(error) for words in _FOREIGN)
        cure = " Name a file that mockso wrote, or a new one." if is_foreign else ""
        return self._schema.error(f"{self.name}: {what} cannot be read or written ({error}).{cure}")

    def transaction(self, *statements: Statement) -> None:
        with self._begin():
            for statement, values in statements:
                self._connection.execute(statement, values)

    def swap(self, first: Statement, *others: Statement) -> bool:
        with self._begin():
            if not self._connection.execute(*first).rowcount:
                return False
            for statement, values in others:
                self._connection.execute(statement, values)
        return True

    @contextmanager
    def alone(self, lock: Statement) -> Iterator[None]:
        with self._begin():
            yield

    @contextmanager
    def _begin(self) -> Iterator[None]:
        if self._has_begun():  # inside of `alone`
            yield
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                # A full disk has rolled it back already.
                if self._has_begun():
                    self._connection.execute("ROLLBACK")
                raise
            self._commit()
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _has_begun(self) -> bool:
        return self._connection.in_transaction

    def _commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            if self._has_begun():
                self._connection.execute("ROLLBACK")
            raise

    def next_id(self) -> int:
        if not self.is_shared:
            self._last += 1
            return self._last
        notes = self._schema.notes
        return int(
            self.rows(
                f"UPDATE {notes} SET value = CAST(value AS INTEGER) + 1 WHERE name = 'next' RETURNING value"
            )[0][0]
        )

    def changed_elsewhere(self) -> bool:
        # Another process may delete rows of a file ('mockso journal clear').
        before, self._version = self._version, self.rows("PRAGMA data_version")[0][0]
        return bool(self._version != before)

    def close(self) -> None:
        self._connection.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _writers_lock(self, path: str) -> int | None:
        """Hold the file's lock, as two servers that number their rows alike would overwrite each other."""
        try:
            import fcntl
        except ImportError:  # Windows has no such lock: the second writer fails at its first row
            return None
        try:
            handle = os.open(f"{path}-lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._schema.error(
                f"{path}: cannot be written ({error.strerror}). Name a file in a folder of yours."
            ) from error
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if self.is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            owner, option = self._schema.owner, self._schema.option
            raise self._schema.error(
                f"{path}: another mockso writes in this {owner}. Stop it, or give each its own {option}."
            ) from error
        return handle
