"""Headings of lists, and the headings and user groups of their items.

Source: study of entities, section a1, rule 9. Who sees an item without a choice of user groups (everybody) is
assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockso.entities import mdo
from mockso.entities.lists import Definition, body_of, definition_of, item_of, key_in, put
from mockso.entities.verbs import Verb, Work
from mockso.state.log import Key, Value
from mockso.state.rows import Draft

# What was selected of an item ("Category:3" -> {"Headings": [1]}) or of a list ("Category?").
SELECTED = "list selection"


def headings(work: Work, rows: Draft) -> Any:
    """The headings of a list."""
    return [work.compose(key, row, rows) for key, row in headings_of(rows, definition_of(work, rows))]


def headings_of(rows: Draft, of: Definition) -> list[tuple[Key, Value]]:
    return mdo.current(rows.find("Heading", "UdListDefinitionId", of.id))


def save_heading(work: Work, rows: Draft) -> Any:
    """A new heading, or another value of one."""
    return _save_heading(work, rows, definition_of(work, rows), body_of(work) or {})


def save_headings(work: Work, rows: Draft) -> Any:
    """Several headings, new ones and others."""
    of = definition_of(work, rows)
    return [_save_heading(work, rows, of, body) for body in body_of(work) or () if isinstance(body, Mapping)]


def _save_heading(work: Work, rows: Draft, of: Definition, body: Mapping[str, Any]) -> Any:
    key = key_in(work, body) or rows.next_id("Heading")
    row = {**work.readers.row(work.kind, body), "UdListDefinitionId": of.id}
    put(rows, "Heading", key, row, rows.get("Heading", key))
    return work.compose(key, row, rows)


def clear_headings(work: Work, rows: Draft) -> Any:
    """All headings of a list marked as deleted."""
    for key, row in headings_of(rows, definition_of(work, rows)):
        put(rows, "Heading", key, {**row, "Deleted": True}, row)


def selection_of(rows: Draft, of: Definition, key: Key, name: str) -> list[Any] | None:
    """The ids of headings or user groups that an item was given; None where nobody chose."""
    row = rows.get(SELECTED, f"{of.list.table}:{key}")
    return row.get(name) if row is not None else None


def _select(work: Work, rows: Draft, name: str) -> None:
    of = definition_of(work, rows)
    key, _ = item_of(work, rows, of)
    row = rows.get(SELECTED, f"{of.list.table}:{key}") or {}
    rows.put(SELECTED, f"{of.list.table}:{key}", {**row, name: mdo.selected_ids(body_of(work))})


def item_headings(work: Work, rows: Draft) -> Any:
    """All headings of a list, those of an item selected."""
    of = definition_of(work, rows)
    key, _ = item_of(work, rows, of)
    chosen = selection_of(rows, of, key, "Headings") or ()
    named = mdo.of_name("heading", work.contract.kinds)
    return [mdo.selectable(named, one, row, selected=one in chosen) for one, row in headings_of(rows, of)]


def save_item_headings(work: Work, rows: Draft) -> Any:
    """An item below other headings."""
    _select(work, rows, "Headings")
    return item_headings(work, rows)


def item_groups(work: Work, rows: Draft) -> Any:
    """All user groups, those who see an item selected."""
    of = definition_of(work, rows)
    key, _ = item_of(work, rows, of)
    chosen = selection_of(rows, of, key, "UserGroups")
    groups = mdo.of_name("usergroup", work.contract.kinds)
    return [
        mdo.selectable(groups, one, row, selected=chosen is None or one in chosen)
        for one, row in mdo.current(rows.items(groups.table))
    ]


def save_item_groups(work: Work, rows: Draft) -> Any:
    """An item seen by other user groups."""
    _select(work, rows, "UserGroups")
    return item_groups(work, rows)


VERBS: Mapping[str, Verb] = {
    "heading_list": headings,
    "heading_save": save_heading,
    "heading_save_all": save_headings,
    "heading_clear": clear_headings,
    "item_headings": item_headings,
    "item_headings_save": save_item_headings,
    "item_groups": item_groups,
    "item_groups_save": save_item_groups,
}

READING = frozenset(["heading_list", "item_headings", "item_groups"])
