"""One test of a suite: its worlds, as its markers describe them, and the findings when it ends."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockso.errors import MocksoError, SettingError
from mockso.storage.table import MEMORY
from mockso.testing.coverage import Coverage
from mockso.testing.findings import Allowance, Finding, allowance
from mockso.testing.mock import FIRST_WORLD, Mock, open_mock
from mockso.testing.world import World, to_lines

if TYPE_CHECKING:
    from mockso.testing.recording import Recording, RecordOptions
    from mockso.testing.sweep import Injection

# The arguments of the marker mockso, with their types.
_OPTIONS: dict[str, tuple[type, ...]] = {
    "profile": (str,),
    "scenarios": (str, list, tuple),
    "strict": (str,),
    "grants": (str, list, tuple, set, frozenset),
    "allow_unmatched": (bool,),
    "seed": (int, type(None)),
    "recording": (str,),
    "data": (str, list, tuple),
    "world": (str,),
    "tenant": (str,),
    "intercept": (bool,),
}
_WRITTEN: pytest.StashKey[set[Path]] = pytest.StashKey()
# Workers of xdist have numbers of their own, so that no two ever have the same tenant.
_WORLDS_PER_WORKER = 100_000


@dataclass
class Test:
    """One test's worlds, and their findings.

    `judged` has how many calls of a world were judged with its test; those of the teardown come after.
    `reported_calls` and `reported_findings` count what earlier reports carried.
    """

    __test__ = False

    injection: Injection | None = None
    worlds: list[World] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    journal: str = ""
    judged: dict[World, int] = field(default_factory=dict)
    reported_calls: dict[World, int] | None = None
    reported_findings: int = 0
    recording: Recording | None = None
    closing: ExitStack = field(default_factory=ExitStack)

    def add(self, world: World) -> None:
        """Take in a world; in a sweep its calls are counted, and one of them fails."""
        if self.injection is not None:
            self.injection.into(world)
        self.worlds.append(world)


class Handle:
    """The mock as one test has it: `world()` makes further worlds, checked and dropped with the test."""

    def __init__(self, mock: Mock, test: Test) -> None:
        self.mock = mock
        self.worlds: list[World] = []
        self._test = test

    @property
    def url(self) -> str:
        """The address of the server, without path."""
        return self.mock.url

    def __getattr__(self, name: str) -> Any:
        # A copy of this has no mock yet, and must not look for it here again.
        return getattr(object.__getattribute__(self, "mock"), name)

    def world(self, **options: Any) -> World:
        """A fresh tenant beside that of `superoffice`; options are those of the marker mockso."""
        world = self.mock.world(**options)
        self._test.add(world)
        self.worlds.append(world)
        return world


def mock_of(config: pytest.Config, options: dict[str, Any]) -> Mock:
    """The mock of this process."""
    worker = str(getattr(config, "workerinput", {}).get("workerid", ""))
    number = int(worker[2:]) + 1 if worker[2:].isdecimal() else 0
    try:
        return open_mock(FIRST_WORLD + number * _WORLDS_PER_WORKER, **options)
    except MocksoError as error:
        wrong = str(error)
    pytest.fail(f"mockso: {wrong}", pytrace=False)


def settings_from_ini(config: pytest.Config) -> dict[str, Any]:
    """The settings of the ini keys."""
    options: dict[str, Any] = {}
    if config.getini("mockso_profile"):
        options["profile"] = config.getini("mockso_profile")
    if config.getini("mockso_world"):
        options["world"] = config.getini("mockso_world")
    state = config.getoption("mockso_state") or _state_from_root(config)
    if state:
        options["state"] = state
    for key, name in (
        ("mockso_grants", "grants"),
        ("mockso_scenarios", "scenarios"),
        ("mockso_contracts", "contracts"),
        ("mockso_data", "data"),
    ):
        values = config.getini(key)
        if values:
            options[name] = tuple(
                _from_root(config, value) if key != "mockso_grants" else value for value in values
            )
    return options


def _state_from_root(config: pytest.Config) -> str:
    """The database of the ini file; a file's path is relative to it."""
    state = str(config.getini("mockso_state"))
    is_path = state not in MEMORY and "://" not in state
    return str(config.rootpath / state) if is_path else state


def _from_root(config: pytest.Config, name: str) -> str:
    """A file named in the ini file is found from there; other names are a shipped scenario's."""
    path = config.rootpath / name
    return str(path) if path.exists() else name


def world_of(item: pytest.Item, mock: Mock, test: Test) -> World:
    """The world that a test's markers describe; a wrong marker is a failure of one line."""
    __tracebackhide__ = True
    options: dict[str, Any] = {}
    for mark in reversed(list(item.iter_markers("mockso"))):
        odd = [
            f"{name}={value!r}"
            for name, value in mark.kwargs.items()
            if not isinstance(value, _OPTIONS.get(name, ()))
        ]
        if mark.args or odd:
            wrong = ", ".join([*map(repr, mark.args), *odd])
            pytest.fail(
                f"@pytest.mark.mockso: {wrong} is not part of {_signature(item, 'mockso')}.", pytrace=False
            )
        options |= mark.kwargs
    for key in ("grants", "scenarios", "data"):
        if isinstance(options.get(key), str):
            options[key] = [options[key]]
    options["scenarios"] = [_beside(item, one) for one in options.get("scenarios", ())]
    if "data" in options:
        options["data"] = [_beside(item, one) for one in options["data"]]
    options.setdefault("strict", strict_of(item.config))
    name, intercepts = options.pop("recording", ""), options.pop("intercept", False)
    try:
        world = mock.world(**options)
        if intercepts:
            test.closing.enter_context(world.intercept())
        world.allowances += _allowances_of(item)
        if name:
            test.recording = _recording_of(item, world, name)
        return world
    except MocksoError as error:
        wrong = str(error)
    pytest.fail(f"mockso: {wrong}", pytrace=False)


def _recording_of(item: pytest.Item, world: World, name: str) -> Recording:
    from mockso.testing.recording import Recording, file_of

    file = file_of(name, item.path, item.config.rootpath)
    return Recording(
        world, file, _record_options(item.config), item.session.stash.setdefault(_WRITTEN, set())
    )


def _record_options(config: pytest.Config) -> RecordOptions:
    from mockso.testing.recording import RecordOptions

    return RecordOptions(
        config.getoption("mockso_record"),
        config.getoption("mockso_record_force"),
        tuple(config.getini("mockso_record_keep")),
        tuple(config.getini("mockso_record_redact")),
        config.getini("mockso_record_pseudonyms") or "mockso",
    )


def _beside(item: pytest.Item, what: Any) -> Any:
    """A scenario file is looked for beside the test first."""
    if isinstance(what, str) and (item.path.parent / what).exists():
        return str(item.path.parent / what)
    return what


def _allowances_of(item: pytest.Item) -> Iterable[Allowance]:
    for rule in item.config.getini("mockso_allow"):
        yield allowance(rule.split()[0], expected=False)
    for mark in item.iter_markers("mockso_allow"):
        if list(map(type, mark.args)) != [str] or set(mark.kwargs) != {"reason"}:
            raise SettingError(f"the marker is {_signature(item, 'mockso_allow')}; say which rule, and why.")
        yield allowance(mark.args[0], mark.kwargs["reason"])


def _signature(item: pytest.Item, marker: str) -> str:
    """The marker with all it takes, as the plugin has registered it."""
    markers = [str(line).partition(": ")[0] for line in item.config.getini("markers")]
    return next(line for line in markers if line.startswith(f"{marker}("))


def strict_of(config: pytest.Config) -> str:
    """The level of a suite: option over ini key over "fail"."""
    return str(config.getoption("mockso_strict") or config.getini("mockso_strict") or "fail")


def finish(item: pytest.Item, test: Test, error: BaseException | None) -> str:
    """Check a test's worlds when its call phase is over. Returns what it must fail with, or an empty string."""
    worlds = [world for world in test.worlds if world.strict != "off"]
    failing: list[Finding] = []
    for world in worlds:
        if error is None:
            test.judged[world] = len(world.seen)
        findings = world.findings()
        test.findings += findings
        failing += findings if world.strict == "fail" else ()
    calls = sum(len(world.seen) for world in test.worlds)
    item.user_properties.append(("mockso_calls", calls))
    for kind, count in sorted(Counter(finding.kind for finding in test.findings).items()):
        item.user_properties.append((f"mockso_{kind}", count))
    notes = _finish_recording(test, passed=error is None and not failing)
    if error is None:
        return "\n".join(part for part in (to_lines(failing) if failing else "", notes) if part)
    if not isinstance(error, pytest.skip.Exception):
        # The journal has the violations beside their calls.
        idle = [finding.line for finding in test.findings if finding.kind in ("unused", "allowance")]
        test.journal = "\n".join(filter(None, [journal_of(test), *idle, notes]))
    return ""


def _finish_recording(test: Test, *, passed: bool) -> str:
    """Write a test's recording. Returns notes about it, which fail a test that passed."""
    if test.recording is None:
        return ""
    try:
        return "\n".join(f"mockso: {line}" for line in test.recording.finish(passed=passed))
    except MocksoError as error:
        return f"mockso: {error}"


def end(test: Test, worlds: Iterable[World]) -> None:
    """Drop worlds of a test. Fails the teardown for calls that it made against the contract."""
    __tracebackhide__ = True
    test.closing.close()
    failing: list[Finding] = []
    for world in worlds:
        judged = test.judged.pop(world, None)
        if judged is not None and world.strict != "off":
            findings = world.findings_since(judged)
            test.findings += findings
            failing += findings if world.strict == "fail" else ()
        world.drop()
    if failing:
        pytest.fail(to_lines(failing), pytrace=False)


def journal_of(test: Test) -> str:
    """The journals of a test's worlds."""
    return "\n".join(world.journal() for world in test.worlds)


def report_of(test: Test, *, coverage: bool) -> dict[str, Any]:
    """Data for the summary, perhaps in another process: all that no report of this test carried before."""
    before = test.reported_calls or {}
    calls = [seen.call for world in test.worlds for seen in world.seen[before.get(world, 0) :]]
    report: dict[str, Any] = {
        "tests": int(test.reported_calls is None),
        "calls": len(calls),
        "found": [
            [finding.kind, finding.name, finding.line] for finding in test.findings[test.reported_findings :]
        ],
    }
    test.reported_calls = {world: len(world.seen) for world in test.worlds}
    test.reported_findings = len(test.findings)
    if coverage:
        seen = Coverage()
        seen.see(calls)
        report["have"], report["hit"] = sorted(seen.have), sorted(seen.hit)
    return report


def write_har(folder: Path, nodeid: str, test: Test) -> str:
    """Write the calls of a failed test as HTTP Archive. Returns the file's name, or why it was not written."""
    from mockso.journal.har import har_text

    name = "".join(c if c.isalnum() or c in "._-[]" else "-" for c in nodeid)[-180:]
    path = folder / f"{name}.har"
    entries = [
        entry
        for world in test.worlds
        for seen in world.seen
        if (entry := world.mock.engine.journal.get(seen.id)) is not None
    ]
    try:
        path.write_text("".join(har_text(entries)), encoding="utf-8")
    except OSError as error:
        return f"{path}: cannot be written ({error.strerror})"
    return os.fspath(path)
