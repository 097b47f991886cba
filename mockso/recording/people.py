"""The people a run has met: whose names they are, and where they stand again in sentences.

Which properties have names and phone numbers is decided here; what stands for them is `pseudonyms.py`'s.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from mockso.contract.model import Json

_NAMES = (
    *("firstname", "middlename", "lastname", "fullname", "formalname", "surname", "givenname", "nickname"),
    *("personname", "associatename", "username", "fromname", "kananame", "kanafname", "kanalname"),
)
_PHONES = ("phone", "phones", "fax", "faxes", "mobile", "mobiles", "phonenumber", "formattednumber")
# In a list of phones, and in the rows of an archive, the text stands in members of another name.
_PARTS = ("value", "strippedvalue", "displayvalue", "tooltip", "tooltiphint", "")
# A lone word is a code ("Sale", "NO") unless it stands where people write what they like.
_FREE = (
    *("name", "subject", "title", "description", "text", "note", "notes", "comment", "label", "heading"),
    *("value", "tooltip", "tooltiphint", "agenda", "location", "salutation", "body", "message"),
)
WORD = re.compile(r"[^\W\d_]+")
ELEMENT = re.compile(r"(<(?:[\w.-]+:)?([\w.-]+)(?:\s[^<>]*)?>)([^<>]+)(?=</)")
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*+)"|([\[\]{}:,])', re.DOTALL)
_SHORT = 3

Change = Callable[[str, str, str], str]
"""What a text becomes, with the name of its property and of the one around that."""


def plain_name(name: str) -> str:
    """A property's name for comparing: "person/fullName" and "FullName" are one."""
    return re.split(r"[/.]", name)[-1].lower().replace("_", "").replace("-", "").replace(" ", "")


def kind_of(name: str, around: str) -> str:
    """The kind of text in a property: "name", "phone", or "" for any other."""
    plain, outer = plain_name(name), plain_name(around)
    for kind, endings in (("name", _NAMES), ("phone", _PHONES)):
        if plain.endswith(endings) or (plain in _PARTS and outer.endswith(endings)):
            return kind
    return ""


def inside(name: str, around: str) -> str:
    """The name that counts as around the members of a property: its own, if names or numbers stand in it."""
    return name if kind_of(name, "") else around


class People:
    """Names that were met, to be found again in other texts."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._ignored: set[str] = set()
        self._wholes: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def meet(self, text: str) -> None:
        """Remember a name: its words, and all of it where a word is too short to stand for it alone."""
        words = WORD.findall(text)
        for word in words:
            # "von" and "de" are parts of names, and of many other things.
            if word[0].isupper() and len(word) >= _SHORT:
                self._words |= {word, word.capitalize(), word.upper()}
        short = len(words) > 1 and any(len(word) < _SHORT for word in words)
        caseless = any(word.lower() == word.upper() for word in words) and len(text) > 1
        if (short or caseless) and text not in self._wholes:
            self._wholes.add(text)
            self._pattern = None

    def leave(self, text: str) -> None:
        """Do not look for a name that is to be kept."""
        self._ignored |= set(WORD.findall(text))

    def replace_names(self, text: str, name: str, stand_in: Callable[[str], str]) -> str:
        """A text of a property, with what stands for each name in it."""
        if not self._words and not self._wholes:
            return text
        if WORD.fullmatch(text) and name and not plain_name(name).endswith(_FREE):
            return text
        before = ""
        if "://" in text and " " not in text:  # of an address only what was asked may be anybody's name
            before, mark, text = text.partition("?")
            before += mark
        if self._wholes:
            if self._pattern is None:
                longest = sorted(self._wholes, key=len, reverse=True)
                self._pattern = re.compile(r"(?<![^\W\d_])(?:" + "|".join(map(re.escape, longest)) + ")")
            text = self._pattern.sub(lambda m: stand_in(m[0]), text)
        names = self._words - self._ignored

        def word(match: re.Match[str]) -> str:
            text = match[0]
            if text in names:
                return stand_in(text)
            # "Olas" is what is Ola's, in the vendor's country and its neighbours.
            return f"{stand_in(text[:-1])}s" if text[-1] == "s" and text[:-1] in names else text

        return before + WORD.sub(word, text)


def texts_of(value: Json, name: str = "", around: str = "") -> Iterator[tuple[str, str, str]]:
    """Each text of a decoded body, with the name of its property and of the one around that."""
    if isinstance(value, dict):
        outer = inside(name, around)
        for key, item in value.items():
            yield from texts_of(item, key, outer)
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item, name, around)
    elif isinstance(value, str):
        yield value, name, around


def map_texts(value: Json, change: Change, name: str = "", around: str = "") -> Json:
    """A decoded body with each text changed."""
    if isinstance(value, dict):
        outer = inside(name, around)
        return {key: map_texts(item, change, key, outer) for key, item in value.items()}
    if isinstance(value, list):
        return [map_texts(item, change, name, around) for item in value]
    return change(value, name, around) if isinstance(value, str) and value else value


def map_json_texts(text: str, change: Change) -> str:
    """The text of a JSON value with each of its texts changed, and its form kept: blanks, numbers, escapes.

    What is not JSON comes out in some way, with every text that stands behind a name changed all the same.
    """
    parts: list[str] = []
    position = 0
    # Of each open bracket: the name it stands under, what is around its members; then the name that comes next.
    stack: list[tuple[str, str]] = []
    name = around = ""
    tokens = list(_TOKEN.finditer(text))
    for number, token in enumerate(tokens):
        mark = token[2]
        if mark in ("{", "["):
            stack.append((name, around))
            if mark == "{":
                around, name = inside(name, around), ""
        elif mark in ("}", "]"):
            if stack:
                name, around = stack.pop()
        elif mark is None:
            follows = tokens[number + 1] if number + 1 < len(tokens) else None
            if follows is not None and follows[2] == ":" and not text[token.end() : follows.start()].strip():
                name = _read(token[1])
                continue
            old = _read(token[1])
            new = change(old, name, around) if old else old
            if new != old:
                parts += [text[position : token.start()], json.dumps(new, ensure_ascii=token[0].isascii())]
                position = token.end()
    return "".join([*parts, text[position:]])


def _read(inner: str) -> str:
    if "\\" not in inner:
        return inner
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError:
        return inner
