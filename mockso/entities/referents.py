"""Rows that a data file's references may lead to: those of the file, and those it is laid over.

A row is found by its name in the file, by its id, or by a text of its own: name, title, a country's two letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mockso.contract.kinds import Kind, Kinds
from mockso.entities import mdo
from mockso.errors import did_you_mean
from mockso.scenario.yaml import Place
from mockso.state.log import Key, Value

# The properties whose text a row may be referred to by.
LABELS = ("Name", "Value", "Heading", "Title", "Header", "TwoLetterISOCountry", "UserName")

LIST = "list:"


class Base(Protocol):
    """Rows that a file is laid over: `Rows` or a `Draft`."""

    def get(self, kind: str, key: Key) -> Value | None: ...

    def items(self, kind: str) -> Iterator[tuple[Key, Value]]: ...


@dataclass
class DataRow:
    """A row as a file has it: its place, its value, its key and its name in the file, if it has one."""

    place: Place
    value: Any
    key: Key = 0
    name: str = ""


class Referents:
    """The rows of one file over others. `rows` and `names` are filled by who reads the file."""

    def __init__(self, kinds: Kinds, base: Base) -> None:
        self.rows: dict[str, list[DataRow]] = {}
        self.names: dict[str, dict[str, Key]] = {}
        self._kinds = kinds
        self._base = base
        self._keys: dict[str, set[Key]] = {}
        self._texts: dict[str, dict[str, Key]] = {}

    def kind(self, table: str) -> Kind:
        """The kind that describes the rows of a table, "Contact" or "list:contint"."""
        kind = self._kinds.get("ListItem" if table.startswith(LIST) else table)
        assert kind is not None
        return kind

    def table(self, name: str) -> str:
        """The table that has the items of a list."""
        return mdo.of_name(name, self._kinds).table

    def keys(self, table: str) -> set[Key]:
        """The keys of a table, those of the file included once they are known."""
        if table not in self._keys:
            self._keys[table] = {key for key, _ in self._base.items(table)}
        return self._keys[table]

    def get(self, table: str, key: Key) -> Mapping[str, Any]:
        """The row of a key, of the file or below it; empty for an unknown one."""
        own = next((row.value for row in self.rows.get(table, ()) if row.key == key), None)
        return own if isinstance(own, Mapping) else self._base.get(table, key) or {}

    def find(self, table: str, text: str) -> Key | None:
        """The key that a name or a text leads to; None for one that leads nowhere."""
        return self.names.get(table, {}).get(text) or self._texts_of(table).get(text.lower())

    def missing(self, table: str, value: Any) -> str:
        """The words about a reference that leads nowhere, with the nearest name."""
        item, of = (
            (table, "") if not table.startswith(LIST) else ("item", f" in the list {table[len(LIST) :]!r}")
        )
        near = [*self.names.get(table, ()), *self._shown_texts(table)]
        return (
            f"there is no {item} {value!r}{of}.{did_you_mean(value, near) if isinstance(value, str) else ''}"
        )

    def _texts_of(self, table: str) -> dict[str, Key]:
        if table not in self._texts:
            texts = self._texts[table] = {}
            for key, text in self._labels(table):
                texts.setdefault(text.lower(), key)
        return self._texts[table]

    def _shown_texts(self, table: str) -> list[str]:
        return [text for _, text in self._labels(table)]

    def _labels(self, table: str) -> Iterator[tuple[Key, str]]:
        own = self.rows.get(table, ())
        changed = {row.key for row in own}
        rows = [(key, row) for key, row in self._base.items(table) if key not in changed]
        rows += [(row.key, row.value) for row in own if isinstance(row.value, Mapping)]
        for key, value in rows:
            texts = [value.get(name) for name in LABELS]
            texts.append(" ".join(str(value[part]) for part in ("Firstname", "Lastname") if value.get(part)))
            yield from ((key, text) for text in texts if isinstance(text, str) and text)
