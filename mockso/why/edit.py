"""A scenario file's text with a JSON Patch applied: only what an operation is about changes, all else stays
byte for byte, be it comments, quotes, blanks, line ends or how brackets are set.

The places come from the parser's marks. What cannot be done so without a doubt (an alias stands there, a
comment would be lost) is `UnclearEditError`, and somebody else's to do (why_fix.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import yaml

from mockso.contract.model import Json
from mockso.contract.paths import split_pointer
from mockso.scenario.yaml import read_yaml

# A text that is itself wherever it stands, without quotes.
_PLAIN = re.compile(r"[A-Za-z_$/.](?:[\w $/.*?-]*[\w$/.*?-])?", re.ASCII)
_NO_TEXT = re.compile(r"true|false|null|~|-?[0-9.].*", re.IGNORECASE)
# Line ends to YAML 1.1, and what no single quotes can hold.
_SPECIAL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")

_ALIAS = re.compile(r"\s*(\*[^\s,\[\]{}]+)")
_COLON = re.compile(r"\s*:")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class UnclearEditError(Exception):
    """The text cannot be changed at this place alone."""


class SharedAnchorError(Exception):
    """The place stands for several, by an anchor."""


def edit_text(text: str, patch: Iterable[Mapping[str, Any]]) -> str:
    """The text with add, replace and remove applied. UnclearEditError where that cannot be done at the place alone,
    SharedAnchorError where it would be a change elsewhere too."""
    patch = list(patch)
    result = patched_value(text, patch)
    for operation in patch:
        text = _Text(text).apply(split_pointer(operation["path"]), operation)
    if read_yaml(text).value != result:
        raise SharedAnchorError if "&" in text else UnclearEditError("the file would say something else")
    return text


def patched_value(text: str, patch: Iterable[Mapping[str, Any]]) -> Json:
    """The value of the file after the patch."""
    # By way of a text, as what an alias has is one value in two places.
    value: Json = json.loads(json.dumps(read_yaml(text).value))
    for operation in patch:
        _apply(value, split_pointer(operation["path"]), operation)
    return value


def _apply(document: Any, place: list[str], operation: Mapping[str, Any]) -> None:
    *way, last = place
    for part in way:
        document = document[int(part) if isinstance(document, list) else part]
    key: Any = int(last) if isinstance(document, list) else last
    if operation["op"] == "remove":
        del document[key]
    else:
        document[key] = operation["value"]


# --- how values are written ---------------------------------------------------------------------


def to_yaml(value: Json, quote: str = "") -> str:
    """A value on one line, in brackets where it has parts; `quote` is the kind that a text shall have."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{to_yaml(key)}: {to_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(to_yaml, value)) + "]"
    if not isinstance(value, str):
        return json.dumps(value)
    if not quote and _PLAIN.fullmatch(value) and not _NO_TEXT.fullmatch(value):
        return value
    if quote == '"' or _SPECIAL.search(value):
        return _SPECIAL.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))
    return "'" + value.replace("'", "''") + "'"


# --- where they stand ---------------------------------------------------------------------------


class _Text:
    def __init__(self, text: str) -> None:
        self.text = text
        self.document = read_yaml(text)
        if self.document.root is None or self.document.faults:
            raise UnclearEditError("the file is not read as it is")
        self.newline = "\r\n" if "\r\n" in text else "\n"
        # Where each node stands: an alias has the very node that stands at its anchor.
        self._home: dict[int, tuple[int, int]] = {}
        self._find_homes(self.document.root)

    def _find_homes(self, node: Any) -> None:
        if isinstance(node, yaml.ScalarNode):
            return
        for number, item in enumerate(node.value):
            child = item[1] if isinstance(node, yaml.MappingNode) else item
            if id(child) not in self._home:
                self._home[id(child)] = (id(node), number)
                self._find_homes(child)

    def apply(self, place: list[str], operation: Mapping[str, Any]) -> str:
        """The text after one operation."""
        key, node, removing = None, self.document.root, operation["op"] == "remove"
        for depth, part in enumerate(place):
            number = _find(node, part)
            last = depth == len(place) - 1
            if number is None:
                if not last or removing:
                    self._unclear()
                return self._add(key, node, part, operation["value"])
            if last and removing:
                return self._remove(key, node, number)
            if last:
                return self._replace(node, number, operation["value"])
            if self._is_alias(node, number):
                return self._replace(node, number, self._value_after(place[: depth + 1], place, operation))
            key, node = (
                node.value[number] if isinstance(node, yaml.MappingNode) else (None, node.value[number])
            )
        return self._unclear()

    def _value_after(self, at: list[str], place: list[str], operation: Mapping[str, Any]) -> Json:
        """The value at a place after the operation, with other uses of its anchor left alone."""
        value: Any = self.document.value
        for part in at:
            value = value[int(part) if isinstance(value, list) else part]
        value_after = json.loads(json.dumps(value))
        _apply(value_after, place[len(at) :], operation)
        return value_after  # type: ignore[no-any-return]  # JSON again

    @staticmethod
    def _unclear() -> NoReturn:
        raise UnclearEditError("it is written in a way that is not known")

    # spans

    def _is_alias(self, parent: Any, number: int) -> bool:
        item = parent.value[number]
        child = item[1] if isinstance(parent, yaml.MappingNode) else item
        return self._home[id(child)] != (id(parent), number)

    def _span(self, parent: Any, number: int) -> tuple[int, int]:
        """Where the text of a member's value or an item starts and ends; nothing has its place behind the colon."""
        mapping = isinstance(parent, yaml.MappingNode)
        key, child = parent.value[number] if mapping else (None, parent.value[number])
        if self._is_alias(parent, number):
            colon = self._colon(key) if key is not None else self._unclear()
            match = _ALIAS.match(self.text, colon + 1)
            return match.span(1) if match else self._unclear()
        if key is not None and child.start_mark.index == child.end_mark.index:
            return self._colon(key) + 1, self._colon(key) + 1
        return child.start_mark.index, self._end(child)

    def _end(self, node: Any) -> int:
        """Where a node's own text ends: the marks of a block lie behind the comments below it."""
        start, end = node.start_mark.index, node.end_mark.index
        if getattr(node, "style", "") in ("|", ">"):
            return self._block_text_end(start)
        if isinstance(node, yaml.ScalarNode) or node.flow_style:
            return int(start + len(self.text[start:end].rstrip()))
        return self._span(node, len(node.value) - 1)[1]

    def _block_text_end(self, start: int) -> int:
        """The end of the last line of a text written as a block, "|" and the lines below."""
        end = self._line_end(start)
        indent = 0
        for line in _LINE.finditer(self.text, self._next_line(end)):
            content = line[0].rstrip()
            if not content:
                continue
            before = len(content) - len(content.lstrip(" "))
            indent = indent or before
            if before < indent:
                break
            end = line.start() + len(content)
        return end

    def _colon(self, key: Any) -> int:
        match = _COLON.match(self.text, key.end_mark.index)
        return match.end() - 1 if match else self._unclear()

    def _line_end(self, at: int) -> int:
        """The end of the line that a place is in, its line break left out."""
        end_of_line = self.text.find("\n", at)
        end = len(self.text) if end_of_line < 0 else end_of_line
        return end - 1 if self.text[at:end].endswith("\r") else end

    def _next_line(self, at: int) -> int:
        end_of_line = self.text.find("\n", at)
        return len(self.text) if end_of_line < 0 else end_of_line + 1

    # changes

    def _replace(self, parent: Any, number: int, value: Json) -> str:
        text, (start, end) = self.text, self._span(parent, number)
        mapping = isinstance(parent, yaml.MappingNode)
        key, node = parent.value[number] if mapping else (None, parent.value[number])
        if self._is_alias(parent, number):
            return text[:start] + to_yaml(value) + text[end:]
        if text[start : start + 1] in ("&", "!"):
            raise UnclearEditError("an anchor stands there")
        if start == end:
            return f"{text[:start]} {to_yaml(value)}{text[end:]}"
        if not isinstance(node, yaml.ScalarNode) and not node.flow_style:
            if key is None:
                return (
                    text[:start] + to_yaml(value) + text[end:]
                    if "#" not in text[start:end]
                    else self._unclear()
                )
            # "key:  # a comment" keeps it, the lines below go.
            at = self._colon(key) + 1
            line = self._line_end(at)
            return f"{text[:at]} {to_yaml(value)}{text[at:line]}{text[end:]}"
        style = getattr(node, "style", None)
        quote = style if style in ("'", '"') and isinstance(value, str) else ""
        return text[:start] + to_yaml(value, quote) + text[end:]

    def _add(self, key: Any, node: Any, name: str, value: Json) -> str:
        text, member = self.text, f"{to_yaml(name)}: {to_yaml(value)}"
        if (
            isinstance(node, yaml.ScalarNode)
            and key is not None
            and node.start_mark.index == node.end_mark.index
        ):
            at = self._colon(key) + 1  # "match:" with nothing behind it
            return f"{text[:at]} {{{member}}}{text[at:]}"
        if not isinstance(node, yaml.MappingNode):
            self._unclear()
        if not node.value:
            start = node.end_mark.index - 1
            return text[:start] + member + text[start:]
        start, end = self._span(node, len(node.value) - 1)
        if not node.flow_style:
            end = self._line_end(end)
            indent = " " * node.value[0][0].start_mark.column
            return f"{text[:end]}{self.newline}{indent}{member}{text[end:]}"
        return f"{text[:end]}, {member}{text[end:]}" if end > start else self._unclear()

    def _remove(self, key: Any, node: Any, number: int) -> str:
        if not isinstance(node, yaml.MappingNode):
            self._unclear()
        text, start, end = self.text, node.value[number][0].start_mark.index, self._span(node, number)[1]
        after = node.value[number + 1][0].start_mark.index if number + 1 < len(node.value) else None
        if len(node.value) == 1:
            if node.flow_style:
                return text[:start] + text[end:]
            if key is None:
                return text[:start] + "{}" + text[end:]
            at = self._colon(key) + 1
            return f"{text[:at]} {{}}{text[at : self._line_end(at)]}{text[end:]}"
        if node.flow_style:
            if after is None:
                start, after = self._span(node, number - 1)[1], end
            if "#" in text[end:after]:
                raise UnclearEditError("a comment would be lost")
            return text[:start] + text[after:]
        line = text.rfind("\n", 0, start) + 1
        if text[
            line:start
        ].strip():  # "- name: x": what comes next moves up to the dash, its comments above it
            comments = (
                text[self._next_line(end) : text.rfind("\n", 0, after) + 1] if after else self._unclear()
            )
            return text[:line] + comments + text[line:start] + text[after:]
        above, rest = text[:line], text[self._next_line(end) :]
        if not rest and not text.endswith("\n"):
            above = above.removesuffix("\n").removesuffix("\r")
        return above + rest


def _find(node: Any, part: str) -> int | None:
    if isinstance(node, yaml.MappingNode):
        return next((i for i, (key, _) in enumerate(node.value) if key.value == part), None)
    return int(part) if isinstance(node, yaml.SequenceNode) and int(part) < len(node.value) else None
