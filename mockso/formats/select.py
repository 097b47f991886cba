"""$select on a body: what was not asked for is emptied.

Source: behaviour of the real server, section 12. That unselected properties stay and hold null, also
numbers, is assumed; the setting `select_mode: omit` leaves them out instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Wanted = dict[str, "Wanted"]

# The server's own members: the first stays, the others go unless they were asked for.
KEPT = frozenset({"_Links"})

FIRST = ("TableRight", "FieldProperties")


def parse_select(text: str) -> Wanted:
    """The tree of names in "name, category/id", lower case; empty when nothing was asked for."""
    wanted: Wanted = {}
    for path in text.split(","):
        place = wanted
        for name in path.strip().strip("/").lower().split("/"):
            if name.strip():
                place = place.setdefault(name.strip(), {})
    return wanted


def select(value: Any, wanted: Wanted, *, omit: bool = False) -> Any:
    """A body with only the wanted properties filled; lists are treated item by item.

    An empty `wanted` is everything. The given value is not changed.
    """
    if not wanted:
        return value
    if isinstance(value, list):
        return [select(item, wanted, omit=omit) for item in value]
    if not isinstance(value, Mapping):
        return value
    result: dict[str, Any] = {}
    for name, inner in value.items():
        deeper = wanted.get(name.lower())
        if deeper is not None:
            result[name] = select(inner, deeper, omit=omit)
        elif name in KEPT:
            result[name] = inner
        elif not omit:
            result[name] = None
    return result


def reordered(value: Any) -> Any:
    """A body as older servers send it: TableRight and FieldProperties before the other properties."""
    if isinstance(value, list):
        return [reordered(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    first = {name: value[name] for name in FIRST if name in value}
    return first | {name: reordered(inner) for name, inner in value.items() if name not in first}
