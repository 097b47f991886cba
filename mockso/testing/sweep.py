"""The failure sweep: each passing test again, once for each of its calls and each way that call can fail.

The outcome is read from how the test ended and from the calls that followed; sweep_report.py has the table.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol

from mockso.answer.refuse import named_error
from mockso.exchange.call import Answer, Call
from mockso.progress import Progress
from mockso.scenario.reply import ReplyPlan
from mockso.scenario.scenario import Step
from mockso.state.tenant import Rest, View
from mockso.testing.seen_call import SeenCall
from mockso.testing.sweep_report import Outcome, key_of, read_runs, write_runs

if TYPE_CHECKING:
    from mockso.testing.world import World

# Errors of the language, which a client does not raise on purpose.
_CRASHES = (LookupError, TypeError, AttributeError, NameError, ValueError, ArithmeticError, RecursionError)


def failures(silence: float) -> dict[str, Step]:
    """The ways a call can fail, by name; `silence` is how long a time-out of the client is waited for."""
    return {
        "401 expired": Step(reply=ReplyPlan(error="token_expired")),
        "403 restricted": Step(reply=ReplyPlan(error="online_restricted")),
        "404 or null": Step(reply=ReplyPlan(error="not_found")),
        "412": Step(reply=ReplyPlan(error="precondition_failed")),
        "429 Retry-After": Step(reply=ReplyPlan(error="throttled")),
        "500": Step(reply=ReplyPlan(error="server_error")),
        "reset": Step(fault="reset"),
        "cut body": Step(fault="cut"),
        "time-out": Step(fault="empty", delay=silence),
    }


@dataclass
class Injection:
    """One run of a test: its calls are counted, the one of number `at` (from 1) gets `failure`'s step."""

    at: int = 0
    step: Step | None = None
    trail: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def into(self, world: World) -> None:
        """Let a world's calls pass through here."""
        world.answer_with(self.answer)
        if self.step is not None:
            # Findings that follow from the failure are not the test's fault.
            world.strict = "off"

    def answer(self, call: Call, view: View, rest: Rest) -> Answer | None:
        """The failure, for the call it is meant for; in front of all scenarios but one that the call names."""
        step = None if view.scenario is not None else self._step_for(call)
        if step is None:
            return None
        reply = step.reply_to(
            call, lambda: rest(call).reply, lambda name, call: named_error(name, call, view)
        )
        return Answer(reply)

    def _step_for(self, call: Call) -> Step | None:
        with self._lock:
            self.trail.append(f"{SeenCall(call).short}?{call.request.target.partition('?')[2]}".rstrip("?"))
            self.times.append(time.monotonic())
            return self.step if len(self.trail) == self.at else None

    @property
    def was_reached(self) -> bool:
        return self.step is not None and len(self.trail) >= self.at

    @property
    def was_retried(self) -> bool:
        """Whether the failed call was made again."""
        return self.trail[self.at - 1] in self.trail[self.at :]

    def silent_for(self, end: float) -> float:
        """Seconds from the failing call to the next one, or to the end of the test."""
        after = self.times[self.at] if len(self.times) > self.at else end
        return after - self.times[self.at - 1]


class _Sibling:
    """Stands for a next test beside this one: wider fixtures live on between the runs of one test."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item

    def listchain(self) -> list[Any]:
        return [*self._item.listchain()[:-1], self]


class Sweep:
    """The pytest plugin of the option --mockso-sweep."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.injection: Injection | None = None
        self._error: BaseException | None = None
        silence = config.getoption("mockso_sweep_timeout")
        self._failures = failures(silence)
        self._silence = silence
        workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
        self._budget = config.getoption("mockso_sweep_max") // workers
        self._left_out = 0
        self._lines: Progress | None = None
        file = config.getoption("mockso_sweep_file")
        self._earlier = read_runs(file)
        if not hasattr(config, "workerinput"):
            write_runs(file, self._earlier)  # whether it can be is better said now

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run a test, then again with each of its calls failing in each way."""
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        sibling: Any = _Sibling(item)
        self.injection = first = Injection()
        reports = runtestprotocol(item, log=False, nextitem=sibling)
        if first.trail and all(report.passed for report in reports):
            self._left_out = 0
            runs = dict(self._runs(item, sibling, first.trail))
            for report in reports:
                if report.when == "call":
                    runs_of_test = {"runs": runs, "left_out": self._left_out}
                    report.mockso_sweep = runs_of_test  # type: ignore[attr-defined]  # carried over to the tally
        self.injection = None
        # Wider fixtures end now, if this was the last test that needed them.
        state = item.session._setupstate
        call = pytest.CallInfo.from_call(lambda: state.teardown_exact(nextitem), when="teardown")
        if call.excinfo is not None:
            reports[-1] = item.ihook.pytest_runtest_makereport(item=item, call=call)
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _runs(self, item: pytest.Item, sibling: Any, trail: list[str]) -> Iterator[tuple[str, Any]]:
        total = len(trail) * len(self._failures)
        number_done = 0
        for number, what in enumerate(trail, 1):
            for name, step in self._failures.items():
                number_done += 1
                key = key_of(item.nodeid, f"{number} {what}", name)
                if key in self._earlier:
                    continue
                if self._budget <= 0:
                    self._left_out += 1
                    continue
                self._budget -= 1
                self._progress(item, number_done, total)
                outcome, about = self._run(item, sibling, Injection(number, step))
                yield key, {"outcome": outcome, "about": about}
        self._progress(item, total, total)

    def _run(self, item: pytest.Item, sibling: Any, injection: Injection) -> tuple[Outcome, str]:
        self.injection, self._error = injection, None
        item._initrequest()  # type: ignore[attr-defined]  # as plugins that run tests again do
        runtestprotocol(item, log=False, nextitem=sibling)
        return self._outcome(injection, time.monotonic())

    def _outcome(self, injection: Injection, end: float) -> tuple[Outcome, str]:
        error = self._error
        about = f"{type(error).__name__}: {error}".splitlines()[0][:120] if error is not None else ""
        if not injection.was_reached:
            return "unreached", "the call did not come this time"
        if injection.step is self._failures["time-out"] and injection.silent_for(end) > 0.9 * self._silence:
            return "hangs", f"still waiting after {self._silence:g} s"
        if error is None:
            return ("retries", "") if injection.was_retried else ("swallows", "")
        if isinstance(error, AssertionError | pytest.fail.Exception):
            return "notices", about
        return ("crashes" if isinstance(error, _CRASHES) else "raises"), about

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        if call.excinfo is not None and self._error is None:
            self._error = call.excinfo.value
        return (yield)

    def _progress(self, item: pytest.Item, number_done: int, total: int) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        stream = sys.__stderr__  # None in a program without a console
        if stream is None or terminal is None or hasattr(self._config, "workerinput"):
            return
        if not terminal.isatty:  # in a pipe a line now and then says that it is alive
            self._lines = self._lines or Progress("sweep", stream=stream)
            self._lines.step(about=f"{number_done} of {total} of {item.name[:40]}")
            return
        bar = "#" * (20 * number_done // total)
        text = f"\rsweep [{bar:<20}] {number_done}/{total} {item.name[:40]}"
        stream.write(text if number_done < total else "\r" + " " * len(text) + "\r")
        stream.flush()
