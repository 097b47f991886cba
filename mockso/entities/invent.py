"""Rows of an open world: what stands for a key that nobody seeded or saved, always the same."""

from __future__ import annotations

from mockso.contract.catalogue import Contract
from mockso.contract.examples import Examples
from mockso.contract.model import TypeRef
from mockso.entities.read import BodyReaders
from mockso.state.log import Key, Value


class Inventor:
    """Invents the rows of one contract's kinds. Threads may share it."""

    def __init__(self, contract: Contract) -> None:
        self._kinds = contract.kinds
        self._examples = contract.derive(Examples)
        self._readers = contract.derive(BodyReaders)
        self._rows: dict[str, Value] = {}

    def row(self, kind: str, key: Key) -> Value | None:
        """The row that stands for a key of a kind; None for key 0 and for what is not a kind."""
        known = self._kinds.get(kind)
        if known is None or not key:
            return None
        row = self._rows.get(kind)
        if row is None:
            example = self._examples.of(TypeRef("carrier", known.carrier))
            row = self._rows[kind] = self._readers.row(known, example)
        return row
