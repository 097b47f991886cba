"""Calls that other processes wrote into a shared journal, told to those who listen in this one."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Event, Thread

from mockso.errors import MocksoError
from mockso.storage.table import Record

LOOK = 0.05  # seconds between two looks, while somebody listens
_BEHIND = 1_000  # ids: a call that is answered later than so many after it is not told of
_Tell = Callable[[int, str], None]


class Tail:
    """Looks for rows that this process did not write. `lock` is the journal's, held for each look.

    `recent` gives number and greatest id of the calls above an id, `calls` their ids and tenants. `is_over` says
    whether nobody listens any more.
    """

    def __init__(
        self,
        lock: Condition,
        recent: Callable[[int], tuple[int, int]],
        calls: Callable[[int], list[Record]],
        tell: _Tell,
        is_over: Callable[[], bool],
    ) -> None:
        self._lock, self._recent, self._calls, self._tell, self._is_over = lock, recent, calls, tell, is_over
        self._thread: Thread | None = None
        self._known: set[int] = set()
        self._low = 0
        self._last = (-1, -1)

    # with the lock held

    def start(self) -> None:
        """Look from now on, until nobody listens."""
        if self._thread is None:
            self._low = max(self._recent(-1)[1] - _BEHIND, -1)
            self._known = {seq for seq, _ in self._calls(self._low)}
            self._last = (-1, -1)
            self._thread = Thread(target=self._run, name="mockso-tail", daemon=True)
            self._thread.start()

    def keep(self, seq: int) -> None:
        """Know a call of this process, which is told of already."""
        if self._thread is not None:
            self._known.add(seq)

    def _look(self) -> None:
        recent = self._recent(self._low)
        if recent == self._last:
            return
        self._last = recent
        for seq, tenant in self._calls(self._low):
            if seq not in self._known:
                self._known.add(seq)
                self._tell(seq, tenant)
        if recent[1] - self._low > 2 * _BEHIND:
            self._low = recent[1] - _BEHIND
            self._known = {seq for seq in self._known if seq > self._low}
            self._last = (-1, -1)

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
                    self._last = (-1, -1)
            pause.wait(LOOK)
