"""Lists of `List/...`: their definitions and items.

Source: study of entities, section a1, rule 9; behaviour, section 14.9. Items are marked when they are deleted,
as their pages say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.contract.model import Operation
from mockso.entities import mdo
from mockso.entities.plans import Plan
from mockso.entities.verbs import ELSEWHERE, NoRowError, Verb, Work
from mockso.state.log import Key, Value
from mockso.state.rows import Draft, Event

# Definitions that a client adds get ids above those of the lists the server has.
FIRST_OWN_LIST = 1001


@dataclass(frozen=True)
class Definition:
    """A list of a tenant: its id, its rows, its definition where one was saved."""

    id: int
    list: mdo.ItemList
    row: Value | None = None


class Lists:
    """The lists that one contract has addresses for."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.kinds = contract.kinds
        parts = (path.split("/") for method, path, _ in contract.addresses() if method == "GET")
        names = {part[4] for part in parts if len(part) > 5 and part[3] == "List" and part[4][:1] != "{"}
        self.names = sorted(names)
        self._ids = {name.lower(): number for number, name in enumerate(self.names, 1)}

    def definition(self, name: Any, rows: Draft) -> Definition:
        """The list of a name or an id. NoRowError for one the tenant does not have."""
        number = name if type(name) is int else self._ids.get(str(name).lower(), 0)
        own = rows.get("List", number) if number else None
        if own is None and not number:
            for key, row in rows.items("List"):
                if str(name).lower() in (str(row.get("Name")).lower(), str(row.get("ListType")).lower()):
                    number, own = int(key), row
        if 0 < number <= len(self.names):
            return Definition(number, self._list(self.names[number - 1]), own)
        if own is not None:
            return Definition(
                number, mdo.of_name(own.get("ListType") or str(own.get("Name")), self.kinds), own
            )
        named = mdo.of_name(str(name), self.kinds)
        known = named.name.lower() in mdo.names() or mdo.is_stored(named.name, self.kinds)
        if type(name) is int or not (known or next(iter(rows.items(named.table)), None)):
            raise NoRowError("List", name)
        return Definition(0, named)

    def _list(self, name: str) -> mdo.ItemList:
        """A list with addresses of its own: its items are of the kind called after it, or of their carrier."""
        named = mdo.of_name(name, self.kinds)
        if named.kind is not None:
            return named
        operation = self._contract.find("GET", f"/api/v1/List/{name}/Items").operation
        item = operation.result.item if operation is not None and operation.result is not None else None
        kind = self.kinds.of(item.name) if item is not None else None
        return mdo.ItemList(name, kind.name if kind is not None else named.table, kind)


# --- plans --------------------------------------------------------------------------------------


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation on lists, by its address."""
    parts = operation.path.split("/")[3:]
    match parts:
        case ["List", *rest]:
            return _list_plan(operation, rest, contract)
        case ["MDOList", *rest] if operation.method == "GET":
            verb = {0: "mdo_names", 1: "mdo_items", 2: "mdo_selectable"}[len(rest)]
            return Plan(verb, 9, kind_called("ListItem", contract))
        case ["Agents", "MDO", name] if name in _AGENT_VERBS:
            return Plan(_AGENT_VERBS[name], 9, kind_called("ListItem", contract))
    return None


_AGENT_VERBS: Mapping[str, str] = {
    "GetListNames": "mdo_names",
    "GetListItem": "mdo_item",
    "GetListIdByListName": "mdo_id",
    "GetList": "mdo_items",
    "GetListWithHistory": "mdo_items",
    "GetListWithRestriction": "mdo_items",
    "GetSimpleList": "mdo_items",
    "GetSelectableList": "mdo_selectable",
    "GetSelectableListWithHistory": "mdo_selectable",
    "GetSelectableListWithRestriction": "mdo_selectable",
    "GetSelectableSimpleList": "mdo_selectable",
    "SetSelected": "mdo_select",
}


def _list_plan(operation: Operation, rest: list[str], contract: Contract) -> Plan | None:
    """`List`, `List/{list}` and below. The list is a name of the address, or the value of its variable."""
    method = operation.method
    if not rest:
        verb = {"GET": "list_definitions", "POST": "list_add"}.get(method, "")
        return Plan(verb, 9, kind_called("List", contract), result_form(operation)) if verb else None
    subject = rest[0]
    key = "" if len(rest) < 3 or not rest[2].startswith("{") else rest[2][1:-1]
    shape = [*("{}" if part.startswith("{") else part for part in rest[1:])]
    verb = _SHAPES.get((method, *shape), "")
    if not verb:
        return None
    carrier = "Heading" if shape == ["Headings"] else "List" if not shape else "ListItem"
    kind = contract.kinds.of(result_form(operation)) or kind_called(carrier, contract)
    return Plan(verb, 9, kind, result_form(operation), key=key, subject=subject)


_SHAPES: Mapping[tuple[str, ...], str] = {
    ("GET",): "list_definition",
    ("PUT",): "list_define",
    ("PATCH",): "list_patch",
    ("DELETE",): "list_drop",
    ("GET", "Items"): "list_items",
    ("POST", "Items"): "list_save",
    ("PUT", "Items"): "list_save_all",
    ("DELETE", "Items"): "list_clear",
    ("GET", "Items", "Default"): "list_blank",
    ("GET", "Items", "{}"): "list_item",
    ("PUT", "Items", "{}"): "list_save",
    ("DELETE", "Items", "{}"): "list_delete",
    ("GET", "Headings"): "heading_list",
    ("POST", "Headings"): "heading_save",
    ("PUT", "Headings"): "heading_save_all",
    ("DELETE", "Headings"): "heading_clear",
    ("GET", "Items", "{}", "Headings"): "item_headings",
    ("PUT", "Items", "{}", "Headings"): "item_headings_save",
    ("GET", "Items", "{}", "UserGroups"): "item_groups",
    ("PUT", "Items", "{}", "UserGroups"): "item_groups_save",
    ("GET", "MDOItems"): "mdo_items",
}


def kind_called(name: str, contract: Contract) -> Kind:
    """The kind of a name that every contract has."""
    kind = contract.kinds.get(name)
    assert kind is not None
    return kind


def result_form(operation: Operation) -> str:
    """The full name of the carrier an operation answers with, or with a list of; empty for none."""
    result = operation.result
    if result is not None and result.kind == "list":
        result = result.item
    return result.name if result is not None and result.kind == "carrier" else ""


# --- items --------------------------------------------------------------------------------------


def body_of(work: Work) -> Any:
    """The value that a request saves: its body, or the member that holds it."""
    return work.argument(work.plan.member) if work.plan.member else work.body


def _list_of_item(work: Work) -> Any:
    """The list that an item which is saved says it is of."""
    body = body_of(work) if work.plan.member else None
    members = {name.lower(): item for name, item in body.items()} if isinstance(body, Mapping) else {}
    return members.get("udlistdefinitionid")


def definition_of(work: Work, rows: Draft) -> Definition:
    """The list a call is about."""
    subject = work.plan.subject
    if subject.startswith("{"):
        name = work.argument(subject[1:-1])
    else:
        name = subject or work.argument("listname") or _list_of_item(work) or work.argument("name")
    return work.contract.derive(Lists).definition(name, rows)


def is_elsewhere(work: Work, rows: Draft, of: Definition) -> bool:
    """Whether an example stands for a list: one without rows, of an open world or of the server's own texts."""
    if next(iter(rows.items(of.list.table)), None) is not None:
        return False
    return not work.view.is_closed or not (of.id or mdo.is_stored(of.list.name, work.contract.kinds))


def _carrier(work: Work, key: Key, row: Value, rows: Draft, of: Definition) -> dict[str, Any]:
    """An item as the carrier of the operation has it, whichever carrier its kind has."""
    own = row if work.kind is of.list.kind else _with_text(row, work.composer.names(work.kind))
    if "UdListDefinitionId" in work.composer.names(work.kind):
        own = {**own, "UdListDefinitionId": of.id}
    return work.compose(key, own, rows)


def _with_text(row: Value, names: frozenset[str]) -> dict[str, Any]:
    """A row with its text under the name that other carrier has for it."""
    own = dict(row)
    for name, other in (("Name", "Value"), ("Value", "Name")):
        if name in own and name not in names and other in names:
            own[other] = own.pop(name)
    return own


def items(work: Work, rows: Draft) -> Any:
    """All items of a list; the deleted ones too where that is asked for."""
    of = definition_of(work, rows)
    if is_elsewhere(work, rows, of):
        return ELSEWHERE
    order = mdo.in_order if work.argument("includeDeleted") else mdo.current
    return [_carrier(work, key, row, rows, of) for key, row in order(rows.items(of.list.table))]


def item_of(work: Work, rows: Draft, of: Definition) -> tuple[Key, Value]:
    key = work.argument(work.plan.key)
    row = rows.get(of.list.table, key)
    if row is None:
        raise NoRowError(of.list.table, key)
    return key, row


def item(work: Work, rows: Draft) -> Any:
    """One item of a list."""
    of = definition_of(work, rows)
    if is_elsewhere(work, rows, of):
        return ELSEWHERE
    return _carrier(work, *item_of(work, rows, of), rows, of)


def blank(work: Work, rows: Draft) -> Any:
    """A new item, nothing stored."""
    return _carrier(
        work, 0, {"Rank": _next_rank(rows, definition_of(work, rows))}, rows, definition_of(work, rows)
    )


def save(work: Work, rows: Draft) -> Any:
    """A new item, or another value of one."""
    of = definition_of(work, rows)
    body = body_of(work) if isinstance(body_of(work), Mapping) else {}
    key: Key = key_in(work, body) if not work.plan.key and work.plan.member else 0
    if work.plan.key and work.argument(work.plan.key):
        key = item_of(work, rows, of)[0]
    return _save(work, rows, of, body, key)


def save_all(work: Work, rows: Draft) -> Any:
    """Several items, new ones and others; those that are not sent stay as they are."""
    of = definition_of(work, rows)
    bodies = [body for body in body_of(work) or () if isinstance(body, Mapping)]
    return [_save(work, rows, of, body, key_in(work, body)) for body in bodies]


def _save(work: Work, rows: Draft, of: Definition, body: Mapping[str, Any], key: Key) -> dict[str, Any]:
    table, kind = of.list.table, of.list.kind
    row = work.keep(work.readers.row(work.kind, body, work.plan.form), work.kind.carrier)
    row.pop("UdListDefinitionId", None)
    if kind is not None and kind is not work.kind:
        row = _with_text(row, work.composer.names(kind))
    before = rows.get(table, key) if key else None
    if before is None:
        key = key or rows.next_id(table)
        row.setdefault("Rank", 0)
        row["Rank"] = row["Rank"] or _next_rank(rows, of)
    put(rows, table, key, row, before)
    return _carrier(work, key, row, rows, of)


def put(rows: Draft, table: str, key: Key, row: dict[str, Any], before: Value | None) -> None:
    rows.put(table, key, row)
    names = tuple(name for name in {**(before or {}), **row} if (before or {}).get(name) != row.get(name))
    rows.signal(Event("changed" if before is not None else "created", table, key, names, before, row))


def _next_rank(rows: Draft, of: Definition) -> int:
    return max((row.get("Rank") or 0 for _, row in rows.items(of.list.table)), default=0) + 1


def key_in(work: Work, body: Mapping[str, Any]) -> int:
    key = work.kind.forms.get(work.plan.form, work.kind.key).lower()
    number = next((item for name, item in body.items() if name.lower() == key), 0)
    return number if type(number) is int else 0


def delete(work: Work, rows: Draft) -> Any:
    """An item marked as deleted."""
    of = definition_of(work, rows)
    row = rows.get(of.list.table, work.argument(work.plan.key))
    if row is not None:
        put(rows, of.list.table, work.argument(work.plan.key), {**row, "Deleted": True}, row)


def clear(work: Work, rows: Draft) -> Any:
    """All items of a list marked as deleted."""
    of = definition_of(work, rows)
    for key, row in list(rows.items(of.list.table)):
        put(rows, of.list.table, key, {**row, "Deleted": True}, row)


# --- definitions --------------------------------------------------------------------------------


def _definition_row(of: Definition) -> Value:
    """A definition: as it was saved, else what a list of the server has."""
    name = of.list.name
    empty = {"Name": name, "IsMDOList": True, "UseGroupsAndHeadings": True, "ListType": name}
    return {**empty, "Rank": of.id, **(of.row or {})}


def definition(work: Work, rows: Draft) -> Any:
    """The definition of a list."""
    of = definition_of(work, rows)
    return work.compose(of.id, _definition_row(of), rows)


def definitions(work: Work, rows: Draft) -> Any:
    """The definitions of all lists, the server's and the tenant's own."""
    lists = work.contract.derive(Lists)
    all_lists = [lists.definition(number, rows) for number in range(1, len(lists.names) + 1)]
    own = (key for key, _ in rows.items("List") if type(key) is int and key > len(lists.names))
    all_lists += [lists.definition(key, rows) for key in own]
    pairs = [(of.id, _definition_row(of)) for of in all_lists]
    if not work.argument("includeDeleted"):
        pairs = [(key, row) for key, row in pairs if not row.get("Deleted")]
    return [work.compose(key, row, rows) for key, row in pairs]


def add(work: Work, rows: Draft) -> Any:
    """A list of the tenant's own."""
    key = max(rows.next_id("List"), FIRST_OWN_LIST)
    taken = {number for number, _ in rows.items("List")}  # by `get` an open world has them all
    while key in taken:
        key += 1
    row = {"IsCustomList": True, "IsMDOList": True, **work.readers.row(work.kind, work.body or {})}
    # Source: the names of MDO providers; a list of a tenant's own is called after its number.
    row["ListType"] = row.get("ListType") or f"UDList{key}"
    put(rows, "List", key, row, None)
    return work.compose(key, row, rows)


def define(work: Work, rows: Draft) -> Any:
    """Another definition of a list."""
    body = body_of(work)
    return _define(work, rows, definition_of(work, rows), body if isinstance(body, Mapping) else {})


def keep(work: Work, rows: Draft) -> Any:
    """A list of the tenant's own, or another definition of the list whose id is sent."""
    key = key_in(work, work.body or {})
    if not key:
        return add(work, rows)
    return _define(work, rows, work.contract.derive(Lists).definition(key, rows), work.body)


def patch_definition(work: Work, rows: Draft) -> Any:
    """A definition with a PATCH applied."""
    of = definition_of(work, rows)
    return _define(
        work, rows, of, work.patch(work.composer.compose(work.kind.carrier, of.id, _definition_row(of), rows))
    )


def _define(work: Work, rows: Draft, of: Definition, body: Mapping[str, Any]) -> Any:
    row = work.readers.row(work.kind, body)
    row["ListType"] = _definition_row(of)["ListType"]
    key = of.id or max(rows.next_id("List"), FIRST_OWN_LIST)
    put(rows, "List", key, row, of.row)
    return work.compose(key, row, rows)


def drop(work: Work, rows: Draft) -> Any:
    """A list marked as deleted."""
    try:
        of = definition_of(work, rows)
    except NoRowError:
        return
    put(rows, "List", of.id, {**_definition_row(of), "Deleted": True}, of.row)


VERBS: Mapping[str, Verb] = {
    "list_definitions": definitions,
    "list_definition": definition,
    "list_add": add,
    "list_define": define,
    "list_keep": keep,
    "list_patch": patch_definition,
    "list_drop": drop,
    "list_items": items,
    "list_item": item,
    "list_blank": blank,
    "list_save": save,
    "list_save_all": save_all,
    "list_delete": delete,
    "list_clear": clear,
}

READING = frozenset(["list_definitions", "list_definition", "list_items", "list_item", "list_blank"])
