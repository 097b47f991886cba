"""Regular expressions that others write: compared in bounded time, whatever they are.

Python's `re` tries one way after the other, and of some expressions there are more than anybody can wait for. So each
is looked at first (syntax.py): `re` compares where its ways are few for the text at hand, an automaton where they
could be many. What an automaton cannot do, such as back references, is refused where it could take long.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mockso.errors import ScenarioError
from mockso.matching.automaton import Automaton, TooLargeError
from mockso.matching.syntax import Beyond, Choice, Node, Repeat, Row, read_pattern

LONGEST = 10_000  # characters of an expression
_FEW = 100_000  # ways and steps that `re` may take for a text
_MOST = 10_000_000  # where nothing else can compare
_ENDLESS = 100  # a degree no text is short enough for


@dataclass(frozen=True, slots=True)
class Ways:
    """How often `re` may try: `factor` times the text's length to the power of `degree`. `steps` is the degree of the
    time it takes, which for what is tried last is a greater one; `size` counts the parts, unfolded."""

    degree: int = 0
    factor: float = 1
    steps: int = 0
    size: float = 1

    def limit(self) -> Ways:
        """These ways, or endless ones where there are too many to count."""
        return self if self.degree < 9 and self.factor < 1e9 and self.size <= LONGEST else _ENDLESS_WAYS


_ENDLESS_WAYS = Ways(_ENDLESS, 1, _ENDLESS)


class Pattern:
    """A regular expression of others. ValueError for an invalid one, or one that could take too long to compare."""

    def __init__(self, text: str, *, fold: bool = False, anywhere: bool = False) -> None:
        if len(text) > LONGEST:
            raise ValueError(f"it is longer than {LONGEST:,} characters")
        flags = re.IGNORECASE if fold else 0
        try:
            expression = re.compile(text, flags)
        except re.error as error:
            raise ValueError(str(error)) from error
        self._text = text
        self._match = expression.search if anywhere else expression.fullmatch
        node = read_pattern(text, flags)
        ways = _ways(node)
        self._factor, self._steps = ways.factor, ways.steps + anywhere
        self._automaton: Automaton | None = None
        # One that is tried at each character of a text once is what nearly all are.
        self._longest = _longest(_FEW, self._factor, self._steps)
        if self._steps <= 1 and self._factor <= _FEW / 1000:
            return
        try:
            self._automaton = Automaton(node, anywhere=anywhere)
        except TooLargeError as error:
            # Two ways that meet are slow for long texts only, and those are refused one by one.
            self._longest = _longest(_MOST, self._factor, self._steps)
            if self._longest < 1000:
                raise ValueError(
                    f"comparing it may take a time without bounds, and {error}. Repeat nothing that repeats or chooses "
                    "in itself, and no more than two parts in a row without a limit"
                ) from error

    def matches(self, text: str) -> bool:
        """Whether a text matches; ScenarioError when that would take too long."""
        if self._steps <= 1 and self._automaton is None:
            return self._match(text) is not None
        if len(text) <= self._longest:
            return self._match(text) is not None
        if self._automaton is not None:
            try:
                return self._automaton.matches(text)
            except TooLargeError as error:
                raise ScenarioError(
                    f"the pattern {self._text[:80]!r} was not compared: {error} for this text."
                ) from error
        raise ScenarioError(
            f"the pattern {self._text[:80]!r} was not compared: for a text of more than {self._longest:,} characters "
            "it may take too long."
        )


def _longest(budget: float, factor: float, steps: int) -> int:
    """The longest text that `re` compares within so many steps."""
    return -1 if steps >= _ENDLESS else int((budget / factor) ** (1 / max(steps, 1)))


def _ways(node: Node) -> Ways:
    match node:
        case Row(parts):
            return _ways_of_row([_ways(part) for part in parts])
        case Choice(options):
            ways = [_ways(option) for option in options]
            return Ways(
                max(way.degree for way in ways),
                sum(way.factor for way in ways),
                max(way.steps for way in ways),
                sum(way.size for way in ways),
            ).limit()
        case Repeat(part, low, high):
            return _ways_of_repeat(_ways(part), low, high)
        case Beyond(kind, part):
            inner = _ways(part)
            if kind == "a back reference":
                return Ways(0, 1, 1)  # what it stands for may be as long as the text
            return inner if kind == "a condition" else Ways(0, inner.factor, inner.steps, inner.size)
    return Ways()


def _ways_of_row(parts: list[Ways]) -> Ways:
    total = Ways()
    for part in parts:
        total = Ways(
            total.degree + part.degree,
            total.factor * part.factor,
            max(total.steps, total.degree + part.steps),
            total.size + part.size,
        ).limit()
    return total


def _ways_of_repeat(part: Ways, low: int, high: int | None) -> Ways:
    size = part.size * max(low, high or 0, 1)
    if part.degree == 0 and part.factor == 1:
        if high is None:
            return Ways(1, 1, part.steps + 1, size).limit()
        return Ways(0, high - low + 1, part.steps, size).limit()
    if high is None or high > 30:
        return _ENDLESS_WAYS if high != 0 else Ways()
    choices = part.factor**high * (high - low + 1)
    return Ways(part.degree * high, choices, max(part.steps, part.degree * high), size).limit()
