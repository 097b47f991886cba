"""Messages as they travel: a request that arrived and a reply that is sent, with their headers and arguments.

All are frozen; sequences are tuples. Nothing here knows the contract's rules, Flask or a storage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from mockso.contract.model import NOTHING, Confidence
from mockso.exchange.address import is_to_environment

# A request that names a scenario here is answered by it alone, from its beginning; nothing is counted.
SCENARIO_HEADER = "X-Mockso-Scenario"

T = TypeVar("T")
By = Literal["scenario", "refusal", "entities", "document", "example", "upstream", "fault"]
NO_BODY = frozenset({204, 304, 412})
"""Statuses whose replies have no body."""


class Headers:
    """Header lines in the order they came; names compare without regard to letter case."""

    __slots__ = ("_first", "_media_type", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = tuple(pairs)
        first: dict[str, str] = {}
        for name, value in self.pairs:
            first.setdefault(name.lower(), value)
        self._first = first
        self._media_type: str | None = None

    @property
    def media_type(self) -> str:
        """The type of the body without parameters, in lower case; empty when none was named.

        Worked out once: the same headers come again and again.
        """
        if self._media_type is None:
            self._media_type = self.get("Content-Type").partition(";")[0].strip().lower()
        return self._media_type

    def get(self, name: str, default: str = "") -> str:
        """The first value of that name."""
        return self._first.get(name.lower(), default)

    def get_folded(self, name: str) -> str | None:
        """The first value of a name in lower case; None where it is missing."""
        return self._first.get(name)

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

    @property
    def media_type(self) -> str:
        """The body's media type without parameters, lower case; empty when none was named."""
        return self.headers.media_type

    def header(self, name: str) -> str:
        """The first value of that name, or an empty string."""
        return self.headers.get(name)

    @property
    def to_login(self) -> bool:
        """Whether it is addressed to the login."""
        return self.path[:7].lower() == "/login/"

    @property
    def to_environment(self) -> bool:
        """Whether it asks the host that all tenants share, outside any tenant's path: for a state or to log in."""
        start = self.path[:11].lower()
        return start[:7] == "/login/" or (start == "/api/state/" and is_to_environment(self.target))


@dataclass(frozen=True)
class Reply:
    """One answer.

    `body` is a JSON value, bytes, or NOTHING; once finished (see answer/finish.py) it is bytes or NOTHING and
    `headers` are all that will be sent. `by` says who answered, `fidelity` how sure it is that the real
    server would answer so. `delay` is seconds to wait before sending; `fault` is performed on the
    connection instead of a proper send: "reset", "empty", "cut", "garbage", "timeout" or "framing".
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
        for key, value in self.headers:
            if key.lower() == folded:
                return value
        return ""


def copy_with(value: T, **changes: Any) -> T:
    """A frozen value with some fields changed, as `dataclasses.replace` gives it at a third of its cost.

    For classes that keep nothing derived from their fields, as the copy would have it too.
    """
    copy = object.__new__(type(value))
    copy.__dict__.update(value.__dict__)
    copy.__dict__.update(changes)
    return copy
