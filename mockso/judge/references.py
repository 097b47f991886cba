"""Warnings about parts of a body that a save cannot keep: references to no row, another key, lists of other rows."""

from __future__ import annotations

from collections.abc import Mapping

from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.contract.model import Json, Operation
from mockso.judge.faults import Faults
from mockso.state.rows import Rows


def judge_references(
    value: Json,
    operation: Operation,
    contract: Contract,
    rows: Rows,
    faults: Faults,
    arguments: Mapping[str, Json] = {},
) -> None:
    """Add a warning for each reference to no row, of a body that is a kind's carrier.

    The server keeps such a reference (assumed), so nothing is refused. Kinds of which the tenant has no rows at
    all are passed over: nothing could be referred to. `arguments` are those of the address, whose key counts.
    """
    body = operation.body
    kind = contract.kinds.of(body.name) if body is not None and body.kind == "carrier" else None
    if kind is None or not isinstance(value, Mapping):
        return
    key = _judge_key(value, kind, operation, faults, arguments)
    if kind.joins:
        _judge_joins(value, kind, key, contract, rows, faults)
    references = contract.derive(_References).of(kind)
    for name, item in value.items():
        reference = references.get(name.lower()) if item else None
        if reference is None:
            continue
        member, target = f"body.{reference[0]}", reference[1]
        key, place = _key(item, target, member)
        if isinstance(item, Mapping) and place == member and any(item.values()):
            keys = " or ".join(sorted(set(target.forms.values())))
            message = f"only {keys} says which {target.name} is meant, so this reference leads nowhere"
            faults.add("unknown-reference", place, message, severity="warning", got=str(list(item)))
        if not key or rows.get(target.name, key) is not None or not rows.count(target.name):
            continue
        message = f"{key} is not a key of {target.name} in this tenant"
        faults.add("unknown-reference", place, message, severity="warning", got=str(key))


def _judge_key(
    value: Mapping[str, Json], kind: Kind, operation: Operation, faults: Faults, arguments: Mapping[str, Json]
) -> int:
    """The key that a save is about, 0 for a new row; a warning where body and address name two."""
    own = next((item for name, item in value.items() if name.lower() == kind.key.lower()), 0)
    own = own if type(own) is int else 0
    variable = next((p.name for p in operation.parameters if p.location == "path"), "")
    if not variable:
        return own if operation.is_agent else 0
    key = arguments.get(variable)
    if type(key) is not int:
        return 0
    if own and own != key:
        message = f"{own} is not the key of the address, which counts: {key}"
        faults.add("other-key", f"body.{kind.key}", message, severity="warning", got=str(own))
    return key


def _judge_joins(
    value: Mapping[str, Json], kind: Kind, key: int, contract: Contract, rows: Rows, faults: Faults
) -> None:
    """Warn of a list of other rows that is not what their references back make it."""
    joins = {name.lower(): (name, *join) for name, join in kind.joins.items()}
    for member, item in value.items():
        if member.lower() not in joins or not isinstance(item, list):
            continue
        name, target, back = joins[member.lower()]
        there = {number for number, _ in rows.find(target, back, key)} if key else set()
        other = contract.kinds.get(target)
        if other is not None and {_key(one, other, "")[0] for one in item} != there:
            message = (
                f"it follows from {back} of each {target}, so this list changes nothing; save those instead"
            )
            faults.add("list-of-rows", f"body.{name}", message, severity="warning", got=f"{len(item)} rows")


class _References:
    """The references of one contract's kinds: documented name and kind of each, by lower-case name."""

    def __init__(self, contract: Contract) -> None:
        self._kinds: dict[str, dict[str, tuple[str, Kind]]] = {}
        self._contract = contract

    def of(self, kind: Kind) -> dict[str, tuple[str, Kind]]:
        if kind.name not in self._kinds:
            targets = (*kind.references.items(), *kind.numbers.items())
            self._kinds[kind.name] = {
                name.lower(): (name, target)
                for name, table in targets
                if (target := self._contract.kinds.get(table)) is not None
            }
        return self._kinds[kind.name]


def _key(item: Json, target: Kind, place: str) -> tuple[int, str]:
    """The key inside a referred carrier, or the number that is one, with its place; 0, at `place`, for none."""
    if isinstance(item, Mapping):
        keys = {key.lower(): key for key in target.forms.values()}
        found = next(((keys[name.lower()], key) for name, key in item.items() if name.lower() in keys), None)
        if found is None:
            return 0, place
        place, item = f"{place}.{found[0]}", found[1]
    if isinstance(item, str):
        item = int(item) if item.isdecimal() and len(item) < 20 else 0
    return (item, place) if type(item) is int else (0, place)
