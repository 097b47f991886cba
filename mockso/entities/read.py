"""Bodies to rows: everything a carrier has is kept, by its documented names, references by their keys.

Names come in any letter case, enums and flags by name or number, scalars as texts or the reverse; a property
nobody knows, and one whose value is wrong, loses nothing beside it. Source: sections 10.2 and 13; firm for
what the official client sends (camelCase).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.contract.model import TypeDef, TypeRef
from mockso.contract.plain import SERVER_PROPERTIES
from mockso.contract.values import boolean, decimal, integer, is_base64, is_date_time, member_finder
from mockso.entities import mdo

Reader = Callable[[Any], Any]


class _Unreadable:
    """The outcome of a reader for a value that its type cannot be."""


UNREADABLE = _Unreadable()


class BodyReaders:
    """The readers of one contract's carriers, each made at first use and kept."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._kinds = contract.kinds
        self._carriers: dict[str, Reader] = {}
        self._rows: dict[str, Reader] = {}
        self._lock = threading.RLock()

    def row(self, kind: Kind, body: Mapping[str, Any], carrier: str = "") -> dict[str, Any]:
        """The properties of a body as a row of that kind has them: those that were sent, nulls left out.

        `carrier` is the full name of the form the body has, the whole one where it is not named.
        """
        name = carrier or kind.carrier
        reader = self._rows.get(name)
        if reader is None:
            reader = self._rows[name] = self._make_row_reader(kind, self._contract.type(name))
        row: dict[str, Any] = reader(body)
        return row

    def number(self, value: Any) -> Any:
        """A whole number of a body; UNREADABLE where it is something else, None where it is missing."""
        return _integer(value)

    def value(self, kind: TypeRef, value: Any) -> Any:
        """A value as its type has it; UNREADABLE where it cannot be one."""
        return self._of(kind)(value)

    def _make_row_reader(self, kind: Kind, typedef: TypeDef) -> Reader:
        names: dict[str, tuple[str, Reader]] = {}
        key = kind.forms.get(typedef.name, kind.key)
        for field in typedef.fields:
            if field.name in SERVER_PROPERTIES or field.name in kind.joins or field.name == key:
                continue
            if field.name in kind.references:
                reader = self._key_reader(field.type.name)
            elif field.name in kind.lists and field.type.item is not None:
                reader = _list_reader(self._key_reader(field.type.item.name))
            elif mdo.of_flags(kind, field):
                reader = mdo.selected_ids
            else:
                reader = self._of(field.type)
            names[field.name.lower()] = field.name, reader
        return _object_reader(names)

    def _key_reader(self, carrier: str) -> Reader:
        """A reader of a referenced carrier: only its key counts, a bare number will do."""
        kind = self._kinds.of(carrier)
        key = (kind.forms[carrier] if kind is not None else "Id").lower()
        text_key = (
            kind is not None
            and self._contract.type(carrier).by_name[kind.forms[carrier]].type.name == "string"
        )

        def read(value: Any) -> Any:
            if isinstance(value, Mapping):
                value = next((item for name, item in value.items() if name.lower() == key), None)
            if value is None:
                return None
            if text_key:
                return value if isinstance(value, str) else UNREADABLE
            return _integer(value)

        return read

    def _of(self, kind: TypeRef) -> Reader:
        match kind.kind:
            case "scalar":
                return _SCALARS[kind.name]
            case "enum" | "flags":
                return _enum_reader(kind)
            case "list":
                assert kind.item is not None
                return _list_reader(self._of(kind.item))
            case "map":
                assert kind.item is not None
                return _map_reader(self._of(kind.item))
            case "carrier":
                return self._carrier(kind.name)
        return lambda value: value

    def _carrier(self, name: str) -> Reader:
        reader = self._carriers.get(name)
        if reader is None:
            with self._lock:
                names: dict[str, tuple[str, Reader]] = {}
                # A type that contains itself finds its own reader here, filled below.
                reader = self._carriers[name] = _object_reader(names, self._contract.type(name).open)
                for field in self._contract.type(name).fields:
                    if field.name not in SERVER_PROPERTIES:
                        names[field.name.lower()] = field.name, self._of(field.type)
        return reader


def _object_reader(names: Mapping[str, tuple[str, Reader]], is_open: bool = False) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return None if value is None else UNREADABLE
        read_values: dict[str, Any] = {}
        for name, item in value.items():
            known = names.get(name.lower())
            if known is not None:
                inner = known[1](item)
                if inner is not UNREADABLE and inner is not None:
                    read_values[known[0]] = inner
            elif is_open:
                read_values[name] = item
        return read_values

    return read


def _list_reader(reader: Reader) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, list):
            return None if value is None else UNREADABLE
        items = (reader(item) for item in value)
        return [item for item in items if item is not UNREADABLE and item is not None]

    return read


def _map_reader(reader: Reader) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return None if value is None else UNREADABLE
        items = ((name, reader(item)) for name, item in value.items())
        return {name: item for name, item in items if item is not UNREADABLE}

    return read


def _enum_reader(kind: TypeRef) -> Reader:
    find = member_finder(kind.values, are_flags=kind.kind == "flags")

    def read(value: Any) -> Any:
        if value is None:
            return None
        member = find(value)
        return UNREADABLE if member is None else member

    return read


def _integer(value: Any) -> Any:
    if type(value) is int or value is None:
        return value
    if isinstance(value, str):
        number = integer(value)
        return UNREADABLE if number is None else number
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return UNREADABLE if not isinstance(value, bool) else int(value)


def _string(value: Any) -> Any:
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, bool):
        return "True" if value else "False"
    return getattr(value, "text", str(value)) if isinstance(value, int | float) else UNREADABLE


def _double(value: Any) -> Any:
    if isinstance(value, str):
        number = decimal(value)
        return UNREADABLE if number is None else number
    return (
        value if (isinstance(value, int | float) and type(value) is not bool) or value is None else UNREADABLE
    )


def _boolean(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        truth = boolean(value)
        return UNREADABLE if truth is None else truth
    return bool(value) if isinstance(value, int) else UNREADABLE


def _date_time(value: Any) -> Any:
    return value if value is None or (isinstance(value, str) and is_date_time(value)) else UNREADABLE


def _byte(value: Any) -> Any:
    return value if value is None or (isinstance(value, str) and is_base64(value)) else UNREADABLE


_SCALARS: Mapping[str, Reader] = {
    "string": _string,
    "int32": _integer,
    "int64": _integer,
    "double": _double,
    "boolean": _boolean,
    "date-time": _date_time,
    "byte": _byte,
    "binary": _byte,
}
