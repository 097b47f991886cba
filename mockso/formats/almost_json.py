"""A reader of almost-JSON, for texts that the strict reader of `json.py` has refused.

Source: section 10.2; the server's own parser takes trailing commas, single quotes and unquoted names (likely).
Nothing else is forgiven: a text that this reader refuses keeps the fault that the strict one gave it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from mockso.contract.model import Json
from mockso.contract.values import exact
from mockso.formats.reading import DEPTH_LIMIT


@dataclass(frozen=True)
class Reading:
    """A value read from almost-JSON; `message` names each liberty taken, with the place of its first use."""

    value: Json
    message: str


class _RefusedError(Exception):
    pass


_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?(?![0-9A-Za-z_.$])")
_WORD = re.compile(r"(?:true|false|null)(?![0-9A-Za-z_$])")
_NAME = re.compile(r"[A-Za-z_$][0-9A-Za-z_$]*")
# No control characters, as in JSON; either quote ends only its own kind of text.
_TEXTS = {
    '"': re.compile(r'"((?:[^"\\\x00-\x1f]|\\["\'\\/bfnrt]|\\u[0-9A-Fa-f]{4})*)"'),
    "'": re.compile(r"'((?:[^'\\\x00-\x1f]|\\[\"'\\/bfnrt]|\\u[0-9A-Fa-f]{4})*)'"),
}
_WORDS = {"true": True, "false": False, "null": None}
# Escapes are taken whole, so that the quote behind an escaped backslash is a quote.
_QUOTES = re.compile(r'\\.|"', re.DOTALL)


def _as_json(part: re.Match[str]) -> str:
    return {'"': '\\"', "\\'": "'"}.get(part[0], part[0])


def read_almost_json(text: str) -> Reading | None:
    """The value of a text that is almost JSON; None when it is not even that, or needs no tolerance."""
    reader = _Reader(text)
    try:
        value = reader.value(0)
        reader.blank()
    except (_RefusedError, ValueError):  # ValueError: a number of more digits than Python converts
        return None
    if reader.at != len(text) or not reader.liberties:
        return None
    messages = []
    for liberty, at in reader.liberties.items():
        line = text.count("\n", 0, at) + 1
        messages.append(f"line {line} column {at - text.rfind(chr(10), 0, at)}: {liberty}")
    return Reading(value, "; ".join(messages) + ". It is not JSON, but the server reads it")


class _Reader:
    """One pass over a text; `liberties` has the place of the first use of each."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.liberties: dict[str, int] = {}

    def blank(self) -> str:
        """Skip blanks; the character behind them, "" at the end."""
        match = _BLANK.match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Json:
        if depth > DEPTH_LIMIT:
            raise _RefusedError
        first = self.blank()
        if first == "{":
            return self.members(depth)
        if first == "[":
            return self.items(depth)
        if first in _TEXTS and first:
            return self.string(first)
        match = _NUMBER.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
            return exact(match[0]) if match[1] or match[2] else int(match[0])
        match = _WORD.match(self.text, self.at)
        if match is None:
            raise _RefusedError
        self.at = match.end()
        return _WORDS[match[0]]

    def string(self, quote: str) -> str:
        match = _TEXTS[quote].match(self.text, self.at)
        if match is None:
            raise _RefusedError
        inner = match[1]
        if quote == "'":
            self.liberties.setdefault("text in single quotes", self.at)
        self.at = match.end()
        text: str = json.loads(f'"{_QUOTES.sub(_as_json, inner)}"')
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise _RefusedError
        return text

    def name(self, first: str) -> str:
        if first in ('"', "'"):
            return self.string(first)
        match = _NAME.match(self.text, self.at)
        if match is None:
            raise _RefusedError
        self.liberties.setdefault("a property name without quotes", self.at)
        self.at = match.end()
        return match[0]

    def comma(self, end: str) -> bool:
        """Whether another item follows: a comma, and not the end behind it."""
        follows = self.blank()
        if follows == ",":
            comma = self.at
            self.at += 1
            if self.blank() != end:
                return True
            self.liberties.setdefault("a comma before the closing bracket", comma)
        elif follows != end:
            raise _RefusedError
        self.at += 1
        return False

    def members(self, depth: int) -> dict[str, Any]:
        self.at += 1
        value: dict[str, Any] = {}
        if self.blank() == "}":
            self.at += 1
            return value
        while True:
            name = self.name(self.blank())
            if name in value or self.blank() != ":":
                raise _RefusedError
            self.at += 1
            value[name] = self.value(depth + 1)
            if not self.comma("}"):
                return value

    def items(self, depth: int) -> list[Any]:
        self.at += 1
        value: list[Any] = []
        if self.blank() == "]":
            self.at += 1
            return value
        while True:
            value.append(self.value(depth + 1))
            if not self.comma("]"):
                return value
