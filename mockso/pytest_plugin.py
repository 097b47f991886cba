"""The pytest plugin: fixtures, markers, options.

It has the hooks only: testing/suite.py has the worlds and findings of one test, testing/tally.py the sums.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockso.version import VERSION

if TYPE_CHECKING:
    from mockso.testing.mock import Mock
    from mockso.testing.network import Block
    from mockso.testing.suite import Handle, Test
    from mockso.testing.sweep import Injection
    from mockso.testing.tally import Tally
    from mockso.testing.world import World

_TEST: pytest.StashKey[Test] = pytest.StashKey()
_BLOCK: pytest.StashKey[Block] = pytest.StashKey()
_MOCK: pytest.StashKey[Mock] = pytest.StashKey()

_MARKERS = (
    "mockso(*, profile='online'|'onsite', scenarios=(), strict='off'|'report'|'fail', grants=(), "
    "allow_unmatched=False, seed=None, recording='', data=(), tenant='', intercept=False, world='closed'|'open'): "
    "how the world of the fixture superoffice is made",
    "mockso_allow(rule, *, reason): the test may break this rule; it fails when it no longer does",
)

_CHOICES = (
    ("mockso_strict", "off", "report", "fail"),
    ("mockso_profile", "auto", "online", "onsite"),
    ("mockso_world", "closed", "open"),
)
"""The ini keys that are one of some words, and these."""


def percent(text: str) -> float:
    """A number from 0 to 100. Raises ValueError for any other."""
    value = float(text)
    if not 0 <= value <= 100:
        raise ValueError(text)
    return value


def seconds(text: str) -> float:
    """A positive number of seconds. Raises ValueError for any other."""
    value = float(text)
    if not 0 < value < 1e6:
        raise ValueError(text)
    return value


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mockso", "mockso: the SuperOffice WebAPI for tests")
    add, levels = group.addoption, ("off", "report", "fail")
    flag, several = partial(add, action="store_true"), partial(add, action="append")
    add("--mockso-strict", choices=levels, help="what a finding does to a test (fail)")
    add("--mockso-har", metavar="DIR", help="write an HTTP Archive of each failed test's calls there")
    add(
        "--mockso-state",
        metavar="PLACE",
        help="where tenants are: memory, FILE.db or postgresql://... (memory)",
    )
    modes, lacks = ("none", "once", "new_episodes", "all"), "what a call gets that a test's recording lacks"
    add("--mockso-record", choices=modes, default="none", help=f"{lacks} (none: an error)")
    flag("--mockso-record-force", help="let --mockso-record ask the server under CI too")
    flag("--mockso-block-network", help="let tests reach the mock and nothing else")
    reports = "report what the suite used of the contract; may be repeated"
    several("--mockso-coverage", nargs="?", const="term", metavar="term|json:FILE|html:FILE", help=reports)
    several("--mockso-coverage-from", metavar="FILE", help="add an earlier JSON report to it")
    add("--mockso-cov-fail-under", type=percent, metavar="PERCENT", help="fail below this consumer coverage")
    flag("--mockso-sweep", help="run each passing test again with each of its calls failing")
    add(
        "--mockso-sweep-max", type=int, default=500, metavar="N", help="run at most so many times again (500)"
    )
    file = ".mockso-sweep.json"
    add("--mockso-sweep-file", default=file, metavar="FILE", help="go on where this file ends")
    flag("--mockso-sweep-strict", help="the failure sweep; fail when a client is weak")
    # httpx gives up after 5 seconds: a client that does is not a client that hangs.
    silence = "longest silence of the mock (6)"
    add("--mockso-sweep-timeout", type=seconds, default=6.0, metavar="SECONDS", help=silence)
    ini, words = partial(parser.addini, default=""), partial(parser.addini, type="args", default=[])
    ini("mockso_strict", f"one of {', '.join(levels)}")
    ini("mockso_profile", "auto, online or onsite")
    ini("mockso_world", "closed or open: whether ids that nobody saved are answered")
    ini("mockso_state", "as the option --mockso-state")
    words("mockso_grants", "restricted agents that every world has")
    words("mockso_scenarios", "scenarios that every world plays")
    words("mockso_data", "data files that every world starts with")
    words("mockso_contracts", "contract files instead of the shipped one")
    parser.addini("mockso_allow", "rules that every test may break, one a line", type="linelist", default=[])
    words("mockso_allow_hosts", "hosts that --mockso-block-network lets pass")
    words("mockso_record_keep", "properties that recordings keep as they are")
    words("mockso_record_redact", "further secret properties")
    ini("mockso_record_pseudonyms", "what stand-ins are computed from")
    ini("mockso_cov_fail_under", "as the option --mockso-cov-fail-under")


def pytest_configure(config: pytest.Config) -> None:
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    for name, *values in _CHOICES:
        value = config.getini(name)
        if value and value not in values:
            raise pytest.UsageError(f"{name}: it is {', '.join(values[:-1])} or {values[-1]}, not {value!r}.")
    under = config.getini("mockso_cov_fail_under")
    try:
        percent(under or "0")
    except ValueError as error:
        raise pytest.UsageError(
            f"mockso_cov_fail_under: it is a number of percent, not {under!r}."
        ) from error
    if config.getoption("mockso_record") != "none":
        for other in ("mockso_block_network", "mockso_sweep", "mockso_sweep_strict"):
            if config.getoption(other):
                option = f"--{other.replace('_', '-')}"
                raise pytest.UsageError(f"--mockso-record asks the real server: leave {option} out.")
    summary = _Summary(config)
    config.pluginmanager.register(summary, "mockso-summary")
    if summary.covers or summary.sweeps or config.getoption("mockso_har"):
        from mockso.errors import MocksoError

        try:
            _prepare(config, summary)
        except MocksoError as error:
            raise pytest.UsageError(f"mockso: {error}") from error
    if config.getoption("mockso_block_network"):
        from mockso.testing.network import Block

        config.stash[_BLOCK] = block = Block(config.getini("mockso_allow_hosts"), lambda: _listens(config))
        block.start()


def _prepare(config: pytest.Config, summary: _Summary) -> None:
    """Prepare reports and the sweep. Raises MocksoError for a wrong file or value."""
    from mockso.errors import SettingError
    from mockso.testing.coverage_report import prepare

    prepare(config.getoption("mockso_coverage") or ())
    folder = config.getoption("mockso_har")
    if folder:
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingError(
                f"--mockso-har={folder}: there can be no such folder ({error.strerror})."
            ) from error
    for path in config.getoption("mockso_coverage_from") or ():
        summary.tally.coverage.read(path)
    if summary.sweeps:
        from mockso.testing.sweep import Sweep

        config.pluginmanager.register(Sweep(config), "mockso-sweep")


def _listens(config: pytest.Config) -> tuple[str, int] | None:
    mock = config.stash.get(_MOCK, None)
    return (mock.server.host, mock.server.port) if mock is not None and mock.listening else None


def pytest_unconfigure(config: pytest.Config) -> None:
    block = config.stash.get(_BLOCK, None)
    if block is not None:
        block.stop()


def pytest_report_header(config: pytest.Config) -> str:
    level = config.getoption("mockso_strict") or config.getini("mockso_strict") or "fail"
    block = ", network blocked" if config.getoption("mockso_block_network") else ""
    return f"mockso: {VERSION}, strict {level}{block}"


# --- fixtures ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def mockso_config(pytestconfig: pytest.Config) -> dict[str, Any]:
    """The settings of the mock, as keyword options of `mockso.serve`. Override it to change them."""
    from mockso.testing.suite import settings_from_ini

    return settings_from_ini(pytestconfig)


@pytest.fixture(scope="session")
def mockso_server(pytestconfig: pytest.Config, mockso_config: dict[str, Any]) -> Iterator[Mock]:
    """The mock of this process. Its socket is bound when an address is first asked for, and kept."""
    from mockso.testing.suite import mock_of

    mock = mock_of(pytestconfig, mockso_config)
    pytestconfig.stash[_MOCK] = mock
    yield mock
    mock.close()


def _test_of(item: pytest.Item) -> Test:
    from mockso.testing.suite import Test

    return item.stash.setdefault(_TEST, Test(_injection(item)))


def _injection(item: pytest.Item) -> Injection | None:
    sweep = item.config.pluginmanager.get_plugin("mockso-sweep")
    return sweep.injection if sweep is not None else None


@pytest.fixture
def mockso(request: pytest.FixtureRequest, mockso_server: Mock) -> Iterator[Handle]:
    """The mock for one test: `mockso.world()` makes further worlds."""
    from mockso.testing.suite import Handle, end

    test = _test_of(request.node)
    handle = Handle(mockso_server, test)
    yield handle
    end(test, handle.worlds)


@pytest.fixture
def superoffice(request: pytest.FixtureRequest, mockso_server: Mock) -> Iterator[World]:
    """A world of its own: a fresh tenant that no other test sees. `str()` of it is its base address."""
    from mockso.testing.suite import end, world_of

    test = _test_of(request.node)
    world = world_of(request.node, mockso_server, test)
    test.add(world)
    yield world
    end(test, [world])


# --- one test ------------------------------------------------------------------------------------


def _finish(item: pytest.Item, error: BaseException | None) -> str:
    # At the end, because a test may request its fixtures while it runs.
    test = item.stash.get(_TEST, None)
    if test is None:
        return ""
    from mockso.testing.suite import finish

    return finish(item, test, error)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    try:
        result = yield
    except BaseException as error:
        _finish(item, error)
        raise
    failure = _finish(item, None)
    if failure:
        pytest.fail(failure, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    test = item.stash.get(_TEST, None)
    if test is not None and report.when != "setup":
        from mockso.testing.suite import report_of

        coverage = bool(item.config.getoption("mockso_coverage") or _fail_under(item.config) is not None)
        report_data = report_of(test, coverage=coverage)
        report.mockso = report_data  # type: ignore[attr-defined]  # carried over to the summary
    if test is not None and report.when == "call":
        from mockso.testing.suite import write_har

        if test.journal and report.failed:
            report.sections.append(("mockso journal", test.journal))
        folder = item.config.getoption("mockso_har")
        if folder and report.failed:
            report.sections.append(("mockso archive", write_har(Path(folder), item.nodeid, test)))
    if test is not None and report.when == "setup" and report.failed and test.worlds:
        from mockso.testing.suite import journal_of

        report.sections.append(("mockso journal", journal_of(test)))
    if report.when == "teardown" and _TEST in item.stash:
        del item.stash[_TEST]
    return report


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Explain a difference in the JSON of a call place by place."""
    if op != "==" or "mockso.testing.difference" not in sys.modules:
        return None
    lines: list[str] | None = sys.modules["mockso.testing.difference"].explain(left, right)
    return lines


# --- all tests -----------------------------------------------------------------------------------


def _fail_under(config: pytest.Config) -> float | None:
    option = config.getoption("mockso_cov_fail_under")
    ini = config.getini("mockso_cov_fail_under")
    return float(option) if option is not None else float(ini) if ini else None


class _Summary:
    """Sums up the reports in the process of the terminal; workers of xdist send theirs there."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._tally: Tally | None = None
        self._lines: list[str] = []

    @property
    def tally(self) -> Tally:
        if self._tally is None:
            from mockso.testing.tally import Tally

            self._tally = Tally()
        return self._tally

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if hasattr(report, "mockso"):
            self.tally.take(report.nodeid, report.mockso)
        if hasattr(report, "mockso_sweep") and not hasattr(self._config, "workerinput"):
            self.tally.keep_sweep(report.mockso_sweep, self._config.getoption("mockso_sweep_file"))

    @property
    def covers(self) -> bool:
        option = self._config.getoption
        return bool(option("mockso_coverage") or option("mockso_coverage_from")) or self._under is not None

    @property
    def sweeps(self) -> bool:
        return bool(self._config.getoption("mockso_sweep") or self._config.getoption("mockso_sweep_strict"))

    @property
    def _under(self) -> float | None:
        return _fail_under(self._config)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if hasattr(self._config, "workerinput") or (
            self._tally is None and not self.covers and not self.sweeps
        ):
            return
        from mockso.errors import MocksoError

        self._lines += self.tally.lines()
        failures: list[str] = []
        for report in (self._coverage, self._sweep):
            try:
                failures += report()
            except MocksoError as error:  # a disk that is full, mostly
                failures.append(str(error))
        self._lines += (f"FAIL: {failure}" for failure in failures)
        if failures and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _coverage(self) -> Iterator[str]:
        """Report consumer coverage. Yields what the run fails for."""
        if not self.covers:
            return
        from mockso.testing.coverage_report import write

        self._lines += write(self.tally.coverage, self._config.getoption("mockso_coverage") or ())
        percent_reached = self.tally.coverage.percent
        if self._under is not None and percent_reached < self._under:
            yield f"consumer coverage {percent_reached:.1f}% is under {self._under:g}%"

    def _sweep(self) -> Iterator[str]:
        """Report the failure sweep. Yields what the run fails for."""
        if not self.sweeps:
            return
        from mockso.testing.sweep_report import weaknesses

        file = self._config.getoption("mockso_sweep_file")
        self._lines += self.tally.sweep_lines(file)
        if self._config.getoption("mockso_sweep_strict"):
            runs = self.tally.runs(file)
            if not runs:
                # Nothing checked is not a success.
                yield "the failure sweep made no run"
            elif weaknesses(runs):
                yield "the failure sweep found weaknesses"

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._lines:
            terminalreporter.section("mockso")
            for line in self._lines:
                terminalreporter.write_line(line)
