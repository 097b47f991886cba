"""Steps that answer only some of the calls they match: by chance, or beyond a rate.

Nothing here is left to the moment: a chance is drawn from the tenant, the step and how often the step was met, a rate
is counted by the tenant's clock. The same calls get the same answers in every run.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from mockso.errors import count_of
from mockso.exchange.call import Call, Difference

Uses: TypeAlias = Callable[[str], int]
"""The value of a counter, by its key."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in so many seconds, from the first one on; those beyond are the step's."""

    calls: int
    per: float

    def __str__(self) -> str:
        return f"{count_of(self.calls, 'call')} in {self.per:g} s"


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a step answers a call that it matches. `counters` are to be written down, `wait` is how many
    seconds are left until the rate begins anew; 0 without one."""

    answers: bool
    counters: dict[str, int]
    wait: int = 0


def draw(chance: float, call: Call, label: str, count: int | str) -> bool:
    """Whether a step answers the `count`th call that it matches."""
    # A text seed goes through SHA-512: neighbouring counts have nothing in common.
    return random.Random(f"{call.request.tenant}:{label}:{count}").random() < chance


def turn_of(chance: float | None, rate: Rate | None, key: str, label: str, call: Call, uses: Uses) -> Turn:
    """The turn of a step at a call that it matches; `key` is its counter's."""
    if chance is not None:
        count = uses(_met_key(key)) + 1
        return Turn(draw(chance, call, label, count), {_met_key(key): count})
    assert rate is not None
    since_key, calls_key = _window_keys(key)
    at, length = round(call.request.at * 1000), round(rate.per * 1000)
    since, calls = uses(since_key), uses(calls_key)
    if not calls or not since <= at < since + length:
        since, calls = at, 0
    wait = max(math.ceil((since + length - at) / 1000), 1)
    return Turn(calls >= rate.calls, {since_key: since, calls_key: calls + 1}, wait)


def turn_differences(
    chance: float | None, rate: Rate | None, key: str, label: str, call: Call, uses: Uses
) -> tuple[Difference, ...]:
    """Why a step that matches a call did not answer it, after the call was counted."""
    if chance is not None:
        count = uses(_met_key(key))
        if count and not draw(chance, call, label, count):
            return (Difference("chance", chance, f"not drawn for call {count} that it matches"),)
    elif rate is not None:
        calls = uses(_window_keys(key)[1])
        if calls <= rate.calls:
            return (Difference("rate", f"more than {rate}", f"call {calls}"),)
    return ()


def counters_of(key: str) -> tuple[str, ...]:
    """The keys of all counters that a step may have."""
    return (key, _met_key(key), *_window_keys(key))


def _met_key(key: str) -> str:
    return f"{key}/met"


def _window_keys(key: str) -> tuple[str, str]:
    return f"{key}/since", f"{key}/calls"
