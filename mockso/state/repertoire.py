"""The scenarios that are played, as rows of a log that several processes share.

A row has the scenario's text, so that every process can play it: each compiles a text once. What a test made in Python
has none, and is played by its own process only. The functions are parts of verbs: they change a draft.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from mockso.errors import ScenarioError, StateError
from mockso.state.log import Value
from mockso.state.rows import Draft, Rows

if TYPE_CHECKING:
    from mockso.scenario.library import Library
    from mockso.scenario.scenario import Scenario

KIND = "scenario"
BEGUN = ("profile", "begun")
"""The row that a tenant has from its first call on: what it was begun with."""

Start: TypeAlias = list[list[str]]
"""The scenarios that a server was started with: names, and digests of their texts."""


def start_of(scenarios: Iterable[Scenario]) -> Start:
    """The form in which two servers' lists are compared."""
    return [
        [scenario.name, sha256(scenario.text.encode("utf-8", "replace")).hexdigest()[:16]]
        for scenario in scenarios
    ]


def row_of(scenario: Scenario) -> Value:
    """The row a scenario is played by."""
    return {
        "origin": scenario.origin,
        "text": scenario.text,
        "profile": scenario.profile,
        "world": scenario.world,
    }


def rows_of(rows: Rows | Draft) -> list[tuple[str, Value]]:
    """The rows of what is played, those asked first at the end."""
    played = [(str(name), row) for name, row in rows.items(KIND)]
    return sorted(played, key=lambda item: int(item[1]["place"]))


def begin(draft: Draft, scenarios: Iterable[Scenario]) -> None:
    """Play these and no others, from their beginning."""
    stop(draft, None)
    _put(draft, [(scenario.name, row_of(scenario)) for scenario in scenarios])


def play(draft: Draft, scenario: Scenario) -> None:
    """Play one from its beginning, asked first."""
    rows = [item for item in rows_of(draft) if item[0] != scenario.name]
    _forget_uses(draft, scenario.name)
    _put(draft, [*rows, (scenario.name, row_of(scenario))])


def replay(draft: Draft, name: str, scenario: Scenario) -> bool:
    """Play another version of one, from its beginning and at its place; whether it was played."""
    rows = rows_of(draft)
    if all(name != each for each, _ in rows):
        return False
    for each in {name, scenario.name}:
        _forget_uses(draft, each)
        draft.remove(KIND, each)
    _put(
        draft,
        [
            (scenario.name, row_of(scenario)) if each == name else (each, row)
            for each, row in rows
            if each == name or each != scenario.name
        ],
    )
    return True


def stop(draft: Draft, name: str | None) -> bool:
    """Stop playing one, or all; whether any was played."""
    names = [each for each, _ in rows_of(draft) if name in (None, each)]
    for each in names:
        draft.remove(KIND, each)
        _forget_uses(draft, each)
    return bool(names)


def _put(draft: Draft, rows: Iterable[tuple[str, Value]]) -> None:
    for place, (name, row) in enumerate(rows, 1):
        if row.get("place") != place:
            draft.put(KIND, name, {**row, "place": place})


def _forget_uses(draft: Draft, name: str) -> None:
    for key, _ in list(draft.items("step")):
        if str(key).rpartition("#")[0] == name:
            draft.remove("step", key)


class Compiler:
    """The scenarios of rows, each text compiled once. Threads may share it."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = Lock()
        self._scenarios: dict[tuple[str, str], Scenario] = {}

    def keep(self, scenarios: Iterable[Scenario]) -> None:
        """Have scenarios that are compiled already, or were made in Python."""
        for scenario in scenarios:
            self._scenarios[scenario.name, scenario.text] = scenario

    def scenario_of(self, name: str, row: Value) -> Scenario | None:
        """The scenario of a row; None for one that another process made in Python."""
        text = row["text"]
        with self._lock:
            scenario = self._scenarios.get((name, text))
            if scenario is None and text:
                path = Path(row["origin"])
                try:
                    scenario = self._library.read_text(
                        text, row["origin"], path.parent if path.is_file() else None
                    )
                except (ScenarioError, OSError) as error:
                    raise StateError(
                        f"scenario {name!r}, which the state's database has, cannot be played here: {error}"
                    ) from error
                self._scenarios[name, text] = scenario
        return scenario

    def scenarios_of(self, rows: Rows) -> list[Scenario]:
        """All that rows have and this process can play, those asked first at the end."""
        scenarios = (self.scenario_of(name, row) for name, row in rows_of(rows))
        return [scenario for scenario in scenarios if scenario is not None]
