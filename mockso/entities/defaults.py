"""Values a new row starts with: one table of those that `CreateDefault...` and `default` give beyond empty ones.

Source: recorded default carriers (study of entities, section a4; behaviour, section 13); firm where recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockso.state.log import Key, Value

# Properties that hold the caller's associate.
OWNERS = ("Associate", "OwnedBy", "CreatedBy", "RegisteredAssociate")

# Running numbers: the property of a kind, next free one as text.
NUMBERS: Mapping[str, str] = {
    "Contact": "Number2",
    "Person": "PersonNumber",
    "Project": "ProjectNumber",
    "Sale": "Number",
}
FIRST_NUMBER = 10001

# References that are preset: to the item of their list that is marked as the default, else to its first one.
PRESETS: Mapping[str, tuple[str, ...]] = {
    "Contact": ("Country", "Business", "Category"),
    "Person": ("Country", "Position", "Category", "Business"),
    "Project": ("ProjectType", "ProjectStatus"),
    "Sale": ("Currency", "SaleType", "Source"),
    "Appointment": ("Task",),
    "Document": ("DocumentTemplate",),
    "Ticket": ("Category", "Priority", "Status", "TicketType"),
    "User": ("Role", "UserGroup"),
}

# Presets that are those of another preset: a sale's currency is that of the first country (assumed).
CURRENCY_OF = ("Country", "CurrencyId")

# Properties that follow a reference when it changes and they were not given: property, reference, its property.
# Source: the pages of the carriers; likely.
FOLLOWS: Mapping[str, Mapping[str, tuple[str, str]]] = {"Ticket": {"BaseStatus": ("Status", "Status")}}

# Rows that consist of others, which go with them (likely): versions of a quote, members of a project.
WHOLES = frozenset({"Quote", "QuoteVersion", "QuoteAlternative", "Project", "Sale"})

# Numbers of the tables that selections are of. Source: the vendor's database dictionary.
TABLE_NUMBERS: Mapping[str, int] = {
    "contact": 5,
    "person": 6,
    "appointment": 9,
    "document": 10,
    "project": 11,
    "sale": 13,
    "selection": 23,
    "ticket": 262,
}

# Values that are not the empty ones of their type.
VALUES: Mapping[str, Mapping[str, Any]] = {
    "Sale": {"Status": "Open", "Probability": 0},
    "Appointment": {"Completed": "NotStarted", "Type": "inDiary"},
    "Document": {"Completed": "Unknown"},
    "Ticket": {"Slevel": "External", "ReadStatus": "Red"},  # assumed
}

OPEN_END = "9999-12-31T23:59:59.9999999"
OPEN_ENDS = frozenset({"PublishTo", "ActiveTo", "ValidTo"})


def complete_target(row: dict[str, Any]) -> None:
    """Give a selection both the name and the number of its table, where it has one of them."""
    name, number = str(row.get("TargetTableName") or "").lower(), row.get("TargetTableNumber")
    if name and not number and name in TABLE_NUMBERS:
        row["TargetTableNumber"] = TABLE_NUMBERS[name]
    elif number and not name:
        named = {number: name for name, number in TABLE_NUMBERS.items()}
        row |= {"TargetTableName": named[number]} if number in named else {}


def preset(items: Iterable[tuple[Key, Value]]) -> Key | None:
    """The item of a list that a new row begins with; None for an empty list."""
    best = min(items, key=_order, default=None)
    return best[0] if best is not None else None


def _order(item: tuple[Key, Value]) -> tuple[bool, bool, int, bool, Key]:
    key, row = item
    is_default = row.get("IsDefault") or "Default" in str(row.get("Flags", ""))
    return bool(row.get("Deleted")), not is_default, row.get("Rank") or 0, type(key) is str, key
