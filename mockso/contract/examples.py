"""A valid body for a type, always the same one.

What comes out is a function of the operation and of the ids in the request, not of chance, time or the
order of calls. Nested values are shared between answers and must not be changed; the top level is fresh.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from mockso.contract.catalogue import Contract
from mockso.contract.kinds import is_id, key_of
from mockso.contract.model import Json, Operation, TypeDef, TypeRef

# Deeper carriers are null and deeper lists empty, as the vendor's own samples cut them.
DEPTH = 3

MINIMUM_DATE = "0001-01-01T00:00:00"  # how the server writes an empty date; firm
RIGHTS = {"Mask": "Select, Update, Insert, Delete", "Reason": ""}
PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
CONTENT = b"An example made by mockso.\n"

# An answer that says that it did not succeed is no example of a success.
_SUCCESSES = frozenset({"Success", "Succeeded", "IsOk", "Valid"})

_TEXTS = (
    ("email", "ann.berg@example.test"),
    ("url", "https://example.test/"),
    ("phone", "+47 22 51 80 00"),
    ("culture", "en-US"),
    ("language", "en"),
    ("timezone", "UTC"),
    ("color", "#2b6cb0"),
    ("currency", "NOK"),
)


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
            self._kept[key] = self._make("Value", kind, 0, blank, None)
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

    def empty(self, kind: TypeRef) -> Any:
        """The value of a property that was not set: 0, "", an empty list, the first member of an enum."""
        return self._make("", kind, 1, True, None)

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

    def _make(self, name: str, kind: TypeRef, depth: int, blank: bool, limit: int | None) -> Any:
        match kind.kind:
            case "any":
                return {} if depth == 0 else None
            case "enum" | "flags":
                return kind.values[0] if blank else kind.values[crc32(name.encode()) % len(kind.values)]
            case "map":
                return {}
            case "list":
                assert kind.item is not None
                if depth >= DEPTH or (blank and depth) or kind.item.kind == "any":
                    return []
                item = self._make(name, kind.item, depth + 1, blank, None)
                return [] if item is None else [item]
            case "carrier":
                if depth >= DEPTH or (blank and depth):
                    return None
                return self._carrier(self._contract.type(kind.name), depth, blank)
        return _blank(kind) if blank else _scalar(name, kind, limit)

    def _carrier(self, typedef: TypeDef, depth: int, blank: bool) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for field in typedef.fields:
            if field.name == "TableRight":
                value[field.name] = dict(RIGHTS) if depth == 0 and field.type.kind == "carrier" else None
            elif field.type.kind == "carrier" and field.type.name == typedef.name:
                value[field.name] = None  # a type that contains itself ends here
            else:
                value[field.name] = self._make(field.name, field.type, depth + 1, blank, field.max_length)
        return value


def is_default(operation: Operation) -> bool:
    """Whether an operation hands out a new, unsaved entity."""
    return operation.path.endswith("/default") or "_CreateDefault" in operation.id


def _blank(kind: TypeRef) -> Any:
    return {
        "string": "",
        "int32": 0,
        "int64": 0,
        "double": 0.0,
        "boolean": False,
        "date-time": MINIMUM_DATE,
        "byte": "",
        "binary": b"",
    }[kind.name]


def _scalar(name: str, kind: TypeRef, limit: int | None) -> Any:
    # The name decides, so that a property has the same value wherever it stands, and several differ.
    number = crc32(name.encode())
    match kind.name:
        case "string":
            folded = name.lower()
            text = next((sample for word, sample in _TEXTS if word in folded), name)
            return text[:limit] if limit else text
        case "int32" | "int64":
            return number % 99 + 1
        case "double":
            return (number % 9900 + 100) / 4
        case "boolean":
            return name in _SUCCESSES or number % 2 == 1
        case "date-time":
            return f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}T{number % 24:02d}:30:00"
        case "byte":
            return b64encode(CONTENT).decode()
    return CONTENT
