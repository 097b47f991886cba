"""The tables of the journal and every statement about them, over a driver of `storage`.

One thread at a time uses a store: the journal has the lock.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

from mockso.errors import JournalError
from mockso.journal.entry import COLUMNS, Row
from mockso.journal.fold import Texts
from mockso.storage.connect import connect
from mockso.storage.table import Record, Schema, Values, printable

TEXTS = ("target", "request_headers", "request_body", "reply_headers", "reply_body", "detail")

_TYPES = {
    **dict.fromkeys(("status", "missed", "size"), "INTEGER NOT NULL"),
    **dict.fromkeys(("at", "took"), "DOUBLE PRECISION NOT NULL"),
    **dict.fromkeys(("request_body", "reply_body"), "BLOB NOT NULL"),
    "seq": "INTEGER PRIMARY KEY",
}
SCHEMA = Schema(
    owner="journal",
    option="--journal",
    error=JournalError,
    format="1",
    tables={
        "calls": ", ".join(f"{column} {_TYPES.get(column, 'TEXT NOT NULL')}" for column in COLUMNS),
        "dropped": "tenant TEXT PRIMARY KEY, calls INTEGER NOT NULL",
    },
    numbered="calls",
    is_lasting=False,
)

_INSERT = f"INSERT INTO calls ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM calls"
_COUNT_DROPPED = (
    "INSERT INTO dropped SELECT tenant, count(*) FROM calls WHERE seq <= ? GROUP BY tenant "
    "ON CONFLICT (tenant) DO UPDATE SET calls = dropped.calls + excluded.calls"
)
_ADD_DROPPED = (
    "INSERT INTO dropped VALUES (?, ?) "
    "ON CONFLICT (tenant) DO UPDATE SET calls = dropped.calls + excluded.calls"
)
# Who listens in another process finds the last clears here, each with who did it and whose calls they were.
_CLEARS = 64
_COUNT_CLEAR = (
    "INSERT INTO notes VALUES ('cleared', '1') "
    "ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(notes.value AS BIGINT) + 1 AS TEXT)"
)
_NOTE_CLEAR = (
    f"INSERT INTO notes SELECT 'cleared ' || (CAST(value AS BIGINT) % {_CLEARS}), value || ' ' || ? "
    "FROM notes WHERE name = 'cleared' ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
# A server does both in one turn of the network. Who is late leaves the rows of the other out instead of waiting for him.
_DROP_AND_COUNT = (
    "WITH gone AS (DELETE FROM calls WHERE seq IN "
    "(SELECT seq FROM calls WHERE seq <= ? ORDER BY seq FOR UPDATE SKIP LOCKED) RETURNING tenant) "
    "INSERT INTO dropped SELECT tenant, count(*) FROM gone GROUP BY tenant ORDER BY tenant "
    "ON CONFLICT (tenant) DO UPDATE SET calls = dropped.calls + excluded.calls"
)
# PostgreSQL searches itself, as other processes write too.
_FOLDED = " || ' ' || ".join(
    f"encode({name}, 'escape')" if name.endswith("_body") else name for name in TEXTS
)

_values_of = itemgetter(*COLUMNS)


class Store:
    """Rows of calls in a database."""

    def __init__(self, url: str = "", *, writing: bool = True, shared: bool = False) -> None:
        self._tables = connect(url, SCHEMA, writing=writing, shared=shared)
        self.name, self.is_shared = self._tables.name, self._tables.is_shared
        self.holds = f"strpos(lower({_FOLDED}), ?) > 0" if self._tables.is_server else ""
        """The condition that a text of the call has "?" in it, which is in lower case; empty where `hits` finds it."""
        self._me = os.urandom(8).hex()
        self._texts = Texts(self._tables.rows, TEXTS)
        self.next_id: Callable[[], int] = self._tables.next_id
        self.changed_elsewhere = self._tables.changed_elsewhere
        self.close = self._tables.close

    def take_numbers(self, spare: Callable[[], int]) -> None:
        """Take numbers from a function that may have one at hand, else gives 0."""
        following = self.next_id
        self.next_id = lambda: spare() or following()

    # writing

    def insert(self, row: Row) -> None:
        self._tables.insert(_INSERT, _values_of(row))

    def insert_all(self, rows: Sequence[Values]) -> None:
        """Insert rows whose values stand in the order of the columns."""
        if not rows:
            return
        try:
            self._tables.transaction(*((_INSERT, values) for values in rows))
        except UnicodeEncodeError:
            for values in rows:
                self._tables.insert(_INSERT, values)

    def count_as_dropped(self, counts: Mapping[str, int]) -> None:
        """Count calls of tenants as dropped that never were in the store."""
        self._tables.transaction(*((_ADD_DROPPED, item) for item in counts.items()))

    def clear(self, tenant: str | None) -> int:
        """Delete all calls, or all of a tenant, with the count of those dropped before; the number deleted."""
        where, values = ("", ()) if tenant is None else (" WHERE tenant = ?", (tenant,))
        count = self.count(where, values)
        self._tables.transaction(
            (SCHEMA.note_last, ()),
            (f"DELETE FROM calls{where}", values),
            (f"DELETE FROM dropped{where}", values),
            (_COUNT_CLEAR, ()),
            (_NOTE_CLEAR, printable((f"{self._me} {tenant or ''}",))),
        )
        return count

    def delete(self, seq: int) -> None:
        self._tables.transaction((SCHEMA.note_last, ()), ("DELETE FROM calls WHERE seq = ?", (seq,)))

    def drop(self, last: int) -> None:
        """Delete the calls up to an id, and count them as dropped."""
        # Counted where they are deleted: another process may have done both a moment ago.
        if self._tables.is_server:
            self._tables.swap((_DROP_AND_COUNT, (last,)))
            return
        self._tables.transaction((_COUNT_DROPPED, (last,)), ("DELETE FROM calls WHERE seq <= ?", (last,)))

    # reading

    def _number(self, select: str, values: Values = ()) -> int:
        return int(self._tables.rows(select, values)[0][0])

    def row(self, seq: int) -> Row | None:
        rows = self.select(" WHERE seq = ?", (seq,))
        return rows[0] if rows else None

    def select(self, condition: str, values: Values, *, newest: bool = False) -> list[Row]:
        """The rows for which a condition, " WHERE ...", holds, in the order of their ids."""
        order = f" ORDER BY seq {'DESC' if newest else 'ASC'}"
        records = self._tables.rows(_SELECT + condition + order, values)
        return [dict(zip(COLUMNS, record, strict=True)) for record in records]  # type: ignore[misc]  # all keys of a Row

    def count(self, condition: str = "", values: Values = ()) -> int:
        """How many rows a condition, "" or " WHERE ...", holds for."""
        return self._number(f"SELECT count(*) FROM calls{condition}", values)

    def extent(self) -> tuple[int, int]:
        """The number of all calls and their bytes."""
        count, size = self._tables.numbers("SELECT count(*), coalesce(sum(size), 0) FROM calls")
        return count, size

    def ends(self) -> tuple[int, int]:
        """The lowest and the greatest id; 0 and -1 without calls."""
        low, high = self._tables.rows("SELECT coalesce(min(seq), 0), coalesce(max(seq), -1) FROM calls")[0]
        return low, high

    def recent(self, low: int) -> tuple[int, ...]:
        """How many calls have a greater id, the greatest of all, and how often calls were cleared."""
        select = (
            "SELECT count(*), coalesce(max(seq), 0), "
            "coalesce((SELECT CAST(value AS BIGINT) FROM notes WHERE name = 'cleared'), 0) FROM calls WHERE seq > ?"
        )
        return self._tables.numbers(select, (low,))

    def clears_after(self, number: int) -> list[str]:
        """Whose calls others cleared since that many clears, the oldest first; "" for all calls or those onsite."""
        records = self._tables.rows("SELECT value FROM notes WHERE name LIKE 'cleared %'")
        clears = [value.split(" ", 2) for (value,) in records]
        return [
            tenant
            for count, who, tenant in sorted(clears, key=lambda clear: int(clear[0]))
            if int(count) > number and who != self._me
        ]

    def calls_after(self, low: int) -> list[Record]:
        """Id and tenant of the calls that have a greater id."""
        return self._tables.rows("SELECT seq, tenant FROM calls WHERE seq > ? ORDER BY seq", (low,))

    def oldest(self, limit: int) -> list[Record]:
        """Id and size of the oldest calls."""
        return self._tables.rows("SELECT seq, size FROM calls ORDER BY seq LIMIT ?", (limit,))

    def dropped_calls(self, tenant: str | None) -> int:
        where, values = ("", ()) if tenant is None else (" WHERE tenant = ?", (tenant,))
        return self._number(f"SELECT coalesce(sum(calls), 0) FROM dropped{where}", values)

    def tenants(self) -> dict[str, int]:
        """The number of calls of each tenant."""
        return dict(self._tables.rows("SELECT tenant, count(*) FROM calls GROUP BY tenant ORDER BY tenant"))

    def hits(self, text: str, low: int, high: int, lowest: int) -> list[int]:
        """The ids from `low` to `high` of calls that contain a text; `lowest` is the lowest id of all."""
        return self._texts.hits(text, low, high, lowest)
