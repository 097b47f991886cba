"""Data files: the rows of tenants as a person writes them in YAML, read and checked.

A file has rows by kind, each under a name, an id or in a list. A reference is the name of a row, its id or its
text; a text stands for an entry of phones or addresses; dates may be relative to the file's `now`. Every fault
of a file is reported at once, with its place and the nearest name. Laying rows over others is `seed`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.contract.model import Field, TypeDef, TypeRef
from mockso.contract.plain import SERVER_PROPERTIES
from mockso.entities import mdo
from mockso.entities.data_defaults import FORM, ID, NOUNS, complete_row, is_id, range_of
from mockso.entities.data_tables import is_table, read_table
from mockso.entities.dates import date_text, read_now
from mockso.entities.generate import GENERATED, generate
from mockso.entities.json_text import read_json
from mockso.entities.read import UNREADABLE, BodyReaders
from mockso.entities.referents import LABELS, LIST, Base, DataRow, Referents
from mockso.errors import SeedError, did_you_mean, first_faults
from mockso.judge.owntables import PREFIX
from mockso.matching.keys import spell
from mockso.progress import follow
from mockso.scenario.load import FileFault
from mockso.scenario.yaml import Document, Place, read_yaml
from mockso.state.log import Key, Value

_HEAD = ("name", "now", "me", "generate", "Lists", "applications")


@dataclass
class Layer:
    """The rows of a file, by kind and key; None is a row that is taken away. `names` are those of the file."""

    name: str
    now: datetime
    rows: dict[str, dict[Key, Value | None]] = field(default_factory=dict)
    names: dict[str, dict[str, Key]] = field(default_factory=dict)
    me: Key = 0


def read_data_file(path: str | Path, contract: Contract, base: Base) -> Layer:
    """The rows of a data file. SeedError has every fault in it."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise SeedError(f"{path}: cannot be read ({error.strerror}).") from error
    return read_data(data, contract, base, str(path))


def read_data(data: bytes | str, contract: Contract, base: Base, origin: str) -> Layer:
    """The rows of a YAML or JSON text; `origin` names it in messages. SeedError has every fault."""
    document = read_json(data) or read_yaml(data, FORM)
    if document.faults and document.root is None:
        raise SeedError(
            "\n".join(str(FileFault(origin, *fault.position, fault.message)) for fault in document.faults)
        )
    return _read(document, contract, base, origin)


def part_faults(data: bytes, key: str, contract: Contract, base: Base, origin: str) -> list[FileFault]:
    """All that is wrong in the rows that stand below a key of a YAML text."""
    reader = _Reader(read_yaml(data).part(key), contract, base)
    reader.read()
    return [FileFault(origin, *position, message) for position, _, message in sorted(reader.faults)]


def read_mapping(value: Mapping[str, Any], contract: Contract, base: Base, origin: str = "seed") -> Layer:
    """The rows of a mapping as a file has it; messages name places as `origin.Person.ann.Firstname`."""
    return _read(Document(value=dict(value)), contract, base, origin)


def _read(document: Document, contract: Contract, base: Base, origin: str) -> Layer:
    reader = _Reader(document, contract, base)
    layer = reader.read()
    faults = [(fault.position, "", fault.message) for fault in document.faults] + reader.faults
    if not faults:
        return layer
    if document.root is None:
        lines = [f"{origin}.{place}: {message}" for _, place, message in reader.faults]
    else:
        lines = [str(FileFault(origin, *position, message)) for position, _, message in sorted(faults)]
    raise SeedError("\n".join(first_faults(lines)))


class _Reader:
    """Reads one document."""

    def __init__(self, document: Document, contract: Contract, base: Base) -> None:
        self._document = document
        self._contract = contract
        self._kinds = contract.kinds
        self._referents = Referents(contract.kinds, base)
        self._readers = contract.derive(BodyReaders)
        self._base = base
        self.faults: list[tuple[tuple[int, int], str, str]] = []
        self._layer = Layer("", read_now(None), names=self._referents.names)

    def _fault(self, place: Place, message: str, *, at_key: bool = False) -> None:
        self.faults.append(
            (self._document.position(place, key=at_key), _spell(place), f"{_spell(place)}: {message}")
            if self._document.root is not None
            else ((0, 0), _spell(place), message)
        )

    def read(self) -> Layer:
        value = self._document.value
        if not isinstance(value, Mapping):
            self._fault((), f"{FORM}.")
            return self._layer
        self._read_head(value)
        for name, rows in value.items():
            if name in _HEAD or name == "SelectionMember":
                continue
            if is_table(str(name)):
                self._read_table(str(name), rows)
                continue
            kind = self._kinds.get(str(name))
            if kind is None:
                names = [*_HEAD, "SelectionMember", *(kind.name for kind in self._kinds)]
                self._fault(
                    (name,), f"there is no kind {name!r}.{did_you_mean(str(name), names)}", at_key=True
                )
            else:
                self._collect(kind.name, rows, (name,))
        lists = value.get("Lists") or {}
        if not isinstance(lists, Mapping):
            self._fault(("Lists",), "it is a mapping of lists to their items.")
            lists = {}
        for name, rows in lists.items():
            self._collect(self._referents.table(str(name)), rows, ("Lists", name))
        self._number_rows()
        for kind_name, entries in self._referents.rows.items():
            self._read_rows(kind_name, entries)
        if value.get("SelectionMember") is not None:
            self._read_members(value["SelectionMember"])
        self._read_me(value)
        self._generate(value.get("generate"))
        return self._layer

    def _read_head(self, value: Mapping[str, Any]) -> None:
        self._layer.name = str(value.get("name") or "")
        now = value.get("now")
        try:
            self._layer.now = read_now(now)
        except ValueError:
            self._fault(("now",), f"{now!r} is not a date and time, as 2026-01-05T08:00:00.")
        if value.get("applications") is not None:
            from mockso.entities.data_applications import KIND, read_applications

            self._layer.rows[KIND] = read_applications(value["applications"], self._fault)

    def _read_members(self, rows: Any) -> None:
        from mockso.entities.data_members import NAME, read_members

        highest = max((key for key, _ in self._base.items(NAME) if isinstance(key, int)), default=0)
        self._layer.rows[NAME] = read_members(rows, self._referents, highest, self._reference, self._fault)

    def _read_table(self, name: str, rows: Any) -> None:
        there = self._base.items(f"{PREFIX}{name.lower()}")
        highest = max((key for key, _ in there if isinstance(key, int)), default=0)
        table, found = read_table(name, rows, highest, self._layer.now, self._fault)
        self._layer.rows[table] = found

    def _read_me(self, value: Mapping[str, Any]) -> None:
        me = value.get("me")
        if me is not None:
            self._layer.me = self._reference("Associate", me, ("me",)) or 0

    # which rows there are

    def _collect(self, kind: str, rows: Any, place: Place) -> None:
        entries = self._referents.rows.setdefault(kind, [])
        names = self._referents.names.setdefault(kind, {})
        if isinstance(rows, Mapping):
            for name, value in rows.items():
                entry = DataRow((*place, name), value)
                if isinstance(name, int) or re.fullmatch(r"[0-9]+", str(name)):
                    entry.key = int(name)
                    if not is_id(entry.key):
                        self._fault(entry.place, f"{ID}, not {name}.", at_key=True)
                else:
                    entry.name = str(name)
                entries.append(entry)
        elif isinstance(rows, list | tuple):
            entries += [DataRow((*place, number), value) for number, value in enumerate(rows)]
        elif rows is not None:
            self._fault(place, f"expected rows, by name or in a list; got {rows!r}.")
        typedef = self._contract.type(self._referents.kind(kind).carrier)
        key = self._referents.kind(kind).key
        label = next((name for name in LABELS if name in typedef.by_name), "")
        for entry in entries:
            if isinstance(entry.value, str) and label:
                entry.value = {label: entry.value}
            if isinstance(entry.value, Mapping):
                given = next(
                    (item for name, item in entry.value.items() if str(name).lower() == key.lower()), None
                )
                if given is not None and not is_id(given):
                    self._fault((*entry.place, key), f"{ID}, not {given!r}.")
                elif given is not None:
                    entry.key = given
            if entry.name and entry.name in names and names[entry.name] != entry.key:
                self._fault(entry.place, f"there is a {kind} {entry.name!r} already.", at_key=True)

    def _number_rows(self) -> None:
        for kind, entries in self._referents.rows.items():
            keys = self._referents.keys(kind)
            own: dict[Key, DataRow] = {}
            for entry in entries:
                if entry.key and entry.key in own:
                    first = _spell(own[entry.key].place)
                    self._fault(
                        entry.place, f"{kind} {entry.key} is given twice, first as {first}.", at_key=True
                    )
                elif entry.key:
                    own[entry.key] = entry
            highest = max((key for key in {*keys, *own} if isinstance(key, int)), default=0)
            for entry in entries:
                if not entry.key:
                    highest += 1
                    entry.key = highest
                if entry.value is None:
                    keys.discard(entry.key)
                else:
                    keys.add(entry.key)
                if entry.name:
                    self._referents.names[kind][entry.name] = entry.key

    # one row

    def _read_rows(self, name: str, entries: Iterable[DataRow]) -> None:
        kind = self._referents.kind(name)
        typedef = self._contract.type(kind.carrier)
        rows = self._layer.rows.setdefault(name, {})
        for entry in entries:
            if entry.value is None:
                rows[entry.key] = None
            elif isinstance(entry.value, Mapping):
                row = self._read_row(kind, typedef, entry)
                rows[entry.key] = (
                    row if name.startswith(LIST) else self._complete(kind, typedef, entry.key, row)
                )
            else:
                self._fault(entry.place, f"expected a mapping of properties, got {entry.value!r}.")

    def _read_row(self, kind: Kind, typedef: TypeDef, entry: DataRow) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for name, value in entry.value.items():
            place = (*entry.place, name)
            known = typedef.find_field(str(name)) or typedef.find_field(f"{name}Id")
            if known is None or known.name in SERVER_PROPERTIES:
                self._fault(
                    place,
                    f"{typedef.short_name} has no such property.{did_you_mean(str(name), typedef.by_name)}",
                    at_key=True,
                )
            elif known.name in kind.joins:
                other, back = kind.joins[known.name]
                self._fault(
                    place, f"it follows from {other}.{back}: write these rows under {other}.", at_key=True
                )
            elif known.name != kind.key and value is not None:
                item = self._property(kind, known, value, place)
                if item is not None:
                    row[known.name] = item
        return row

    def _property(self, kind: Kind, known: Field, value: Any, place: Place) -> Any:
        target = kind.references.get(known.name) or kind.numbers.get(known.name)
        if target:
            return self._reference(target, value, place)
        if known.name in kind.lists:
            return self._list(
                value, place, lambda item, at: self._reference(kind.lists[known.name], item, at)
            )
        choice = mdo.of_flags(kind, known)
        if choice:
            return self._selection(self._referents.table(choice), value, place)
        if known.mdo and known.type.name == "int32" and isinstance(value, str):
            return self._reference(self._referents.table(known.mdo), value, place)
        item = self._value(known.type, value, place, known.mdo or "")
        if known.max_length and isinstance(item, str) and len(item) > known.max_length:
            self._fault(place, f"it has {len(item)} characters, {known.max_length} are allowed.")
        return item

    def _selection(self, table: str, value: Any, place: Place) -> list[Any]:
        """The keys of the items of a list that are selected; items as a client reads them may say that they are not."""

        def read(item: Any, at: Place) -> Key | None:
            members = (
                {str(name).lower(): inner for name, inner in item.items()}
                if isinstance(item, Mapping)
                else {}
            )
            return self._reference(table, item, at) if members.get("selected", True) else None

        return self._list(value, place, read)

    def _reference(self, kind: str, value: Any, place: Place) -> Key | None:
        """The key that a name, an id or a text leads to."""
        if isinstance(value, Mapping):
            carrier = self._kinds.get(kind)
            key = carrier.key.lower() if carrier is not None else "id"
            value = next((item for name, item in value.items() if str(name).lower() == key), value)
        if type(value) is int:
            if value == 0:
                return None
            if value in self._referents.keys(kind):
                return value
            self._fault(place, self._referents.missing(kind, value))
            return None
        if not isinstance(value, str):
            self._fault(place, f"expected the name, the id or the text of a {kind}, got {value!r}.")
            return None
        known = self._referents.find(kind, value)
        if known is None:
            self._fault(place, self._referents.missing(kind, value))
        return known

    # values

    def _list(self, value: Any, place: Place, read: Any) -> list[Any]:
        items = value if isinstance(value, list | tuple) else [value]
        values = (read(item, (*place, number)) for number, item in enumerate(items))
        return [item for item in values if item is not None]

    def _value(self, kind: TypeRef, value: Any, place: Place, mdo: str = "") -> Any:
        match kind.kind:
            case "list" if kind.item is not None:
                inner = kind.item
                if not isinstance(value, list | tuple) and inner.kind != "carrier":
                    self._fault(place, f"expected a list, got {value!r}.")
                    return None
                return self._list(value, place, lambda item, at: self._value(inner, item, at, mdo))
            case "map" if kind.item is not None:
                inner = kind.item
                if not isinstance(value, Mapping):
                    self._fault(place, f"expected a mapping, got {value!r}.")
                    return None
                items = {name: self._value(inner, item, (*place, name)) for name, item in value.items()}
                return {name: item for name, item in items.items() if item is not None}
            case "carrier":
                return self._carrier(kind, value, place, mdo)
            case "scalar" if kind.name == "date-time":
                text = date_text(value, self._layer.now)
                if text is None:
                    self._fault(
                        place, f"{value!r} is not a date: write 2026-01-05, 2026-01-05T09:00:00 or +3d 09:00."
                    )
                return text
        item = self._readers.value(kind, value)
        beyond = range_of(kind.name, item)
        if item is not UNREADABLE and not beyond:
            return item
        if kind.values:
            hint = did_you_mean(str(value), kind.values) or f" It is one of {', '.join(kind.values[:12])}."
            self._fault(place, f"{value!r} is not one of its values.{hint}")
        else:
            self._fault(place, f"expected {NOUNS.get(kind.name, kind.name)}{beyond}, got {value!r}.")
        return None

    def _carrier(self, kind: TypeRef, value: Any, place: Place, mdo: str) -> Any:
        typedef = self._contract.type(kind.name)
        if not isinstance(value, Mapping):
            if typedef.short_name == "EntityElement" and isinstance(value, str):
                return {"Value": value}
            if typedef.short_name in ("SelectableMDOListItem", "MDOListItem") and isinstance(
                value, str | int
            ):
                return self._list_item(value, place, mdo)
            self._fault(place, f"expected a mapping of properties, got {value!r}.")
            return None
        body: dict[str, Any] = {}
        for name, item in value.items():
            known = typedef.find_field(str(name))
            if known is not None:
                inner = self._value(known.type, item, (*place, name), known.mdo or "")
                if inner is not None:
                    body[known.name] = inner
            elif typedef.open:
                body[str(name)] = item
            else:
                self._fault(
                    (*place, name),
                    f"{typedef.short_name} has no such property.{did_you_mean(str(name), typedef.by_name)}",
                    at_key=True,
                )
        return body

    def _list_item(self, value: str | int, place: Place, mdo: str) -> Any:
        kind = self._referents.table(mdo)
        key = self._reference(kind, value, place)
        if key is None:
            return None
        row = self._referents.get(kind, key)
        name = next((row[label] for label in LABELS if row.get(label)), "")
        return {"Id": key, "Name": name, "Selected": True}

    # what is left out

    def _complete(self, kind: Kind, typedef: TypeDef, key: Key, row: dict[str, Any]) -> dict[str, Any]:
        """The row with what a saved one would have: its owner, its number, its stamps."""
        me = self._document.value.get("me") if isinstance(self._document.value, Mapping) else None
        owner = self._referents.names.get("Associate", {}).get(str(me)) or _caller(self._base)
        return complete_row(kind, typedef, key, row, owner, self._layer.now)

    def _generate(self, plan: Any) -> None:
        if plan is None:
            return
        if not isinstance(plan, Mapping):
            self._fault(("generate",), "it is a mapping of kinds to how many, 'generate: {Contact: 200}'.")
            return
        counts: dict[str, int] = {}
        for name, count in plan.items():
            if type(count) is not int or count < 0:
                self._fault(("generate", name), f"expected how many, got {count!r}.")
            elif name != "seed" and name not in GENERATED:
                hint = did_you_mean(str(name), GENERATED) or f" It can make {', '.join(GENERATED)}."
                self._fault(("generate", name), f"rows of {name!r} cannot be generated.{hint}", at_key=True)
            elif name != "seed":
                counts[name] = count

        def keys(kind: str) -> list[Key]:
            return sorted(self._referents.keys(kind), key=lambda key: (isinstance(key, str), key))

        made = generate(counts, plan.get("seed", 0), self._layer.now, keys)
        for kind_name, key, row in follow("generated rows", made, sum(counts.values())):
            kind = self._referents.kind(kind_name)
            self._referents.keys(kind_name).add(key)
            known = self._contract.type(kind.carrier)
            self._layer.rows.setdefault(kind_name, {})[key] = self._complete(kind, known, key, row)


def _caller(base: Base) -> Key:
    me = base.get("tenant", "me")
    return int(me["associate"]) if me is not None else 0


def _spell(place: Place) -> str:
    return spell(place) if place else "the file"
