"""Calls of the journal held against a `Match`, as steps of scenarios are, and what can be said of them.

A journal that dropped calls, and a body that was cut, do not tell everything: what cannot be known is
"unknown" here, never "no".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mockso.contract.catalogue import Contract
from mockso.contract.model import Json
from mockso.exchange.call import Difference
from mockso.journal.entry import Document, call_of
from mockso.matching.match import Match
from mockso.matching.matcher import Matcher
from mockso.matching.operators import is_operators
from mockso.redaction.redaction import Redaction

Result = Literal["yes", "no", "unknown"]

_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Held:
    """One call held against a match: it `matches`, it does not, or, None, its cut body does not tell."""

    entry: Document
    differences: tuple[Difference, ...]

    @property
    def matches(self) -> bool | None:
        if not self.differences:
            return True
        cut = "cut" in self.entry["request"]
        return None if cut and all(d.field.startswith("body") for d in self.differences) else False


def match_of(value: Json, redaction: Redaction, where: str = "match") -> Match:
    """The match that JSON describes, for calls as the journal has them; ScenarioError when it is none.

    Where it does not say, calls of any verdict are meant. Secrets in it become the fingerprints that the
    journal has in their place.
    """
    return Match.from_json(_redacted(value, redaction), where, verdict="any")


def _redacted(value: Json, redaction: Redaction) -> Json:
    if redaction.off or not isinstance(value, dict):
        return value
    made: dict[str, Json] = {}
    for key, item in value.items():
        if key == "headers" and isinstance(item, dict):
            made[key] = {name: _header(name, spec, redaction) for name, spec in item.items()}
        elif key == "not":
            made[key] = _redacted(item, redaction)
        elif key == "any" and isinstance(item, list):
            made[key] = [_redacted(part, redaction) for part in item]
        else:
            made[key] = _values(item, redaction, "")
    return made


def _header(name: str, spec: Json, redaction: Redaction) -> Json:
    if isinstance(spec, str):
        return redaction.header(name, spec, {})
    if isinstance(spec, dict):
        return {
            key: _header(name, item, redaction) if key == "equalTo" else item for key, item in spec.items()
        }
    return spec


def _values(spec: Json, redaction: Redaction, name: str) -> Json:
    """Literals and what `equalTo` wants, as the journal has them; other operators are no values."""
    if isinstance(spec, list):
        return [_values(item, redaction, name) for item in spec]
    if not isinstance(spec, dict):
        return redaction.value(spec, {}, name)
    if is_operators(spec):
        whole = ("equalTo", "equalToJson")
        return {key: redaction.value(item, {}, name) if key in whole else item for key, item in spec.items()}
    return {
        key: _values(item, redaction, key if redaction.is_secret_name(key) else name)
        for key, item in spec.items()
    }


def hold(entries: Iterable[Document], match: Match, contract: Contract) -> Iterator[Held]:
    """Each answered call with what keeps it from matching; deliveries only where the match is about them."""
    matcher = Matcher(match)
    direction = "out" if matcher.outgoing else "in"
    for entry in entries:
        if entry["phase"] == "answered" and entry["direction"] == direction:
            yield Held(entry, matcher.differences(call_of(entry, contract, named=True)))


@dataclass(frozen=True, slots=True)
class Counted:
    """How many calls matched, how many could not be told, and those that came nearest."""

    count: int
    undecided: int
    nearest: tuple[Held, ...]

    @classmethod
    def of(cls, held: Iterable[Held]) -> Counted:
        """Of calls held against one match."""
        count = undecided = 0
        near: list[Held] = []
        for one in held:
            if one.matches:
                count += 1
            else:
                undecided += one.matches is None
                near = sorted([*near, one], key=lambda h: len(h.differences))[:_NEAREST]
        return cls(count, undecided, tuple(near))


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether calls came as they should: `result` is never "no" where calls were dropped, as nobody can look
    at them any more; what follows all the same from those that were kept is `certain`."""

    result: Result
    certain: Result

    @classmethod
    def of(cls, certain: Result, dropped: int) -> Verified:
        return cls("unknown" if dropped and certain == "no" else certain, certain)


def verify(counted: Counted, least: int, most: int | None, dropped: int) -> Verified:
    """Whether the number of calls lies in a range, given how many were dropped and may have matched."""
    return Verified.of(_certain(counted, least, most, dropped), dropped)


def _certain(counted: Counted, least: int, most: int | None, dropped: int) -> Result:
    missing = dropped + counted.undecided
    if most is not None and counted.count > most:
        return "no"
    if counted.count >= least and (most is None or counted.count + missing <= most):
        return "yes"
    return "no" if counted.count + missing < least or not missing else "unknown"


def waited(count: int, wanted: int, dropped: int) -> Result:
    """Whether that many calls came, given how many were dropped."""
    return "yes" if count >= wanted else "unknown" if dropped else "no"


def verify_order(
    entries: Iterable[Document], matches: Sequence[Match], contract: Contract, dropped: int
) -> tuple[Verified, list[str]]:
    """Whether calls came in the order of the matches, others in between, and the ids of the ones found.

    `entries` have the oldest first.
    """
    found: list[str] = []
    undecided = False
    held: Iterator[Document] = iter(entries)
    for match in matches:
        for one in hold(held, match, contract):
            undecided = undecided or one.matches is None
            if one.matches:
                found.append(one.entry["id"])
                break
        else:
            return Verified.of("unknown" if dropped or undecided else "no", dropped), found
    return Verified.of("yes", dropped), found


def near_misses(counted: Counted, summary: Any) -> list[Mapping[str, Any]]:
    """The nearest calls as JSON; `summary` makes one of an entry."""
    return [
        {
            "request": summary(one.entry),
            "differences": [
                {"field": d.field, "expected": d.expected, "actual": d.actual} for d in one.differences
            ],
        }
        for one in counted.nearest
    ]
