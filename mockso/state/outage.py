"""The one line an outage that the terminal is told of a database which fails."""

from __future__ import annotations

import sys
from collections.abc import Callable

QUIET = 5.0  # seconds without a failed call, after which the next one is told of again


class Outage:
    """The failures of the databases of one mock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = 0.0

    def tell(self, cause: str) -> None:
        """Write a line, unless calls failed a moment ago too."""
        now = self._clock()
        if abs(now - self._last) >= QUIET:
            sys.stderr.write(f"mockso: calls are answered 503: {cause}\n")
        self._last = now
