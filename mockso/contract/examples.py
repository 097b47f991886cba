"""A valid body for a type, always the same one.

What comes out is a function of the operation and of the ids in the request, not of chance, time or the
order of calls. Nested values are shared between answers and must not be changed; the top level is fresh.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.keys import entity_of, is_id, key_of
from mockso.contract.model import Field, Json, Operation, TypeDef, TypeRef
from mockso.contract.plausible import Subject, empty, plausible

# Restrictions and orders mean something only with a column of their provider: lists of them are empty.
_UNGUESSABLE = frozenset(
    f"SuperOffice.CRM.ArchiveLists.{name}" for name in ("ArchiveRestrictionInfo", "ArchiveOrderByInfo")
)

# Deeper carriers are null and deeper lists empty, as the vendor's own samples cut them.
DEPTH = 3

RIGHTS = {"Mask": "Select, Update, Insert, Delete", "Reason": ""}


class Examples:
    """The examples of one contract, each made at first use and kept."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._kept: dict[tuple[TypeRef, bool], Any] = {}

    def of(self, kind: TypeRef, *, blank: bool = False) -> Any:
        """A value that the type's own schema accepts; bytes for a binary type.

        `blank` gives what a server hands out for a new, unsaved entity: ids 0, texts empty.
        """
        key = (kind, blank)
        if key not in self._kept:
            self._kept[key] = self._make("Value", kind, 0, blank, None, Subject())
        value = self._kept[key]
        return dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else value

    def result(self, operation: Operation, ids: Mapping[str, Json]) -> Any:
        """The body of an operation's success, with the request's ids in place.

        `ids` maps names, lower case, to values; "id" is the one the address names.
        """
        kind = operation.result
        assert kind is not None, f"{operation.id} promises no body"
        blank = is_default(operation)
        if kind.kind == "list" and kind.item is not None and isinstance(ids.get("ids"), list):
            requested: Any = ids["ids"]
            return [self._with_ids(self.of(kind.item), kind.item, {"id": key}) for key in requested]
        value = self.of(kind, blank=blank)
        return value if blank else self._with_ids(value, kind, ids)

    def part(self, field: Field, subject: Subject) -> Any:
        """The value of a property that belongs to a row itself; the row is the subject."""
        return self._make(field.name, field.type, 1, False, field.max_length, subject)

    def empty(self, kind: TypeRef) -> Any:
        """The value of a property that was not set: 0, "", an empty list, the first member of an enum."""
        return self._make("", kind, 1, True, None, Subject())

    def _with_ids(self, value: Any, kind: TypeRef, ids: Mapping[str, Json]) -> Any:
        if kind.kind != "carrier" or not ids or not isinstance(value, dict):
            return value
        typedef = self._contract.type(kind.name)
        own = key_of(typedef)
        for field in typedef.fields:
            requested_id = ids.get(field.name.lower())
            if field is own:
                requested_id = ids.get("id", requested_id)
            if requested_id is not None and is_id(field) and type(requested_id) is int:
                value[field.name] = requested_id
        return value

    def _make(
        self, name: str, kind: TypeRef, depth: int, blank: bool, limit: int | None, subject: Subject
    ) -> Any:
        ends_here = depth >= DEPTH or (blank and depth > 0)
        match kind.kind:
            case "any":
                return {} if depth == 0 else None
            case "enum" | "flags":
                return kind.values[0] if blank else plausible(subject, name, kind)
            case "map":
                return {}
            case "list":
                assert kind.item is not None
                if ends_here or kind.item.kind == "any" or kind.item.name in _UNGUESSABLE:
                    return []
                item = self._make(name, kind.item, depth + 1, blank, None, subject)
                return [] if item is None else [item]
            case "carrier":
                if ends_here:
                    return None
                return self._carrier(name, self._contract.type(kind.name), depth, blank, subject)
        return empty(kind) if blank else plausible(subject, name, kind, limit)

    def _carrier(
        self, holder: str, typedef: TypeDef, depth: int, blank: bool, subject: Subject
    ) -> dict[str, Any]:
        # What has a key of its own is another row, all else a part of the row that holds it.
        is_row = key_of(typedef) is not None or not subject.kind
        if is_row:
            subject = Subject(entity_of(typedef.name))
        value: dict[str, Any] = {}
        for field in typedef.fields:
            if field.name == "TableRight":
                value[field.name] = dict(RIGHTS) if depth == 0 and field.type.kind == "carrier" else None
            elif field.type.kind == "carrier" and field.type.name == typedef.name:
                value[field.name] = None  # a type that contains itself ends here
            else:
                # Whether the value of a part is a phone or an address says the property that holds it.
                name = holder if field.name == "Value" and not is_row else field.name
                value[field.name] = self._make(name, field.type, depth + 1, blank, field.max_length, subject)
        if "StrippedValue" in value:
            value["StrippedValue"] = re.sub(r"[^+0-9]", "", value["Value"])
        return value


def is_default(operation: Operation) -> bool:
    """Whether an operation hands out a new, unsaved entity."""
    return operation.path.endswith("/default") or "_CreateDefault" in operation.id
