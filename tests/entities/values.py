"""Valid made-up values for every property of a kind that a client can save."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.contract.model import Field, TypeRef
from mockso.entities import mdo
from mockso.entities.formulas import FORMULAS, PARTS

SERVER = frozenset({"TableRight", "FieldProperties", "_Links"})
ROW = 7  # the key of the row that every reference leads to
DEEPEST = 6

# Properties that a tenant decides, whatever a client sends: (kind, property), with the reason.
DECIDED: Mapping[tuple[str, str], str] = {
    ("Webhook", name): "counted by the sender of webhooks, section 16.4"
    for name in ("TotalCalls", "TotalErrors", "ConsecutiveErrors", "LastError")
}

# What a kind cannot be saved without.
NEEDED: Mapping[str, Mapping[str, Any]] = {"Webhook": {"TargetUrl": "https://example.com/hook"}}


class Values:
    """Makes values of one contract's types. No two scalars are alike."""

    def __init__(self, contract: Contract, *, by_number: bool = False) -> None:
        self.contract = contract
        self._by_number = by_number
        self._numbers = itertools.count(11)
        self._outer: list[str] = []

    def saveable(self, kind: Kind) -> Iterator[Field]:
        """The properties of a kind's whole carrier that keep what is sent."""
        stamps = {kind.created, kind.created_by, kind.updated, kind.updated_by}
        for field in self.contract.type(kind.carrier).fields:
            formula = FORMULAS.get((kind.name, field.name))
            if (
                field.name not in SERVER | stamps | kind.joins.keys() | {kind.key}
                and not (formula is not None and not formula.stored)
                and (kind.name, field.name) not in DECIDED
            ):
                yield field

    def body(self, kind: Kind) -> dict[str, Any]:
        """A value of a kind's whole carrier, its references to the row `ROW`."""
        values = {field.name: self._property(kind, field) for field in self.saveable(kind)}
        return {name: value for name, value in values.items() if value is not None}

    def rows(self, kind: Kind) -> Iterator[tuple[str, Any]]:
        """The rows that a body of a kind refers to: their kinds and keys."""
        for target in (*kind.references.values(), *kind.lists.values(), *kind.numbers.values()):
            yield target, self.key(target)
        for field in self.contract.type(kind.carrier).fields:
            if name := mdo.of_flags(kind, field):
                yield mdo.of_name(name, self.contract.kinds).table, ROW

    def key(self, target: str) -> Any:
        kind = self.contract.kinds.get(target)
        assert kind is not None
        type = self.contract.type(kind.carrier).by_name[kind.key].type
        return ROW if type.name in ("int32", "int64") else str(ROW)

    def _property(self, kind: Kind, field: Field) -> Any:
        if field.name in kind.references:
            return self._reference(kind.references[field.name], field.type)
        if field.name in kind.lists and field.type.item is not None:
            return [self._reference(kind.lists[field.name], field.type.item)]
        if field.name in kind.numbers:
            return ROW
        if mdo.of_flags(kind, field):
            return [{"Id": ROW, "Selected": True}]
        return self.of(field.type, field)

    def _reference(self, target: str, type: TypeRef) -> Any:
        if type.kind != "carrier":
            return self.key(target)
        kind = self.contract.kinds.of(type.name)
        return {kind.forms[type.name] if kind else "Id": self.key(target)}

    def of(self, type: TypeRef, field: Field | None = None, depth: int = 0) -> Any:
        """A value of a type that is not the empty one."""
        number = next(self._numbers)
        match type.kind:
            case "list":
                assert type.item is not None
                items = [self.of(type.item, depth=depth + 1) for _ in range(2)]
                return None if None in items else items
            case "map":
                assert type.item is not None
                inner = self.of(type.item, depth=depth + 1)
                return None if inner is None else {f"Key{number}": inner}
            case "enum":
                return len(type.values) - 1 if self._by_number else type.values[-1]
            case "flags":
                return ", ".join(type.values[-2:])
            case "carrier":
                if depth >= DEEPEST or type.name in self._outer:
                    return None  # a type that contains itself ends here
                typedef = self.contract.type(type.name)
                self._outer.append(type.name)
                computed = PARTS.get(typedef.short_name, {})
                members = {
                    item.name: self.of(item.type, item, depth + 1)
                    for item in typedef.fields
                    if item.name not in SERVER and item.name not in computed
                }
                self._outer.pop()
                return {name: value for name, value in members.items() if value is not None} or None
        return _scalar(type.name, number, field)


def _scalar(name: str, number: int, field: Field | None) -> Any:
    match name:
        case "int32" | "int64":
            return number
        case "double":
            return number + 0.5
        case "boolean":
            return True
        case "date-time":
            return f"2026-03-{number % 28 + 1:02}T10:{number % 60:02}:00"
        case "byte" | "binary":
            return base64.b64encode(f"bytes {number}".encode()).decode()
    text = f"text {number} å"
    return text[: field.max_length] if field is not None and field.max_length else text


def camel_case(value: Any, type: TypeRef, contract: Contract) -> Any:
    """A value with the names of its properties as the official client writes them."""
    if value is None:
        return None
    match type.kind:
        case "list" if type.item is not None:
            return [camel_case(item, type.item, contract) for item in value]
        case "map" if type.item is not None:
            return {name: camel_case(item, type.item, contract) for name, item in value.items()}
        case "carrier" if isinstance(value, Mapping):
            typedef = contract.type(type.name)
            return {
                name[0].lower() + name[1:]: camel_case(
                    item, field.type if (field := typedef.find_field(name)) else TypeRef("any"), contract
                )
                for name, item in value.items()
            }
    return value


def form(value: Any, prefix: str = "") -> str:
    """A value as name=value pairs; what is empty cannot be written so."""
    pairs = []

    def walk(item: Any, name: str) -> None:
        if isinstance(item, Mapping):
            for member, inner in item.items():
                walk(inner, f"{name}[{member}]" if name else member)
        elif isinstance(item, list):
            for place, inner in enumerate(item):
                walk(inner, f"{name}[{place}]")
        else:
            text = str(item).lower() if isinstance(item, bool) else str(item)
            pairs.append(f"{quote(name)}={quote(text, safe='')}")

    walk(value, prefix)
    return "&".join(pairs)


def losses(sent: Any, answer: Any, path: str = "") -> Iterator[str]:
    """The places where an answer has not what was sent; it may have more."""
    if isinstance(sent, Mapping) and isinstance(answer, Mapping):
        for name, item in sent.items():
            yield from losses(item, answer.get(name), f"{path}.{name}")
    elif isinstance(sent, list) and isinstance(answer, list) and len(sent) == len(answer):
        for place, (item, other) in enumerate(zip(sent, answer, strict=True)):
            yield from losses(item, other, f"{path}[{place}]")
    elif sent != answer:
        yield f"{path}: sent {sent!r}, read {answer!r:.80}"
