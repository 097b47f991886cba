"""The named lists of MDO: items below their headings, searched, selected.

Source: behaviour, section 14.9; that a heading is an item of type "heading" and comes first is assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockso.entities import mdo
from mockso.entities.headings import SELECTED, headings_of, selection_of
from mockso.entities.lists import Definition, Lists, definition_of, is_elsewhere
from mockso.entities.verbs import ELSEWHERE, NoRowError, Verb, Work
from mockso.state.log import Key, Value
from mockso.state.rows import Draft


def mdo_names(work: Work, rows: Draft) -> Any:
    """The names of all lists."""
    own = (row.get("ListType") or row.get("Name") for _, row in rows.items("List"))
    return sorted({*mdo.names(), *(str(name).lower() for name in own)})


def mdo_id(work: Work, rows: Draft) -> Any:
    """The id of a list's definition."""
    return definition_of(work, rows).id


def mdo_item(work: Work, rows: Draft) -> Any:
    """One item of a named list."""
    of = work.contract.derive(Lists).definition(work.argument("listName"), rows)
    if is_elsewhere(work, rows, of):
        return ELSEWHERE
    key = work.argument("id")
    row = rows.get(of.list.table, key)
    if row is None:
        raise NoRowError(of.list.table, key)
    return mdo.item(of.list, key, row, _text(work, of, key, row, rows))


def mdo_items(work: Work, rows: Draft) -> Any:
    """The items of a named list, below their headings unless a flat list or a search is asked for."""
    of = definition_of(work, rows)
    if is_elsewhere(work, rows, of):
        return ELSEWHERE
    return _tree(work, rows, of, lambda key, row, text: mdo.item(of.list, key, row, text))


def mdo_selectable(work: Work, rows: Draft) -> Any:
    """The items of a named list, those selected that were selected for it and its additional information."""
    of = definition_of(work, rows)
    if is_elsewhere(work, rows, of):
        return ELSEWHERE
    chosen = (rows.get(SELECTED, _selection_key(work, of)) or {}).get("Items", ())

    def make(key: Key, row: Value, text: str) -> dict[str, Any]:
        return mdo.selectable(of.list, key, row, selected=key in chosen, text=text)

    return _tree(work, rows, of, make)


def mdo_select(work: Work, rows: Draft) -> Any:
    """Another selection of the items of a named list."""
    of = definition_of(work, rows)
    chosen = {"Items": mdo.selected_ids(work.argument("selectableMDOList"))}
    rows.put(SELECTED, _selection_key(work, of), chosen)
    return mdo_selectable(work, rows)


def _selection_key(work: Work, of: Definition) -> str:
    additional = work.argument("additional") or work.argument("additionalInfo") or ""
    return f"{of.list.table}?{additional}"


def _tree(
    work: Work, rows: Draft, of: Definition, make: Callable[[Key, Value, str], dict[str, Any]]
) -> list[dict[str, Any]]:
    words = str(work.argument("query") or work.argument("searchValue") or "").lower()
    pairs = []
    group = (rows.get("Associate", work.caller) or {}).get("UserGroup")
    for key, row in mdo.current(rows.items(of.list.table)):
        groups = selection_of(rows, of, key, "UserGroups")
        if groups is not None and group is not None and group not in groups:
            continue
        text = _text(work, of, key, row, rows)
        if words in text.lower():
            pairs.append((key, make(key, row, text)))
    if words or work.argument("flat") or work.argument("forceFlatList") or not of.id:
        return [item for _, item in pairs]
    tree: list[dict[str, Any]] = []
    below: set[Key] = set()
    for heading, row in headings_of(rows, of):
        children = [
            (key, item) for key, item in pairs if heading in (selection_of(rows, of, key, "Headings") or ())
        ]
        if children:
            below.update(key for key, _ in children)
            top = make(heading, row, "")
            tree.append({**top, "Type": "heading", "ChildItems": [item for _, item in children]})
    return tree + [item for key, item in pairs if key not in below]


def _text(work: Work, of: Definition, key: Key, row: Value, rows: Draft) -> str:
    return mdo.text_of(row) if of.list.kind is None else work.composer.label(of.list.kind, key, rows)


VERBS: Mapping[str, Verb] = {
    "mdo_names": mdo_names,
    "mdo_id": mdo_id,
    "mdo_item": mdo_item,
    "mdo_items": mdo_items,
    "mdo_selectable": mdo_selectable,
    "mdo_select": mdo_select,
}

READING = frozenset(["mdo_names", "mdo_id", "mdo_item", "mdo_items", "mdo_selectable"])
