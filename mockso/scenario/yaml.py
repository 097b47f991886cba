"""YAML to JSON values with the place of each, and the traps of YAML 1.1 closed.

`no`, `on`, `010`, `12:30:45` and dates stay the text they look like; only `true`, `false`, `null`, `~`,
nothing, and numbers as JSON writes them are anything else. Duplicate keys, tags, several documents
and anchors that unfold without end are faults with line and column. What the values mean is not known
here.
"""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from mockso.contract.model import Json

Place = tuple[str | int, ...]
Position = tuple[int, int]  # line and column, from 1

# Without anchors a file has fewer values than characters; with them it may have these more.
UNFOLDED = 10_000
DEEPEST = 100

_FAR_RIGHT = re.compile(rf"^[ \-?:]{{{DEEPEST}}}", re.MULTILINE)
_INT = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
# What is not a text starts with one of these, or is empty.
_STARTS = frozenset({*"-0123456789tfn~", ""})
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}

# The parser alone, in C where it is built: what makes Python objects of nodes is not used here.
_Base: Any = getattr(yaml.cyaml, "CParser", yaml.SafeLoader) if yaml.__with_libyaml__ else yaml.SafeLoader


_COLLECTIONS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_TAGS = {
    yaml.ScalarNode: "tag:yaml.org,2002:str",
    yaml.MappingNode: _COLLECTIONS[0],
    yaml.SequenceNode: _COLLECTIONS[1],
}


_Scalar = yaml.ScalarNode


class _Loader(_Base):  # type: ignore[misc]  # chosen at run time: the C one where it is built
    """Nothing is guessed from how a plain text looks; that is done below."""

    # The parser calls these two for every node. Tags here do not depend on where a node stands, so
    # that any function of C that takes the arguments and does nothing will do.
    descend_resolver = staticmethod(operator.is_)
    ascend_resolver = staticmethod(tuple)

    def resolve(self, kind: type, value: object, implicit: object) -> str:
        return _TAGS[kind]


@dataclass(frozen=True, slots=True)
class YamlFault:
    """Something that is not the YAML we read, and where."""

    position: Position
    message: str


@dataclass(slots=True)
class Document:
    """A value, where each part of it stands, and what was wrong."""

    value: Json = None
    faults: list[YamlFault] = field(default_factory=list)
    root: Any = None  # PyYAML's node, asked for places: few are ever needed

    def position(self, place: Place, *, key: bool = False) -> Position:
        """Where the value at a place is, or its key, or the nearest thing around it that is written down."""
        if self.root is None:
            return (1, 1)
        node, key_node = self.root, None
        for part in place:
            child = _child(node, part)
            if child is None:
                return _position(key_node or node)
            key_node, node = child
        return _position(key_node if key and key_node is not None else node)

    def part(self, key: str) -> Document:
        """The value below a key of the top as a document of its own; its places count from there."""
        child = _child(self.root, key)
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Document(value, [], child[1] if child is not None else None)

    def has(self, place: Place) -> bool:
        """Whether a place is written down."""
        node = self.root
        for part in place:
            child = _child(node, part)
            if child is None:
                return False
            node = child[1]
        return True


def _child(node: Any, part: str | int) -> tuple[Any, Any] | None:
    """The key, if there is one, and the value at one step below a node."""
    if isinstance(node, yaml.MappingNode):
        return next((pair for pair in node.value if pair[0].value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return None, node.value[part]
    return None


def read_yaml(data: bytes | str, form: str = "a scenario has 'name' and 'steps'") -> Document:
    """One YAML document; `form` is what a message about an empty one says of the file."""
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
        if _may_be_deep(text) and _is_too_deep(text, document):
            return document
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        document.faults.append(_syntax_fault(error, text))
        return document
    if node is None:
        document.faults.append(YamlFault((1, 1), f"the file is empty; {form}."))
        return document
    document.root = node
    _Reader(document, len(text) + UNFOLDED, anchors="&" in text).read(node)
    return document


def _may_be_deep(text: str) -> bool:
    """A quick look: depth takes a bracket each, or a line that starts far to the right."""
    return text.count("[") + text.count("{") > DEEPEST or _FAR_RIGHT.search(text) is not None


def _is_too_deep(text: str, document: Document) -> bool:
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
        return YamlFault(
            (line, 1), f"character U+{_code(error.character):04X} is not allowed in YAML; remove it."
        )
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or error).strip()
    remedy = _REMEDIES.get(problem, "")
    if "another document" in problem:
        problem, remedy = "a second document starts here", "write one scenario a file"
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    # What the parser was doing helps few, and nobody who has a remedy.
    context = "" if remedy else getattr(error, "context", None)
    return YamlFault(
        place, f"not YAML: {problem}{f' {context}' if context else ''}{f'; {remedy}' if remedy else ''}."
    )


def _code(character: Any) -> int:
    return character if isinstance(character, int) else ord(character)


_REMEDIES = {
    "mapping values are not allowed in this context": "put a text with ': ' in quotes",
    "found character that cannot start any token": "indent with blanks, and quote a text that starts with @, ` or %",
    "found a tab character that violates indentation": "indent with blanks",
    "did not find expected node content": "something is missing inside the brackets",
    "found undefined alias": "quote a text that starts with *",
    "did not find expected '-' indicator": "indent it as the key above it, or put '- ' before it",
    "block sequence entries are not allowed in this context": "put the list in lines of its own, below its key",
    "found unexpected end of stream": "close the quote",
    "could not find expected ':'": "a key needs ': ' behind it",
    "found unexpected ':'": "put a blank behind ':'",
    "did not find the expected comment or line break": "put a blank before '#'",
    "did not find expected alphabetic or numeric character": "quote a text that starts with & or *",
    "did not find expected key": "look at the indentation, or quote the text",
    "did not find expected ',' or ']'": "close the list",
    "exceeded maximum nesting depth": "put fewer brackets into each other",
    "found incompatible YAML document": "remove the line with %YAML",
    "did not find expected ',' or '}'": "close the brace; a text with {{ needs quotes",
}


class _Reader:
    def __init__(self, document: Document, left: int, *, anchors: bool) -> None:
        self._document = document
        self._left = left
        self._anchors = anchors
        self._top = document.root
        self._open: set[int] = set()

    def read(self, node: Any) -> None:
        try:
            self._document.value = self._value(node, 0)
        except _TooMuchError:
            self._document.value = None

    def _fault(self, node: Any, message: str) -> None:
        self._document.faults.append(YamlFault(_position(node), message))

    def _value(self, node: Any, depth: int) -> Json:
        if not self._anchors:
            return self._plain_value(node, depth)
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            # The node stands where its anchor is; what unfolds it is somewhere below this key.
            self._fault(self._top, "anchors unfold to more than can be read; write out what is meant.")
            raise _TooMuchError
        if id(node) in self._open:
            self._fault(node, "an anchor holds itself; write out what is meant.")
            raise _TooMuchError
        self._open.add(id(node))
        value = self._plain_value(node, depth)
        self._open.discard(id(node))
        return value

    def _plain_value(self, node: Any, depth: int) -> Json:
        kind = type(node)
        if kind is _Scalar:
            return self._scalar(node)
        if node.tag not in _COLLECTIONS:
            self._fault(node, f"tag {_tag(node.tag)} is not used here; remove it.")
        if kind is yaml.SequenceNode:
            return [self._value(item, depth + 1) for item in node.value]
        return self._members(node, depth)

    def _members(self, node: Any, depth: int) -> dict[str, Json]:
        members: dict[str, Json] = {}
        for key_node, value_node in node.value:
            if depth == 0:
                self._top = key_node
            if type(key_node) is not _Scalar:
                self._fault(
                    key_node,
                    "a list or mapping cannot be a key; a text with braces, as {{ now }}, needs quotes.",
                )
                continue
            key = key_node.value
            if key in members:
                first = next(_position(pair[0])[0] for pair in node.value if pair[0].value == key)
                self._fault(
                    key_node, f"key {key!r} is given again, first in line {first}; keep one of the two."
                )
                continue
            members[key] = self._value(value_node, depth + 1)
        return members

    def _scalar(self, node: Any) -> Json:
        if node.tag != "tag:yaml.org,2002:str":
            self._fault(node, f"tag {_tag(node.tag)} is not used here; remove it, and quote what is a text.")
        text: str = node.value
        if text[:1] not in _STARTS or node.style in ("'", '"', "|", ">"):
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
