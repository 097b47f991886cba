"""A reader of almost-JSON, for texts that the strict reader of `json.py` has refused.

Source: section 10.2; the server's own parser takes trailing commas, single quotes, unquoted names and line breaks
in a text, and the last of two properties of one name (likely). Nothing else is forgiven, and the fault of a text
that is refused stands where this reader stopped, not where the strict one did.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from mockso.contract.model import Json
from mockso.contract.values import exact
from mockso.formats.reading import DEPTH_LIMIT, UndecodableError


@dataclass(frozen=True)
class Reading:
    """A value read from almost-JSON. `message` names each liberty taken, with the place of its first use; empty for
    JSON. `repeated` has a message for each name that an object gives again."""

    value: Json
    message: str
    repeated: tuple[str, ...] = ()


_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?(?![0-9A-Za-z_.$])")
_WORD = re.compile(r"(?:true|false|null)(?![0-9A-Za-z_$])")
_NAME = re.compile(r"[A-Za-z_$][0-9A-Za-z_$]*")
# Either quote ends only its own kind of text. Of the control characters only those of a line may stand in it.
_TEXTS = {
    '"': re.compile(r'"((?:[^"\\\x00-\x08\x0b\x0c\x0e-\x1f]|\\["\'\\/bfnrt]|\\u[0-9A-Fa-f]{4})*)"'),
    "'": re.compile(r"'((?:[^'\\\x00-\x08\x0b\x0c\x0e-\x1f]|\\[\"'\\/bfnrt]|\\u[0-9A-Fa-f]{4})*)'"),
}
_BREAK = re.compile(r"[\t\r\n]")
_BREAKS = {"\t": "a tab in a text", "\r": "a line break in a text", "\n": "a line break in a text"}
# An object of a hundred thousand equal names is told in a few words.
_REPEATED = 5
_WORDS = {"true": True, "false": False, "null": None}
# Escapes are taken whole, so that the quote behind an escaped backslash is a quote.
_QUOTES = re.compile(r'\\.|"', re.DOTALL)


def _as_json(part: re.Match[str]) -> str:
    return {'"': '\\"', "\\'": "'"}.get(part[0], part[0])


def read_almost_json(text: str) -> Reading:
    """The value of a text that is JSON or almost; UndecodableError says where it is not even that."""
    reader = _Reader(text)
    try:
        value = reader.value(0)
        if reader.blank():
            raise reader.refusal(f"there is more behind the value, starting with {text[reader.at]!r}")
    except ValueError as error:  # a number of more digits than Python converts
        raise UndecodableError("broken-json", f"a number is too long: {error}") from None
    liberties = [f"{reader.place(at)}: {liberty}" for liberty, at in reader.liberties.items()]
    message = "; ".join(liberties) + ". It is not JSON, but the server reads it" if liberties else ""
    return Reading(value, message, tuple(reader.repeated[:_REPEATED]))


class _Reader:
    """One pass over a text; `liberties` has the place of the first use of each."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.liberties: dict[str, int] = {}
        self.repeated: list[str] = []

    def place(self, at: int) -> str:
        line = self.text.count("\n", 0, at) + 1
        return f"line {line} column {at - self.text.rfind(chr(10), 0, at)}"

    def refusal(self, what: str, rule: str = "broken-json") -> UndecodableError:
        """The error for what stands here, or for the end of the text."""
        if self.at >= len(self.text):
            what = "the body ends too early" if self.text.strip() else "the body is empty"
        return UndecodableError(rule, f"{self.place(self.at)}: {what}")

    def blank(self) -> str:
        """Skip blanks; the character behind them, "" at the end."""
        match = _BLANK.match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Json:
        if depth > DEPTH_LIMIT:
            raise self.refusal(f"nested deeper than {DEPTH_LIMIT} levels", "too-deep")
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
            raise self.refusal(f"a value is expected, not {self.text[self.at : self.at + 10]!r}")
        self.at = match.end()
        return _WORDS[match[0]]

    def string(self, quote: str) -> str:
        match = _TEXTS[quote].match(self.text, self.at)
        if match is None:
            raise self.refusal("a text without its end, or with a character that needs another escape")
        inner = match[1]
        if quote == "'":
            self.liberties.setdefault("text in single quotes", self.at)
        control = _BREAK.search(inner)
        if control is not None:
            self.liberties.setdefault(_BREAKS[control[0]], self.at + 1 + control.start())
        text: str = json.loads(f'"{_QUOTES.sub(_as_json, inner)}"', strict=False)
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise self.refusal("half a surrogate pair in a text", "lone-surrogate")
        self.at = match.end()
        return text

    def name(self, first: str) -> str:
        if first in ('"', "'"):
            return self.string(first)
        match = _NAME.match(self.text, self.at)
        if match is None:
            raise self.refusal(f"a property name is expected, not {first!r}")
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
            raise self.refusal(f"a comma or {end!r} is missing before {self.text[self.at : self.at + 10]!r}")
        self.at += 1
        return False

    def members(self, depth: int) -> dict[str, Any]:
        self.at += 1
        value: dict[str, Any] = {}
        places: dict[str, int] = {}
        if self.blank() == "}":
            self.at += 1
            return value
        while True:
            first = self.blank()
            at = self.at
            name = self.name(first)
            if self.blank() != ":":
                raise self.refusal(f"a colon is missing behind the name {name[:40]!r}")
            if name in value:
                # Taken out first, as the last of all spellings of a name counts.
                del value[name]
                if len(self.repeated) < _REPEATED:
                    self.repeated.append(
                        f"{name!r} at {self.place(places[name])} is given again at {self.place(at)}; the last counts"
                    )
            places[name] = at
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
