"""Looks into a shared journal for the calls and clears of other processes, for those who listen in this one."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Event, Thread
from typing import Protocol

from mockso.errors import MocksoError
from mockso.storage.table import Record

LOOK = 0.05  # seconds between two looks, while somebody listens
_BEHIND = 1_000  # ids: a call that is answered later than so many after it is not told of


class Source(Protocol):
    """A shared journal's store, as `Store` has it."""

    def recent(self, low: int) -> tuple[int, ...]: ...
    def calls_after(self, low: int) -> list[Record]: ...
    def clears_after(self, number: int) -> list[str]: ...


class Tail:
    """Looks for what this process did not do. `lock` is the journal's, held for each look.

    `tell` is told of calls, by id and tenant, `tell_clear` of clears, by tenant. `is_over` says whether nobody
    listens any more.
    """

    def __init__(
        self,
        lock: Condition,
        source: Source,
        tell: Callable[[int, str], None],
        tell_clear: Callable[[str], None],
        is_over: Callable[[], bool],
    ) -> None:
        self._lock, self._source, self._is_over = lock, source, is_over
        self._tell, self._tell_clear = tell, tell_clear
        self._thread: Thread | None = None
        self._known: set[int] = set()
        self._low = 0
        self._last: tuple[int, ...] = ()
        self._clears = 0

    # with the lock held

    def start(self) -> None:
        """Look from now on, until nobody listens."""
        if self._thread is None:
            _, newest, self._clears = self._source.recent(-1)
            self._low = max(newest - _BEHIND, -1)
            self._known = {seq for seq, _ in self._source.calls_after(self._low)}
            self._last = ()
            self._thread = Thread(target=self._run, name="mockso-tail", daemon=True)
            self._thread.start()

    def keep(self, seq: int) -> None:
        """Know a call of this process, which is told of already."""
        if self._thread is not None:
            self._known.add(seq)

    def _look(self) -> None:
        recent = self._source.recent(self._low)
        if recent == self._last:
            return
        self._last = recent
        _, newest, clears = recent
        if clears != self._clears:
            for tenant in self._source.clears_after(self._clears):
                self._tell_clear(tenant)
            self._clears = clears
        for seq, tenant in self._source.calls_after(self._low):
            if seq not in self._known:
                self._known.add(seq)
                self._tell(seq, tenant)
        if newest - self._low > 2 * _BEHIND:
            self._low = newest - _BEHIND
            self._known = {seq for seq in self._known if seq > self._low}
            self._last = ()

    # the thread

    def _run(self) -> None:
        pause = Event()
        while True:
            with self._lock:
                if self._is_over():
                    self._thread = None
                    return
                try:
                    self._look()
                except MocksoError:  # the database is gone; what was written before that is told later
                    self._last = ()
            pause.wait(LOOK)
