"""The findings of all tests, summed up in the process of the terminal; workers of xdist send theirs there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockso.errors import count_of
from mockso.testing.coverage import Coverage

_MOST = 10


@dataclass
class Tally:
    """Sums over the reports of tests."""

    tests: int = 0
    calls: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    tests_of: dict[str, set[str]] = field(default_factory=dict)
    others: dict[str, list[str]] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)
    sweep_runs: dict[str, Any] = field(default_factory=dict)
    left_out: int = 0

    def take(self, nodeid: str, report: Mapping[str, Any]) -> None:
        """Take in the data of a test's report: that of its call phase, and of a teardown that made calls."""
        self.tests += report["tests"]
        self.calls += report["calls"]
        for kind, name, line in report["found"]:
            if kind == "violation":
                self.rules[name] += 1
                self.tests_of.setdefault(name, set()).add(nodeid)
            else:
                self.others.setdefault(kind, []).append(f"{nodeid}: {line}")
        self.coverage.merge(report.get("have", ()), report.get("hit", ()))

    def lines(self) -> Iterator[str]:
        """The summary; empty without findings."""
        if not self.rules and not self.others:
            return
        yield f"{count_of(self.calls, 'call')} in {count_of(self.tests, 'test')}"
        if self.rules:
            yield "violations by rule:"
            width = max(map(len, self.rules))
            for rule, count in sorted(self.rules.items(), key=lambda pair: (-pair[1], pair[0])):
                tests = sorted(self.tests_of[rule])
                more = f" and {count_of(len(tests) - 1, 'more test')}" if len(tests) > 1 else ""
                yield f"  {rule:<{width}}  {count:>4}  {tests[0]}{more}"
        titles = {
            "unused": "steps not used up:",
            "unmatched": "calls that no step answered:",
            "allowance": "allowances nobody needs:",
        }
        for kind, title in titles.items():
            lines = sorted(self.others.get(kind, ()))
            if lines:
                yield title
                yield from (f"  {line}" for line in lines[:_MOST])
                if len(lines) > _MOST:
                    yield f"  ... and {len(lines) - _MOST} more"

    def keep_sweep(self, report: Mapping[str, Any], file: str) -> None:
        """Take in the runs of one test's sweep, and write them down for a later run to go on from."""
        from mockso.testing.sweep_report import write_runs

        self.left_out += report["left_out"]
        self.runs(file).update(report["runs"])
        write_runs(file, self.sweep_runs)

    def runs(self, file: str) -> dict[str, Any]:
        """All runs of the sweep, those of earlier ones included."""
        from mockso.testing.sweep_report import read_runs

        self.sweep_runs = self.sweep_runs or read_runs(file)
        return self.sweep_runs

    def sweep_lines(self, file: str) -> Iterator[str]:
        """The survival table."""
        from mockso.testing.sweep_report import lines

        yield from lines(self.runs(file))
        if self.left_out:
            yield f"{count_of(self.left_out, 'run')} left for a next time (--mockso-sweep-max)"
