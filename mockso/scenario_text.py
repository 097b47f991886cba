"""YAML to JSON values with the place of each, and the traps of YAML 1.1 closed.

`no`, `on`, `010`, `12:30:45` and dates stay the text they look like; only `true`, `false`, `null`, `~`,
nothing, and numbers as JSON writes them are anything else. Duplicate keys, tags, several documents
and anchors that unfold without end are faults with line and column. What the values mean is not known
here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from mockso.contract.model import Json

Place = tuple[str | int, ...]
Position = tuple[int, int]  # line and column, from 1

# Without anchors a file has fewer values than characters; with them it may have these more.
UNFOLDED = 10_000
DEEPEST = 100

_INT = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]  # chosen at run time: the C one where it is built
    """Nothing is guessed from how a plain text looks; that is done below."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  PyYAML reads it from the class


@dataclass(frozen=True, slots=True)
class YamlFault:
    """Something that is not the YAML we read, and where."""

    position: Position
    message: str


@dataclass(slots=True)
class Document:
    """A value, where each part of it stands, and what was wrong.

    `values` has the position of the value at a place, `keys` that of its key.
    """

    value: Json = None
    values: dict[Place, Position] = field(default_factory=dict)
    keys: dict[Place, Position] = field(default_factory=dict)
    faults: list[YamlFault] = field(default_factory=list)

    def position(self, place: Place, *, key: bool = False) -> Position:
        """Where a place is, or the nearest thing around it that is written down."""
        while place:
            found = (self.keys if key else self.values).get(place) or self.values.get(place)
            if found:
                return found
            place, key = place[:-1], True
        return self.values.get((), (1, 1))


def read_yaml(data: bytes | str) -> Document:
    """One YAML document."""
    document = Document()
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        document.faults.append(
            YamlFault(
                (line, 1), f"byte 0x{error.object[error.start]:02x} is not UTF-8; save the file as UTF-8."
            )
        )
        return document
    try:
        if _depth(text, document):
            return document
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        document.faults.append(_syntax_fault(error, text))
        return document
    if node is None:
        document.faults.append(YamlFault((1, 1), "the file is empty; a scenario has 'name' and 'steps'."))
        return document
    _Reader(document, len(text) + UNFOLDED).read(node)
    return document


def _depth(text: str, document: Document) -> bool:
    """Whether it is nested too deep to be read at all: composing recurses, reading events does not."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                document.faults.append(
                    YamlFault(_position(event), f"is nested more than {DEEPEST} deep; make it flatter.")
                )
                return True
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return False


def _position(node: Any) -> Position:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _syntax_fault(error: yaml.YAMLError, text: str) -> YamlFault:
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return YamlFault((line, 1), f"character {error.character!r} is not allowed in YAML; remove it.")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or error).strip()
    remedy = _REMEDIES.get(problem, "")
    if "another document" in problem:
        problem, remedy = "a second document starts here", "write one scenario a file"
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    context = getattr(error, "context", None)
    return YamlFault(
        place, f"not YAML: {problem}{f' {context}' if context else ''}{f'; {remedy}' if remedy else ''}."
    )


_REMEDIES = {
    "mapping values are not allowed in this context": "put a text with ': ' in quotes",
    "found character that cannot start any token": "indent with blanks, and quote a text that starts with @, ` or %",
    "found a tab character that violates indentation": "indent with blanks",
    "did not find expected key": "look at the indentation, or quote the text",
    "did not find expected ',' or ']'": "close the list",
    "did not find expected ',' or '}'": "close the brace; a text with {{ needs quotes",
}


class _Reader:
    def __init__(self, document: Document, left: int) -> None:
        self._document = document
        self._left = left
        self._open: set[int] = set()

    def read(self, node: Any) -> None:
        try:
            self._document.value = self._value(node, ())
        except _TooMuchError:
            self._document.value = None

    def _fault(self, node: Any, message: str) -> None:
        self._document.faults.append(YamlFault(_position(node), message))

    def _value(self, node: Any, place: Place) -> Json:
        self._left -= 1
        if self._left < 0 or len(place) > DEEPEST:
            # The node stands where its anchor is; what unfolds it is somewhere below this key.
            self._document.faults.append(
                YamlFault(
                    self._document.position(place[:1], key=True),
                    "anchors unfold to more than can be read; write out what is meant.",
                )
            )
            raise _TooMuchError
        self._document.values.setdefault(place, _position(node))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self._open:
            self._fault(node, "an anchor holds itself; write out what is meant.")
            raise _TooMuchError
        self._open.add(id(node))
        try:
            if node.tag not in ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
                self._fault(node, f"tag {_tag(node.tag)} is not used here; remove it.")
            if isinstance(node, yaml.SequenceNode):
                return [self._value(item, (*place, number)) for number, item in enumerate(node.value)]
            return dict(self._members(node, place))
        finally:
            self._open.discard(id(node))

    def _members(self, node: Any, place: Place) -> Iterator[tuple[str, Json]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._fault(
                    key_node,
                    "a list or mapping cannot be a key; a text with braces, as {{ now }}, needs quotes.",
                )
                continue
            key = key_node.value
            if key in seen:
                self._fault(
                    key_node, f"key {key!r} is given again, first in line {seen[key]}; keep one of the two."
                )
                continue
            seen[key] = _position(key_node)[0]
            self._document.keys.setdefault((*place, key), _position(key_node))
            yield key, self._value(value_node, (*place, key))

    def _scalar(self, node: Any) -> Json:
        if node.tag != "tag:yaml.org,2002:str":
            self._fault(node, f"tag {_tag(node.tag)} is not used here; remove it, and quote what is a text.")
        text: str = node.value
        if node.style in ("'", '"', "|", ">"):
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            return int(text) if len(text) < 400 else text
        if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        return text


class _TooMuchError(Exception):
    """More than can be read; the fault is already written down."""


def _tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")
