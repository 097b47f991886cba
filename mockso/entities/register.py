"""The register: a tenant's entities for people, found by any spelling of their names, changed without a call.

Tests, the admin API and the page read rows by it. It knows the marks of the calls that made and changed a row
(marks.py), and says what is nearest where there is no such kind, row or property.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.contract.model import TypeRef
from mockso.contract.paths import walk
from mockso.entities.compose import Composer
from mockso.entities.marks import (
    CREATED,
    LIST,
    TRASH,
    UPDATED,
    deleted_by,
    entity_kind,
    is_entity,
    without_marks,
)
from mockso.entities.read import BodyReaders
from mockso.entities.verbs import remove
from mockso.errors import EntityError, MissingEntityError, did_you_mean, suggest
from mockso.state.log import Key, Value
from mockso.state.rows import Draft, RowStore

SEED = "data"
"""The origin of a row that the tenant's data has."""

_LISTS = "Lists"


@dataclass(frozen=True)
class Entity:
    """One row: its own properties, what it is called, and what made and last changed it.

    An origin is the id of a call, "admin" for the admin API, or "data" for the data a tenant starts with or
    was given; `changed_by` is empty for a row that was never changed.
    """

    kind: str
    key: Key
    label: str
    made_by: str
    changed_by: str
    row: Mapping[str, Any]


class Register:
    """The entities of one tenant."""

    def __init__(self, contract: Contract, store: RowStore) -> None:
        self._contract = contract
        self._store = store
        self._composer = contract.derive(Composer)

    def counts(self) -> dict[str, int]:
        """The kinds that have entities, by name, with how many."""
        rows, kinds = self._store.rows, self._contract.kinds
        return {kind: rows.count(kind) for kind in rows.kinds() if is_entity(kind, kinds)}

    def kind(self, name: str) -> str:
        """The kind of a name in any letter case, a list's name included. MissingEntityError for another."""
        kind = self._contract.kinds.get(name)
        if kind is not None:
            return kind.name
        folded = {known.lower(): known for known in self.counts()}
        for spelling in (name.lower(), f"{LIST}{name.lower()}"):
            if spelling in folded:
                return folded[spelling]
        names = [*(kind.name for kind in self._contract.kinds), *folded.values()]
        raise MissingEntityError(f"entities have no kind {name!r}.{did_you_mean(name, names)}")

    def all(self, kind: str) -> Iterator[Entity]:
        """The entities of a kind, by key. MissingEntityError for an unknown kind."""
        kind = self.kind(kind)
        rows = sorted(self._store.rows.items(kind), key=lambda item: (type(item[0]) is str, item[0]))
        return (self._entity(kind, key, row) for key, row in rows)

    def get(self, kind: str, key: Key) -> Entity:
        """One entity. MissingEntityError without it, and for an unknown kind."""
        kind = self.kind(kind)
        row = self._store.rows.get(kind, key)
        if row is None:
            raise self._missing(kind, key)
        return self._entity(kind, key, row)

    def find(self, text: str, kind: str) -> Iterator[Entity]:
        """The entities of a kind that have a text anywhere, in any letter case."""
        folded = text.lower()
        for entity in self.all(kind):
            if folded in entity.label.lower() or folded in json.dumps(entity.row, ensure_ascii=False).lower():
                yield entity

    def carrier(self, kind: str, key: Key) -> dict[str, Any]:
        """The whole carrier of one entity, as a read answers with it. Errors as `get`."""
        kind = self.kind(kind)
        row = self._store.rows.get(kind, key)
        if row is None:
            raise self._missing(kind, key)
        return self._compose(kind, key, row)

    def carriers(self, kind: str) -> list[dict[str, Any]]:
        """The whole carriers of a kind, by key. MissingEntityError for an unknown kind."""
        kind = self.kind(kind)
        rows = sorted(self._store.rows.items(kind), key=lambda item: (type(item[0]) is str, item[0]))
        return [self._compose(kind, key, row) for key, row in rows]

    def value(self, kind: str, carrier: Mapping[str, Any], path: str) -> tuple[str, Any]:
        """The value at a path into a carrier, "Address.Street.City" or "Emails.0.Value", and the path as documented.

        It is None where the path leads through a null or beyond the end of a list. EntityError for a path that
        no carrier of the kind has.
        """
        names: list[str] = []
        value: Any = carrier
        steps = walk(
            TypeRef("carrier", self._kind(kind).carrier),
            path.replace("[", ".").replace("]", "").split("."),
            self._contract,
        )
        for step in steps:
            if step.fault:
                raise EntityError(f"{kind} {path!r}: {step.fault}")
            name = step.field.name if step.field is not None else step.part
            names.append(name)
            if isinstance(value, list):
                value = value[int(name)] if name.isdecimal() and int(name) < len(value) else None
            else:
                value = value.get(name) if isinstance(value, Mapping) else None
        return ".".join(names), value

    def references(self, entity: Entity) -> dict[str, tuple[str, Key, str]]:
        """The entities that the properties of one refer to: kind, key and name, by the property."""
        carrier = self._contract.kinds.get(entity_kind(entity.kind))
        if carrier is None:
            return {}
        rows = self._store.rows
        links: dict[str, tuple[str, Key, str]] = {}
        for name, kind in {**carrier.numbers, **carrier.references}.items():
            key = entity.row.get(name)
            row = rows.get(kind, key) if key else None
            if row is not None and key is not None:
                links[name] = (kind, key, self._label(kind, key, row))
        return links

    def is_stamped(self, kind: str) -> bool:
        """Whether entities of a kind tell when they were made: people's work, not lists and settings."""
        carrier = self._contract.kinds.get(entity_kind(kind))
        return carrier is not None and bool(carrier.created)

    # changes

    def put(self, kind: str, key: Key, body: Mapping[str, Any], origin: str) -> bool:
        """Replace an entity's row with a carrier as a client sends it, and return whether the row is new.

        What the body leaves out is empty afterwards, except for the stamps. No webhook hears of it. EntityError
        for a body that the contract does not allow; there a property nobody knows is a fault too.
        """
        from mockso.contract.schemas import Schemas

        kind = self.kind(kind)
        carrier = self._kind(kind)
        departures = self._contract.derive(Schemas).check(dict(body), TypeRef("carrier", carrier.carrier))
        faults = [item for item in departures if item.severity == "error" or item.rule == "unknown-property"]
        if faults:
            lines = (f"{'.'.join(('body', *map(str, item.path)))}: {item.message}" for item in faults)
            raise EntityError("\n".join(lines))
        sent = self._contract.derive(BodyReaders).row(carrier, body)

        def verb(draft: Draft) -> bool:
            before = draft.get(kind, key)
            stamps = (carrier.created, carrier.created_by, carrier.updated, carrier.updated_by, CREATED)
            row = {name: before[name] for name in stamps if before is not None and name in before}
            draft.put(kind, key, {**row, **sent, CREATED if before is None else UPDATED: origin})
            return before is None

        return self._store.change(verb).value

    def remove(self, kind: str, key: Key) -> None:
        """Remove one entity, as a call does. Errors as `get`."""
        kind = self.kind(kind)
        carrier = self._contract.kinds.get(kind)

        def verb(draft: Draft) -> bool:
            if carrier is not None:
                return remove(carrier, key, draft)
            there = draft.get(kind, key) is not None
            draft.remove(kind, key)
            return there

        if not self._store.change(verb).value:
            raise self._missing(kind, key)

    def export(self) -> dict[str, Any]:
        """The entities that are the tenant's own, not its data's, as a data file has them; null is a deleted one."""
        kinds: dict[str, Any] = {}
        lists: dict[str, Any] = {}
        for kind, key, row in self._store.rows.own():
            if kind.startswith(TRASH) or not is_entity(kind, self._contract.kinds):
                continue
            table = (
                lists.setdefault(kind.removeprefix(LIST), {})
                if kind.startswith(LIST)
                else kinds.setdefault(kind, {})
            )
            table[str(key)] = None if row is None else without_marks(row)
        return {**dict(sorted(kinds.items())), **({_LISTS: lists} if lists else {})}

    def deleted_by(self, kind: str, key: Key) -> str:
        """The id of the call that deleted an entity; empty where none did."""
        return deleted_by(self.kind(kind), key, self._store.rows)

    # inside

    def _kind(self, name: str) -> Kind:
        kind = self._contract.kinds.get(entity_kind(name))
        if kind is None:
            raise EntityError(f"{name!r} is a list, and the contract has no carrier of list items.")
        return kind

    def _compose(self, kind: str, key: Key, row: Value) -> dict[str, Any]:
        return self._composer.compose(self._kind(kind).carrier, key, row, self._store.rows)

    def _entity(self, kind: str, key: Key, row: Value) -> Entity:
        return Entity(
            kind,
            key,
            self._label(kind, key, row),
            str(row.get(CREATED, SEED)),
            str(row.get(UPDATED, "")),
            without_marks(row),
        )

    def _label(self, kind: str, key: Key, row: Value) -> str:
        carrier = self._contract.kinds.get(kind)
        if carrier is None:
            return str(row.get("Name", ""))
        return self._composer.label(carrier, key, self._store.rows)

    def _missing(self, kind: str, key: Key) -> EntityError:
        """The error about a key that is not there, or of another type than all there are: '17' must not pass for gone."""
        rows = self._store.rows
        keys = [known for known, _ in rows.items(kind)]
        if type(key) is not int and not any(isinstance(known, str) for known in keys):
            return EntityError(f"{kind}: a key is a whole number, such as 17; got {key!r}.")
        numbers = sorted(known for known in keys if isinstance(known, int))
        about = "none of them" if not keys else f"{len(keys)} of them"
        near = ""
        if numbers:
            about += f", {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f", {numbers[0]}"
            closest = sorted(numbers, key=lambda number: abs(number - key) if isinstance(key, int) else 0)[:2]
            near = suggest(*(str(number) for number in sorted(closest)))
        deletion = deleted_by(kind, key, rows)
        was = f" It was deleted by call {deletion}." if deletion else ""
        return MissingEntityError(
            f"{kind} {key} is not in this tenant, which has {about}.{was}{'' if was else near}"
        )
