"""The log in a database: two tables in SQLite or PostgreSQL, which all processes of one mock share.

A tenant in the database is only its own changes; the seed stays a file. A row is there once, as it is now: its
`seq` is the commit that wrote it last, `born` its place among the tenant's rows, which it keeps. So every process
folds the rows to the same tables in the same order, whenever it joins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from threading import RLock, local

from mockso.errors import StateError
from mockso.state.log import LAG, PASSING, Change, Key, Row, Value
from mockso.storage.connect import connect, is_database
from mockso.storage.table import Schema, Statement, printable

SCHEMA = Schema(
    owner="state",
    option="--state",
    error=StateError,
    format="1",
    tables={
        "tenants": "name TEXT PRIMARY KEY, generation BIGINT NOT NULL, seq BIGINT NOT NULL",
        "tenant_rows": "tenant TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, seq BIGINT NOT NULL, "
        "born BIGINT NOT NULL, value TEXT, PRIMARY KEY (tenant, kind, key)",
    },
    notes="state_notes",
    indexes={
        "tenant_rows_by_seq": "tenant_rows (tenant, seq)",
        "tenant_rows_to_deliver": "tenant_rows (tenant) WHERE kind = 'delivery' AND value IS NOT NULL",
    },
    patience=10.0,
)

_HEAD = "SELECT generation, seq FROM tenants WHERE name = ?"
_LOCK = f"{_HEAD} FOR UPDATE"
_SINCE = "SELECT kind, key, value, seq FROM tenant_rows WHERE tenant = ? AND seq > ? ORDER BY born"
_BEGIN = "INSERT INTO tenants VALUES (?, 0, 0) ON CONFLICT DO NOTHING"
_STRANGE = (
    "SELECT name, CASE typeof(seq) WHEN 'integer' THEN generation ELSE seq END FROM tenants "
    "WHERE typeof(generation) <> 'integer' OR typeof(seq) <> 'integer'"
)
_GO_ON = "UPDATE tenants SET seq = seq + 1 WHERE name = ? AND generation = ? AND seq = ?"
_BEGIN_AGAIN = "UPDATE tenants SET generation = generation + 1, seq = seq + 1 WHERE name = ? AND generation = ? AND seq = ?"
_OVER = "ON CONFLICT (tenant, kind, key) DO UPDATE SET seq = excluded.seq, value = excluded.value"
_PUT = f"INSERT INTO tenant_rows (tenant, kind, key, seq, born, value) VALUES (?, ?, ?, ?, ?, ?) {_OVER}"
_EVERY = (
    "SELECT tenant, value FROM tenant_rows WHERE kind = ? AND key = ? AND value IS NOT NULL ORDER BY tenant"
)
_TO_DELIVER = "FROM tenant_rows WHERE kind = 'delivery' AND value IS NOT NULL"
# Not the tenants of all rows: that would read them all, and a login asks for names.
_NAMES = (
    "SELECT name FROM tenants "
    "WHERE EXISTS (SELECT 1 FROM tenant_rows WHERE tenant = tenants.name AND value IS NOT NULL)"
)

# A server gets a commit as one statement, in one turn of the network instead of four.
_LISTS = "unnest(?::text[], ?::text[], ?::bigint[], ?::text[]) AS v(kind, key, born, value)"
_PUT_ALL = (
    "INSERT INTO tenant_rows (tenant, kind, key, seq, born, value) "
    f"SELECT ?::text, v.kind, v.key, ?::bigint, v.born, v.value FROM {_LISTS} {_OVER}"
)
_COMMIT = (
    f"WITH won AS ({_GO_ON} RETURNING name, seq) "
    "INSERT INTO tenant_rows (tenant, kind, key, seq, born, value) "
    f"SELECT won.name, v.kind, v.key, won.seq, v.born, v.value FROM won, {_LISTS} {_OVER}"
)
_FORGET = (
    "DELETE FROM tenant_rows WHERE tenant = ? AND value IS NULL "
    f"AND seq + {LAG} <= (SELECT seq FROM tenants WHERE name = ?)"
)
_PLACES = 1 << 20  # changes of one commit, at most


class DatabaseLog:
    """A log at "FILE.db" or "postgresql://..."; threads may share it.

    Raises StateError for a database that cannot be used, then and at any later call.
    """

    def __init__(self, url: str) -> None:
        if not is_database(url):
            raise StateError(f"{url!r} is memory, which no other process can read. Name a file or a server.")
        self._tables = connect(url, SCHEMA, shared=True)
        self._lock = RLock()
        self._head = _HEAD
        self._spare = local()
        self.name = self._tables.name
        self.is_server = self._tables.is_server
        if not self.is_server:  # SQLite keeps whatever another program puts into a column
            for name, value in self._tables.rows(_STRANGE):
                self.close()
                raise StateError(
                    f"{self.name}: the row of tenant {name or '(onsite)'} in 'tenants' is not what mockso writes "
                    f"({str(value)[:40]!r}). Name a new file."
                )

    def head(self, tenant: str) -> tuple[int, int]:
        with self._lock:
            head = self._tables.numbers(self._head, (_column(tenant),))
        if len(head) > 2:
            self._spare.number = head[2]
        return (head[0], head[1]) if head else (0, 0)

    def number_calls(self, sequence: str) -> Callable[[], int]:
        """A function that gives a number of a sequence in the same server, got with the last look of its thread; else 0.

        So the look and the id of a call take one turn of the network. A number that nobody takes is left out.
        """
        self._head = f"SELECT generation, seq, nextval('{sequence}') FROM tenants WHERE name = ?"

        def take() -> int:
            number, self._spare.number = getattr(self._spare, "number", 0), 0
            return int(number)

        return take

    def since(self, tenant: str, sequence: int) -> list[Row]:
        with self._lock:
            records = self._tables.rows(_SINCE, (_column(tenant), sequence))
        return [
            Row(kind, self._key(tenant, key), None if value is None else self._value(tenant, value), seq)
            for kind, key, value, seq in records
        ]

    def _key(self, tenant: str, text: str) -> Key:
        try:
            key = json.loads(text)
        except ValueError:
            key = None
        if isinstance(key, bool) or not isinstance(key, int | str):
            raise self._damage(tenant, text)
        return key

    def _value(self, tenant: str, text: str) -> Value:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise self._damage(tenant, text)
        return value

    def _damage(self, tenant: str, text: str) -> StateError:
        return StateError(
            f"{self.name}: a row of tenant {tenant or '(onsite)'} is not what mockso writes ({text[:40]!r}). "
            f"Drop that tenant with 'mockso state drop', or name a new file."
        )

    def commit(self, tenant: str, generation: int, sequence: int, changes: Iterable[Change]) -> bool:
        name, changes = _column(tenant), tuple(changes)
        head = (name, generation, sequence)
        with self._lock:
            if not generation and not sequence:
                self._tables.swap((_BEGIN, (name,)))
            if self.is_server and changes:
                is_taken = self._tables.swap((_COMMIT, (*head, *_lists(sequence + 1, changes))))
            else:
                is_taken = self._tables.swap((_GO_ON, head), *self._put(name, sequence + 1, changes))
            if is_taken and (sequence + 1) % LAG == 0:
                self.tidy(tenant)
        return is_taken

    def reset(self, tenant: str, changes: Iterable[Change] = (), keep: Collection[str] = ()) -> None:
        name, changes = _column(tenant), tuple(changes)
        marks = ", ".join("?" * len(keep))
        others = f" AND kind NOT IN ({marks})" if keep else ""
        delete: Statement = f"DELETE FROM tenant_rows WHERE tenant = ?{others}", (name, *keep)
        with self._lock:
            self._tables.swap((_BEGIN, (name,)))
        with self.alone(tenant):
            generation, sequence = self.head(tenant)
            put = self._put(name, sequence + 1, changes)
            self._tables.swap((_BEGIN_AGAIN, (name, generation, sequence)), delete, *put)

    def names(self) -> list[str]:
        with self._lock:
            return sorted(name for (name,) in self._tables.rows(_NAMES))

    def every(self, kind: str, key: Key) -> list[tuple[str, Value]]:
        """The row of that key of each tenant that has one, with the tenant's name."""
        with self._lock:
            records = self._tables.rows(_EVERY, (kind, json.dumps(key)))
        return [(name, self._value(name, value)) for name, value in records]

    def owing(self) -> list[str]:
        """The tenants that have deliveries which have not ended, sorted."""
        with self._lock:
            return sorted(name for (name,) in self._tables.rows(f"SELECT DISTINCT tenant {_TO_DELIVER}"))

    def count_deliveries(self) -> int:
        """How many deliveries of all tenants have not ended."""
        with self._lock:
            return int(self._tables.rows(f"SELECT count(*) {_TO_DELIVER}")[0][0])

    @contextmanager
    def alone(self, tenant: str) -> Iterator[None]:
        # Of a tenant without a row nobody is kept out: a commit that is overtaken then runs once more.
        with self._lock, self._tables.alone((_LOCK, (_column(tenant),))):
            yield

    def close(self) -> None:
        with self._lock:
            self._tables.close()

    def tidy(self, tenant: str) -> None:
        """Forget which rows that come and go are gone; who has not looked for `LAG` commits reads all anew."""
        name, kinds = _column(tenant), sorted(PASSING)
        statement = f"{_FORGET} AND kind IN ({', '.join('?' * len(kinds))})"
        with self._lock:
            self._tables.transaction((statement, (name, name, *kinds)))

    def _put(self, name: str, sequence: int, changes: tuple[Change, ...]) -> list[Statement]:
        if not changes:
            return []
        kinds, keys, born, values = _lists(sequence, changes)
        if self.is_server:
            return [(_PUT_ALL, (name, sequence, kinds, keys, born, values))]
        return [
            (_PUT, (name, kind, key, sequence, place, value))
            for kind, key, place, value in zip(kinds, keys, born, values, strict=True)
        ]


def _column(tenant: str) -> str:
    """The name of a tenant as a column takes it, whatever somebody wrote in an address."""
    if tenant.isascii() and "\0" not in tenant:
        return tenant
    return str(printable((tenant,))[0])


def _lists(
    sequence: int, changes: tuple[Change, ...]
) -> tuple[list[str], list[str], list[int], list[str | None]]:
    if len(changes) >= _PLACES:
        raise StateError(f"a commit of {len(changes)} rows is too big. Change fewer than {_PLACES} at once.")
    first = sequence * _PLACES
    return (
        [change.kind for change in changes],
        [json.dumps(change.key) for change in changes],
        list(range(first, first + len(changes))),
        [None if change.value is None else encode(change) for change in changes],
    )


def encode(change: Change) -> str:
    """The value of a change as JSON, in ASCII, as no column takes every character."""
    try:
        return json.dumps(change.value, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise StateError(
            f"{change.kind} {change.key!r} cannot be kept in a database: {error}. Save JSON values only."
        ) from error
