"""Scenarios by name or path: those that come with mockso, files and folders, and mappings as files have them.

YAML and its checks are imported with it, so the engine imports it at the first scenario.
"""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias

from mockso.contract.catalogue import Contract
from mockso.errors import ScenarioError, did_you_mean, nearest
from mockso.scenario.check import Checker
from mockso.scenario.delay import Lognormal, Uniform
from mockso.scenario.load import FileFault, ScenarioFilesError, read_file, read_scenario
from mockso.scenario.scenario import Scenario

SUFFIXES = (".yaml", ".yml")
Playable: TypeAlias = str | Path | Mapping[str, Any] | Scenario


def shipped_scenarios() -> dict[str, Path]:
    """The scenarios that come with mockso, by name."""
    # Where the package lies differs between a wheel and a working tree.
    folder = Path(str(resources.files("mockso.scenario.builtin")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def find_scenario(name_or_path: str) -> list[Path]:
    """The files meant: a shipped scenario by name, a file, or all of a directory.

    A name wins over a path only if there is no such file. ScenarioError, with the nearest name, when
    there is nothing.
    """
    return [Path(name) for name in _files(name_or_path)]


def _files(name_or_path: str) -> list[str]:
    # Texts: to make a Path of each of ten thousand files takes longer than to read it.
    path = Path(name_or_path)
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        pass  # it may be a name
    except OSError as error:
        raise ScenarioError(f"{name_or_path}: cannot be looked at ({error.strerror}).") from error
    if path.is_dir():
        found = [
            os.path.join(folder, name)
            for folder, _, names in sorted(os.walk(path))
            for name in sorted(names)
            if name.endswith(SUFFIXES)
        ]
        if not found:
            raise ScenarioError(f"{name_or_path}: the directory has no scenario (*.yaml) in it.")
        return found
    if path.is_file():
        return [str(path)]
    known = shipped_scenarios()
    if name_or_path.replace("_", "-") in known:
        return [str(known[name_or_path.replace("_", "-")])]
    if path.suffix in SUFFIXES or len(path.parts) > 1:
        if path.exists():
            raise ScenarioError(
                f"{name_or_path}: is neither a file nor a folder. Write it into a file first."
            )
        beside = [str(item) for item in path.parent.glob("*") if item.suffix in SUFFIXES]
        raise ScenarioError(f"{name_or_path}: there is no such file.{did_you_mean(name_or_path, beside)}")
    hint = did_you_mean(name_or_path, known) or " 'mockso scenarios list' has the shipped ones."
    raise ScenarioError(f"no scenario {name_or_path!r}: neither a shipped one nor a file.{hint}")


def load_scenarios(names: Sequence[str], contract: Contract | None) -> list[Scenario]:
    """The scenarios of names and paths, in that order.

    ScenarioFilesError has every fault of every file.
    """
    faults: list[FileFault] = []
    scenarios: list[Scenario] = []
    checker = Checker(contract)
    paths = [path for name in names for path in _files(name)]
    # Ten thousand files make a million objects that all stay: looking for garbage among them
    # would double the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        for path in paths:
            try:
                scenarios.append(read_file(path, checker))
            except ScenarioFilesError as error:
                faults += error.faults
    finally:
        if collecting:
            gc.enable()
    if faults:
        raise ScenarioFilesError(faults)
    return scenarios


class Library:
    """The scenarios that a contract's mock can play; each file is read and checked once. Threads may share it."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._checker = contract.derive(Checker)
        self._loaded: dict[str, list[Scenario]] = {}

    def find(self, name: str, own: Iterable[Scenario] = ()) -> Scenario | None:
        """The scenario of a name, of `own` or of those that come with mockso; None for an unknown name.

        A path does not count as a name: who calls or steers the mock must not read the files of its machine.
        """
        for scenario in own:
            if scenario.name == name:
                return scenario
        path = shipped_scenarios().get(name.replace("_", "-"))
        return None if path is None else self.load(str(path))[0]

    def nearest(self, name: str, own: Iterable[Scenario] = ()) -> str:
        """The known name that is most like another; empty if none is."""
        near = nearest(name, [*(scenario.name for scenario in own), *shipped_scenarios()])
        return near[0] if near else ""

    def every(self, own: Iterable[Scenario] = ()) -> list[Scenario]:
        """All scenarios that have a name here, in its order; `own` hide those that come with mockso."""
        by_name = {name: self.load(str(path))[0] for name, path in shipped_scenarios().items()}
        by_name |= {scenario.name: scenario for scenario in own}
        return [by_name[name] for name in sorted(by_name)]

    def load(self, name_or_path: str) -> list[Scenario]:
        """The scenarios of a name, a file or a folder. ScenarioFilesError has every fault."""
        path = Path(name_or_path)
        key = str(path.resolve()) if path.exists() else name_or_path
        # Two threads may both read it: the same scenario twice harms nobody.
        if key not in self._loaded:
            self._loaded[key] = load_scenarios([name_or_path], self._contract)
        return self._loaded[key]

    def read(self, what: Iterable[Playable], seed: int | None = None) -> list[Scenario]:
        """The scenarios of names, files, folders, mappings and scenarios, in that order; random delays start
        from `seed`."""
        scenarios: list[Scenario] = []
        for one in what:
            if isinstance(one, Scenario):
                scenarios.append(one)
            elif isinstance(one, Mapping):
                scenarios.append(self.read_mapping({"name": "played", **one}, "played"))
            else:
                scenarios += self.load(str(one))
        return scenarios if seed is None else [_with_seed(scenario, seed) for scenario in scenarios]

    def read_text(self, text: str, place: str, folder: Path | None = None) -> Scenario:
        """The scenario of a file's text; `folder` is where its bodies are, if it may read files.

        ScenarioFilesError has all its faults.
        """
        return read_scenario(text, place, self._checker, folder)

    def read_mapping(self, value: Mapping[str, Any], place: str) -> Scenario:
        """The scenario of a mapping as a file has it; ScenarioError names `place`."""
        try:
            text = json.dumps(value)
        except (TypeError, ValueError) as error:
            raise ScenarioError(f"{place}: what is played must be JSON: {error}.") from error
        try:
            return self.read_text(text, place)
        except ScenarioFilesError as error:
            # The cause has the places in a text that nobody wrote.
            raise ScenarioError("\n".join(f"{place}: {fault.message}" for fault in error.faults)) from None


def _with_seed(scenario: Scenario, seed: int) -> Scenario:
    steps = tuple(
        replace(step, delay=replace(step.delay, seed=seed))
        if isinstance(step.delay, Uniform | Lognormal)
        else step
        for step in scenario.steps
    )
    return replace(scenario, steps=steps)
