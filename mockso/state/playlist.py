"""The playlist: the scenarios that all tenants play, those to come included.

The admin API and `--watch` change what is played through it alone. It holds one lock, so that a look and the
change that follows from it are one, for all tenants.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

from mockso.contract.catalogue import Contract
from mockso.errors import NoScenarioError, suggest
from mockso.exchange.message import SCENARIO_HEADER
from mockso.state.tenant import State

if TYPE_CHECKING:
    from mockso.scenario.library import Library
    from mockso.scenario.load import FileFault
    from mockso.scenario.scenario import Scenario


class Playlist:
    """The scenarios that all tenants play; the one played last is asked first."""

    def __init__(self, contract: Contract, scenarios: Iterable[Scenario] = ()) -> None:
        self._contract = contract
        self._lock = Lock()
        self._scenarios = tuple(scenarios)
        self._states: dict[str, State] = {}
        self._faults: tuple[FileFault, ...] = ()
        self._library: Library | None = None

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """In the order they were given; the last is asked first."""
        return self._scenarios

    @property
    def faults(self) -> tuple[FileFault, ...]:
        """The faults of watched files that cannot be played as they are now."""
        return self._faults

    def report(self, faults: Iterable[FileFault]) -> None:
        """Set the faults of watched files."""
        self._faults = tuple(faults)

    @property
    def library(self) -> Library:
        """The scenarios that can be played; made, and YAML imported, at first use."""
        if self._library is None:
            from mockso.scenario.library import Library

            # Two threads may both make one: each reads the same.
            self._library = Library(self._contract)
        return self._library

    def find_named(self, name: str, played: Iterable[Scenario] = ()) -> Scenario:
        """The scenario that a request names: of the playlist, of those its tenant plays, or one that comes with
        mockso. Raises NoScenarioError, with the nearest name."""
        own = (*played, *self._scenarios)
        scenario = self.library.find(name, own)
        if scenario is None:
            near = self.library.nearest(name, own)
            hint = suggest(near or "") or " 'mockso scenarios list' has them all."
            raise NoScenarioError(f"header {SCENARIO_HEADER}: there is no scenario {name!r}.{hint}")
        return scenario

    # tenants

    def admit(self, state: State) -> None:
        """Let a new tenant play all. Each counts its own steps, so each loads the scenarios for itself."""
        with self._lock:
            for scenario in self._scenarios:
                state.play(scenario)
            self._states[state.name] = state

    def dismiss(self, name: str) -> None:
        """Let a tenant go; unknown names are ignored."""
        with self._lock:
            self._states.pop(name, None)

    # changes

    def play(self, scenario: Scenario, state: State | None = None) -> None:
        """Play a scenario from its beginning, for one tenant, or for all and those to come."""
        with self._lock:
            if state is None:
                self._scenarios = (*self._without(scenario.name), scenario)
            for each in self._targets(state):
                each.play(scenario)

    def replay(self, name: str, scenario: Scenario) -> None:
        """Go on with another version of a scenario, at its place, wherever it is played."""
        with self._lock:
            self._scenarios = tuple(scenario if each.name == name else each for each in self._scenarios)
            for state in self._states.values():
                state.replay(name, scenario)

    def stop(self, name: str | None = None, state: State | None = None) -> bool:
        """Stop playing a scenario, or all, for one tenant, or for all and those to come; whether any was played."""
        with self._lock:
            stopped = False
            if state is None:
                rest = () if name is None else self._without(name)
                stopped = len(rest) < len(self._scenarios)
                self._scenarios = rest
            for each in self._targets(state):
                stopped = each.stop(name) or stopped
            return stopped

    def _without(self, name: str) -> tuple[Scenario, ...]:
        return tuple(scenario for scenario in self._scenarios if scenario.name != name)

    def _targets(self, state: State | None) -> Iterable[State]:
        return self._states.values() if state is None else (state,)
