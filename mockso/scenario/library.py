"""Scenarios by name, for a request that names the one which answers it (X-Mockso-Scenario).

Imported at the first such request: YAML and its checks cost others nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from mockso.contract.catalogue import Contract
from mockso.errors import NoScenarioError, nearest
from mockso.scenario.load import load_scenarios, shipped
from mockso.scenario.scenario import Scenario


class Library:
    """The scenarios that come with mockso, each read when it is first named. Threads may share it."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._read: dict[str, Scenario] = {}

    def find(self, name: str, loaded: Iterable[Scenario]) -> Scenario:
        """The scenario of that name: a loaded one, else a shipped one.

        A name is no path here: who calls the API is not to read the files of its machine.
        NoScenarioError, with the nearest name, when there is none.
        """
        own = {scenario.name: scenario for scenario in loaded}
        found = own.get(name) or self._read.get(name)
        if found is not None:
            return found
        known, plain = shipped(), name.replace("_", "-")
        if plain not in known:
            near = nearest(name, [*own, *known])
            hint = f" Did you mean {near[0]!r}?" if near else " 'mockso scenarios list' has them all."
            raise NoScenarioError(f"header X-Mockso-Scenario: there is no scenario {name!r}.{hint}")
        # Two threads may both read it: the same scenario twice harms nobody.
        self._read[name] = load_scenarios([str(known[plain])], self._contract)[0]
        return self._read[name]
