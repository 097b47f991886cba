"""The log of a tenant's changes: what a `State` folds, and the one seam between memory and a database.

A row is `(kind, key) -> value`. Values are JSON objects that are never changed in place: whoever changes a
row commits another value. A commit names the generation and the sequence it was made against, and is refused
when somebody was quicker; the verb then runs again. A reset begins another generation.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple, Protocol, TypeAlias

Key: TypeAlias = int | str
Value: TypeAlias = Mapping[str, Any]

# What a tenant is doing, not what it remembers: a snapshot leaves these rows out, a reset and a restore leave them alone.
DOINGS = frozenset({"delivery", "profile", "scenario", "snapshot"})

# Kinds of which no seed has rows, and many come and go: nothing stays behind of one that is removed.
PASSING = DOINGS | {"code", "token"}

LAG = 10_000
"""Who is more commits behind reads a tenant's rows anew: a log may have forgotten which of them are gone."""


class Change(NamedTuple):
    """One row as a verb left it; `value` None is a deleted row."""

    kind: str
    key: Key
    value: Value | None


class Row(NamedTuple):
    """One row of the log: a change and the sequence number of the commit that made it."""

    kind: str
    key: Key
    value: Value | None
    sequence: int


class Log(Protocol):
    """The calls by which memory, SQLite and PostgreSQL differ."""

    def head(self, tenant: str) -> tuple[int, int]:
        """The generation of a tenant and the sequence of its last commit; (0, 0) for an unknown one."""

    def since(self, tenant: str, sequence: int) -> list[Row]:
        """The rows that were changed after a sequence, each as it is now, in the order they were first written."""

    def commit(self, tenant: str, generation: int, sequence: int, changes: Iterable[Change]) -> bool:
        """Write all changes or none; False when the tenant is not at that generation and sequence."""

    def reset(self, tenant: str, changes: Iterable[Change] = (), keep: Collection[str] = ()) -> None:
        """Begin the next generation of a tenant, with these rows, those of the kinds to `keep`, and no others."""

    def names(self) -> list[str]:
        """The tenants that have rows, sorted."""

    def alone(self, tenant: str) -> AbstractContextManager[None]:
        """A block in which nobody else commits to a tenant."""


class _Tenant:
    def __init__(self) -> None:
        self.generation = self.sequence = 0
        self.rows: dict[tuple[str, Key], Row] = {}


class MemoryLog:
    """A log in this process; threads may share it.

    A process that is the only writer folds nothing from it: it keeps no rows unless `keep` is set, as the
    state's own fold has them already.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._tenants: dict[str, _Tenant] = {}

    def head(self, tenant: str) -> tuple[int, int]:
        entry = self._tenants.get(tenant)
        return (entry.generation, entry.sequence) if entry is not None else (0, 0)

    def since(self, tenant: str, sequence: int) -> list[Row]:
        with self._lock:
            entry = self._tenants.get(tenant)
            rows = (
                [row for row in entry.rows.values() if row.sequence > sequence] if entry is not None else []
            )
        return rows

    def commit(self, tenant: str, generation: int, sequence: int, changes: Iterable[Change]) -> bool:
        with self._lock:
            entry = self._tenants.setdefault(tenant, _Tenant())
            if (entry.generation, entry.sequence) != (generation, sequence):
                return False
            entry.sequence += 1
            self._write(entry, changes)
            return True

    def reset(self, tenant: str, changes: Iterable[Change] = (), keep: Collection[str] = ()) -> None:
        with self._lock:
            entry = self._tenants.setdefault(tenant, _Tenant())
            entry.generation += 1
            entry.sequence += 1
            entry.rows = {place: row for place, row in entry.rows.items() if row.kind in keep}
            self._write(entry, changes)

    def names(self) -> list[str]:
        return sorted(
            name
            for name, entry in self._tenants.items()
            if any(row.value is not None for row in entry.rows.values())
        )

    def alone(self, tenant: str) -> AbstractContextManager[None]:
        return nullcontext()

    def _write(self, entry: _Tenant, changes: Iterable[Change]) -> None:
        if self._keep:
            for kind, key, value in changes:
                entry.rows[kind, key] = Row(kind, key, value, entry.sequence)
