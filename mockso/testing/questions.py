"""What a world is asked: which calls match, did they come, in this order; and what it is told to expect."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockso.contract.catalogue import Contract
from mockso.errors import ScenarioError
from mockso.matching.match import Match
from mockso.scenario.delay import Lognormal, Uniform
from mockso.scenario.scenario import Scenario
from mockso.testing.seen import Seen

if TYPE_CHECKING:
    from mockso.testing.world import Playable, World

_SHOWN = 10


def match_of(match: Match | Mapping[str, Any] | str, keys: Mapping[str, Any]) -> Match:
    """The match that is meant, of any verdict where it does not say."""
    if isinstance(match, Match):
        if keys:
            raise ScenarioError("give a match, or its keys as keywords; not both.")
        return match
    if isinstance(match, str):
        match = {"operation": match} if match else {}
    return Match.from_json({**match, **keys}, verdict="any")


def verify(
    world: World,
    match: Match | Mapping[str, Any] | str,
    keys: Mapping[str, Any],
    least: int,
    most: int | None,
) -> list[Seen]:
    """See World.verify."""
    __tracebackhide__ = True
    wanted = match_of(match, keys)
    found = world.matching(wanted)
    if len(found) < least:
        raise AssertionError(too_few(world, wanted, found, least))
    if most is not None and len(found) > most:
        expected = f"at most {most}" if most else "none"
        raise AssertionError(
            f"{len(found)} calls match {_said(wanted)}, expected {expected}: {found[:_SHOWN]}"
        )
    return found


def too_few(world: World, wanted: Match, found: Sequence[Seen], least: int) -> str:
    """That fewer calls matched than should, and what came nearest."""
    seen = world.meant(wanted)
    text = f"{len(found)} calls match {_said(wanted)}, expected {least}"
    others = [(one, wanted.differences(one.call)) for one in seen if one not in found]
    near = sorted(
        ((one, differences) for one, differences in others if differences), key=lambda pair: len(pair[1])
    )[:3]
    lines = [f"  {one!r}: {'; '.join(map(str, differences[:3]))}" for one, differences in near]
    return "\n".join(
        [text, *(["nearest:", *lines] if lines else ["no call came" if not seen else ""])]
    ).strip()


def verify_order(world: World, matches: Sequence[Match | Mapping[str, Any] | str]) -> list[Seen]:
    """See World.verify_order."""
    __tracebackhide__ = True
    left = iter(world.seen)
    found: list[Seen] = []
    for match in matches:
        wanted = match_of(match, {})
        one = next((seen for seen in left if wanted.matches(seen.call)), None)
        if one is None:
            after = f" after {found[-1]!r}" if found else ""
            raise AssertionError(
                f"no call matches {_said(wanted)}{after}; these came: {list(world.seen)[:_SHOWN]}"
            )
        found.append(one)
    return found


def _said(match: Match) -> str:
    value = {key: item for key, item in match.to_json().items() if key != "verdict"}
    return json.dumps(value) if value else "anything"


class Expectation:
    """One expected call of a world."""

    def __init__(self, world: World, label: str) -> None:
        self._world = world
        self.label = label

    @property
    def uses(self) -> int:
        """How often it answered."""
        return sum(counter.uses for counter in self._world.scenarios.counters() if counter.step == self.label)

    @property
    def calls(self) -> list[Seen]:
        """The calls it answered."""
        return [seen for seen in (*self._world.seen, *self._world.sent) if seen.step == self.label]

    def __repr__(self) -> str:
        return f"<expectation {self.label}, used {self.uses} times>"


def expect(world: World, step: Mapping[str, Any], place: str) -> Expectation:
    """Add an expectation; see World.expect."""
    scenario = world.mock.library.of_mapping({"name": "expected", "steps": [step]}, place)
    made = replace(scenario.steps[0], label="", place=place)
    return Expectation(world, world.scenarios.extend("expected", made))


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
