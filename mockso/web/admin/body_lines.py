"""A body as lines, with remarks at the lines that are wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockso.contract.model import Json

_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a body and the remarks on it; `severity` is the worst of theirs."""

    text: str
    problems: tuple[str, ...] = ()
    severity: str = ""

    @property
    def indent(self) -> str:
        """The white space before the text, for remarks below it."""
        return self.text[: len(self.text) - len(self.text.lstrip())]


def body_lines(message: Mapping[str, Any], violations: Iterable[Mapping[str, Any]]) -> list[Line]:
    """The lines of a message's body, JSON spread out; letter case of property names does not matter."""
    remarks: dict[str, list[Mapping[str, Any]]] = {}
    for violation in violations:
        if violation["where"].startswith("body"):
            remarks.setdefault(violation["where"].lower(), []).append(violation)
    body = message.get("body") or ""
    try:
        value = json.loads(body, parse_float=_Number, parse_int=_Number) if body else None
        lines = list(_spread(value, "body", "", 0)) if body else []
    except (ValueError, RecursionError):
        return [Line(text) for text in body.splitlines()]
    return [_line(text, remarks.pop(place.lower(), ())) for text, place in lines]


def _line(text: str, remarks: Iterable[Mapping[str, Any]]) -> Line:
    remarks_here = list(remarks)
    if not remarks_here:
        return Line(text)
    severity = "error" if any(remark["severity"] == "error" for remark in remarks_here) else "warning"
    return Line(text, tuple(remark["message"] for remark in remarks_here), severity)


class _Number(float):
    """A number with the text it came as: a body is shown as it was sent, "1.0" and a thousand digits too."""

    text: str

    def __new__(cls, text: str) -> _Number:
        number = super().__new__(cls, 0.0)
        number.text = text
        return number


def _spread(value: Json, place: str, head: str, depth: int, tail: str = "") -> Iterator[tuple[str, str]]:
    space = "  " * depth
    if depth > _DEEPEST:
        raise ValueError("too deep to be spread out")
    if isinstance(value, dict) and value:
        yield f"{space}{head}{{", place
        last = len(value) - 1
        for number, (name, item) in enumerate(value.items()):
            key = json.dumps(name, ensure_ascii=False)
            yield from _spread(item, f"{place}.{name}", f"{key}: ", depth + 1, "," if number < last else "")
        yield f"{space}}}{tail}", ""
    elif isinstance(value, list) and value:
        yield f"{space}{head}[", place
        last = len(value) - 1
        for number, item in enumerate(value):
            yield from _spread(item, f"{place}[{number}]", "", depth + 1, "," if number < last else "")
        yield f"{space}]{tail}", ""
    else:
        text = value.text if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)
        yield f"{space}{head}{text}{tail}", place
