"""The clock of one world: goes with the server's until a test moves or stops it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import isfinite

from mockso.errors import SettingError
from mockso.state.tenant import State


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
        self._state.set_clock(
            lambda ahead, standing: (
                (ahead + seconds, None) if standing is None else (ahead, standing + seconds)
            )
        )

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


def _seconds(at: float | datetime) -> float:
    if isinstance(at, datetime):
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    if not _is_number(at):
        raise SettingError(f"a time is a datetime or seconds since 1970, not {at!r}.")
    return float(at)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
