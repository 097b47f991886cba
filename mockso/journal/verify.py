"""Comparisons of the journal's calls with a `Match`, and the conclusions they allow.

A journal that dropped calls, or a body that was cut, does not say everything: the result is then "unknown",
never "no".
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
class Comparison:
    """One call compared with a match: it `matches`, or not, or None where its cut body does not say."""

    entry: Document
    differences: tuple[Difference, ...]

    @property
    def matches(self) -> bool | None:
        if not self.differences:
            return True
        cut = "cut" in self.entry["request"]
        return None if cut and all(d.field.startswith("body") for d in self.differences) else False


def journal_match_from_json(value: Json, redaction: Redaction, where: str = "match") -> Match:
    """The match that JSON describes, for calls as the journal has them.

    Calls of any verdict are meant unless it names one. Secrets in it become the fingerprints that the
    journal has in their place. Raises ScenarioError for an invalid match.
    """
    return Match.from_json(_redact(value, redaction), where, verdict="any")


def assertion_from_json(
    value: dict[str, Json], redaction: Redaction, contract: Contract, where: str = "match"
) -> Match:
    """The match of an assertion, which must not hold, or fail, because of a misspelt name.

    As `journal_match_from_json`; ScenarioError for a name too that the contract lacks. Operations may be named as "GET Contact".
    """
    from mockso.scenario.check import Checker

    checker = contract.derive(Checker)
    value = checker.by_ids(value)
    match = journal_match_from_json(value, redaction, where)
    checker.check_match(value, where)
    return match


def _redact(value: Json, redaction: Redaction) -> Json:
    if redaction.off or not isinstance(value, dict):
        return value
    redacted: dict[str, Json] = {}
    for key, item in value.items():
        if key == "headers" and isinstance(item, dict):
            redacted[key] = {name: redact_header(name, spec, redaction) for name, spec in item.items()}
        elif key == "not":
            redacted[key] = _redact(item, redaction)
        elif key == "any" and isinstance(item, list):
            redacted[key] = [_redact(part, redaction) for part in item]
        else:
            redacted[key] = _values(item, redaction, "")
    return redacted


def redact_header(name: str, spec: Json, redaction: Redaction) -> Json:
    """A header's literal, or its operators with the operand of `equalTo`, as the journal stores such a header."""
    if isinstance(spec, dict):
        return {k: redact_header(name, v, redaction) if k == "equalTo" else v for k, v in spec.items()}
    return redaction.header(name, spec, {}) if isinstance(spec, str) else spec


def _values(spec: Json, redaction: Redaction, name: str) -> Json:
    """Redact literals and operands of `equalTo`, as the journal stores them. Other operators stay."""
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


def compare(entries: Iterable[Document], match: Match, contract: Contract) -> Iterator[Comparison]:
    """Compare each answered call with a match; deliveries only if the match is about them."""
    matcher = Matcher(match)
    direction = "out" if matcher.outgoing else "in"
    for entry in entries:
        if entry["phase"] == "answered" and entry["direction"] == direction:
            yield Comparison(entry, matcher.differences(call_of(entry, contract, named=True)))


@dataclass(frozen=True, slots=True)
class MatchCount:
    """How many calls matched, how many are undecided, and the nearest of those that did not."""

    count: int
    undecided: int
    nearest: tuple[Comparison, ...]

    @classmethod
    def of(cls, comparisons: Iterable[Comparison]) -> MatchCount:
        """Count comparisons with one match."""
        count = undecided = 0
        near: list[Comparison] = []
        for one in comparisons:
            if one.matches:
                count += 1
            else:
                undecided += one.matches is None
                near = sorted([*near, one], key=lambda h: len(h.differences))[:_NEAREST]
        return cls(count, undecided, tuple(near))


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether calls came as expected. `result` is never "no" after calls were dropped, as those may have matched;
    `certain` is what follows from the remaining calls alone."""

    result: Result
    certain: Result

    @classmethod
    def of(cls, certain: Result, dropped: int) -> Outcome:
        return cls("unknown" if dropped and certain == "no" else certain, certain)


def verify(calls: MatchCount, least: int, most: int | None, dropped: int) -> Outcome:
    """Whether the number of calls lies in a range, given how many were dropped and may have matched."""
    return Outcome.of(_certain(calls, least, most, dropped), dropped)


def _certain(calls: MatchCount, least: int, most: int | None, dropped: int) -> Result:
    missing = dropped + calls.undecided
    if most is not None and calls.count > most:
        return "no"
    if calls.count >= least and (most is None or calls.count + missing <= most):
        return "yes"
    return "no" if calls.count + missing < least or not missing else "unknown"


def arrival_result(count: int, least: int, dropped: int) -> Result:
    """Whether that many calls came, given how many were dropped."""
    return "yes" if count >= least else "unknown" if dropped else "no"


def verify_order(
    entries: Iterable[Document], matches: Sequence[Match], contract: Contract, dropped: int
) -> tuple[Outcome, list[str]]:
    """Whether calls came in the order of the matches, others in between, and the ids of those calls.

    `entries` have the oldest first.
    """
    ids: list[str] = []
    undecided = False
    rest: Iterator[Document] = iter(entries)
    for match in matches:
        for one in compare(rest, match, contract):
            undecided = undecided or one.matches is None
            if one.matches:
                ids.append(one.entry["id"])
                break
        else:
            return Outcome.of("unknown" if dropped or undecided else "no", dropped), ids
    return Outcome.of("yes", dropped), ids


def near_misses(calls: MatchCount, summary: Any) -> list[Mapping[str, Any]]:
    """The nearest calls as JSON; `summary` makes one of an entry."""
    return [
        {
            "request": summary(one.entry),
            "differences": [dict(vars(difference)) for difference in one.differences],
        }
        for one in calls.nearest
    ]
