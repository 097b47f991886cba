"""The entity that a carrier is about, and the property with its key: what names and types alone tell."""

from __future__ import annotations

from mockso.contract.model import Field, TypeDef


def entity_of(carrier: str) -> str:
    """The entity a carrier is about: "Contact" of Contact, ContactEntity and ContactEntityWithLinks."""
    return carrier.rpartition(".")[2].removesuffix("WithLinks").removesuffix("Entity")


def key_of(typedef: TypeDef) -> Field | None:
    """The property that holds a carrier's own id: the one called after it, else the first one, where it is an id."""
    own = f"{typedef.short_name.removesuffix('WithLinks').removesuffix('Entity')}id".lower()
    first = typedef.fields[0] if typedef.fields else None
    named = next((field for field in typedef.fields if field.name.lower() == own), first)
    return named if named is not None and is_id(named) else None


def is_id(field: Field) -> bool:
    """Whether a property is a number that names a row."""
    return field.type.name in ("int32", "int64") and field.name.lower().endswith("id")
