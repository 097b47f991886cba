"""The goals of speed and memory, as ratios to peers of the same run and as limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from report import KINDS, written
from tools import MOCKSO, MOUNTEBANK, PRISM, PRISM_ALL, PYTEST_HTTPSERVER, WIREMOCK

INSIDE = " (in process)"
Medians = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Outcome:
    """A goal with what was measured; `met` is None where a side of it was not."""

    text: str
    figure: str
    met: bool | None


@dataclass(frozen=True)
class Versus:
    """At least `factor` times better than a peer; a factor under 1 allows being worse by its inverse."""

    kind: str
    peer: str
    factor: float
    tool: str = MOCKSO.name

    def judge(self, medians: Medians) -> Outcome:
        """The goal in words, and whether it is met."""
        text = f"{KINDS[self.kind].title}: {self.tool} {self._wish()} {self.peer}"
        own, other = medians.get((self.kind, self.tool)), medians.get((self.kind, self.peer))
        if not own or not other:
            return Outcome(text, "not measured", None)
        better = own / other if KINDS[self.kind].more_is_better else other / own
        figure = f"{better:.2f} times better" if self.factor >= 1 else f"{1 / better:.2f} times"
        return Outcome(text, figure, better >= self.factor)

    def _wish(self) -> str:
        if self.factor < 1:
            return f"at most {1 / self.factor:.3g} times"
        return "better than" if self.factor == 1 else f"{self.factor:.3g} times better than"


@dataclass(frozen=True)
class Limit:
    """At most so much, in the unit of the kind."""

    kind: str
    limit: float
    tool: str = MOCKSO.name

    def judge(self, medians: Medians) -> Outcome:
        """The goal in words, and whether it is met."""
        text = f"{KINDS[self.kind].title}: {self.tool} at most {written(self.kind, self.limit)}"
        own = medians.get((self.kind, self.tool))
        if own is None:
            return Outcome(text, "not measured", None)
        return Outcome(text, written(self.kind, own), own <= self.limit)


GOALS = (
    Versus("startup", PRISM_ALL.name, 35),
    Versus("startup", WIREMOCK.name, 4),
    Versus("startup", MOUNTEBANK.name, 1),
    Versus("in process", PYTEST_HTTPSERVER.name, 1 / 2),
    Versus("suite", WIREMOCK.name, 4.5),
    Versus("suite", MOUNTEBANK.name, 2),
    Versus("suite", PYTEST_HTTPSERVER.name, 1 / 1.2),
    Versus("suite", PYTEST_HTTPSERVER.name + INSIDE, 1 / 1.2),
    Versus("suite", PYTEST_HTTPSERVER.name + INSIDE, 1 / 1.2, tool=MOCKSO.name + INSIDE),
    *(
        Versus(kind, peer.name, factor, tool.name)
        for kind, tool, peer, factor in (
            ("rate 1", MOCKSO, WIREMOCK, 2),
            ("rate 1", MOCKSO, PRISM, 1.2),
            ("rate 8", MOCKSO, WIREMOCK, 2),
            ("rate 8", MOCKSO, PRISM, 1.5),
            ("p99 8", MOCKSO, WIREMOCK, 5),
            ("rate 1 warm", MOCKSO, WIREMOCK, 1.2),
            ("rate 8 warm", MOCKSO, WIREMOCK, 1.2),
        )
    ),
    Limit("memory", 60),
    Limit("memory after calls", 45),
    Limit("stop", 0.020),
    Limit("stop after calls", 0.020),
)
