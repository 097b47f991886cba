"""Tables of the database over a tenant's rows: the rows of a table, their fields read and written.

A table of a main kind or of a list has the rows that entities have; any other those of kind "table:NAME", whose
fields are as they were given. Source: the database dictionary, by name and meaning (likely).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockso.archive.database import Field, field_of, table_of
from mockso.archive.database import Table as DatabaseTable
from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.entities.compose import LABELS, Composer, Source
from mockso.entities.fields import TABLES
from mockso.entities.getters import EXTRA, Getter, custom_field, read_nothing
from mockso.judge.owntables import PREFIX
from mockso.state.log import Key, Value

# Tables of lists whose kinds are called otherwise.
_KINDS: Mapping[str, str] = {
    "task": "TaskListItem",
    "ticket_priority": "TicketPriority",
    "ticket_status": "TicketStatus",
    "ticket_type": "TicketType",
    "ej_category": "TicketCategory",
    "ej_message": "TicketMessage",
    "cust_lang": "CustomerLanguage",
    "probability": "Rating",
    "comptr": "Competitor",
    "perspos": "Position",
    "projtype": "ProjectType",
    "projstatus": "ProjectStatus",
    "searchcat": "SelectionCategory",
    "doctmpl": "DocumentTemplate",
    "reldef": "RelationDefinition",
}

# Fields of lists, by their names in small letters, and the properties that may hold them.
_LIST_FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": LABELS,
    "rank": ("Rank",),
    "tooltip": ("Tooltip", "ToolTip"),
    "deleted": ("Deleted",),
    "registered": ("CreatedDate", "CreatedAt", "Registered"),
    "registered_associate_id": ("CreatedBy",),
    "updated": ("UpdatedDate", "LastChanged", "Updated"),
    "updated_associate_id": ("UpdatedBy",),
    "text": ("Description",),
}


class RowTable:
    """One table of the database over the rows of a contract's kinds.

    `kind` is the name of its rows; `entity` the contract's kind of them, None for a table that has none.
    """

    def __init__(self, table: DatabaseTable, contract: Contract, entity: Kind | None) -> None:
        self.table = table
        self.entity = entity
        self.kind = entity.name if entity is not None else f"{PREFIX}{table.name.lower()}"
        self._contract = contract
        self._composer = contract.derive(Composer)
        self._readers: dict[Field, Getter] = {}

    def property_of(self, field: Field) -> str:
        """The property of the kind that a field holds; empty for one that the rows do not have."""
        kind = self.entity
        if kind is None:
            return field.name.lower()
        names = self._composer.names(kind)
        mapped = TABLES[kind.name].fields if kind.name in TABLES else {}
        for property, name in mapped.items():
            if name.lower() == field.name.lower():
                return property
        for property in _LIST_FIELDS.get(field.name.lower(), ()):
            if property in names:
                return property
        short = _bare(field.name)
        return next((name for name in sorted(names) if _bare(name) in (short, f"{short}id")), "")

    def has_own(self, field: Field) -> bool:
        """Whether a field is one that the tenant made for the rows of a kind, "x_..."."""
        return (
            self.entity is not None
            and field.letter == "?"
            and "ExtraFields" in self._composer.names(self.entity)
        )

    def read(self, field: Field, key: Key, value: Value, source: Source) -> Any:
        """A field of a row as the database has it; None without data."""
        return self.reader(field)(key, value, source)

    def reader(self, field: Field) -> Getter:
        """A function that reads a field as the database has it: keys and enums as numbers; None without data."""
        found = self._readers.get(field)
        if found is None:
            found = self._readers[field] = self._make_reader(field)
        return found

    def _make_reader(self, field: Field) -> Getter:
        property = "" if field.letter == "P" else self.property_of(field)
        if field.letter == "P":
            return lambda key, value, source: key
        if not property:
            return custom_field(EXTRA, field.name) if self.has_own(field) else read_nothing
        if self.entity is None:
            return lambda key, value, source: value.get(property)
        if property in self.entity.references or property in self.entity.numbers:
            return lambda key, value, source: value.get(property, 0)
        if field.target == "text":
            return lambda key, value, source: key if value.get(property) else 0
        getter = self._composer.getter(self.entity, property)
        known = self._contract.type(self.entity.carrier).by_name.get(property)
        if getter is None:
            return read_nothing
        if known is not None and known.type.kind == "enum":
            numbers = {name: number for number, name in enumerate(known.type.values)}
            return lambda key, value, source: numbers.get(getter(key, value, source), 0)

        if known is not None and known.type.kind not in ("list", "map", "carrier"):
            return getter

        def scalar(key: Key, value: Value, source: Source) -> Any:
            found = getter(key, value, source)
            return found if isinstance(found, str | int | float) else None

        return scalar

    def name_of(self, property: str, value: Any) -> Any:
        """A value of a property as its rows store it: the name of an enum, by its number."""
        known = (
            self._contract.type(self.entity.carrier).by_name.get(property)
            if self.entity is not None
            else None
        )
        if known is None or known.type.kind != "enum" or type(value) is not int:
            return value
        values = known.type.values
        return values[value] if 0 <= value < len(values) else values[0]

    def rows(self, source: Source) -> Iterator[tuple[Key, Value]]:
        """All rows of the table."""
        return source.items(self.kind)


def open_table(name: str, contract: Contract) -> RowTable | None:
    """A table by its name in any letter case; None for one that the database does not have."""
    table = table_of(name)
    if table is None:
        return None
    folded = table.name.lower()
    kind = next((kind for kind, known in TABLES.items() if known.name.lower() == folded), "")
    entity = contract.kinds.get(kind or _KINDS.get(folded, ""))
    if entity is None and not folded.startswith("y_"):
        entity = contract.kinds.get(_names(contract).get(_bare(folded), ""))
    return RowTable(table, contract, entity)


def table_field(table: DatabaseTable, name: str) -> Field | None:
    """A field of a table by its name."""
    return field_of(table, name)


def _names(contract: Contract) -> Mapping[str, str]:
    return {_bare(kind.name): kind.name for kind in contract.kinds}


def _bare(name: str) -> str:
    return name.replace("_", "").lower()
