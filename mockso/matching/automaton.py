"""An automaton for a regular expression: whether a text matches, in a time that grows with the text alone.

All ways through the expression are followed at once, so that nothing is ever tried again. The sets of places where it
can be are kept with the characters that lead on, as most texts meet the same few again and again.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from mockso.matching.syntax import Beyond, Choice, Edge, Node, One, Repeat, Row

MOST_PLACES = 5_000
MOST_WORK = 2_000_000  # places looked at for one text, those not counted that were kept
_MOST_KEPT = 200_000  # moves and the places they lead to
# What follows instead of a character: a line break that ends the text, or nothing.
_LAST, _NOTHING = "last", "end"

Test: TypeAlias = Callable[[str], object]


class TooLargeError(ValueError):
    """An expression that has too many places for an automaton, or needs too many for a text."""


class _State:
    """Where the automaton can be after a character; `before` is the kind of that, as `_kind` has it, or "start"."""

    __slots__ = ("before", "moves", "places")

    def __init__(self, places: frozenset[int], before: str) -> None:
        self.places = places
        self.before = before
        self.moves: dict[str, _State] = {}


_MATCHED = _State(frozenset(), "")
_END = 0


class Automaton:
    """Whether a text matches an expression, or with `anywhere` a part of it. TooLargeError for one that is too large."""

    def __init__(self, node: Node, *, anywhere: bool = False) -> None:
        self._anywhere = anywhere
        self._parts = 0
        # A place is a test with where it leads, or where it leads without one.
        self._tests: list[Test | None] = [None]
        self._edges: list[str] = [""]
        self._leads: list[tuple[int, ...]] = [()]
        self._start = self._build(node, _END)
        self._states: dict[tuple[frozenset[int], str], _State] = {}
        self._kept = 0

    def matches(self, text: str) -> bool:
        """Whether a text matches. TooLargeError when that takes too many steps."""
        last = text[-1:] == "\n"  # "$" also stands before a line break that ends the text
        state = self._state(frozenset((self._start,)), "start")
        budget = [MOST_WORK]
        for char in text[:-1] if last else text:
            state = state.moves.get(char) or self._move(state, char, char, budget)
            if state is _MATCHED:
                return True
            if not state.places:
                return False
        if last:
            state = self._move(state, "\n", _LAST, budget)
        return state is _MATCHED or _END in self._closure(state, _NOTHING, budget)

    def _state(self, places: frozenset[int], before: str) -> _State:
        state = self._states.get((places, before))
        if state is None:
            state = self._states[places, before] = _State(places, before)
        return state

    def _move(self, state: _State, char: str, following: str, budget: list[int]) -> _State:
        places = self._closure(state, following, budget)
        if self._anywhere and _END in places:
            goal = _MATCHED
        else:
            tests, leads = self._tests, self._leads
            goals = {leads[p][0] for p in places if (test := tests[p]) is not None and test(char)}
            if self._anywhere:
                goals.add(self._start)
            goal = self._state(frozenset(goals), _kind(char))
        if following is not _LAST:
            self._kept += 1 + len(goal.places)
            if self._kept > _MOST_KEPT:
                self._states, self._kept = {}, 0
                state.moves.clear()
            state.moves[char] = goal
        return goal

    def _closure(self, state: _State, following: str, budget: list[int]) -> set[int]:
        """The places that are reached without a character; `following` is the next one."""
        edges, leads = self._edges, self._leads
        reached, work = set(state.places), list(state.places)
        while work:
            place = work.pop()
            edge = edges[place]
            if self._tests[place] is not None or (edge and not _holds(edge, state.before, following)):
                continue
            for goal in leads[place]:
                if goal not in reached:
                    reached.add(goal)
                    work.append(goal)
        budget[0] -= len(reached)
        if budget[0] < 0:
            raise TooLargeError(f"it takes more than {MOST_WORK:,} steps")
        return reached

    # --- places ---------------------------------------------------------------------------------

    def _add(self, leads: tuple[int, ...], test: Test | None = None, edge: str = "") -> int:
        if len(self._leads) >= MOST_PLACES:
            raise TooLargeError(f"it unfolds to more than {MOST_PLACES:,} places")
        self._tests.append(test)
        self._edges.append(edge)
        self._leads.append(leads)
        return len(self._leads) - 1

    def _build(self, node: Node, goal: int) -> int:
        """The place where a part begins that leads to `goal`."""
        self._parts += 1
        if self._parts > 10 * MOST_PLACES:  # empty groups, again and again
            raise TooLargeError(f"it unfolds to more than {MOST_PLACES:,} places")
        match node:
            case One():
                return self._add((goal,), _test(node.text, node.flags))
            case Edge():
                return self._add((goal,), edge=node.kind)
            case Row():
                for part in reversed(node.parts):
                    goal = self._build(part, goal)
                return goal
            case Choice():
                return self._add(tuple(self._build(option, goal) for option in node.options))
            case Repeat():
                return self._build_repeat(node, goal)
            case Beyond():
                raise TooLargeError(f"it has {node.kind}")

    def _build_repeat(self, node: Repeat, goal: int) -> int:
        if max(node.low, node.high or 0) > MOST_PLACES:
            raise TooLargeError(f"it unfolds to more than {MOST_PLACES:,} places")
        if node.high is None:
            loop = self._add((goal,))
            self._leads[loop] = (self._build(node.part, loop), goal)
            goal = loop
        else:
            out = goal
            for _ in range(node.high - node.low):
                goal = self._add((self._build(node.part, goal), out))
        for _ in range(node.low):
            goal = self._build(node.part, goal)
        return goal


@lru_cache(4096)
def _test(text: str, flags: int) -> Test:
    if text == "." and flags & re.DOTALL:
        return _any
    return re.compile(text, flags).match


def _any(char: str) -> bool:
    return True


_WORD = re.compile(r"\w")


def _kind(char: str) -> str:
    """The kind of a character for edges: "line" for a line break, "word", "letter" for one beyond ASCII."""
    if char == "\n":
        return "line"
    return "" if _WORD.match(char) is None else "word" if char.isascii() else "letter"


def _holds(edge: str, before: str, following: str) -> bool:
    """Whether a place between two characters is such an edge."""
    match edge:
        case "^" | "A":
            return before == "start"
        case "^m":
            return before in ("start", "line")
        case "$":
            return following in (_LAST, _NOTHING)
        case "$m":
            return following in (_LAST, _NOTHING, "\n")
        case "Z":
            return following == _NOTHING
    if before == "start" and following == _NOTHING and sys.version_info < (3, 14):
        return False  # an empty text has no edge of either kind
    words = ("word",) if edge.endswith("a") else ("word", "letter")
    after = _kind(following) if len(following) == 1 else ""
    return ((before in words) is not (after in words)) is (edge[0] == "b")
