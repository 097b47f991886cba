"""The counters of the steps that are played: where they are kept, and those in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from mockso.scenario.turns import Uses


class Counts(Protocol):
    """Where the counters of steps are kept: in memory, or among a tenant's rows."""

    def uses(self, key: str) -> int:
        """How often a step was used."""

    def count(self, choose: Callable[[Uses], str | None]) -> int:
        """Choose a step by the counters and count its use, with nothing in between; how often it was used then.

        `choose` returns a step's key, or None, which is counted as 0; it may run again.
        """

    def change(self, choose: Callable[[Uses], Mapping[str, int]]) -> None:
        """Set the counters that `choose` returns, with nothing in between; it may run again."""

    def clear(self, keys: Iterable[str]) -> None:
        """Forget the uses of steps."""


class MemoryCounts:
    """Counters in memory. Whoever counts holds a lock of its own."""

    def __init__(self) -> None:
        self._uses: dict[str, int] = {}

    def uses(self, key: str) -> int:
        return self._uses.get(key, 0)

    def count(self, choose: Callable[[Uses], str | None]) -> int:
        key = choose(self.uses)
        if key is None:
            return 0
        self._uses[key] = self.uses(key) + 1
        return self._uses[key]

    def change(self, choose: Callable[[Uses], Mapping[str, int]]) -> None:
        self._uses.update(choose(self.uses))

    def clear(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._uses.pop(key, None)
