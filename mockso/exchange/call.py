"""A call and its judgement: every violation of the contract, the reply, and the steps that almost matched.

All are frozen; sequences are tuples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mockso.contract.model import NOTHING, Confidence, Json, Nothing, Severity
from mockso.exchange.message import Reply, Request, copy_with

if TYPE_CHECKING:
    from mockso.contract.catalogue import Lookup

# In the order the server meets them; it answers the first fault.
Stage = Literal[
    "address",
    "method",
    "host",
    "credential",
    "tenant",
    "restriction",
    "media type",
    "decoding",
    "parameters",
    "body",
    "login",
]
Direction = Literal["in", "out"]


@dataclass(frozen=True)
class Rule:
    """A rule that the server keeps: `source` is a place in the documentation, `confidence` how sure it is
    that the real server does it."""

    id: str
    confidence: Confidence
    source: str
    statement: str


@dataclass(frozen=True)
class Violation:
    """One fault of a call.

    An "error" is what the server refuses; a "warning" it lets pass although the contract does not
    have it. `where` is "address", "header Authorization", "query $top", "path id" or a place in the
    body, "body.Persons[0].Firstname". `message` is for people and complete in itself; `expected`,
    `got` and `nearest` are its parts. `source` is the place in the documentation that demands it.
    """

    stage: Stage
    severity: Severity
    where: str
    message: str
    rule: Rule
    source: str
    expected: str = ""
    got: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message} [{self.rule.id}, {self.rule.confidence}; {self.source}]"


@dataclass(frozen=True)
class Verdict:
    """The judgement of a call: every fault, and what was decoded, faults or not.

    `arguments` has the path and query arguments by documented name; `body` the decoded body, or
    NOTHING. `caller` is who the credential says is calling: its scheme, "" when it is not accepted.
    """

    violations: tuple[Violation, ...] = ()
    arguments: Mapping[str, Json] = field(default_factory=dict)
    body: Json | bytes | Nothing = NOTHING
    caller: str = ""

    @property
    def errors(self) -> tuple[Violation, ...]:
        return tuple([v for v in self.violations if v.severity == "error"])

    @property
    def warnings(self) -> tuple[Violation, ...]:
        return tuple(v for v in self.violations if v.severity == "warning")

    @property
    def accepted(self) -> bool:
        """The server lets it pass."""
        return not any(v.severity == "error" for v in self.violations)

    @property
    def clean(self) -> bool:
        """The contract has nothing against it."""
        return not self.violations


@dataclass(frozen=True)
class Difference:
    """One field that kept a step from matching, or a call from a query."""

    field: str
    expected: Any
    actual: Any

    def __str__(self) -> str:
        return f"{self.field}: expected {_value_text(self.expected)}, was {_value_text(self.actual)}"


def _value_text(value: Any) -> str:
    return "absent" if value == {"absent": True} else repr(value)


@dataclass(frozen=True)
class NearMiss:
    """A step that almost answered, and all that kept it from it."""

    scenario: str
    step: str
    differences: tuple[Difference, ...]


class Answer(NamedTuple):
    """The reply that a call gets and how it came about.

    `step` is the label of the step that answered, or empty; `near_misses` are the steps that nearly did;
    `note` is a line for the journal, which `mockso why` shows.
    """

    reply: Reply
    step: str = ""
    near_misses: tuple[NearMiss, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Call:
    """A request with all that followed. `step` is the label of the step that answered, "limited#1", or
    empty; `took` is seconds from arrival to the reply being ready, waiting not counted."""

    request: Request
    lookup: Lookup
    verdict: Verdict
    reply: Reply | None = None
    step: str = ""
    near_misses: tuple[NearMiss, ...] = ()
    id: str = ""
    took: float = 0.0
    direction: Direction = "in"

    @property
    def operation_id(self) -> str:
        """The id of the operation reached, or an empty string."""
        return self.lookup.operation.id if self.lookup.operation else ""

    def with_verdict(self, verdict: Verdict) -> Call:
        """This call with another judgement."""
        return copy_with(self, verdict=verdict)

    def with_answer(self, answer: Answer, reply: Reply, request: Request, id: str, took: float = 0.0) -> Call:
        """This call as that of a request with its id: with what answered it, the reply as it is sent, and the seconds
        it took."""
        return copy_with(
            self,
            request=request,
            id=id,
            reply=reply,
            step=answer.step,
            near_misses=answer.near_misses,
            took=took,
        )
