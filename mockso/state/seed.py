"""The rows that tenants start with: shared by all of them, and never written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockso.state.log import Key, Value

Table = Mapping[Key, Value]

_NOTHING: Mapping[Key, Any] = {}


class Seed:
    """Rows that every tenant starts with; shared, never changed. `digest` tells one seed from another."""

    def __init__(self, tables: Mapping[str, Table] = {}, digest: str = "") -> None:
        self.tables = tables
        self.digest = digest
        self._indexes: dict[tuple[str, str], Mapping[Any, tuple[Key, ...]]] = {}
        self.memo: dict[Any, Any] = {}
        """What was worked out of its rows, which never change."""

    def index(self, kind: str, name: str) -> Mapping[Any, tuple[Key, ...]]:
        """The keys of a kind's rows by the value of one property; made at first use and kept."""
        index = self._indexes.get((kind, name))
        if index is None:
            index = self._indexes[kind, name] = _index(self.tables.get(kind, _NOTHING), name)
        return index


EMPTY = Seed()


def _index(table: Table, name: str) -> dict[Any, tuple[Key, ...]]:
    index: dict[Any, list[Key]] = {}
    for key, value in table.items():
        reference = value.get(name)
        if type(reference) in (int, str):
            index.setdefault(reference, []).append(key)
    return {reference: tuple(keys) for reference, keys in index.items()}
