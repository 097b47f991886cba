"""Values that a row of a data file has besides those it gives: its owner, its number, its stamps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from mockso.contract.kinds import Kind
from mockso.contract.model import TypeDef
from mockso.contract.values import RANGES
from mockso.entities.defaults import NUMBERS, OPEN_END, OPEN_ENDS, OWNERS, VALUES
from mockso.state.log import Key

NOUNS = {
    "string": "a text",
    "int32": "a whole number",
    "int64": "a whole number",
    "double": "a number",
    "boolean": "true or false",
    "byte": "base64",
    "binary": "base64",
}
"""What a message calls the value of a type."""


FORM = "a data file is a mapping of kinds to rows, 'Contact: {ann: {Name: ...}}'"
"""What a message says of a file that has another form."""

ID = f"an id is a whole number from 1 to {RANGES['int32'][1]}"
"""What a message says of a key that cannot be one."""


def is_id(value: Any) -> bool:
    """Whether a value can be the key of a row: one that clients can read back."""
    return type(value) is int and 1 <= value <= RANGES["int32"][1]


def range_of(kind: str, value: Any) -> str:
    """The range of a type's numbers where a value is beyond it, " from 0 to 9"; else an empty text."""
    if kind in RANGES and type(value) is int:
        low, high = RANGES[kind]
        return "" if low <= value <= high else f" from {low} to {high}"
    if isinstance(value, int | float) and not -1e308 < value < 1e308:
        return " from -1e308 to 1e308"
    return ""


def complete_row(
    kind: Kind, typedef: TypeDef, key: Key, row: Mapping[str, Any], owner: Key, now: datetime
) -> dict[str, Any]:
    """The row with what a saved one would have."""
    defaults: dict[str, Any] = dict(VALUES.get(kind.name, {}))
    if owner:
        defaults |= {name: owner for name in OWNERS if kind.references.get(name) == "Associate"}
    if kind.name in NUMBERS and isinstance(key, int):
        defaults[NUMBERS[kind.name]] = str(10000 + key)
    defaults |= {name: OPEN_END for name in OPEN_ENDS if name in typedef.by_name}
    created, updated = _stamps(now, key)
    defaults |= {name: text for name, text in ((kind.created, created), (kind.updated, updated)) if name}
    return {**defaults, **row}


def _stamps(now: datetime, key: Key) -> tuple[str, str]:
    """When a row was created and changed: in the year before the file's `now`, spread by its id."""
    number = key if isinstance(key, int) else len(key)
    created = now - timedelta(days=400 - number * 37 % 365, minutes=number * 53 % 480)
    updated = created + timedelta(days=number * 11 % 30)
    return created.isoformat(timespec="seconds"), updated.isoformat(timespec="seconds")
