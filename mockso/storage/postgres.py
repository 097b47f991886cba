"""Tables in PostgreSQL, shared by many processes.

Numbers come from a sequence of the database, so that their order is that of arrival in all processes. A server that
went away is looked for again at the next statement, but not more often than once in a while.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.adapt import Transformer
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from mockso.errors import MocksoError
from mockso.storage.table import Record, Schema, Statement, Values, printable
from mockso.timing import monotonic

# Any number that no other program is likely to lock: two servers that start at once create the tables once,
# and two transactions never overlap.
_LOCK = 8_585_003
_TYPES = (("INTEGER PRIMARY KEY", "BIGINT PRIMARY KEY"), ("BLOB", "BYTEA"))

# A server that says nothing any more is given up after some seconds, unless the address says otherwise.
_WAIT = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}

# Whatever does not fit into a page the server compresses, by default so slowly that it costs more than all else of an
# insert. A server that was built without the quick way goes on as it is.
_QUICK_COMPRESSION = (
    "SELECT set_config(name, 'lz4', false) FROM pg_settings "
    "WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
)
_PREPARED = 64  # statements that the server keeps ready; those of each call are among the first

_IS_MISSING = "SELECT to_regclass(?) IS NULL"

LOCK_PATIENCE = 10.0  # seconds that a statement waits for what another program has locked

PAUSE = 0.25  # seconds after an attempt to connect that failed; until then, all statements fail


class PostgresTables:
    """Tables in the database that `url` names."""

    is_shared = is_server = True

    def __init__(self, schema: Schema, url: str) -> None:
        self._schema = schema
        self._url = url
        self._sequence = f"{schema.numbered}_seq"
        self._next = f"SELECT nextval('{self._sequence}')"
        self._next_try = 0.0
        self._refusal = ""
        self._prepared: dict[str, bytes] = {}
        self._connection = self._connect()
        host = self._connection.info
        self.name = f"postgresql://{host.host}:{host.port}/{host.dbname}"
        notes = schema.notes
        with self._connection.transaction():
            self._run("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
            tables = (*schema.tables, notes)
            if any(self._records(self._run(_IS_MISSING, (name,)))[0][0] for name in tables):
                self._create()
            format = self._records(self._run(f"SELECT value FROM {notes} WHERE name = 'format'"))[0][0]
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
            connection = psycopg.connect(self._url, autocommit=True, **_wait(self._url))
            self._prepared = {}
            limit = int(self._schema.patience * 1000)
            lasting = "" if self._schema.is_lasting else "SET synchronous_commit = off; "
            limits = f"SET statement_timeout = {limit}; SET lock_timeout = {int(LOCK_PATIENCE * 1000)}; "
            ours: Any = f"{limits}{lasting}{_QUICK_COMPRESSION}"
            connection.execute(ours)
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

    def _run(self, statement: str, values: Values = ()) -> PGresult:
        # libpq itself: a cursor of psycopg takes 60 µs of processor for a row, this 12, and each call does it.
        try:
            if self._connection.closed:
                self._connection = self._connect()
            parameters, formats = _encode(values)
            server = self._connection.pgconn
            name = self._prepared.get(statement)
            if name is None:
                text = _with_numbers(statement).encode()
                if len(self._prepared) < _PREPARED:
                    name = f"mockso{len(self._prepared)}".encode()
                    _check(server.prepare(name, text))
                    self._prepared[statement] = name
            if name is None:
                return _check(server.exec_params(text, parameters, None, formats))
            return _check(server.exec_prepared(name, parameters, formats))
        except psycopg.Error as error:
            if error.sqlstate is None and not isinstance(error, psycopg.DataError):
                # Not the server says so: it is gone, which libpq may admit at the next statement only.
                self._connection.close()
            wrong = f"{self.name}: {str(error).strip()}. Is the database still there?"
            raise self._schema.error(wrong) from error

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
        return self._records(self._ask(statement, values))

    def numbers(self, statement: str, values: Values = ()) -> tuple[int, ...]:
        result = self._ask(statement, values)
        if not result.ntuples:
            return ()
        return tuple(int(result.get_value(0, column) or 0) for column in range(result.nfields))

    def _ask(self, statement: str, values: Values) -> PGresult:
        is_inside = self._has_begun()
        try:
            return self._run(statement, values)
        except MocksoError:
            # A server that was started anew has closed the connection, which is found out now: what only reads,
            # and a number that is left out, can be asked for again. But a lock and what was changed are gone.
            if is_inside or not self._connection.closed:
                raise
            return self._run(statement, values)

    def _records(self, result: PGresult) -> list[Record]:
        transformer = Transformer(self._connection)
        transformer.set_pgresult(result)
        records: list[Record] = transformer.load_rows(0, result.ntuples, tuple)
        return records

    def transaction(self, *statements: Statement) -> None:
        with self._begin():
            # One process at a time: each then sees what the one before deleted, and does not count it again.
            self._run("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
            for statement, values in statements:
                self._run(statement, values)

    def swap(self, first: Statement, *others: Statement) -> bool:
        if not others:
            return bool(self._run(*first).command_tuples)
        with self._begin():
            if not self._run(*first).command_tuples:
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
        # Not psycopg's own, which takes as long for BEGIN and COMMIT as this for a whole change.
        if self._has_begun():  # inside of `alone`
            yield
            return
        self._ask("BEGIN", ())
        try:
            yield
        except BaseException:
            if not self._connection.closed:
                with suppress(MocksoError):  # the first error says more
                    self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    def _has_begun(self) -> bool:
        return self._connection.pgconn.transaction_status == TransactionStatus.INTRANS

    def next_id(self) -> int:
        return self.numbers(self._next)[0]

    def changed_elsewhere(self) -> bool:
        return True

    def close(self) -> None:
        self._connection.close()


def _wait(url: str) -> dict[str, Any]:
    own = conninfo_to_dict(url)
    return {name: value for name, value in _WAIT.items() if name not in own}


def _with_numbers(statement: str) -> str:
    """A statement with "$1" and so on for its "?"."""
    first, *others = statement.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))


def _check(result: PGresult) -> PGresult:
    if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise psycopg.errors.error_from_result(result)
    return result


def _encode(values: Values) -> tuple[list[Any], list[int]]:
    """The values as libpq takes them, and which of them are bytes as they are."""
    parameters: list[Any] = []
    formats = []
    for value in values:
        kind = type(value)
        if value is None or kind is bytes:
            parameters.append(value)
        else:
            text = value if kind is str else _array(value) if kind is list else str(value)
            if "\0" in text:
                raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
            parameters.append(text.encode())
        formats.append(1 if kind is bytes else 0)
    return parameters, formats


def _array(values: list[Any]) -> str:
    """A list as an array's text."""
    return "{" + ",".join(map(_item, values)) + "}"


def _item(value: Any) -> str:
    if value is None:
        return "NULL"
    if type(value) is int:
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
