"""$select on a body: all but the named properties are emptied.

Source: behaviour of the real server, section 12. That unselected properties stay and hold null, also
numbers, is assumed; the setting `select_mode: omit` leaves them out instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Selection = dict[str, "Selection"]

# The server's own members: the first stays, the others go unless they are named.
ALWAYS = frozenset({"_Links"})

FIRST = ("TableRight", "FieldProperties")


def parse_select(text: str) -> Selection:
    """The tree of names in "name, category/id", lower case; empty for an empty text."""
    selection: Selection = {}
    for path in text.split(","):
        place = selection
        for name in path.strip().strip("/").lower().split("/"):
            if name.strip():
                place = place.setdefault(name.strip(), {})
    return selection


def select(value: Any, selection: Selection, *, omit: bool = False) -> Any:
    """A copy of a body with only the selected properties filled; lists are treated item by item.

    An empty `selection` is everything.
    """
    if not selection:
        return value
    if isinstance(value, list):
        return [select(item, selection, omit=omit) for item in value]
    if not isinstance(value, Mapping):
        return value
    result: dict[str, Any] = {}
    for name, inner in value.items():
        deeper = selection.get(name.lower())
        if deeper is not None:
            result[name] = select(inner, deeper, omit=omit)
        elif name in ALWAYS:
            result[name] = inner
        elif not omit:
            result[name] = None
    return result


def reorder(value: Any) -> Any:
    """A body as older servers send it: TableRight and FieldProperties before the other properties."""
    if isinstance(value, list):
        return [reorder(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    first = {name: value[name] for name in FIRST if name in value}
    return first | {name: reorder(inner) for name, inner in value.items() if name not in first}
