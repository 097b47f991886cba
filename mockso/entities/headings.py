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


# --- items by heading or user group -------------------------------------------------------------


def heading_items(work: Work, rows: Draft) -> Any:
    """All items of a list, those below a heading selected."""
    of, heading = definition_of(work, rows), work.argument(work.plan.key)
    return [
        mdo.selectable(of.list, key, row, selected=heading in (selection_of(rows, of, key, "Headings") or ()))
        for key, row in mdo.current(rows.items(of.list.table))
    ]


def group_items(work: Work, rows: Draft) -> Any:
    """All items of a list, those that a user group sees selected."""
    of, group = definition_of(work, rows), work.argument(work.plan.key)
    choices = (
        (key, row, selection_of(rows, of, key, "UserGroups"))
        for key, row in mdo.current(rows.items(of.list.table))
    )
    return [
        mdo.selectable(of.list, key, row, selected=chosen is None or group in chosen)
        for key, row, chosen in choices
    ]


def save_heading_items(work: Work, rows: Draft) -> Any:
    """Items below a heading, or no longer below it."""
    of, heading = definition_of(work, rows), work.argument(work.plan.key)
    for key in _numbers(work, "ListItemIds"):
        _enable(work, rows, of, key, "Headings", [heading])


def save_group_items(work: Work, rows: Draft) -> Any:
    """Items that a user group sees, or sees no longer."""
    of, group = definition_of(work, rows), work.argument(work.plan.key)
    for key in _numbers(work, "ListItemIds"):
        _enable(work, rows, of, key, "UserGroups", [group])


def set_item_headings(work: Work, rows: Draft) -> Any:
    """An item below further headings, or no longer below them."""
    of = definition_of(work, rows)
    key, _ = item_of(work, rows, of)
    _enable(work, rows, of, key, "Headings", _numbers(work, "HeadingIds"))


def rank_headings(work: Work, rows: Draft) -> Any:
    """The headings of a list in another order."""
    there = dict(headings_of(rows, definition_of(work, rows)))
    for rank, key in enumerate(_numbers(work, "HeadingIds"), 1):
        if key in there:
            put(rows, "Heading", key, {**there[key], "Rank": rank}, there[key])


def _numbers(work: Work, name: str) -> list[Any]:
    value = work.argument(name)
    return [one for one in value if type(one) is int] if isinstance(value, list) else []


def _enable(work: Work, rows: Draft, of: Definition, key: Key, name: str, ids: list[Any]) -> None:
    """Choose headings or user groups for an item, or take them out of its choice."""
    if rows.get(of.list.table, key) is None:
        return
    chosen = selection_of(rows, of, key, name)
    if chosen is None:
        everybody = mdo.of_name("usergroup", work.contract.kinds).table
        chosen = [one for one, _ in rows.items(everybody)] if name == "UserGroups" else []
    kept = [one for one in chosen if one not in ids]
    if work.argument("Enable"):
        kept += ids
    place = f"{of.list.table}:{key}"
    rows.put(SELECTED, place, {**(rows.get(SELECTED, place) or {}), name: kept})


VERBS: Mapping[str, Verb] = {
    "group_items": group_items,
    "group_items_save": save_group_items,
    "heading_items": heading_items,
    "heading_items_save": save_heading_items,
    "heading_ranks": rank_headings,
    "item_headings_set": set_item_headings,
    "heading_list": headings,
    "heading_save": save_heading,
    "heading_save_all": save_headings,
    "heading_clear": clear_headings,
    "item_headings": item_headings,
    "item_headings_save": save_item_headings,
    "item_groups": item_groups,
    "item_groups_save": save_item_groups,
}

READING = frozenset(["heading_list", "item_headings", "item_groups", "heading_items", "group_items"])
