"""The journal: every call from its arrival on, bounded, searchable, told to those who listen.

An entry exists from arrival; until it is answered it is in memory only, then in the store. Bounds are by
entries and bytes: the oldest go first and are counted, so that nobody takes a gap for a fact. store.py keeps
the rows, rows.py composes them, entry.py shows them.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from heapq import merge
from itertools import islice
from threading import Condition, Lock
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar, Unpack

from mockso.errors import JournalError
from mockso.exchange.call import Call, Direction
from mockso.exchange.message import Request
from mockso.journal.backlog import Backlog
from mockso.journal.entry import Document, Row, document
from mockso.journal.rows import Rows
from mockso.journal.store import Store
from mockso.redaction.redaction import Redaction
from mockso.storage.table import MEMORY, Values
from mockso.timing import wait_for

if TYPE_CHECKING:
    from mockso.journal.filter import Filter
    from mockso.journal.tail import Tail

Order = Literal["newest", "oldest"]
T = TypeVar("T")

# Rows looked at under one hold of the lock: a search over everything lets calls through in between.
_WINDOW = 1_000
_PART, _SHARED_PART = 100, 20  # what part goes when a bound is reached
_AT_ONCE = 256
_QUEUED_EVENTS = 10_000


class Event(NamedTuple):
    """One thing that happened: a call "arrived" or was "answered", or the journal was "cleared"."""

    kind: Literal["arrived", "answered", "cleared"]
    id: str = ""
    tenant: str = ""


class Journal:
    """Calls written down. Threads may share it; one lock, held for microseconds.

    `url` is "" or "memory:", a path or sqlite:///path, or postgresql://...; JournalError when it cannot
    be used. When more than `entries` calls or `bytes_limit` bytes are there, the oldest hundredth goes,
    or of a journal that others share, where all rows have to be counted first, the oldest twentieth.
    A file may be opened by another process with `writing=False`, and written by several that say `shared`.
    """

    def __init__(
        self,
        url: str = "",
        *,
        entries: int = 10_000,
        bytes_limit: int = 32 * 1024 * 1024,
        body_limit: int = 64 * 1024,
        redaction: Redaction | None = None,
        clock: Callable[[], float] = time.time,
        writing: bool = True,
        shared: bool = False,
    ) -> None:
        if entries < 1 or bytes_limit < 1:
            raise JournalError(
                f"a journal of {entries} entries and {bytes_limit} bytes holds nothing. Give 1 or more."
            )
        self.redaction = redaction or Redaction()
        self.clock = clock
        self._rows = Rows(self.redaction, body_limit)
        self._entries, self._bytes_limit = entries, bytes_limit
        self._lock = Lock()
        self._changed = Condition(self._lock)
        self._pending: dict[int, Request] = {}
        self._outgoing: set[int] = set()  # those of them that the mock makes itself
        self._notes: dict[int, str] = {}
        self._listeners: list[Subscription] = []
        self._closed = self._released = False
        self._store = Store(url, writing=writing, shared=shared)
        self.name = self._store.name
        # What is in a database survives the process, so only the memory may put off writing.
        self._backlog = Backlog(self._rows, body_limit) if url in MEMORY else None
        self._recount()
        self._before = max(self._store.ends()[1], 0)
        self._own = writing and not self._store.is_shared
        self._tail: Tail | None = None
        if self._store.is_shared:
            from mockso.journal.tail import Tail

            self._tail = Tail(
                self._changed,
                self._store,
                lambda seq, tenant: self._tell(Event("answered", str(seq), tenant)),
                lambda tenant: self._tell(Event("cleared", tenant=tenant)),
                lambda: self._released or self._closed or not self._listeners,
            )

    def take_numbers(self, spare: Callable[[], int]) -> None:
        """Take the ids of calls from a function that may have one of the same database at hand, else gives 0."""
        self._store.take_numbers(spare)

    # writing

    def arrive(self, request: Request, direction: Direction = "in") -> str:
        """The id of a call that begins now: a number, as text, greater than all before."""
        with self._lock:
            seq = self._store.next_id()
            self._pending[seq] = request
            if direction == "out":
                self._outgoing.add(seq)
            if self._listeners:
                self._tell(Event("arrived", str(seq), request.tenant))
        return str(seq)

    def add(self, call: Call) -> None:
        """Write down a call that is answered: whoever looks from now on finds it, in a database also later."""
        seq = int(call.id)
        note = self._notes.pop(seq, "") if self._notes else ""
        backlog = self._backlog  # which is None from the moment it is closed
        if backlog is None:
            row = self._rows.of(call, note)
            size, keep = row["size"], partial(self._store.insert, row)
        else:
            item = backlog.sketch(call, note)
            size, keep = item.size, partial(backlog.append, item)
        with self._lock:
            self._pending.pop(seq, None)
            self._outgoing.discard(seq)
            keep()
            self._count += 1
            self._bytes += size
            full = self._count > self._entries or self._bytes > self._bytes_limit
            if full or (self._store.is_shared and seq % 100 == 0):
                self._drop_oldest()
            if self._listeners:
                self._tell(Event("answered", call.id, call.request.tenant))
                if self._tail is not None:
                    self._tail.keep(seq)

    def note(self, id: str, text: str) -> None:
        """A remark for the entry of a call that has not been added yet, such as a traceback."""
        self._notes[_number(id)] = text

    def forget(self, id: str) -> None:
        """Take back an arrival that will have no answer."""
        with self._lock:
            self._pending.pop(_number(id), None)
            self._outgoing.discard(_number(id))

    def clear(self, tenant: str | None = None) -> int:
        """Delete all calls, or all of a tenant; how many. What was dropped before is forgotten too."""
        with self._look():
            count = self._store.clear(tenant)
            self._recount()
            self._tell(Event("cleared", tenant=tenant or ""))
        return count

    def delete(self, id: str) -> bool:
        """Delete one call; whether there was one."""
        seq = _number(id)
        with self._look():
            if not self._store.row(seq):
                return False
            self._store.delete(seq)
            self._recount()
        return True

    def release(self) -> None:
        """End every subscription, so that a server can stop; calls are still taken."""
        with self._lock:
            self._released = True
            self._changed.notify_all()

    def close(self) -> None:
        """Close the store and end every subscription. A closed journal takes no more calls."""
        self.release()
        with self._lock:
            if not self._closed:
                self._closed = True
                self._backlog = None
                self._store.close()

    def _recount(self) -> None:
        self._count, self._bytes = self._store.extent()
        if self._backlog is not None:
            self._count += len(self._backlog)
            self._bytes += self._backlog.size

    def _drop_oldest(self) -> None:
        """Delete the oldest calls until both bounds hold with something to spare: one statement for
        many costs a tenth of one for each."""
        if self._store.changed_elsewhere():
            self._recount()
        if self._count <= self._entries and self._bytes <= self._bytes_limit:
            return
        part = _SHARED_PART if self._store.is_shared else _PART
        entries = self._entries - min(self._entries // part, _AT_ONCE)
        bytes_limit = self._bytes_limit - self._bytes_limit // part
        while (self._count > entries or self._bytes > bytes_limit) and self._count > 1:
            # The newest call stays whatever its size: its id was given out a moment ago.
            if self._backlog is not None and self._count == len(self._backlog):
                self._bytes -= self._backlog.drop()
                self._count -= 1
                continue
            oldest = self._store.oldest(min(self._count - 1, _AT_ONCE))
            last = 0
            for seq, size in oldest:
                if self._count <= entries and self._bytes <= bytes_limit:
                    break
                last = seq
                self._count -= 1
                self._bytes -= size
            if not last:  # somebody else deleted them
                self._recount()
                break
            self._store.drop(last)

    # reading

    @contextmanager
    def _look(self) -> Iterator[None]:
        """The lock, with all calls in the store; many are written in parts, so that calls get in between."""
        while self._backlog:
            with self._lock:
                if self._backlog and len(self._backlog) > _AT_ONCE:
                    self._store.insert_all(self._backlog.take(_AT_ONCE))
                else:
                    break
        with self._lock:
            if self._backlog is not None:
                self._store.insert_all(self._backlog.take(len(self._backlog)))
                if self._backlog.dropped:
                    self._store.count_as_dropped(self._backlog.dropped)
                    self._backlog.dropped = {}
            yield

    def get(self, id: str, tenant: str | None = None) -> Document | None:
        """The entry of that id; None if it is missing or another tenant's."""
        seq = _number(id)
        with self._look():
            request = self._pending.get(seq)
            row = None if request else self._store.row(seq)
        entry = self._document(seq, request) if request else document(row) if row else None
        return entry if entry and tenant in (None, entry["tenant"]) else None

    def find(
        self,
        *,
        limit: int | None = None,
        offset: int = 0,
        after: str = "",
        order: Order = "newest",
        **criteria: Unpack[Filter],
    ) -> list[Document]:
        """Entries that fit, `offset` of them left out; `after` is the id of the last one already seen."""
        found = self.each(after=after, order=order, **criteria)
        return list(islice(found, offset, None if limit is None else offset + limit))

    def each(
        self, *, after: str = "", order: Order = "newest", **criteria: Unpack[Filter]
    ) -> Iterator[Document]:
        """As `find`, one by one, without holding them all or the lock. FilterError at once, not later."""
        from mockso.journal.filter import conditions

        conditions(criteria, self._store.holds)
        return self._each(after, order, criteria)

    def _each(self, after: str, order: Order, criteria: Filter) -> Iterator[Document]:
        newest = order == "newest"
        edge = _number(after) if after else None
        pending: Iterable[tuple[int, Row | Request]] = self._arrivals(criteria)
        if newest:
            pending = reversed(list(pending))
        select = partial(self._store.select, newest=newest)
        rows: Iterable[tuple[int, Row | Request]] = (
            (row["seq"], row) for window in self._scan(select, criteria, after, order) for row in window
        )
        previous = 0
        for seq, item in merge(rows, pending, key=lambda pair: pair[0], reverse=newest):
            # A call that was answered between the two looks is in both, the stored one first.
            if seq != previous and (edge is None or (seq < edge if newest else seq > edge)):
                previous = seq
                yield self._document(seq, item) if isinstance(item, Request) else document(item)

    def count(self, **criteria: Unpack[Filter]) -> int:
        """How many entries fit."""
        # Those without an answer first: one that is answered in the meantime is left out as a row, not missed as both.
        pending = [seq for seq, _ in self._arrivals(criteria)]

        def read(condition: str, values: Values) -> int:
            inside = [str(seq) for seq in pending if values[0] <= seq <= values[1]]
            others = f" AND seq NOT IN ({','.join(inside)})" if inside else ""
            return self._store.count(condition + others, values)

        return len(pending) + sum(self._scan(read, criteria, "", "oldest"))

    def count_dropped(self, tenant: str | None = None) -> int:
        """How many calls were dropped to stay within the bounds, since the last clear."""
        with self._look():
            return self._store.dropped_calls(tenant)

    def tenants(self) -> dict[str, int]:
        """The tenants that called, and how many of their calls are there."""
        with self._look():
            return self._store.tenants()

    def _arrivals(self, criteria: Filter) -> list[tuple[int, Request]]:
        from mockso.journal.filter import fits_arrived, may_have_arrived

        if not self._pending or not may_have_arrived(criteria):
            return []
        with self._lock:
            pending = sorted(self._pending.items())

        def texts(request: Request) -> str:
            return str(self._rows.of_pending("0", request))

        return [
            (seq, request)
            for seq, request in pending
            if criteria.get("direction") in (None, self._direction(seq))
            and fits_arrived(request, criteria, texts)
        ]

    def _document(self, seq: int, request: Request) -> Document:
        return self._rows.of_pending(str(seq), request, self._direction(seq))

    def _direction(self, seq: int) -> Direction:
        return "out" if seq in self._outgoing else "in"

    def _scan(
        self, read: Callable[[str, Values], T], criteria: Filter, after: str, order: Order
    ) -> Iterator[T]:
        """The results of `read` for the condition of each window of ids that may have calls that fit."""
        from mockso.journal.filter import conditions

        where, values = conditions(criteria, self._store.holds)
        with self._look():
            low, high = self._store.ends()
        newest, lowest = order == "newest", low
        if after:
            low, high = (
                (low, min(high, _number(after) - 1)) if newest else (max(low, _number(after) + 1), high)
            )
        text = "" if self._store.holds else (criteria.get("text") or "").lower()
        # Windows start at round ids, so that the next search can use the texts that this one folded.
        starts = range(low - low % _WINDOW, high + 1, _WINDOW)
        for start in reversed(starts) if newest else starts:
            condition = f" WHERE seq BETWEEN ? AND ?{where}"
            with self._look():
                if self._closed:
                    return
                if text:
                    hits = self._store.hits(text, start, start + _WINDOW - 1, lowest)
                    if not hits:
                        continue
                    condition += f" AND seq IN ({','.join(map(str, hits))})"
                window = read(condition, (max(start, low), min(start + _WINDOW - 1, high), *values))
            yield window

    def copy_to(self, url: str) -> int:
        """Write all calls that were answered into another journal; how many. JournalError where it cannot take them."""
        other, count = Store(url), 0
        try:
            for rows in self._scan(self._store.select, {}, "", "oldest"):
                for row in rows:
                    other.insert(row)
                    count += 1
        finally:
            other.close()
        return count

    # listening

    def subscribe(self) -> Subscription:
        """Everything that happens from now on; use it in a `with`."""
        subscription = Subscription(self)
        with self._lock:
            self._listeners.append(subscription)
            if self._tail is not None:
                self._tail.start()
        return subscription

    def wrote(self, id: str) -> bool:
        """Whether a call was certainly written here, so that its fingerprints can be compared with others
        of this journal's redaction."""
        return self._own and _number(id) > self._before

    @property
    def is_shared(self) -> bool:
        """Whether other processes write too; listeners here hear of their calls a moment later."""
        return self._store.is_shared

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def _tell(self, event: Event) -> None:
        for listener in self._listeners:
            listener.events.append(event)
        self._changed.notify_all()


class Subscription:
    """The events of a journal since it was made, the oldest lost when nobody takes them."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.events: deque[Event] = deque(maxlen=_QUEUED_EVENTS)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._journal._lock:
            if self in self._journal._listeners:
                self._journal._listeners.remove(self)

    def take(self, timeout: float) -> Event | None:
        """The next event; None if nothing happened in that many seconds or the journal was
        closed or released."""
        with self._journal._changed:
            wait_for(self._journal._changed, lambda: self.events or self._journal._released, timeout)
            return self.events.popleft() if self.events else None

    @property
    def is_over(self) -> bool:
        """Whether the journal was closed or released: nothing will come any more."""
        return self._journal._released and not self.events


def _number(id: str) -> int:
    """The id's number, 0, which no call has, for what is not one."""
    return int(id) if id.isascii() and id.isdigit() and len(id) < 19 else 0
