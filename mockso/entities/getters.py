"""Functions that read one property of a row, and those they are made of; where the rows come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from mockso.contract.kinds import Kind
from mockso.contract.model import Field
from mockso.entities import mdo
from mockso.entities.mdo import ItemList
from mockso.formats.custom_fields import read_encoded
from mockso.formats.json import ConstantObject
from mockso.state.log import Key, Value
from mockso.state.rows import Seed


class Source(Protocol):
    """Where rows come from: `Rows` or a `Draft`. `memo` keeps what was composed of them until they change."""

    @property
    def memo(self) -> dict[Any, Any] | None: ...

    def of_seed(self, kind: str) -> Seed | None: ...

    def get(self, kind: str, key: Key) -> Value | None: ...

    def find(self, kind: str, name: str, value: Any) -> list[tuple[Key, Value]]: ...

    def items(self, kind: str) -> Iterator[tuple[Key, Value]]: ...


Getter = Callable[[Key, Value, Source], Any]


def prefixes(kind: Kind, field: Field) -> list[str]:
    """The references that a property's name begins with, the longest first."""
    names = (name for name in kind.references if field.name.startswith(name))
    return sorted(names, key=len, reverse=True)


def follow_reference(
    name: str, table: str, inner: Getter, convert: Callable[[Any], Any], empty: Any
) -> Getter:
    """A function that reads a property of the row that a reference leads to."""

    def follow(key: Key, value: Value, source: Source) -> Any:
        number = value.get(name)
        row = source.get(table, number) if number else None
        return empty if row is None or number is None else convert(inner(number, row, source))

    return follow


def as_it_is(value: Any) -> Any:
    return value


def read_nothing(key: Key, value: Value, source: Source) -> Any:
    return None


def read_inside(getter: Getter, parts: Sequence[str]) -> Getter:
    """A function that goes on from a property along the members of its value."""

    def get(key: Key, value: Value, source: Source) -> Any:
        item = getter(key, value, source)
        for part in parts:
            item = item.get(part) if isinstance(item, Mapping) else None
        return item

    return get


CONVERTERS: Mapping[str, Callable[[Any], Any]] = {
    "int32": lambda value: int(value) if isinstance(value, int | float) else 0,
    "int64": lambda value: int(value) if isinstance(value, int | float) else 0,
    "double": lambda value: float(value) if isinstance(value, int | float) else 0.0,
    "boolean": bool,
    "string": lambda value: "" if value is None else str(value),
}


def flags_getter(list_of: ItemList, property: str) -> Getter:
    """A function that reads all items of a list, those selected that a row names."""

    def get(key: Key, value: Value, source: Source) -> list[dict[str, Any]]:
        selected = value.get(property, ())
        seed = source.of_seed(list_of.table)
        items = seed.memo.get(list_of.table) if seed is not None else None
        if items is None:
            items = mdo.current(source.items(list_of.table))
            if seed is not None:
                seed.memo[list_of.table] = items
        if seed is None or source.memo is None:
            return [mdo.selectable(list_of, one, row, selected=one in selected) for one, row in items]
        made = []
        for one, row in items:
            mark = list_of.table, list_of.name, one, one in selected
            item = seed.memo.get(mark)
            if item is None:
                item = mdo.selectable(list_of, one, row, selected=one in selected)
                item = seed.memo[mark] = ConstantObject(item)
            made.append(item)
        return made

    return get


# Where a row may have the fields that a tenant made itself, "x_...".
EXTRA = ("ExtraFields", "CustomFields")


def custom_field(maps: Sequence[str], field: str) -> Getter:
    """A function that reads a field that a tenant made itself; its value without the mark of its type."""

    def get(key: Key, value: Value, source: Source) -> Any:
        for name in maps:
            fields = value.get(name)
            text = fields.get(field) if fields else None
            if text is not None:
                found = read_encoded(text) if isinstance(text, str) else text
                if hasattr(found, "isoformat"):
                    found = f"{found.isoformat()}T00:00:00"[:19]
                return found if isinstance(found, str | int | float | list) else str(text)
        return None

    return get
