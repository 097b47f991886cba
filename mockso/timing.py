"""Time for timers: it goes on while a test has stopped the clock.

freezegun replaces the functions of `time` in every module where it finds them by name, and time-machine what is behind
`time.monotonic`. This one is found by neither.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition

_CLOCK = (time.perf_counter,)


def monotonic() -> float:
    """Seconds since some moment in the past."""
    return _CLOCK[0]()


def wait_for(condition: Condition, predicate: Callable[[], object], timeout: float | None = None) -> bool:
    """Wait until something holds, as `Condition.wait_for` does; False when the time is over before."""
    if timeout is None:
        return bool(condition.wait_for(predicate))
    end = monotonic() + timeout
    while not predicate():
        rest = end - monotonic()
        if rest <= 0:
            return False
        condition.wait(rest)
    return True
