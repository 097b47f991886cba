"""The texts of calls, folded for case-insensitive search and cached between searches.

SQLite folds English letters only, and a search row by row in Python costs 20 ms for a full journal. With this
cache a search costs a tenth of that from the second on. The cache fills at the first search and grows to the
size of the journal's texts at most.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from mockso.storage.table import Record


class Texts:
    """The folded texts of calls, by windows of ids. One thread at a time; the journal has the lock."""

    def __init__(self, rows: Callable[[str, tuple[int, int]], list[Record]], columns: Iterable[str]) -> None:
        self._rows = rows
        self._select = f"SELECT seq, {', '.join(columns)} FROM calls WHERE seq BETWEEN ? AND ?"
        self._windows: dict[int, dict[int, bytes]] = {}

    def __len__(self) -> int:
        """The number of calls whose texts are cached."""
        return sum(map(len, self._windows.values()))

    def hits(self, text: str, low: int, high: int, lowest: int) -> list[int]:
        """The ids from `low` to `high` of calls that contain a text in lower case.

        `lowest` is the lowest id of all: texts of calls below it leave the cache.
        """
        for first in [first for first in self._windows if first + high - low < lowest]:
            del self._windows[first]
        needle = text.encode("utf-8", "replace")
        return [seq for seq, folded in self._window(low, high).items() if needle in folded]

    def _window(self, low: int, high: int) -> dict[int, bytes]:
        window = self._windows.get(low)
        # Calls do not change. One that is answered late or deleted makes number or sum differ, whoever did it.
        seen = self._rows(
            "SELECT count(*), coalesce(sum(seq), 0) FROM calls WHERE seq BETWEEN ? AND ?", (low, high)
        )
        if window is None or (len(window), sum(window)) != tuple(seen[0]):
            window = {row[0]: _fold(row[1:]) for row in self._rows(self._select, (low, high))}
            self._windows[low] = window
        return window


def _fold(texts: Iterable[str | bytes]) -> bytes:
    plain = [
        text.decode("utf-8", "replace") if isinstance(text, bytes) else _without_near_misses(text)
        for text in texts
    ]
    return "\n".join(plain).lower().encode("utf-8", "replace")


def _without_near_misses(text: str) -> str:
    """A detail without what steps expected of the call: that is not in the call."""
    if not text.startswith("{") or '"near_misses"' not in text:
        return text
    try:
        detail = json.loads(text)
    except ValueError:
        return text
    if not isinstance(detail, dict):
        return text
    detail.pop("near_misses", None)
    return json.dumps(detail)
