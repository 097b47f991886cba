"""The clock of one tenant: goes with the server's until somebody moves or stops it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import isfinite

from mockso.errors import SettingError
from mockso.state.tenant import State

# What is issued lives on for some time, and Python's dates end with the year 9999.
LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


class Clock:
    """Seconds since 1970, UTC, as one tenant sees them."""

    def __init__(self, state: State, server: Callable[[], float]) -> None:
        self._state = state
        self._server = server

    def now(self) -> float:
        """The time of a call that would come now."""
        return self._state.time(self._server())

    @property
    def is_moved(self) -> bool:
        """Whether it was ever moved or stopped."""
        return self._state.has_clock

    def advance(self, seconds: float | timedelta) -> None:
        """Move it forward, or back; a token that has expired by then is refused."""
        if isinstance(seconds, timedelta):
            seconds = seconds.total_seconds()
        if not _is_number(seconds):
            raise SettingError(
                f"clock.advance takes seconds as a number, or a timedelta, not {seconds!r}: one hour is 3600."
            )
        server = self._server()

        def move(ahead: float, standing: float | None) -> tuple[float, float | None]:
            check_time((server + ahead if standing is None else standing) + seconds)
            return (ahead + seconds, None) if standing is None else (ahead, standing + seconds)

        self._state.set_clock(move)

    def set(self, at: float | datetime) -> None:
        """Move it to a time; a datetime without zone is UTC."""
        seconds, server = _seconds(at), self._server()
        self._state.set_clock(
            lambda ahead, standing: (seconds - server, None) if standing is None else (ahead, seconds)
        )

    def stop(self, at: float | datetime | None = None) -> None:
        """Stop it, at a time if one is given: all calls from now on come at the same moment."""
        seconds = self.now() if at is None else _seconds(at)
        self._state.set_clock(lambda ahead, standing: (ahead, seconds))

    def go_on(self) -> None:
        """Let it go on from the time it stands at."""
        server = self._server()
        self._state.set_clock(
            lambda ahead, standing: (ahead if standing is None else standing - server, None)
        )


def check_time(seconds: float) -> None:
    """Raise SettingError for a time that no clock can be set to."""
    if not 0 <= seconds < LATEST:
        raise SettingError(
            f"a clock stands between 1970 and 9998, not at {seconds:.6g} seconds since 1970. Write such as "
            "2026-01-31T12:00:00Z."
        )


def _seconds(at: float | datetime) -> float:
    if isinstance(at, datetime):
        seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    elif _is_number(at):
        seconds = float(at)
    else:
        raise SettingError(f"a time is a datetime or seconds since 1970, not {at!r}.")
    check_time(seconds)
    return seconds


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:  # an int beyond all floats
        return False
