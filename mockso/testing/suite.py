"""What the plugin does for one test: its worlds, made as its markers say; what is found when it ends."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockso.errors import MocksoError, SettingError
from mockso.testing.coverage import Coverage
from mockso.testing.findings import Allowance, Finding, allowance
from mockso.testing.mock import FIRST_WORLD, Mock, open_mock
from mockso.testing.world import World, told

if TYPE_CHECKING:
    from mockso.testing.recorded import Recorded, Wanted
    from mockso.testing.sweep import Injection

# What the marker mockso takes, and what each is.
_OPTIONS: dict[str, tuple[type, ...]] = {
    "profile": (str,),
    "scenarios": (str, list, tuple),
    "strict": (str,),
    "grants": (str, list, tuple, set, frozenset),
    "allow_unmatched": (bool,),
    "seed": (int, type(None)),
    "recording": (str,),
}
_MADE: pytest.StashKey[set[Path]] = pytest.StashKey()
# Workers of xdist have numbers of their own, so that no two ever have the same tenant.
_WORLDS_PER_WORKER = 100_000


@dataclass
class Test:
    """One test's worlds, and what was found in them.

    `judged` has how many calls of a world were judged with its test; those of the teardown come after.
    `told` and `told_found` count what a report has carried already.
    """

    __test__ = False

    injection: Injection | None = None
    worlds: list[World] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)
    journal: str = ""
    judged: dict[World, int] = field(default_factory=dict)
    told: dict[World, int] | None = None
    told_found: int = 0
    recording: Recorded | None = None

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
        made = self.mock.world(**options)
        self._test.add(made)
        self.worlds.append(made)
        return made


def mock_of(config: pytest.Config, options: dict[str, Any]) -> Mock:
    """The mock of this process."""
    worker = str(getattr(config, "workerinput", {}).get("workerid", ""))
    number = int(worker[2:]) + 1 if worker[2:].isdigit() else 0
    try:
        return open_mock(FIRST_WORLD + number * _WORLDS_PER_WORKER, **options)
    except MocksoError as error:
        wrong = str(error)
    pytest.fail(f"mockso: {wrong}", pytrace=False)


def settings_from_ini(config: pytest.Config) -> dict[str, Any]:
    """The settings that ini keys say."""
    options: dict[str, Any] = {}
    if config.getini("mockso_profile"):
        options["profile"] = config.getini("mockso_profile")
    for key, name in (
        ("mockso_grants", "grants"),
        ("mockso_scenarios", "scenarios"),
        ("mockso_contracts", "contracts"),
    ):
        values = config.getini(key)
        if values:
            options[name] = tuple(
                _from_root(config, value) if key != "mockso_grants" else value for value in values
            )
    return options


def _from_root(config: pytest.Config, name: str) -> str:
    """A file named in the ini file is found from there; other names are a shipped scenario's."""
    path = config.rootpath / name
    return str(path) if path.exists() else name


def world_of(item: pytest.Item, mock: Mock, test: Test) -> World:
    """The world that a test's markers ask for; what they get wrong is a failure of one line."""
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
    for key in ("grants", "scenarios"):
        if isinstance(options.get(key), str):
            options[key] = [options[key]]
    options["scenarios"] = [_beside(item, one) for one in options.get("scenarios", ())]
    options.setdefault("strict", strict_of(item.config))
    name = options.pop("recording", "")
    try:
        made = mock.world(**options)
        made.allowances += _allowed(item)
        if name:
            test.recording = _recorded(item, made, name)
        return made
    except MocksoError as error:
        wrong = str(error)
    pytest.fail(f"mockso: {wrong}", pytrace=False)


def _recorded(item: pytest.Item, world: World, name: str) -> Recorded:
    from mockso.testing.recorded import Recorded, file_of

    file = file_of(name, item.path, item.config.rootpath)
    return Recorded(world, file, _wanted(item.config), item.session.stash.setdefault(_MADE, set()))


def _wanted(config: pytest.Config) -> Wanted:
    from mockso.testing.recorded import Wanted

    return Wanted(
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


def _allowed(item: pytest.Item) -> Iterable[Allowance]:
    for rule in item.config.getini("mockso_allow"):
        yield allowance(rule.split()[0], expected=False)
    for mark in item.iter_markers("mockso_allow"):
        if list(map(type, mark.args)) != [str] or set(mark.kwargs) != {"reason"}:
            raise SettingError(f"the marker is {_signature(item, 'mockso_allow')}; say which rule, and why.")
        yield allowance(mark.args[0], mark.kwargs["reason"])


def _signature(item: pytest.Item, marker: str) -> str:
    """The marker with all it takes, as the plugin has registered it."""
    known = [str(line).partition(": ")[0] for line in item.config.getini("markers")]
    return next(line for line in known if line.startswith(f"{marker}("))


def strict_of(config: pytest.Config) -> str:
    """The level of a suite: option over ini key over "fail"."""
    return str(config.getoption("mockso_strict") or config.getini("mockso_strict") or "fail")


def finish(item: pytest.Item, test: Test, error: BaseException | None) -> str:
    """Look at a test's worlds when its call phase is over; what it must fail with, or an empty string."""
    worlds = [world for world in test.worlds if world.strict != "off"]
    failing: list[Finding] = []
    for world in worlds:
        if error is None:
            test.judged[world] = len(world.seen)
        found = world.findings()
        test.found += found
        failing += found if world.strict == "fail" else ()
    calls = sum(len(world.seen) for world in test.worlds)
    item.user_properties.append(("mockso_calls", calls))
    for kind, count in sorted(Counter(finding.kind for finding in test.found).items()):
        item.user_properties.append((f"mockso_{kind}", count))
    recorded = _finish_recording(test, passed=error is None and not failing)
    if error is None:
        return "\n".join(part for part in (told(failing) if failing else "", recorded) if part)
    if not isinstance(error, pytest.skip.Exception):
        # What is wrong with a call stands beside it already.
        unused = [finding.line for finding in test.found if finding.kind in ("unused", "allowance")]
        test.journal = "\n".join(filter(None, [journal_of(test), *unused, recorded]))
    return ""


def _finish_recording(test: Test, *, passed: bool) -> str:
    """Write what a test recorded; what is to be told, which fails a test that passed."""
    if test.recording is None:
        return ""
    try:
        return "\n".join(f"mockso: {line}" for line in test.recording.finish(passed=passed))
    except MocksoError as error:
        return f"mockso: {error}"


def end(test: Test, worlds: Iterable[World]) -> None:
    """Drop worlds of a test; what its teardown called against the contract fails it there."""
    __tracebackhide__ = True
    failing: list[Finding] = []
    for world in worlds:
        judged = test.judged.pop(world, None)
        if judged is not None and world.strict != "off":
            found = world.findings_since(judged)
            test.found += found
            failing += found if world.strict == "fail" else ()
        world.drop()
    if failing:
        pytest.fail(told(failing), pytrace=False)


def journal_of(test: Test) -> str:
    """The journals of a test's worlds."""
    return "\n".join(world.journal() for world in test.worlds)


def told_by(test: Test, *, coverage: bool) -> dict[str, Any]:
    """What a report carries to whoever sums up, perhaps in another process: all that none carried before."""
    before = test.told or {}
    calls = [seen.call for world in test.worlds for seen in world.seen[before.get(world, 0) :]]
    told: dict[str, Any] = {
        "tests": int(test.told is None),
        "calls": len(calls),
        "found": [[finding.kind, finding.name, finding.line] for finding in test.found[test.told_found :]],
    }
    test.told = {world: len(world.seen) for world in test.worlds}
    test.told_found = len(test.found)
    if coverage:
        seen = Coverage()
        seen.see(calls)
        told["have"], told["hit"] = sorted(seen.have), sorted(seen.hit)
    return told


def write_har(folder: Path, nodeid: str, test: Test) -> str:
    """Write the calls of a failed test as HTTP Archive; the file's name, or why there is none."""
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
