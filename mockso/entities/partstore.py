"""The parts of carriers that many answers share: an associate, a country, a company's persons.

Rows are never changed in place, so a row that is the same object has the same value, in any tenant. A part is
made again only when one of the rows it was made of is another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from mockso.entities.getters import Source
from mockso.formats.json import ConstantObject
from mockso.state.log import Key, Value
from mockso.state.rows import Seed

_LIMIT = 2_000  # parts, about 2 kB each


class _Entry(NamedTuple):
    part: ConstantObject
    row: Value
    rows: tuple[tuple[str, Key, Value | None], ...]


class PartStore:
    """Remembers parts from call to call; `make` makes one of (form, key, row, source). Threads may share it."""

    def __init__(self, make: Callable[[str, Key, Value, Source], dict[str, Any]]) -> None:
        self._make = make
        self._entries: dict[tuple[str, Key], _Entry] = {}

    def part(self, form: str, key: Key, row: Value, source: Source) -> dict[str, Any]:
        """The part of a row in a form; nobody may change it, but for who has a source without a memo."""
        if source.memo is None:
            return self._make(form, key, row, source)
        entry = self._entries.get((form, key))
        if entry is not None and entry.row is row:
            for table, one, other in entry.rows:
                if source.get(table, one) is not other:
                    break
            else:
                return entry.part
        readings = Readings(source)
        part = ConstantObject(self._make(form, key, row, readings))
        if readings.are_complete:
            if len(self._entries) >= _LIMIT:
                self._entries.clear()
            self._entries[form, key] = _Entry(part, row, tuple(readings.rows))
        return part


class Readings:
    """A source that writes down which rows were read by their keys: those that a value was made of."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.memo: dict[Any, Any] | None = {}  # of its own: what another remembers was not read here
        self.rows: list[tuple[str, Key, Value | None]] = []
        self.are_complete = True
        """Whether nothing was read otherwise than by a key."""

    def get(self, kind: str, key: Key) -> Value | None:
        row = self._source.get(kind, key)
        self.rows.append((kind, key, row))
        return row

    def find(self, kind: str, name: str, value: Any) -> list[tuple[Key, Value]]:
        self.are_complete = False
        return self._source.find(kind, name, value)

    def items(self, kind: str) -> Iterator[tuple[Key, Value]]:
        self.are_complete = False
        return self._source.items(kind)

    def of_seed(self, kind: str) -> Seed | None:
        self.are_complete = False
        return self._source.of_seed(kind)
