"""Tables of what was measured: one a kind, each tool with its ratio to mockso, then the goals."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goals import Outcome
    from measures import Series


@dataclass(frozen=True)
class Kind:
    """What a number of this kind means. `scale` turns a second into the unit."""

    title: str
    unit: str
    scale: float = 1.0
    more_is_better: bool = False


KINDS = {
    "startup": Kind("process start to first correct answer", "ms", 1000),
    "in process": Kind("in process, import and start to first correct answer", "ms", 1000),
    "suite": Kind("suite: start, 200 calls, stop", "ms", 1000),
    **{
        f"{name}{state}": Kind(f"{title}{state and ', warmed up'}", unit, scale, more)
        for state in ("", " warm")
        for name, title, unit, scale, more in (
            ("rate 1", "calls a second, one core, 1 connection", "/s", 1, True),
            ("rate 8", "calls a second, one core, 8 connections", "/s", 1, True),
            ("cost 1", "processor time a call, 1 connection", "µs", 1e6, False),
            ("cost 8", "processor time a call, 8 connections", "µs", 1e6, False),
            ("p50 1", "median latency, 1 connection", "ms", 1000, False),
            ("p50 8", "median latency, 8 connections", "ms", 1000, False),
            ("p99 1", "p99 latency, 1 connection", "ms", 1000, False),
            ("p99 8", "p99 latency, 8 connections", "ms", 1000, False),
        )
    },
    "rate varied": Kind("calls a second, all different, 8 connections, warmed up", "/s", 1, True),
    "cost varied": Kind("processor time a call, all different, 8 connections", "µs", 1e6),
    "memory": Kind("resident memory after the first answer", "MB"),
    "memory after calls": Kind("resident memory after 100,000 calls", "MB"),
    "stop": Kind("SIGTERM to exit", "ms", 1000),
    "stop after calls": Kind("SIGTERM to exit after 100,000 calls", "ms", 1000),
}
VERDICTS = {True: "met", False: "NOT MET", None: "-"}


def written(kind: str, value: float) -> str:
    """A value of a kind with its unit."""
    number = value * KINDS[kind].scale
    digits = 0 if number >= 100 else 1 if number >= 10 else 2
    return f"{number:,.{digits}f} {KINDS[kind].unit}"


def tables(series: Sequence[Series], *, base: str) -> Iterator[str]:
    """The lines of all tables; ratios are to the tool `base`."""
    medians = {(one.kind, one.tool): one.median for one in series}
    for kind in KINDS:
        rows = [one for one in series if one.kind == kind]
        if not rows:
            continue
        yield ""
        title = f"{KINDS[kind].title} (median of {max(len(one.values) for one in rows)})"
        yield f"{title:<67}ratio to {base}   from, to"
        for one in rows:
            own = medians.get((kind, base))
            ratio = f"{one.median / own:8.2f}" if own else f"{'-':>8}"
            yield f"  {one.tool:<38}{written(kind, one.median):>12}{ratio}   {_spread(one)}".rstrip()


def _spread(one: Series) -> str:
    if len(one.values) == 1:
        return ""
    return f"{written(one.kind, min(one.values))} to {written(one.kind, max(one.values))}"


def judged(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """The lines of the goals."""
    yield ""
    yield "goals"
    for outcome in outcomes:
        yield f"  {VERDICTS[outcome.met]:<8}{outcome.text}: {outcome.figure}"


def to_json(series: Sequence[Series], outcomes: Iterable[Outcome], skipped: Mapping[str, str]) -> str:
    """All of it for a machine; times are seconds, memory is MB."""
    return json.dumps(
        {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "load": os.getloadavg(),
            "series": [asdict(one) | {"median": one.median} for one in series],
            "goals": [asdict(outcome) for outcome in outcomes],
            "skipped": dict(skipped),
        },
        indent=1,
    )
