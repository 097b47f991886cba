"""Scenarios of a world with somebody else beside them, who is asked too: the failure sweep, a recording's server."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, TypeAlias

from mockso.exchange.call import Call, NearMiss
from mockso.scenario.scenario import Scenario, Scenarios, Taken

Answer: TypeAlias = tuple[Taken | None, tuple[NearMiss, ...]]


class Through(ABC):
    """Scenarios that calls pass through; all but the answer to a client's call is theirs."""

    def __init__(self, scenarios: Scenarios) -> None:
        self.scenarios = scenarios

    def __len__(self) -> int:
        return len(self.scenarios) + 1

    def __iter__(self) -> Iterator[Scenario]:
        return iter(self.scenarios)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.scenarios, name)

    def take(self, call: Call) -> Answer:
        """The step that answers a call; a delivery to a webhook is the mock's own, and none of the client's calls."""
        return self.scenarios.take(call) if call.direction == "out" else self.answer(call)

    @abstractmethod
    def answer(self, call: Call) -> Answer:
        """The step that answers a client's call, as `Scenarios.take` gives it."""
