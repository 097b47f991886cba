"""Values of a row's own carriers (phones, addresses, links) filled up to what an answer has."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.examples import Examples
from mockso.contract.model import Field, TypeRef
from mockso.entities.formulas import PARTS

Completer = Callable[[Any], Any]

# Own values that are an empty carrier where the row has none; others are null. Recorded.
BLANK_VALUES = frozenset({"Address", "StructuredAddress"})


class Parts:
    """Completes the stored values of one contract's types, which leave out what is empty or formula."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._examples = contract.derive(Examples)
        self._completers: dict[str, Completer] = {}
        self._lock = threading.RLock()

    def completer(self, kind: TypeRef) -> Completer:
        """A function that fills a stored value of a type."""
        if kind.kind == "list" and kind.item is not None:
            item = self.completer(kind.item)
            return lambda value: [item(one) for one in value]
        if kind.kind == "map" and kind.item is not None:
            item = self.completer(kind.item)
            return lambda value: {name: item(one) for name, one in value.items()}
        if kind.kind != "carrier":
            return lambda value: value
        with self._lock:
            return self._completers.get(kind.name) or self._make(kind.name)

    def _make(self, name: str) -> Completer:
        members: dict[str, Completer] = {}
        template: dict[str, Any] = {}
        rules = PARTS.get(name.rpartition(".")[2], {})

        def complete(value: Any) -> Any:
            if not isinstance(value, Mapping):
                return value
            body = dict(template)
            for member, item in value.items():
                inner = members.get(member)
                body[member] = inner(item) if inner is not None else item
            for member, rule in rules.items():
                body[member] = rule(body)
            return body

        # Before its members: a type that contains itself finds it here.
        self._completers[name] = complete
        for field in self._contract.type(name).fields:
            template[field.name] = self._empty(field)
            innermost = field.type
            while innermost.kind in ("list", "map") and innermost.item is not None:
                innermost = innermost.item
            if innermost.kind == "carrier":
                members[field.name] = self.completer(field.type)
        return complete

    def _empty(self, field: Field) -> Any:
        if field.type.kind != "carrier":
            return self._examples.empty(field.type)
        return self.completer(field.type)({}) if field.type.name.rpartition(".")[2] in BLANK_VALUES else None
