"""Rows of an open world: what stands for a key that nobody seeded or saved, always the same.

A row is a function of its kind and key and of the seed: the same in every process and in any order of calls.
What it refers to is chosen among the rows of the seed, so that it exists; where there are none it is unset.
Lists of other rows are never invented.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.examples import Examples
from mockso.contract.keys import key_of
from mockso.contract.kinds import Kind
from mockso.contract.model import Field, TypeRef
from mockso.contract.plain import SERVER_PROPERTIES
from mockso.contract.plausible import Subject
from mockso.state.log import Key, Value
from mockso.state.rows import Seed

# One property of an invented row; None where it is unset.
Invention = Callable[[Subject, Seed], Any]


class Inventor:
    """Invents the rows of one contract's kinds. Threads may share it."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._kinds = {kind.name: kind for kind in contract.kinds}
        self._examples = contract.derive(Examples)
        self._inventions: dict[str, Mapping[str, Invention]] = {}

    def row(self, seed: Seed, kind: str, key: Key) -> Value | None:
        """The row that stands for a key of a kind; None for what is not a key, or not a kind."""
        known = self._kinds.get(kind)
        if known is None or not key or (isinstance(key, int) and key < 0):
            return None
        if type(key) is not self._type_of_key(known):
            return None
        inventions = self._inventions.get(kind)
        if inventions is None:
            inventions = self._inventions[kind] = self._make(known)
        subject = Subject(kind, key)
        values = ((name, invention(subject, seed)) for name, invention in inventions.items())
        return {name: value for name, value in values if value is not None}

    def _type_of_key(self, kind: Kind) -> type:
        field = self._contract.type(kind.carrier).by_name[kind.key]
        return str if field.type.name == "string" else int

    def _make(self, kind: Kind) -> Mapping[str, Invention]:
        inventions: dict[str, Invention] = {}
        for field in self._contract.type(kind.carrier).fields:
            name = field.name
            if name == kind.key or name in SERVER_PROPERTIES or name in kind.joins or name in kind.lists:
                continue
            target = kind.references.get(name) or kind.numbers.get(name)
            if target == kind.name:
                continue  # a row above itself, or a circle of two
            if target is not None:
                inventions[name] = _reference(name, target)
            elif self._is_part(field.type):
                inventions[name] = self._own(field)
        return inventions

    def _own(self, field: Field) -> Invention:
        return lambda subject, seed: self._examples.part(field, subject)

    def _is_part(self, kind: TypeRef) -> bool:
        """Whether a value belongs to its row: not another row, nor a list of others."""
        if kind.kind == "list" and kind.item is not None:
            return self._is_part(kind.item)
        if kind.kind == "carrier":
            return key_of(self._contract.type(kind.name)) is None
        return kind.kind not in ("map", "any")


def _reference(name: str, target: str) -> Invention:
    def choose(subject: Subject, seed: Seed) -> Any:
        keys = tuple(seed.tables.get(target, ()))
        return keys[subject.number(name, len(keys))] if keys else None

    return choose
