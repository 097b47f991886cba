"""The scenarios that tests play, by name, file, folder or mapping."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockso.contract.catalogue import Contract
from mockso.errors import ScenarioError
from mockso.scenario.delay import Lognormal, Uniform
from mockso.scenario.scenario import Scenario

if TYPE_CHECKING:
    from mockso.testing.calls import Playable


class Library:
    """The scenarios that tests ask for, each file read and checked once."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._known: dict[str, list[Scenario]] = {}
        self._checker: Any = None

    def read(self, what: Iterable[Playable], seed: int | None = None) -> list[Scenario]:
        """The scenarios of names, files, folders, mappings and scenarios, in that order."""
        found: list[Scenario] = []
        for one in what:
            if isinstance(one, Scenario):
                found.append(one)
            elif isinstance(one, Mapping):
                found.append(self.of_mapping({"name": "played", **one}, "played"))
            else:
                found += self._of_name(str(one))
        return found if seed is None else [_seeded(scenario, seed) for scenario in found]

    def _of_name(self, name: str) -> list[Scenario]:
        key = str(Path(name).resolve()) if Path(name).exists() else name
        if key not in self._known:
            from mockso.scenario.load import load_scenarios

            self._known[key] = load_scenarios([name], self._contract)
        return self._known[key]

    def of_mapping(self, value: Mapping[str, Any], place: str) -> Scenario:
        """The scenario of a mapping as a file has it; ScenarioError names `place`."""
        from mockso.scenario.check import Checker
        from mockso.scenario.load import ScenarioFilesError, read_scenario

        if self._checker is None:
            self._checker = Checker(self._contract)
        try:
            text = json.dumps(value)
        except (TypeError, ValueError) as error:
            raise ScenarioError(f"{place}: what is played must be JSON: {error}.") from error
        try:
            return read_scenario(text, place, self._checker)
        except ScenarioFilesError as error:
            raise ScenarioError("\n".join(f"{place}: {fault.message}" for fault in error.faults)) from error


def _seeded(scenario: Scenario, seed: int) -> Scenario:
    steps = tuple(
        replace(step, delay=replace(step.delay, seed=seed))
        if isinstance(step.delay, Uniform | Lognormal)
        else step
        for step in scenario.steps
    )
    return replace(scenario, steps=steps)
