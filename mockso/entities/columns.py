"""Columns of archives: how to read a column, by its name and restriction type, of the rows of a kind.

Steps by slashes lead over references ("contact/name"); a leaf is a property by its name in any letter case, one
without the entity's own name, or one of `columnnames`. A column reads in two ways: the value that a filter
compares (the id of a list item) and the one that a row shows (its text).
Source: behaviour, section 14.3; study of entities, sections d2 and d3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockso.archive.predicates import FAMILIES
from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.contract.model import Field
from mockso.contract.plausible import MINIMUM_DATE
from mockso.entities import columnnames as names
from mockso.entities.compose import Composer, Source
from mockso.entities.getters import EXTRA, custom_field
from mockso.entities.readings import Reading, Row, enum_reading, is_number_key, plain_reading
from mockso.state.log import Key, Value

Get = Callable[[Key, Value, Source], Any]

# References that columns show by their keys: recorded for those of appointments, sales and documents.
_BY_KEY = frozenset(
    {"Contact", "Person", "Project", "Sale", "Ticket", "Appointment", "Document", "Selection"}
)

_EMPTY: Mapping[str, Any] = {"number": 0, "flag": False, "time": MINIMUM_DATE}


@dataclass(frozen=True)
class Target:
    """The end of a column's name: a function that reads it, and the sort of thing it reads.

    `kind` is that of the rows whose key it reads, `field` the property's type where it reads a property, `path` the
    property or the key of the row itself that it reads as it is stored; `by` the last reference on the way, on which
    alone the value depends.
    """

    get: Get
    kind: Kind | None = None
    field: Field | None = None
    path: str = ""
    by: Get | None = None


class Columns:
    """The columns of one contract's kinds. Threads may share it."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._composer = contract.derive(Composer)
        self._targets: dict[tuple[str, str], Target | None] = {}
        self._properties: dict[str, Mapping[str, str]] = {}

    def reading(self, kind: Kind, column: str, restriction: str, source: Source) -> Reading:
        """How to read a column of a kind's rows; one without data reads as an empty value of its type."""
        family = FAMILIES.get(restriction, "")
        target = self.target(kind, column)
        if target is None:
            is_id = is_number_key(column) or (not restriction and column.lower().endswith("id"))
            empty = _EMPTY.get(family, 0 if is_id else "")
            return Reading(lambda row: None, lambda row: empty, has_data=False)
        get, by = target.get, target.by

        def read(row: Row) -> Any:
            return get(row[0], row[1], source)

        if target.kind is not None:
            reading, by = self._reference(target.kind, read, column, family, source), by or get
        elif target.field is not None and target.field.type.kind == "enum":
            reading = enum_reading(read, target.field.type.values, family)
        else:
            reading = plain_reading(read, column, restriction)
        return reading.depending_on(lambda row: by(row[0], row[1], source)) if by is not None else reading

    def target(self, kind: Kind, column: str) -> Target | None:
        """The target of a column, from the rows of a kind; None where it leads nowhere."""
        name = column.lower()
        try:
            return self._targets[kind.name, name]
        except KeyError:
            found = self._targets[kind.name, name] = self._find(kind, name.split("/"), column.split("/"))
            return found

    # finding: `parts` are small, `written` as they were, for names that a tenant made

    def _find(self, kind: Kind, parts: Sequence[str], written: Sequence[str]) -> Target | None:
        if len(parts) == 1:
            return self._leaf(kind, parts[0])
        step, own = parts[0], kind.name.lower()
        if step == own:
            return self._find(kind, parts[1:], written[1:])
        if step.endswith("udef"):
            return Target(custom_field(("UserDefinedFields",), "/".join(written[1:])))
        if step.endswith("extra"):
            return Target(custom_field(EXTRA, "/".join(written[1:])))
        short = step.removeprefix(own)
        if short in names.OWN_STEPS:
            return self._find(kind, parts[1:], written[1:])
        places = names.ADDRESSES.get(step) or names.ADDRESSES.get(short)
        if places and "Address" in self._composer.names(kind):
            return self._address(places, parts[-1])
        lists = names.ELEMENTS.get(step) or names.ELEMENTS.get(short)
        property = next((name for name in lists or () if name in self._composer.names(kind)), "")
        if property and parts[1] in names.ELEMENT_LEAVES:
            return _element(property, names.ELEMENT_LEAVES[parts[1]])
        if len(parts) == 2 and parts[1] == "id":
            found = self._leaf(kind, step)
            if found is not None and found.kind is not None:
                return Target(found.get)
        for name in dict.fromkeys((step, short)):
            step_target = self._step(kind, name)
            if step_target is not None:
                assert step_target.kind is not None
                inner = self._find(step_target.kind, parts[1:], written[1:])
                return None if inner is None else _follow(step_target, inner)
        return None

    def _step(self, kind: Kind, step: str) -> Target | None:
        """A reference by the name of a step."""
        path = names.STEPS_OF_KIND.get(kind.name, {}).get(step) or names.STEPS.get(step, "")
        leads = {**kind.numbers, **kind.references}
        if not path:
            folded = {name.lower(): name for name in leads}
            path = folded.get(step) or folded.get(f"{step}id") or ""
        return self._path(kind, path) if path else None

    def _path(self, kind: Kind, path: str) -> Target | None:
        """The reference at the end of a path of them, "Person.Contact"."""
        name, _, rest = path.partition(".")
        target = self._contract.kinds.get({**kind.numbers, **kind.references}.get(name, ""))
        if target is None:
            return None
        first = _reference_of(name, target)
        inner = self._path(target, rest) if rest else None
        if not rest:
            return first
        return None if inner is None else _follow(first, inner)

    def _leaf(self, kind: Kind, leaf: str) -> Target | None:
        own = kind.name.lower()
        if leaf in names.PARTS and "BirthDate" in self._composer.names(kind):
            return _part(*names.PARTS[leaf])
        if leaf == "isactive" and "Deleted" in self._composer.names(kind):
            return Target(lambda key, value, source: not value.get("Deleted"))
        for name in dict.fromkeys((leaf, leaf.removeprefix(own))):
            paths = names.OF_KIND.get(kind.name, {}).get(name)
            if paths == ():
                return None
            if paths is None:
                paths = names.LEAVES.get(name, ())
            for path in (*paths, self._names(kind).get(name, "")):
                found = self._property(kind, path) if path else None
                if found is not None:
                    return found
            for ending in ("fullname", "id", "name", "rank"):
                stem = name.removesuffix(ending)
                found = self._leaf(kind, stem) if stem and stem != name else None
                if found is not None and found.kind is not None:
                    return self._of_reference(found, ending)
        return None

    def _of_reference(self, found: Target, ending: str) -> Target:
        """The target of "associateFullName" or "stageRank", where "associate" is a reference."""
        assert found.kind is not None
        if ending == "rank":
            inner = self._property(found.kind, "Rank")
            return found if inner is None else _follow(found, inner)
        return (
            Target(found.get) if ending == "id" and found.kind.name not in _BY_KEY | {"Associate"} else found
        )

    def _property(self, kind: Kind, path: str) -> Target | None:
        name, _, rest = path.partition(".")
        leads = {**kind.numbers, **kind.references}
        target = self._contract.kinds.get(leads.get(name, ""))
        if target is not None and not (kind.name == "ProjectMember" and name == "CountryId"):
            inner = self._property(target, rest) if rest else None
            if not rest:
                return _reference_of(name, target)
            return None if inner is None else _follow(_reference_of(name, target), inner)
        field = self._contract.type(kind.carrier).by_name.get(name)
        if field is not None and field.type.kind == "list" and name not in kind.joins:
            return Target(lambda key, value, source: value.get(name, ()), None, field)
        getter = self._composer.getter(kind, name)
        return Target(getter, None, field, name if name == kind.key else "") if getter is not None else None

    def _names(self, kind: Kind) -> Mapping[str, str]:
        """The properties of a kind's forms by their names in small letters."""
        found = self._properties.get(kind.name)
        if found is None:
            fields = (*self._contract.type(kind.simple).fields, *self._contract.type(kind.carrier).fields)
            found = {field.name.lower(): field.name for field in fields}
            found |= {"id": kind.key, f"{kind.name.lower()}id": kind.key, kind.key.lower(): kind.key}
            self._properties[kind.name] = found
        return found

    def _address(self, places: Sequence[str], leaf: str) -> Target | None:
        member = names.ADDRESS_LEAVES.get(leaf)
        if leaf.startswith("wgs84"):
            coordinate = "Wgs84Latitude" if leaf.endswith("latitude") else "Wgs84Longitude"
            return Target(lambda key, value, source: (value.get("Address") or {}).get(coordinate, 0.0))
        if member is None:
            return None
        by = "\r\n" if "multiline" in leaf else ", "

        def get(key: Key, value: Value, source: Source) -> Any:
            address = value.get("Address") or {}
            for place in places:
                found = address.get(place) or {}
                text = _on_one_line(found, by) if member == "*" else found.get(member)
                if text:
                    return text
            return ""

        return Target(get)

    # reading

    def _reference(
        self, kind: Kind, read_key: Callable[[Row], Any], column: str, family: str, source: Source
    ) -> Reading:
        def raw(row: Row) -> Any:
            return read_key(row) or 0

        if family in ("number", "flag") or kind.name in _BY_KEY:
            if family == "flag":
                return Reading(raw, lambda row: bool(raw(row)))
            return Reading(raw, raw)
        if kind.name == "Associate":
            if column.lower().endswith("dbid"):
                return Reading(raw, raw)
            property = "FullName" if column.lower().endswith("fullname") else "Name"
            read = self._composer.getter(kind, property)

            def associate(row: Row) -> Any:
                key = raw(row)
                found = source.get("Associate", key) if key else None
                return "" if found is None or read is None else read(key, found, source)

            return Reading(raw if family == "key" else associate, associate)

        def label(row: Row) -> str:
            key = raw(row)
            return self._composer.label(kind, key, source) if key else ""

        return Reading(label if family == "text" else raw, label)


def _reference_of(name: str, kind: Kind) -> Target:
    """The reference of a row that a property has."""
    return Target(lambda key, value, source: value.get(name, 0), kind, path=name)


def _follow(reference: Target, inner: Target) -> Target:
    """A column of the row that a reference leads to."""
    assert reference.kind is not None
    get, name = reference.get, reference.kind.name

    def behind(read: Get) -> Get:
        def follow(key: Key, value: Value, source: Source) -> Any:
            number = get(key, value, source)
            row = source.get(name, number) if number else None
            return None if row is None else read(number, row, source)

        return follow

    follow = behind(inner.get)
    # What is found by a further reference depends on that one, which fewer rows may have.
    further = inner.by or (inner.get if inner.kind is not None else None)
    return Target(follow, inner.kind, inner.field, by=get if further is None else behind(further))


def _element(property: str, member: str) -> Target:
    """A member of the first phone, mail address or web page."""

    def get(key: Key, value: Value, source: Source) -> Any:
        items = value.get(property)
        if not items:
            return ""
        if member == "StrippedValue":
            return "".join(sign for sign in str(items[0].get("Value") or "") if sign.isdigit() or sign == "+")
        return items[0].get(member, "")

    return Target(get)


def _part(property: str, place: slice) -> Target:
    """The year, the month or the day of a date; 0 of none."""

    def get(key: Key, value: Value, source: Source) -> int:
        text = str(value.get(property) or "")
        return 0 if not text or text.startswith("0001-") else int(text[place])

    return Target(get)


def _on_one_line(address: Mapping[str, Any], by: str) -> str:
    place = " ".join(str(address[name]) for name in ("Zipcode", "City") if address.get(name))
    lines = [address.get("Address1"), address.get("Address2"), address.get("Address3"), place]
    return by.join(str(line) for line in lines if line)
