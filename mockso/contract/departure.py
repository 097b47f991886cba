"""One place where a value leaves the contract, and the scalars judged one by one.

A departure that the real server forgives is graded a warning and says which value the server reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockso.contract.model import NOTHING, Json, Nothing, Path, Severity, TypeRef
from mockso.contract.values import RANGES, boolean, decimal, integer, is_base64, is_date_time, member_finder
from mockso.errors import nearest, suggest

WORDS = {
    "string": "a string",
    "int32": "a whole number (int32)",
    "int64": "a whole number (int64)",
    "double": "a number",
    "boolean": "true or false",
    "date-time": "a date-time (ISO 8601)",
    "byte": "base64 text",
    "binary": "bytes",
}


@dataclass(frozen=True)
class Departure:
    """One place where a value leaves the contract.

    `rule` is an id of mockso.judge.rules, `value` what the server reads instead (NOTHING where it refuses or
    ignores), `name` the documented name of a property that came in another letter case.
    """

    rule: str
    severity: Severity
    message: str
    expected: str = ""
    got: str = ""
    nearest: str = ""
    value: Json | Nothing = NOTHING
    name: str = ""
    path: Path = ()
    source: str = ""


def words(kind: TypeRef) -> str:
    """A type in words: "a whole number (int32)", "a list", "ContactEntity (an object)"."""
    match kind.kind:
        case "scalar":
            return WORDS[kind.name]
        case "enum" | "flags":
            names = ", ".join(kind.values[:8])
            return f"one of {names}" + (f" and {len(kind.values) - 8} more" if len(kind.values) > 8 else "")
        case "list":
            return "a list"
        case "map":
            return "an object"
        case "carrier":
            return f"{kind.name.rpartition('.')[2]} (an object)"
        case _:
            return "any JSON value"


def excerpt(value: Any, limit: int = 60) -> str:
    """A value as JSON, cut at `limit` characters."""
    if isinstance(value, dict):
        return f"an object of {len(value)} properties" if len(value) != 1 else "an object of 1 property"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = json.dumps(value, ensure_ascii=True) if not isinstance(value, bytes) else f"{len(value)} bytes"
    return text if len(text) <= limit else text[: limit - 1] + "…"


# --- scalars ------------------------------------------------------------------------------------


def unlike(rule: str, expected: str, value: Any, example: str = "") -> Departure:
    """The departure of a value that is not what is expected; `example` is added to that in the message."""
    got = excerpt(value)
    return Departure(rule, "error", f"expected {expected}{example}, got {got}", expected, got)


def wrong(kind: TypeRef, value: Any) -> Departure:
    """The departure of a value of another type altogether."""
    return unlike("body-type", words(kind), value)


def _coercion(kind: TypeRef, value: Any, read: Json, rule: str = "coerced") -> Departure:
    expected = words(kind)
    return Departure(
        rule,
        "warning",
        f"expected {expected}, got {excerpt(value)}; the server reads it as {excerpt(read)}",
        expected,
        excerpt(value),
        value=read,
    )


def _integer(kind: TypeRef, value: Any) -> Departure | None:
    low, high = RANGES[kind.name]
    read: int | float | None = None
    if type(value) is int:
        read = value
    elif type(value) is str:
        read = integer(value)
    elif isinstance(value, float) and value == value and abs(value) < 2**64:
        read = round(value)
    if read is None:
        return wrong(kind, value)
    if not low <= read <= high:
        return unlike("out-of-range", f"a number from {low} to {high} ({kind.name})", value)
    if isinstance(value, float):
        return _coercion(kind, value, read, "coerced" if value == read else "rounded")
    return None if type(value) is int else _coercion(kind, value, read)


def _double(kind: TypeRef, value: Any) -> Departure | None:
    if type(value) is int or isinstance(value, float):
        if -1e308 < value < 1e308:
            return None
        return unlike("out-of-range", "a number from -1e308 to 1e308 (double)", value)
    read = decimal(value) if type(value) is str else None
    return wrong(kind, value) if read is None else _coercion(kind, value, read)


def _boolean(kind: TypeRef, value: Any) -> Departure | None:
    if type(value) is bool:
        return None
    read = boolean(value) if type(value) is str else None
    if type(value) is int:
        read = {0: False, 1: True}.get(value)
    return wrong(kind, value) if read is None else _coercion(kind, value, read)


def _string(kind: TypeRef, value: Any) -> Departure | None:
    if type(value) is str:
        return None
    if isinstance(value, bool | int | float):
        return _coercion(kind, value, json.dumps(value))
    return wrong(kind, value)


def _date_time(kind: TypeRef, value: Any) -> Departure | None:
    if type(value) is not str:
        return wrong(kind, value)
    if is_date_time(value):
        return None
    return unlike("date", WORDS["date-time"], value, " such as 2026-01-31T13:45:00")


def _byte(kind: TypeRef, value: Any) -> Departure | None:
    if type(value) is not str:
        return wrong(kind, value)
    if is_base64(value):
        return None
    return unlike("base64", WORDS["byte"], value)


def _binary(kind: TypeRef, value: Any) -> Departure | None:
    # In JSON bytes are base64 text. Source: section 10.5; firm.
    if type(value) is str:
        return _byte(kind, value)
    return None if type(value) is bytes else wrong(kind, value)


def _enum(kind: TypeRef, value: Any) -> Departure | None:
    if type(value) is int or (type(value) is str and integer(value) is not None):
        is_known = member_finder(kind.values, are_flags=kind.kind == "flags")(value) is not None
        outcome = "which the server accepts" if is_known else "which no value has, so it is ignored"
        return replace(
            _coercion(kind, value, value, "enum-number"),
            message=f"expected {words(kind)}, got the number {excerpt(value)}, {outcome}",
        )
    if type(value) is not str:
        return wrong(kind, value)
    if value in kind.values:
        return None
    folded = {member.lower(): member for member in kind.values}
    parts = [part.strip().lower() for part in value.split(",")]
    if all(part in folded for part in parts):
        read = ", ".join(folded[part] for part in parts)
        if read != value and len(parts) == 1:
            return _coercion(kind, value, read, "enum-case")
        if kind.kind == "flags":
            return None if read == value else _coercion(kind, value, read, "enum-case")
        return replace(
            _coercion(kind, value, read, "enum-list"),
            message=f"expected {words(kind)}, got several; the server accepts them where the values are flags",
        )
    stranger = next(part for part in parts if part not in folded)
    near = next(iter(nearest(stranger, kind.values)), "")
    hint = f".{suggest(near)}" if near else ""
    return Departure(
        "enum-value",
        "error",
        f"expected {words(kind)}, got {excerpt(value)}{hint}",
        words(kind),
        excerpt(value),
        near,
    )


_SCALARS: Mapping[str, Callable[[TypeRef, Any], Departure | None]] = {
    "string": _string,
    "int32": _integer,
    "int64": _integer,
    "double": _double,
    "boolean": _boolean,
    "date-time": _date_time,
    "byte": _byte,
    "binary": _binary,
}


def judge_of(kind: TypeRef) -> Callable[[TypeRef, Any], Departure | None]:
    """The function that judges values of a scalar or enum type."""
    return _SCALARS.get(kind.name, _enum)
