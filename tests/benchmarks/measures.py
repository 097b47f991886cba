"""The five measures. Each takes a bench, runs its tools round by round, and gives series of numbers.

Rounds go over all tools in turn, so that a slow minute of the machine is shared by all of them.
"""

from __future__ import annotations

import itertools
import json
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import inprocess
import load
from call import Call
from process import NotReady, Server, environment, free_port, pinned
from tools import PRISM_ALL, TOOLS, Missing, Place, Tool, python_of

HERE = Path(__file__).parent
SERVER_CORE = 0
CONNECTIONS = (1, 8)
MANY_CALLS = 100_000


@dataclass(frozen=True)
class Effort:
    """How often and how long: the whole measurement, or a quick look."""

    startups: int = 7
    suites: int = 7
    loads: int = 3
    load_seconds: int = 4
    warm_up_seconds: int = 6
    first_seconds: int = 1
    many_calls: int = MANY_CALLS
    many_seconds: int = 60


QUICK = Effort(startups=3, suites=3, loads=1, load_seconds=2, warm_up_seconds=1, many_seconds=30)


@dataclass
class Bench:
    """One run: where things are, how thorough it is, and what was skipped and why."""

    place: Place
    effort: Effort
    skipped: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def start(self, tool: Tool, *, core: int | None = None) -> Server:
        """Start a tool on a free port."""
        port = free_port()
        command = tool.command(self.place, port)
        log = self.place.scratch / f"{next(self._numbers)}.log"
        return Server(command if core is None else pinned(command, core), port, tool.call, log)

    def skip(self, name: str, reason: object) -> None:
        """Leave a tool out of this measure, and say so once."""
        text = " ".join(str(reason).split())
        if self.skipped.get(name) != text:
            self.skipped[name] = text
            print(f"  skipped {name}: {text}", file=sys.stderr)


@dataclass(frozen=True)
class Series:
    """What was measured of one tool. `kind` is a key of report.KINDS, which has unit and sense."""

    kind: str
    tool: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The figure to compare."""
        return statistics.median(self.values)


FAULTS = (Missing, NotReady, load.LoadFailed, subprocess.SubprocessError)


class Sheet:
    """Collects values by kind and tool, in the order they first came."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], list[float]] = defaultdict(list)

    def note(self, kind: str, tool: str, value: float) -> None:
        """Add one value."""
        self._values[kind, tool].append(value)

    def series(self) -> list[Series]:
        """All that was noted."""
        return [Series(kind, tool, tuple(values)) for (kind, tool), values in self._values.items()]


def startup(bench: Bench) -> list[Series]:
    """Process start to the first correct answer, and SIGTERM to exit, a fresh process each time."""
    sheet = Sheet()

    def once(tool: Tool) -> None:
        with bench.start(tool) as server:
            sheet.note("startup", tool.name, server.wait())
            sheet.note("stop", tool.name, server.stop())

    _rounds(bench, bench.effort.startups, {tool.name: (once, tool) for tool in TOOLS})
    return sheet.series()


def in_process(bench: Bench) -> list[Series]:
    """Server start to the first answer inside a Python that has pytest imported."""
    sheet = Sheet()

    def once(name: str) -> None:
        script = [python_of(name, bench.place), str(HERE / "inprocess.py"), name]
        sheet.note("in process", name, float(_output(script)))

    _rounds(bench, bench.effort.startups, {name: (once, name) for name in inprocess.INSIDE})
    return sheet.series()


def suite(bench: Bench) -> list[Series]:
    """A whole test process: start, 200 calls of one session, stop; server outside and inside of it."""
    sheet = Sheet()

    def outside(tool: Tool) -> None:
        port = free_port()
        subject = {
            "command": tool.command(bench.place, port),
            "port": port,
            "call": json.loads(tool.call.to_json()),
            "log": str(bench.place.scratch / "suite.log"),
        }
        sheet.note("suite", tool.name, _timed([sys.executable, str(HERE / "suite.py"), json.dumps(subject)]))

    def inside(name: str) -> None:
        script = [python_of(name, bench.place), str(HERE / "suite.py"), name]
        sheet.note("suite", f"{name} (in process)", _timed(script))

    subjects: dict[str, tuple[Callable, object]] = {
        tool.name: (outside, tool)
        for tool in TOOLS
        if tool is not PRISM_ALL  # ten seconds of start
    }
    subjects |= {f"{name} (in process)": (inside, name) for name in inprocess.INSIDE}
    _rounds(bench, bench.effort.suites, subjects)
    return sheet.series()


def throughput(bench: Bench) -> list[Series]:
    """Calls a second and their latency, server and load on a core each, 1 and 8 kept connections.

    Twice in the life of each process: as a test suite meets it, a second after its first call, and
    warm, some seconds of load later; and warm with calls of which no two are the same. A just-in-time compiler makes two different tools of one. The
    processor time of a call says the same as the rate where nothing else runs, and says it still on a
    busy machine.
    """
    sheet = Sheet()
    effort = bench.effort

    def once(tool: Tool) -> None:
        with bench.start(tool, core=SERVER_CORE) as server:
            server.wait()
            for state, seconds in (("", effort.first_seconds), (" warm", effort.warm_up_seconds)):
                _load(server, tool.call, max(CONNECTIONS), seconds)
                for connections in CONNECTIONS:
                    before = server.processor_seconds()
                    seen = _load(server, tool.call, connections, effort.load_seconds)
                    used = server.processor_seconds() - before
                    sheet.note(f"rate {connections}{state}", tool.name, seen.rate)
                    sheet.note(f"cost {connections}{state}", tool.name, used / seen.calls)
                    sheet.note(f"p50 {connections}{state}", tool.name, seen.p50)
                    sheet.note(f"p99 {connections}{state}", tool.name, seen.p99)
            before = server.processor_seconds()
            seen = _load(server, tool.call.varied, max(CONNECTIONS), effort.load_seconds)
            sheet.note("rate varied", tool.name, seen.rate)
            sheet.note("cost varied", tool.name, (server.processor_seconds() - before) / seen.calls)

    _rounds(bench, effort.loads, {tool.name: (once, tool) for tool in TOOLS})
    return sheet.series()


def memory(bench: Bench) -> list[Series]:
    """Resident memory after the first answer and after many calls, and the stop that follows them."""
    sheet = Sheet()

    def once(tool: Tool) -> None:
        with bench.start(tool) as server:
            server.wait()
            sheet.note("memory", tool.name, server.resident_mb())
            seen = _load(server, tool.call, 8, bench.effort.many_seconds, calls=bench.effort.many_calls)
            # A slow tool does not get that far in the time given; its row says how far it got.
            enough = seen.calls >= bench.effort.many_calls
            row = tool.name if enough else f"{tool.name} ({seen.calls:,} calls)"
            sheet.note("memory after calls", row, server.resident_mb())
            sheet.note("stop after calls", row, server.stop())

    _rounds(bench, 1, {tool.name: (once, tool) for tool in TOOLS})
    return sheet.series()


MEASURES: dict[str, Callable[[Bench], list[Series]]] = {
    "startup": startup,
    "inprocess": in_process,
    "suite": suite,
    "throughput": throughput,
    "memory": memory,
}


def _rounds(bench: Bench, count: int, subjects: dict[str, tuple[Callable, object]]) -> None:
    left = dict(subjects)
    for number in range(count):
        _progress(f"round {number + 1} of {count}")
        for name, (once, subject) in list(left.items()):
            try:
                once(subject)
            except FAULTS as fault:
                bench.skip(name, fault)
                del left[name]


def _load(server: Server, call: Call, connections: int, seconds: int, *, calls: int = 0) -> load.Load:
    if not load.available():
        raise Missing("wrk is not installed")
    return load.put(call, server.port, connections=connections, seconds=seconds, calls=calls)


def _output(command: Sequence[str]) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=environment()
    )
    if done.returncode:
        raise NotReady(done.stderr.strip().rpartition("\n")[2] or f"ended with {done.returncode}")
    return done.stdout


def _timed(command: Sequence[str]) -> float:
    began = time.perf_counter()
    _output(command)
    return time.perf_counter() - began


def _progress(text: str) -> None:
    print(f"  {text}", file=sys.stderr)
