"""The structure of a regular expression: sequences, choices, repeats, and the single characters they are made of.

A reader of its own, as Python's parser is not for others to use. It reads what `re.compile` has taken, so that it
need not find faults; what a character test means is left to `re`, which keeps classes and letter case as they are there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

NAMES = {
    "i": re.IGNORECASE,
    "s": re.DOTALL,
    "m": re.MULTILINE,
    "a": re.ASCII,
    "u": re.UNICODE,
    "x": re.VERBOSE,
}
_REPEAT = re.compile(r"\{(\d*)(,?)(\d*)\}")
_ESCAPE = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|0[0-7]{0,2}|[0-3][0-7]{2}|.)", re.DOTALL
)
_FLAGS = re.compile(r"\(\?([aiLmsux]*)(?:-([imsx]+))?([:)])")
_ASSERTIONS = {"(?=": "a look-ahead", "(?!": "a look-ahead", "(?<=": "a look-behind", "(?<!": "a look-behind"}


@dataclass(frozen=True, slots=True)
class One:
    """One character that a class, an escape or itself describes."""

    text: str
    flags: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A place between two characters: "^", "$", "A", "Z", "b" or "B"; with "m" for a line's."""

    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """Parts one after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part several times; `high` is None without an upper limit."""

    part: Node
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Beyond:
    """A part that no automaton has, by its name: a back reference, a look-ahead. `part` stands in it."""

    kind: str
    part: Node = field(default_factory=lambda: Row(()))


Node: TypeAlias = One | Edge | Row | Choice | Repeat | Beyond


def read_pattern(text: str, flags: int = 0) -> Node:
    """The structure of a regular expression that `re.compile` takes."""
    return _Reader(text).read(flags)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def read(self, flags: int) -> Node:
        node, _ = self._choice(flags)
        return node

    def _choice(self, flags: int) -> tuple[Node, int]:
        options = []
        while True:
            row, flags = self._row(flags)
            options.append(row)
            if not self._take("|"):
                return (options[0] if len(options) == 1 else Choice(tuple(options))), flags

    def _row(self, flags: int) -> tuple[Node, int]:
        parts: list[Node] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            if flags & re.VERBOSE and self._skip_blank():
                continue
            group = _FLAGS.match(self._text, self._at)
            if group is not None and group[3] == ")":  # "(?i)" is for all that follows
                flags = _change(flags, group)
                self._at = group.end()
                continue
            part = self._item(flags)
            if part is not None:
                parts.append(self._repeat(part, flags))
        return (parts[0] if len(parts) == 1 else Row(tuple(parts))), flags

    def _skip_blank(self) -> bool:
        sign = self._text[self._at]
        if sign == "#":
            end = self._text.find("\n", self._at)
            self._at = len(self._text) if end < 0 else end + 1
        elif sign.isspace():
            self._at += 1
        return sign == "#" or sign.isspace()

    def _take(self, sign: str) -> bool:
        if self._text.startswith(sign, self._at):
            self._at += len(sign)
            return True
        return False

    def _repeat(self, part: Node, flags: int) -> Node:
        while flags & re.VERBOSE and self._at < len(self._text) and self._skip_blank():
            pass
        text, at = self._text, self._at
        sign = text[at : at + 1]
        low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign, (-1, None))
        if low >= 0:
            self._at += 1
        else:
            braces = _REPEAT.match(text, at)
            if braces is None or not (braces[1] or braces[2]):
                return part
            low = int(braces[1] or 0)
            high = (int(braces[3]) if braces[3] else None) if braces[2] else low
            self._at = braces.end()
        if self._take("+"):
            return Beyond("a possessive quantifier", Repeat(part, low, high))
        self._take("?")  # how much is tried first decides nothing about whether it matches
        return Repeat(part, low, high)

    def _item(self, flags: int) -> Node | None:
        text, at = self._text, self._at
        match text[at]:
            case "(":
                return self._group(flags)
            case "[":
                end = at + 1 + (text[at + 1] == "^")
                end += text[end] == "]"  # one that stands first is a character
                while text[end] != "]":
                    end += 2 if text[end] == "\\" else 1
                self._at = end + 1
                return One(text[at : self._at], flags & ~re.VERBOSE)
            case "^" | "$" as sign:
                self._at += 1
                return Edge(sign + "m" * bool(flags & re.MULTILINE))
            case "\\":
                return self._escape(flags)
            case sign:
                self._at += 1
                return One("." if sign == "." else re.escape(sign), flags & ~re.VERBOSE)

    def _escape(self, flags: int) -> Node:
        escape = _ESCAPE.match(self._text, self._at)
        assert escape is not None, "re.compile takes no bare backslash"
        sign = escape[0]
        self._at = escape.end()
        if sign[1] in "AZz":
            return Edge("A" if sign[1] == "A" else "Z")
        if sign[1] in "bB":
            return Edge(sign[1] + "a" * bool(flags & re.ASCII))
        if len(sign) == 2 and sign[1] in "123456789":
            if self._text[self._at : self._at + 1].isdigit():
                self._at += 1
            return Beyond("a back reference")
        return One(sign, flags & ~re.VERBOSE)

    def _group(self, flags: int) -> Node | None:
        text, at = self._text, self._at
        opening = next((sign for sign in _ASSERTIONS if text.startswith(sign, at)), "")
        if text.startswith("(?#", at):
            self._at = text.index(")", at) + 1
            return None
        if text.startswith("(?P=", at):
            self._at = text.index(")", at) + 1
            return Beyond("a back reference")
        kind = _ASSERTIONS.get(opening, "")
        if kind:
            self._at += len(opening)
        elif text.startswith("(?>", at):
            kind, self._at = "an atomic group", at + 3
        elif text.startswith("(?(", at):
            kind, self._at = "a condition", text.index(")", at) + 1
        elif text.startswith("(?P<", at):
            self._at = text.index(">", at) + 1
        elif (group := _FLAGS.match(text, at)) is not None:
            flags, self._at = _change(flags, group), group.end()
        else:
            self._at += 1
        inner, _ = self._choice(flags)
        self._at += 1  # the closing one
        return Beyond(kind, inner) if kind else inner


def _change(flags: int, group: re.Match[str]) -> int:
    for name in group[1]:
        flags |= NAMES.get(name, 0)
        if name == "u":
            flags &= ~re.ASCII
    for name in group[2] or "":
        flags &= ~NAMES[name]
    return flags
