"""A reader of almost-JSON, asked only after the strict one has failed.

Source: section 10.2; the server's own parser takes trailing commas, single quotes and unquoted names (likely).
Nothing else is forgiven here: what this reader refuses stays the fault that the strict reader told.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from mockso.contract.model import Json
from mockso.contract.values import exact
from mockso.formats.reading import DEPTH_LIMIT, Undecodable


@dataclass(frozen=True)
class Found:
    """A value read from almost-JSON; `message` tells each liberty taken, with the place of its first use."""

    value: Json
    message: str


class _Refused(Exception):
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


def read_tolerantly(body: bytes, content_type: str) -> Found | None:
    """The value of a body that is almost JSON; None when it is not even that."""
    from mockso.formats.codec import text_of

    try:
        return read_text(text_of(body, content_type))
    except Undecodable:
        return None


def read_text(text: str) -> Found | None:
    """The value of a text that is almost JSON; None when it is not even that, or needs no tolerance."""
    reader = _Reader(text)
    try:
        value = reader.value(0)
        reader.blank()
    except (_Refused, ValueError):  # ValueError: a number of more digits than Python converts
        return None
    if reader.at != len(text) or not reader.liberties:
        return None
    told = []
    for what, at in reader.liberties.items():
        line = text.count("\n", 0, at) + 1
        told.append(f"line {line} column {at - text.rfind(chr(10), 0, at)}: {what}")
    return Found(value, "; ".join(told) + ". It is no JSON, but the server reads it")


class _Reader:
    """One pass over a text; `liberties` has the place of the first use of each."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.liberties: dict[str, int] = {}

    def blank(self) -> str:
        """Skip blanks; the character behind them, "" at the end."""
        found = _BLANK.match(self.text, self.at)
        assert found is not None
        self.at = found.end()
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Json:
        if depth > DEPTH_LIMIT:
            raise _Refused
        first = self.blank()
        if first == "{":
            return self.members(depth)
        if first == "[":
            return self.items(depth)
        if first in _TEXTS and first:
            return self.string(first)
        found = _NUMBER.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
            return exact(found[0]) if found[1] or found[2] else int(found[0])
        found = _WORD.match(self.text, self.at)
        if found is None:
            raise _Refused
        self.at = found.end()
        return _WORDS[found[0]]

    def string(self, quote: str) -> str:
        found = _TEXTS[quote].match(self.text, self.at)
        if found is None:
            raise _Refused
        inner = found[1]
        if quote == "'":
            self.liberties.setdefault("text in single quotes", self.at)
        self.at = found.end()
        text: str = json.loads(f'"{_QUOTES.sub(_as_json, inner)}"')
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise _Refused
        return text

    def name(self, first: str) -> str:
        if first in ('"', "'"):
            return self.string(first)
        found = _NAME.match(self.text, self.at)
        if found is None:
            raise _Refused
        self.liberties.setdefault("a property name without quotes", self.at)
        self.at = found.end()
        return found[0]

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
            raise _Refused
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
                raise _Refused
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
