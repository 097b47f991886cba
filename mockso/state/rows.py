"""The rows of one tenant: the fold of its log over the seed, and the drafts by which verbs change it.

Rows are sparse JSON objects under `(kind, key)`. The seed is shared by all tenants and never written; a
tenant's own rows lie over it, a deleted one as None. Nothing here knows a carrier or an operation.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from mockso.errors import StateError
from mockso.state.log import DOINGS, LAG, PASSING, Change, Key, Log, MemoryLog, Row, Value
from mockso.state.seed import EMPTY as EMPTY
from mockso.state.seed import Seed as Seed

T = TypeVar("T")
Invent = Callable[[str, Key], "Value | None"]

# How often a verb is run because another process was quicker. After a few runs it has the tenant for itself, so
# that even forty processes that write in one tenant all get through.
TRIES = 6
_TRIES_AMONG_OTHERS = 2

_NOTHING: Mapping[Key, Any] = {}
_AMONG_OTHERS = nullcontext()

# What a tenant goes by rather than what it holds; read at each call, seldom changed.
TERMS = frozenset({"profile", "tenant"})


class Event(NamedTuple):
    """Something that happened to a row, told to webhooks once the change is committed."""

    name: str
    kind: str
    key: Key
    changes: tuple[str, ...] = ()
    before: Value | None = None
    after: Value | None = None


class Snapshot(NamedTuple):
    """The own rows of a tenant at one moment."""

    tables: Mapping[str, Mapping[Key, Value | None]] = {}


class Rows:
    """The rows as they are now; read by anybody, at any time, without a lock.

    A value is never changed in place, so whoever holds one sees one moment.
    """

    memo = None  # rows that others change keep nothing that was worked out of them

    def __init__(self, seed: Seed | Callable[[], Seed] = EMPTY) -> None:
        self._load_seed = seed
        self._seed_size = 0
        self._lock = threading.Lock()  # over the indexes and the tables they are of
        self._own: dict[str, dict[Key, Value | None]] = {}
        self._indexes: dict[tuple[str, str], dict[Any, set[Key]]] = {}
        self.terms_version = 0
        """Grows with each change of a row of `TERMS`."""

    @cached_property
    def seed(self) -> Seed:
        """The rows below the tenant's own; a function that gives them is called when they are first needed."""
        load = self._load_seed
        return load if isinstance(load, Seed) else load()

    @property
    def size(self) -> int:
        """About how many rows there are, of a seed only once it was needed."""
        if not self._seed_size and "seed" in self.__dict__:
            self._seed_size = sum(map(len, self.seed.tables.values()))
        return self._seed_size + sum(map(len, self._own.values()))

    def get(self, kind: str, key: Key) -> Value | None:
        """The row of that key; None where it does not exist or was deleted."""
        own = self._own.get(kind)
        if own is not None and key in own:
            return own[key]
        return self.seed.tables.get(kind, _NOTHING).get(key)

    def own_row(self, kind: str, key: Key) -> Value | None:
        """The row of that key, of a kind that no seed has: a token, a webhook, the tenant's clock."""
        own = self._own.get(kind)
        return own.get(key) if own is not None else None

    def has_own(self, kind: str) -> bool:
        """Whether the tenant has or had rows of its own of a kind."""
        return kind in self._own

    def of_seed(self, kind: str) -> Seed | None:
        """The seed, where all rows of a kind are as it has them; else None."""
        return None if kind in self._own else self.seed

    def is_deleted(self, kind: str, key: Key) -> bool:
        """Whether there was a row of that key."""
        own = self._own.get(kind)
        return own is not None and key in own and own[key] is None

    def count(self, kind: str) -> int:
        """How many rows of a kind there are."""
        seed = self.seed.tables.get(kind, _NOTHING)
        own = self._own.get(kind)
        if not own:
            return len(seed)
        return sum(1 for _ in self.items(kind))

    def items(self, kind: str) -> Iterator[tuple[Key, Value]]:
        """All rows of a kind: those of the seed in its order, then the tenant's own as they were added."""
        seed = self.seed.tables.get(kind, _NOTHING)
        own = self._own.get(kind)
        if not own:
            yield from seed.items()
            return
        for key, value in seed.items():
            current = own.get(key, value) if key in own else value
            if current is not None:
                yield key, current
        # A copy, as others may commit meanwhile; of the table, not of pairs, which the collector would count.
        for key, current in own.copy().items():
            if current is not None and key not in seed:
                yield key, current

    def kinds(self) -> list[str]:
        """The kinds that have rows, sorted."""
        return sorted(
            kind for kind in {*self.seed.tables, *self._own} if next(self.items(kind), None) is not None
        )

    def find(self, kind: str, name: str, value: Any) -> list[tuple[Key, Value]]:
        """The rows of a kind whose property `name` has exactly that value (a number or a text), by key.

        The first question about a property makes its index, later commits keep it.
        """
        keys: list[Key] = []
        own = self._own.get(kind)
        for key in self.seed.index(kind, name).get(value, ()):
            if own is None or key not in own:
                keys.append(key)
        if own:
            with self._lock:
                index = self._indexes.get((kind, name))
                if index is None:
                    index = self._indexes[kind, name] = {}
                    for key, row in own.items():
                        _enter(index, name, key, row)
                keys += index.get(value, ())
        keys.sort(key=lambda key: (type(key) is str, key))
        rows = ((key, self.get(kind, key)) for key in keys)
        return [(key, row) for key, row in rows if row is not None]

    # what a State does

    def fold(self, changes: Iterable[Change]) -> None:
        """Take over committed changes. Only the state that owns these rows calls this, under its lock."""
        version = self.terms_version
        with self._lock:
            for kind, key, value in changes:
                if kind in TERMS:
                    version += 1
                own = self._own.setdefault(kind, {})
                before = own.get(key)
                for (indexed, name), index in self._indexes.items():
                    if indexed == kind:
                        if before is not None and type(before.get(name)) in (int, str):
                            index[before[name]].discard(key)
                        _enter(index, name, key, value)
                if value is None and kind in PASSING:
                    own.pop(key, None)  # no seed has such a row, so nothing has to say that it is gone
                else:
                    own[key] = value
            self.terms_version = version  # last: whoever sees it sees the rows

    def snapshot(self) -> Snapshot:
        """The own rows at this moment, without the tenant's doings."""
        return Snapshot({kind: dict(own) for kind, own in self._own.items() if kind not in DOINGS})

    def doings(self) -> dict[str, dict[Key, Value | None]]:
        """The rows that no snapshot has."""
        return {kind: dict(self._own[kind]) for kind in DOINGS if kind in self._own}

    def replace(self, snapshot: Snapshot) -> None:
        """Have these own rows and no others."""
        with self._lock:
            self._indexes = {}
            self._own = {kind: dict(own) for kind, own in snapshot.tables.items()}
            self.terms_version += 1

    def own(self) -> Iterator[Change]:
        """All rows that are the tenant's own, deleted ones too."""
        for kind, own in self._own.items():
            for key, value in own.items():
                yield Change(kind, key, value)


def _enter(index: dict[Any, set[Key]], name: str, key: Key, row: Value | None) -> None:
    reference = row.get(name) if row is not None else None
    if type(reference) in (int, str):
        index.setdefault(reference, set()).add(key)


class Draft:
    """The rows as one run of a verb reads and changes them.

    A verb that finds it was too slow runs again on a new draft, so nothing outside may be changed by it.
    `invent` has a row for a key that was never seeded, saved or deleted: the open world.
    """

    def __init__(self, rows: Rows, invent: Invent | None = None) -> None:
        self._rows = rows
        self._invent = invent
        self._changes: dict[tuple[str, Key], Value | None] = {}
        self.events: list[Event] = []
        self.memo: dict[Any, Any] | None = {}
        """What was worked out of the rows as they are now; each change empties it. None keeps nothing."""

    def get(self, kind: str, key: Key) -> Value | None:
        """The row of that key, changed or not; None without such a row."""
        if self._changes and (kind, key) in self._changes:
            return self._changes[kind, key]
        row = self._rows.get(kind, key)
        if row is None and self._invent is not None and not self._rows.is_deleted(kind, key):
            return self._invent(kind, key)
        return row

    def before(self, kind: str, key: Key) -> Value | None:
        """The row as it was when the draft began; None without such a row."""
        return self._rows.get(kind, key)

    def was_deleted(self, kind: str, key: Key) -> bool:
        """Whether such a row had been deleted when the draft began."""
        return self._rows.is_deleted(kind, key)

    def items(self, kind: str) -> Iterator[tuple[Key, Value]]:
        """All rows of a kind; those that this draft adds come last."""
        changed = {key: value for (of, key), value in self._changes.items() if of == kind}
        for key, value in self._rows.items(kind):
            current = changed.pop(key, value) if key in changed else value
            if current is not None:
                yield key, current
        for key, current in changed.items():
            if current is not None:
                yield key, current

    def find(self, kind: str, name: str, value: Any) -> list[tuple[Key, Value]]:
        """The rows of a kind whose property has that value, by key."""
        rows = dict(self._rows.find(kind, name, value))
        for (of, key), row in self._changes.items():
            if of == kind:
                rows.pop(key, None)
                if row is not None and row.get(name) == value:
                    rows[key] = row
        return sorted(rows.items(), key=lambda item: (type(item[0]) is str, item[0]))

    def put(self, kind: str, key: Key, value: Value) -> None:
        """Have that value under that key; the value is not changed afterwards by anybody."""
        self._changes[kind, key] = value
        if self.memo:
            self.memo.clear()

    def remove(self, kind: str, key: Key) -> None:
        """Have no row under that key."""
        self._changes[kind, key] = None
        if self.memo:
            self.memo.clear()

    def of_seed(self, kind: str) -> Seed | None:
        """The seed, where all rows of a kind are as it has them; else None."""
        if self._rows.has_own(kind) or any(of == kind for of, _ in self._changes):
            return None
        return self._rows.seed

    def next_number(self, name: str, first: int = 1) -> int:
        """The next number of a sequence, taken: `first` where it was never asked, or the last one plus one."""
        row = self.get("next", name)
        number = int(row["number"]) if row is not None else first
        self.put("next", name, {"number": number + 1})
        return number

    def next_id(self, kind: str) -> int:
        """A key for a new row: above all of the kind that are or were there."""
        row = self.get("next", kind)
        if row is not None:
            number = int(row["number"])
        else:
            number = max((key for key, _ in self._rows.items(kind) if type(key) is int), default=0) + 1
        while self._changes.get((kind, number)) is not None or self._rows.get(kind, number) is not None:
            number += 1
        self.put("next", kind, {"number": number + 1})
        return number

    def signal(self, event: Event) -> None:
        """Tell webhooks of this once the draft is committed."""
        self.events.append(event)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes so far, in the order they were first made."""
        return tuple(Change(kind, key, value) for (kind, key), value in self._changes.items())


class Outcome(NamedTuple, Generic[T]):
    """A committed run of a verb: its value, what it changed, what is to be told. `runs` counts the tries."""

    value: T
    changes: tuple[Change, ...]
    events: tuple[Event, ...]
    runs: int = 1


class RowStore:
    """One tenant's rows with the log behind them. Threads may share it; processes share the log."""

    def __init__(
        self,
        name: str,
        log: Log | None = None,
        seed: Seed | Callable[[], Seed] = EMPTY,
        *,
        alone: bool | None = None,
    ) -> None:
        self.name = name
        self._log = log if log is not None else MemoryLog()
        # Where nobody else commits to the log, nobody's commits have to be looked for.
        self._alone = isinstance(self._log, MemoryLog) if alone is None else alone
        self._lock = threading.RLock()
        self._rows = Rows(seed)
        self.version = object()
        """Another one before and after each verb that may change a row, whether or not it did."""
        self.outbox: Callable[[Draft], None] | None = None
        """Puts deliveries of what a draft tells among its changes, where other processes may send them."""
        self._generation, self._sequence = self._log.head(name) if self._alone else (-1, 0)

    @property
    def rows(self) -> Rows:
        """The rows as they were at the last look at the log; `refresh` looks again."""
        return self._rows

    def refresh(self) -> bool:
        """Take over what other processes committed since the last look; whether there was anything."""
        if self._alone:
            return False
        head = self._log.head(self.name)
        if head == (self._generation, self._sequence):
            return False
        with self._changing():
            return self._take_over()

    def change(self, verb: Callable[[Draft], T], invent: Invent | None = None) -> Outcome[T]:
        """Run a verb and commit what it changed; when another process was quicker, run it again.

        The verb may run several times, so it changes nothing but its draft. A verb that raises changes
        nothing. StateError after `TRIES` runs.
        """
        with self._changing():
            for run in range(1, TRIES + 1):
                is_late = run > _TRIES_AMONG_OTHERS
                with self._log.alone(self.name) if is_late else _AMONG_OTHERS:
                    if not self._alone and (run > 1 or self._generation < 0):
                        self._take_over()
                    outcome = self._try(verb, invent, run)
                if outcome is not None:
                    # Behind the block, whose end may fail to commit.
                    if outcome.changes:
                        self._rows.fold(outcome.changes)
                        self._sequence += 1
                    return outcome
        raise StateError(
            f"tenant {self.name!r}: a change was overtaken by other processes {TRIES} times. Send the call again."
        )

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            self.version = object()
            try:
                yield
            finally:
                self.version = object()

    def _try(self, verb: Callable[[Draft], T], invent: Invent | None, run: int) -> Outcome[T] | None:
        draft = Draft(self._rows, invent)
        value = verb(draft)
        changes = draft.changes
        if not changes:
            return Outcome(value, (), tuple(draft.events), run)
        if not self._log.commit(self.name, self._generation, self._sequence, changes):
            return None
        return Outcome(value, changes, tuple(draft.events), run)

    def reset(self) -> None:
        """Forget all own rows: the tenant is the seed again."""
        self.restore(Snapshot())

    def snapshot(self) -> Snapshot:
        """The own rows at this moment, to be restored later or given to another tenant."""
        with self._lock:
            return self._rows.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Have the own rows of a snapshot and no others."""
        with self._changing():
            changes = (
                Change(kind, key, value)
                for kind, own in snapshot.tables.items()
                for key, value in own.items()
                if kind not in DOINGS
            )
            self._log.reset(self.name, changes, DOINGS)
            if self._alone:
                self._rows.replace(Snapshot({**snapshot.tables, **self._rows.doings()}))
                self._generation, self._sequence = self._log.head(self.name)
            else:
                self._take_over()

    def _take_over(self) -> bool:
        """Fold what others committed; whether there was anything. The lock is held."""
        generation, sequence = self._log.head(self.name)
        while (generation, sequence) != (self._generation, self._sequence):
            is_anew = generation != self._generation or sequence - self._sequence > LAG
            rows = self._log.since(self.name, 0 if is_anew else self._sequence)
            head = self._log.head(self.name)
            if head[0] != generation:  # a reset between the two: rows of both generations
                generation, sequence = head
                continue
            if is_anew:
                self._rows.replace(_tables_of(rows))
            else:
                self._rows.fold(Change(kind, key, value) for kind, key, value, _ in rows)
            self._generation, self._sequence = generation, sequence
            return True
        return False


def _tables_of(rows: Iterable[Row]) -> Snapshot:
    tables: dict[str, dict[Key, Value | None]] = {}
    for kind, key, value, _ in rows:
        if value is not None or kind not in PASSING:
            tables.setdefault(kind, {})[key] = value
    return Snapshot(tables)
