"""The values that flow: what came in, what was thought of it, what goes out.

All are frozen; sequences are tuples. Nothing here knows Flask, the contract's rules or a storage.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from mockso.contract.model import Json

if TYPE_CHECKING:
    from mockso.contract.catalogue import Found

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
]
_ENVIRONMENT = re.compile(r"(?:https?://[^/?]*)?/+api/+state/+[^/?]+/*(?:\?|\Z)", re.IGNORECASE)

Severity = Literal["error", "warning"]
Confidence = Literal["firm", "likely", "assumed"]
Direction = Literal["in", "out"]
By = Literal["scenario", "refusal", "entities", "document", "example", "upstream", "fault"]


def is_to_environment(target: str) -> bool:
    """Whether a request line's target is an address of the host that all tenants share."""
    return _ENVIRONMENT.match(unquote(target)) is not None


class Headers:
    """Header lines in the order they came; names compare without regard to letter case."""

    __slots__ = ("_first", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = tuple(pairs)
        first: dict[str, str] = {}
        for name, value in self.pairs:
            first.setdefault(name.lower(), value)
        self._first = first

    def get(self, name: str, default: str = "") -> str:
        """The first value of that name."""
        return self._first.get(name.lower(), default)

    def get_all(self, name: str) -> list[str]:
        folded = name.lower()
        return [value for key, value in self.pairs if key.lower() == folded]

    @property
    def names(self) -> Set[str]:
        """The names that are there, in lower case."""
        return self._first.keys()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._first

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.pairs == other.pairs

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __repr__(self) -> str:
        return f"Headers({list(self.pairs)!r})"


class Query(Headers):
    """Query arguments, decoded, in the order they came; names compare without regard to letter case.

    Source: query option names are case-insensitive (likely).
    """

    __slots__ = ()


class Nothing(Enum):
    """The body of a message that has none; JSON's null is a body."""

    NOTHING = "nothing"

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = Nothing.NOTHING


@dataclass(frozen=True)
class Request:
    """One call as it arrived.

    `tenant` is the first segment of an Online address ("Cust12345"), empty onsite. `path` is decoded and
    without tenant, slashes made single: "/api/v1/Contact/17". `base` is the absolute address up to "/api".
    `target` is the request line's path and query, unchanged. `at` is seconds since 1970, UTC.
    """

    tenant: str
    method: str
    path: str
    query: Query
    headers: Headers
    body: bytes
    base: str
    target: str
    at: float

    @cached_property
    def media_type(self) -> str:
        """The body's media type without parameters, lower case; empty when none was named."""
        return self.headers.get("Content-Type").partition(";")[0].strip().lower()

    @property
    def to_environment(self) -> bool:
        """Whether it asks the host that all tenants share, outside any tenant's path: for the state of one."""
        return self.path[:11].lower() == "/api/state/" and is_to_environment(self.target)


@dataclass(frozen=True)
class Rule:
    """What demands something: `source` is a place in the documentation, `confidence` how sure it is
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
        return tuple(v for v in self.violations if v.severity == "error")

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
class Reply:
    """One answer.

    `body` is a JSON value, bytes, or NOTHING; once finished (see encode.py) it is bytes or NOTHING and
    `headers` are all that will be sent. `by` says who answered, `fidelity` how sure it is that the real
    server would answer so. `delay` is seconds to wait before sending; `fault` is performed on the
    connection instead of a proper send: "reset", "empty", "cut", "garbage" or "timeout".
    """

    status: int
    body: Any = NOTHING
    headers: tuple[tuple[str, str], ...] = ()
    by: By = "example"
    fidelity: Confidence = "likely"
    reason: str = ""
    media_type: str = ""
    delay: float = 0.0
    fault: str = ""
    dribble: tuple[int, float] | None = None

    def header(self, name: str) -> str:
        """The first value of that name, or an empty string."""
        folded = name.lower()
        return next((value for key, value in self.headers if key.lower() == folded), "")


@dataclass(frozen=True)
class Difference:
    """One field that kept a step from matching, or a call from a query."""

    field: str
    expected: Any
    actual: Any

    def __str__(self) -> str:
        return f"{self.field}: expected {_said(self.expected)}, was {_said(self.actual)}"


def _said(value: Any) -> str:
    return "absent" if value == {"absent": True} else repr(value)


@dataclass(frozen=True)
class NearMiss:
    """A step that almost answered, and all that kept it from it."""

    scenario: str
    step: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Call:
    """A request with all that followed. `step` is the label of the step that answered, "limited#1", or
    empty; `took` is seconds from arrival to the reply being ready, waiting not counted."""

    request: Request
    found: Found
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
        return self.found.operation.id if self.found.operation else ""
