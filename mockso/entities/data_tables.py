"""Rows of custom tables in data files: below the table's name, `y_equipment`, by id or in a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from mockso.entities.data_defaults import ID, is_id, range_of
from mockso.entities.dates import date_text
from mockso.judge.owntables import PREFIX
from mockso.state.log import Key, Value

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Place = tuple[Any, ...]
Fault = Callable[[Place, str], None]


def is_table(name: str) -> bool:
    """Whether a key of a data file names a custom table."""
    return name.lower().startswith("y_")


def read_table(
    name: str, rows: Any, highest: int, now: datetime, fault: Fault
) -> tuple[str, dict[Key, Value | None]]:
    """The kind of a table's rows and the rows; ids that are left out follow the highest."""
    place: Place = (name,)
    entries: list[tuple[Place, Any, Any]] = []
    if isinstance(rows, Mapping):
        entries = [((*place, key), key, value) for key, value in rows.items()]
    elif isinstance(rows, list | tuple):
        entries = [((*place, number), None, value) for number, value in enumerate(rows)]
    elif rows is not None:
        fault(place, f"expected rows, by id or in a list; got {rows!r}.")
    found: dict[Key, Value | None] = {}
    for at, key, value in entries:
        if key is not None and not str(key).isdecimal():
            fault(at, f"rows of a custom table stand under their ids, not under {key!r}.")
            continue
        if value is not None and not isinstance(value, Mapping):
            fault(at, f"expected a mapping of fields, got {value!r}.")
            continue
        fields = {str(field).lower(): item for field, item in (value or {}).items()}
        number = int(key) if key is not None else fields.get("id")
        if number is None:
            number = highest + 1
        if not is_id(number):
            fault((*at, "id"), f"{ID}, not {number!r}.")
            continue
        highest = max(highest, number)
        found[number] = None if value is None else _row(fields, now, at, fault)
    return f"{PREFIX}{name.lower()}", found


def _row(fields: Mapping[str, Any], now: datetime, place: Place, fault: Fault) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, item in fields.items():
        if name == "id":
            continue
        if isinstance(item, date) or (isinstance(item, str) and _DAY.match(item)):
            row[name] = date_text(item, now) or item
        elif range_of("", item):
            fault((*place, name), f"expected a number{range_of('', item)}, got {item!r}.")
        elif isinstance(item, str | int | float):
            row[name] = item
        elif item is not None:
            fault((*place, name), f"a field holds a text, a number or a date, not {item!r}.")
    return row
