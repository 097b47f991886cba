"""The calls of one world: taken in as they are answered, and questioned by its test."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Condition
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from mockso.errors import ScenarioError, calls_match
from mockso.exchange.call import Call
from mockso.matching.match import Match
from mockso.matching.matcher import Matcher
from mockso.scenario.check import Checker
from mockso.state.tenant import State
from mockso.testing.seen_call import SeenCall
from mockso.timing import wait_for

if TYPE_CHECKING:
    from mockso.contract.catalogue import Contract
    from mockso.journal.journal import Journal
    from mockso.scenario.play import Scenarios
    from mockso.scenario.scenario import Scenario

Strict = Literal["off", "report", "fail"]
Playable: TypeAlias = "str | Path | Mapping[str, Any] | Scenario"
MatchSource: TypeAlias = "Match | Mapping[str, Any] | str"
"""A match, its keys, or the id or pattern of an operation; an empty string matches every call."""

_MOST = 10


class Calls:
    """The calls and deliveries of one tenant, in the order in which they ended."""

    def __init__(self, state: State, journal: Journal, contract: Contract | None = None) -> None:
        self._state = state
        self._contract = contract
        self._journal = journal
        self._calls: list[Call] = []
        self._deliveries: list[Call] = []
        self._news = Condition()
        self.unheard: list[str] = []
        """The signals that reached no webhook, a line each."""
        state.on_answered = lambda call: self.take((call,))

    @property
    def tenant(self) -> str:
        """The tenant's name, "Cust10001"; for an onsite world its virtual directory."""
        return self._state.name

    @property
    def token(self) -> str:
        """A Bearer token that works here and nowhere else."""
        return self._state.credentials.token

    @property
    def scenarios(self) -> Scenarios:
        """The scenarios that answer them."""
        return self._state.scenarios

    def take(self, calls: Iterable[Call]) -> None:
        """Take in answered calls, and wake those who wait for them."""
        with self._news:
            for call in calls:
                (self._calls if call.direction == "in" else self._deliveries).append(call)
            self._news.notify_all()

    @property
    def seen(self) -> tuple[SeenCall, ...]:
        """Every answered call, in the order they were answered."""
        with self._news:
            return tuple(map(SeenCall, self._calls))

    @property
    def sent(self) -> tuple[SeenCall, ...]:
        """Every attempt to deliver an event to a webhook, in the order they ended."""
        with self._news:
            return tuple(map(SeenCall, self._deliveries))

    def calls(self, match: MatchSource = "", **keys: Any) -> list[SeenCall]:
        """The calls that match: an operation's id or pattern, a match, or its keys as keywords.

        A match with the key `webhook` is about deliveries.
        """
        __tracebackhide__ = True
        return self._matching(to_match(match, keys, self._contract))

    def _matching(self, match: Match) -> list[SeenCall]:
        matcher = Matcher(match)
        return [seen for seen in self._candidates(match) if matcher.matches(seen.call)]

    def _candidates(self, match: Match) -> tuple[SeenCall, ...]:
        return self.sent if match.outgoing else self.seen

    def verify(
        self,
        match: MatchSource = "",
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        **keys: Any,
    ) -> list[SeenCall]:
        """The calls that match; AssertionError with the nearest when they are too few or too many.

        `times` is exact; without any of the three, one or more.
        """
        __tracebackhide__ = True
        for name, number in (("times", times), ("at_least", at_least), ("at_most", at_most)):
            if number is not None:
                _check_count(name, number, 0)
        if times is not None:
            if at_least is not None or at_most is not None:
                raise ScenarioError(f"{place_of_test()}: times is exact; leave at_least and at_most out.")
            at_least = at_most = times
        elif at_least is None:
            at_least = 1 if at_most is None else 0
        match = to_match(match, keys, self._contract)
        calls = self._matching(match)
        if len(calls) < at_least:
            raise AssertionError(self._too_few(match, calls, at_least))
        if at_most is not None and len(calls) > at_most:
            expected = f"at most {at_most}" if at_most else "none"
            raise AssertionError(
                f"{calls_match(len(calls))} {_text_of_match(match)}, expected {expected}: {calls[:_MOST]}"
            )
        return calls

    def verify_order(self, *matches: MatchSource) -> list[SeenCall]:
        """The calls that came in this order, others between them; AssertionError when they did not."""
        __tracebackhide__ = True
        if not matches:
            raise ScenarioError(f"{place_of_test()}: name the calls in their order; none always holds.")
        rest = iter(self.seen)
        calls: list[SeenCall] = []
        for match in matches:
            match = to_match(match, {}, self._contract)
            matcher = Matcher(match)
            call = next((seen for seen in rest if matcher.matches(seen.call)), None)
            if call is None:
                after = f" after {calls[-1]!r}" if calls else ""
                raise AssertionError(
                    f"no call matches {_text_of_match(match)}{after}; these came: {list(self.seen)[:_MOST]}"
                )
            calls.append(call)
        return calls

    def wait_for(
        self, match: MatchSource = "", *, count: int = 1, timeout: float = 5.0, **keys: Any
    ) -> list[SeenCall]:
        """Wait until that many calls matched, those before included; AssertionError after `timeout` seconds."""
        __tracebackhide__ = True
        _check_count("count", count, 1)
        match = to_match(match, keys, self._contract)
        matcher = Matcher(match)
        with self._news:
            source = self._deliveries if matcher.outgoing else self._calls
            enough = wait_for(self._news, lambda: sum(map(matcher.matches, source)) >= count, timeout)
        calls = self._matching(match)
        if not enough:
            raise AssertionError(f"after {timeout} s: {self._too_few(match, calls, count)}")
        return calls

    async def arrival(self, match: MatchSource = "", **options: Any) -> list[SeenCall]:
        """`wait_for`, awaitable: the event loop goes on meanwhile."""
        return await asyncio.to_thread(lambda: self.wait_for(match, **options))

    def messages(self, seen: SeenCall) -> list[str]:
        """The messages of a call's violations as the journal has them: without secrets."""
        entry = self._journal.get(seen.id)
        if entry is None or not entry["verdict"]:
            return [f"{violation.where}: (no longer in the journal)" for violation in seen.violations]
        # The token of a test is not a secret, and a message that says what to send must say it.
        redaction = self._journal.redaction
        fingerprint = redaction.header("Authorization", f"Bearer {self.token}", {}).partition(" ")[2]
        return [
            f"{item['where']}: {item['message']}".replace(fingerprint, self.token)
            for item in entry["verdict"]["violations"]
        ]

    def _too_few(self, match: Match, calls: Sequence[SeenCall], least: int) -> str:
        """Say that fewer calls match than should, and which came nearest."""
        candidates = self._candidates(match)
        lines = [f"{calls_match(len(calls))} {_text_of_match(match)}, expected {least}"]
        nearest = list(_nearest(match, [seen for seen in candidates if seen not in calls]))
        if nearest:
            lines += ["nearest:", *nearest]
        elif not candidates:
            lines.append("no delivery was made" if match.outgoing else "no call came")
        lines += self.unheard[:_MOST] if match.outgoing else []
        return "\n".join(lines)


def to_match(match: MatchSource, keys: Mapping[str, Any], contract: Contract | None = None) -> Match:
    """A match from what a test gave, of any verdict where it does not say.

    With a contract ScenarioError names what it lacks: an assertion must not hold because of a misspelt name. The
    error has the line of the test.
    """
    __tracebackhide__ = True
    if isinstance(match, Match):
        if keys:
            raise ScenarioError("give a match, or its keys as keywords; not both.")
        return match
    if isinstance(match, str):
        match = {"operation": match} if match else {}
    if not isinstance(match, Mapping):
        raise ScenarioError(f"{place_of_test()}: a match is an operation or a mapping, not {match!r}.")
    value = {**match, **keys}
    try:
        if contract is None:
            return Match.from_json(value, verdict="any")
        checker = contract.derive(Checker)
        result = Match.from_json(checker.by_ids(value), verdict="any")
        checker.check_match(value, "match")
    except ScenarioError as error:
        place = place_of_test()
        raise ScenarioError("\n".join(f"{place}: {line}" for line in str(error).splitlines())) from None
    return result


def _check_count(name: str, number: Any, least: int) -> None:
    """Raise ScenarioError for a number of calls that always holds, or never."""
    if type(number) is not int or number < least:
        raise ScenarioError(
            f"{place_of_test()}: {name}: expected a whole number from {least}, got {number!r}."
        )


def place_of_test() -> str:
    """The file and the line of the innermost frame outside mockso: where a test called it."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "mockso":
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}" if frame is not None else "match"


def _nearest(match: Match, others: Iterable[SeenCall]) -> Iterator[str]:
    matcher = Matcher(match)
    pairs = [(seen, differences) for seen in others if (differences := matcher.differences(seen.call))]
    for seen, differences in sorted(pairs, key=lambda pair: len(pair[1]))[:3]:
        yield f"  {seen!r}: {'; '.join(map(str, differences[:3]))}"


def _text_of_match(match: Match) -> str:
    value = {key: item for key, item in match.to_json().items() if key != "verdict"}
    return json.dumps(value) if value else "anything"


class Expectation:
    """One expected call of a world."""

    def __init__(self, calls: Calls, label: str) -> None:
        self._calls = calls
        self.label = label

    @property
    def uses(self) -> int:
        """How often it answered."""
        return sum(counter.uses for counter in self._calls.scenarios.counters() if counter.step == self.label)

    @property
    def calls(self) -> list[SeenCall]:
        """The calls it answered."""
        return [seen for seen in (*self._calls.seen, *self._calls.sent) if seen.step == self.label]

    def __repr__(self) -> str:
        return f"<expectation {self.label}, used {self.uses} times>"
