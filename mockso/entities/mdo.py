"""ItemList lists: which rows a list's name stands for, and its items as a client sees them.

A list whose carrier is a kind has the rows of that kind, any other those of kind "list:NAME" with the
properties of ListItemEntity. An item that is deleted stays, marked, so that what refers to it still shows it.
Source: behaviour, section 14.9; the names of lists as the contract's properties and pages have them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mockso.contract.kinds import Kind, Kinds
from mockso.contract.model import Field
from mockso.state.log import Key, Value

_NAMES = Path(__file__).with_name("mdo.txt")

# Lists whose name is not that of their kind.
_ALIASES: Mapping[str, str] = {
    "comptr": "Competitor",
    "contact_new": "Contact",
    "deliveryterms": "DeliveryTerm",
    "doctmpl": "DocumentTemplate",
    "ejcategory": "TicketCategory",
    "paymentterms": "PaymentTerm",
    "person_new": "Person",
    "perspos": "Position",
    "prob": "Rating",
    "project_new": "Project",
    "projstatus": "ProjectStatus",
    "projtype": "ProjectType",
    "quoteapprreason": "QuoteApproveReason",
    "roles": "Role",
    "sale_new": "Sale",
    "salesource": "Source",
    "salestage": "Rating",
    "searchcat": "SelectionCategory",
    "tags": "Tag",
    "task": "TaskListItem",
}

# Lists without a kind that every tenant has, also an empty one.
_PLAIN = frozenset(
    [
        "contint",
        "intent",
        "persint",
        "pmembtype",
        "priceunit",
        "rejectreason",
        "saletypecat",
        "salutation",
        "shipmenttype",
        "stakeholderrole",
        "subscriptionunit",
    ]
)

# Lists of flags on a carrier whose pages do not name the list. Source: recorded persons.
_UNNAMED: Mapping[tuple[str, str], str] = {
    ("Person", "ShipmentTypes"): "shipmenttype",
    ("ProjectType", "Stages"): "projectstatus",
}


@dataclass(frozen=True)
class ItemList:
    """A list by its name. `table` is the kind its rows have; `kind` is None without such a kind in the contract."""

    name: str
    table: str
    kind: Kind | None


def of_name(name: str, kinds: Kinds) -> ItemList:
    """The list of a name, in any letter case. Whether a tenant has it is another question."""
    folded = name.lower()
    kind = None if folded in _PLAIN else kinds.get(_ALIASES.get(folded, name))
    return ItemList(name, kind.name if kind is not None else f"list:{folded}", kind)


def is_stored(name: str, kinds: Kinds) -> bool:
    """Whether the items of a list are rows in every tenant, also an empty one."""
    return name.lower() in _PLAIN or of_name(name, kinds).kind is not None


@cache
def names() -> frozenset[str]:
    """The names of all lists that the pages describe, in lower case.

    Lists of a tenant's own (UDList1, y_car) are left out. A list without rows here answers with an example.
    """
    return frozenset(_NAMES.read_text(encoding="utf-8").split())


def of_flags(kind: Kind, field: Field) -> str:
    """The list whose items a property of a kind selects; empty for any other property."""
    item = field.type.item
    if item is None or item.name.rpartition(".")[2] != "SelectableMDOListItem":
        return ""
    return (field.mdo or _UNNAMED.get((kind.name, field.name), "")).lower()


def text_of(row: Value) -> str:
    """The text of an item: its name in one carrier, its value in the other."""
    return str(row.get("Name") or row.get("Value") or row.get("FullName") or "")


def current(rows: Iterable[tuple[Key, Value]]) -> list[tuple[Key, Value]]:
    """The rows that are not deleted, in the order of the list."""
    return in_order((key, row) for key, row in rows if not row.get("Deleted"))


def in_order(rows: Iterable[tuple[Key, Value]]) -> list[tuple[Key, Value]]:
    """The rows of a list by rank and key."""
    return sorted(rows, key=lambda item: (item[1].get("Rank") or 0, type(item[0]) is str, item[0]))


def item(list: ItemList, key: Key, row: Value, text: str = "") -> dict[str, Any]:
    """An item as `MDOListItem` has it."""
    text = text or text_of(row)
    return {
        "Id": key,
        "Name": text,
        "ToolTip": row.get("Tooltip", ""),
        "Deleted": bool(row.get("Deleted")),
        "Rank": row.get("Rank", 0),
        "Type": list.name.lower(),
        "ChildItems": [],
        "IconHint": "",
        "ColorBlock": 0,
        "ExtraInfo": "",
        "StyleHint": "",
        "FullName": text,
        "TableRight": None,
        "FieldProperties": {},
    }


def selectable(list: ItemList, key: Key, row: Value, *, selected: bool, text: str = "") -> dict[str, Any]:
    """An item as `SelectableMDOListItem` has it."""
    text = text or text_of(row)
    return {
        "Id": key,
        "Name": text,
        "ToolTip": row.get("Tooltip", ""),
        "Deleted": bool(row.get("Deleted")),
        "Rank": row.get("Rank", 0),
        "Type": list.name.lower(),
        "ColorBlock": 0,
        "IconHint": "",
        "Selected": selected,
        "LastChanged": "0001-01-01T00:00:00",
        "ChildItems": [],
        "ExtraInfo": "",
        "StyleHint": "",
        "Hidden": False,
        "FullName": text,
        "TableRight": None,
        "FieldProperties": {},
    }


def selected_ids(body: Any) -> list[int]:
    """The ids of the items of a body that are selected."""
    ids = []
    for item in body or ():
        members = {name.lower(): value for name, value in item.items()} if isinstance(item, Mapping) else {}
        if members.get("selected") and type(members.get("id")) is int:
            ids.append(members["id"])
    return ids
