"""How long a step waits: a number of seconds, or something that gives one.

Delays are functions of the call and of how often the step was used, so that the same run waits the
same: a seeded distribution has no state of its own.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TypeAlias

from mockso.exchange.call import Call

# Source: reference, agents: 1178 of 2007 operations name 5000 ms as the time above which a call is
# reported as slow. An operation that names none is taken to have the commonest.
COMMON_THRESHOLD = 5.0
LONGEST = 3600  # seconds


@dataclass(frozen=True, slots=True)
class Uniform:
    """Any time between two, each as likely."""

    low: float
    high: float
    seed: int = 0

    def seconds(self, call: Call, count: int) -> float:
        return _chance(self.seed, count).uniform(self.low, self.high)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Mostly near the median, with a long tail: as servers are."""

    median: float
    sigma: float
    seed: int = 0

    def seconds(self, call: Call, count: int) -> float:
        if not self.median:
            return 0.0
        return _chance(self.seed, count).lognormvariate(math.log(self.median), self.sigma)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A multiple of the time above which the operation is documented to be slow."""

    factor: float

    def seconds(self, call: Call, count: int) -> float:
        operation = call.lookup.operation
        slow_ms = operation.slow_ms if operation is not None else None
        return self.factor * (COMMON_THRESHOLD if slow_ms is None else slow_ms / 1000)


Delay: TypeAlias = float | Uniform | Lognormal | Threshold


def seconds(delay: Delay, call: Call, count: int) -> float:
    """How long to wait before the `count`th reply of a step, an hour at most: the tail of a distribution is
    longer than a clock can count."""
    return min(float(delay) if isinstance(delay, int | float) else delay.seconds(call, count), float(LONGEST))


def _chance(seed: int, count: int) -> random.Random:
    # A text seed goes through SHA-512: neighbouring counts give unrelated times.
    return random.Random(f"{seed}:{count}")


def delay_from(value: object) -> Delay:
    """The delay of a value already found to be well-formed: a number or a mapping."""
    if isinstance(value, int | float):
        return float(value)
    assert isinstance(value, dict)
    seed = value.get("seed", 0)
    if "uniform" in value:
        low, high = value["uniform"]
        return Uniform(low, high, seed)
    if "lognormal" in value:
        return Lognormal(value["lognormal"]["median"], value["lognormal"]["sigma"], seed)
    return Threshold(value["threshold"])
