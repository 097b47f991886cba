"""Consumer coverage: what a suite used of what the contract has for the operations it calls.

Facts are texts, "operation<TAB>kind<TAB>item", so that they travel between processes and files: all that the
contract has (`have`) and those that calls used (`hit`). coverage_report.py shows them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from mockso.contract.catalogue import Contract
from mockso.contract.model import Nothing, Operation, TypeRef
from mockso.errors import SettingError
from mockso.exchange.call import Call

Fact: TypeAlias = tuple[str, bool]
"""A text, and whether a call used it."""

Items: TypeAlias = dict[str, list[tuple[str, bool]]]
"""The items of each kind, and whether a call used them."""

KINDS = ("operation", "status", "parameter", "property", "enum", "restriction")
FORMAT = 1
_DEPTH = 12


def facts(call: Call) -> Iterator[Fact]:
    """The facts of a call's operation, those that the call used and all others."""
    operation = call.lookup.operation
    if operation is None:
        return
    for kind, item, seen in _of(call, operation):
        yield f"{operation.id}\t{kind}\t{item}", seen


def _of(call: Call, operation: Operation) -> Iterator[tuple[str, str, bool]]:
    reply = call.reply
    yield "operation", "called", True
    for status in operation.responses:
        yield "status", str(status), reply is not None and not reply.fault and reply.status == status
    if operation.restricted is not None:
        is_refused = any(violation.rule.id == "online-restricted" for violation in call.verdict.violations)
        yield "restriction", "refused", is_refused
        yield "restriction", "granted", not is_refused
    for parameter in operation.parameters:
        if parameter.location == "query":
            values = call.request.query.get_all(parameter.name)
            yield "parameter", parameter.name, bool(values)
            yield from _enums(parameter.name, parameter.type, values)
    body = call.verdict.body
    if operation.body is not None:
        value = None if isinstance(body, Nothing | bytes) else body
        yield from _properties(call.lookup.contract, operation.body, value, "")


def _properties(
    contract: Contract, kind: TypeRef, value: Any, where: str, depth: int = 0
) -> Iterator[tuple[str, str, bool]]:
    """The properties of a body: of its carrier, and of each carrier inside that was sent."""
    if kind.kind in ("list", "map", "patch") and kind.item is not None:
        values = list(value) if isinstance(value, list) else []
        if isinstance(value, dict):
            values = [value] if kind.kind == "patch" else list(value.values())
        inside = where if kind.kind == "patch" else f"{where}[]"
        # The carrier of a body that is a list counts even if the list is empty.
        for item in values or ([None] if not where else []):
            yield from _properties(contract, kind.item, item, inside, depth + 1)
    elif kind.kind == "carrier" and depth < _DEPTH and (isinstance(value, dict) or not where or depth == 1):
        members = {str(name).lower(): item for name, item in value.items()} if isinstance(value, dict) else {}
        for name, member in contract.type(kind.name).by_name.items():
            if member.read_only:
                continue
            place = f"{where}.{name}".lstrip(".")
            there = name.lower() in members
            inner = members.get(name.lower())
            yield "property", place, there
            yield from _enums(place, member.type, [inner] if there else [])
            if inner is not None:
                yield from _properties(contract, member.type, inner, place, depth + 1)


def _enums(place: str, kind: TypeRef, values: Iterable[Any]) -> Iterator[tuple[str, str, bool]]:
    if kind.kind not in ("enum", "flags"):
        return
    members = {part.strip().lower() for value in values for part in str(value).split(",")}
    for value in kind.values:
        yield "enum", f"{place}={value}", value.lower() in members


@dataclass
class Coverage:
    """Facts of any number of calls, processes and earlier runs."""

    have: set[str] = field(default_factory=set)
    hit: set[str] = field(default_factory=set)

    def see(self, calls: Iterable[Call]) -> None:
        """Take in calls."""
        for call in calls:
            for text, seen in facts(call):
                self.have.add(text)
                if seen:
                    self.hit.add(text)

    def merge(self, have: Iterable[str], hit: Iterable[str]) -> None:
        """Take in the facts of another."""
        self.have.update(have)
        self.hit.update(hit)

    def count(self, kind: str = "") -> tuple[int, int]:
        """The number of facts that were used, and of all; of one kind, or of every kind."""
        facts_of_kind = [text for text in self.have if not kind or text.split("\t")[1] == kind]
        return sum(text in self.hit for text in facts_of_kind), len(facts_of_kind)

    @property
    def percent(self) -> float:
        """The share of all facts of the operations called; 0 without calls, as nothing was checked."""
        seen, there = self.count()
        return 100.0 * seen / there if there else 0.0

    def by_operation(self) -> dict[str, Items]:
        """The items of each operation called, sorted."""
        operations: dict[str, Items] = {}
        for text in sorted(self.have):
            operation, kind, item = text.split("\t", 2)
            operations.setdefault(operation, {}).setdefault(kind, []).append((item, text in self.hit))
        return operations

    def to_json(self) -> dict[str, Any]:
        """The form of the JSON report, which `read` takes back."""
        kinds = {kind: dict(zip(("seen", "of"), self.count(kind), strict=True)) for kind in KINDS}
        operations = {
            operation: {
                kind: {
                    "seen": [item for item, seen in items[kind] if seen],
                    "unseen": [item for item, seen in items[kind] if not seen],
                }
                for kind in KINDS
                if kind in items
            }
            for operation, items in self.by_operation().items()
        }
        return {"format": FORMAT, "percent": round(self.percent, 2), "kinds": kinds, "operations": operations}

    def read(self, path: str | Path) -> None:
        """Take in a JSON report of an earlier run. Raises SettingError for any other file."""
        try:
            value: Mapping[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
            for operation, kinds in value["operations"].items():
                for kind, items in kinds.items():
                    for item in [*items["seen"], *items["unseen"]]:
                        self.have.add(f"{operation}\t{kind}\t{item}")
                    self.hit.update(f"{operation}\t{kind}\t{item}" for item in items["seen"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise SettingError(
                f"{path}: not a coverage report ({error}). --mockso-coverage=json:FILE writes one."
            ) from error
