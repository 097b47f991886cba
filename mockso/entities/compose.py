"""Rows to carriers: a plan for each form of a kind, made once, fills a carrier from a row and those it refers to.

A whole carrier has what the row has; a reference is the simple form of the row it leads to, composed anew, or
null; a list of other rows is found by their reference back. A simple carrier is a projection: the property of
the same name, a path run together (`ContactName` is the name of `Contact`), or a rule of `formulas`.
Source: study of entities, section b1 (recorded answers).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.examples import Examples
from mockso.contract.kinds import Kind
from mockso.contract.model import Field, TypeRef
from mockso.entities import mdo
from mockso.entities.formulas import FORMULAS, Read
from mockso.entities.getters import (
    CONVERTERS,
    Getter,
    as_it_is,
    flags_getter,
    follow_reference,
    prefixes,
    read_inside,
    read_nothing,
)
from mockso.entities.getters import Source as Source
from mockso.entities.parts import BLANK_VALUES, Parts
from mockso.entities.partstore import PartStore
from mockso.entities.rights import Rights
from mockso.state.log import Key, Value

# References that hold an empty carrier with id 0 where they lead nowhere; others are null. Recorded.
BLANK_REFERENCES = frozenset({("Contact", "TicketPriority"), ("Contact", "CustomerLanguage")})

# What a list item, a person or a company is called, the best name first.
LABELS = ("FullName", "Value", "Name", "Title", "Header", "Heading", "Subject")


@dataclass(frozen=True)
class _Plan:
    """How one form is filled. `template` has all properties with their empty values, in order."""

    kind: Kind
    key: str
    template: Mapping[str, Any]
    own: Mapping[str, Callable[[Any], Any] | None]
    references: Mapping[str, tuple[str, str]]
    lists: Mapping[str, tuple[str, str]]
    joins: Sequence[tuple[str, str, str, str]]
    getters: Sequence[tuple[str, Getter]]
    projections: Sequence[_Projection]


@dataclass(frozen=True)
class _Projection:
    """The properties of a simple form that follow from one referred row: `ContactName`, `ContactOrgNr` ...

    `id` tells one from another, `getters` read the referred row, `convert` makes them what the form has.
    """

    id: str
    reference: str
    table: str
    getters: Sequence[tuple[str, Getter, Callable[[Any], Any]]]


class Composer:
    """Composes the carriers of one contract. Threads may share it."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._kinds = contract.kinds
        self._examples = contract.derive(Examples)
        self._plans: dict[str, _Plan] = {}
        self._getters: dict[tuple[str, str], Getter | None] = {}
        self._readers: dict[tuple[str, str], Getter] = {}
        self._parts = contract.derive(Parts)
        self._rights = contract.derive(Rights)
        self._lock = threading.RLock()
        self._kept = PartStore(self.part)

    def compose(self, carrier: str, key: Key, value: Value, source: Source) -> dict[str, Any]:
        """The carrier of a row as an answer's body has it. `carrier` is a form's full name."""
        body = self.part(carrier, key, value, source)
        if "TableRight" in body:
            body["TableRight"] = self._rights.table
        if "FieldProperties" in body:
            body["FieldProperties"] = self._rights.of(carrier)
        return body

    def part(
        self, carrier: str, key: Key, value: Value, source: Source, above: tuple[Key, ...] = ()
    ) -> dict[str, Any]:
        """The carrier of a row as it stands inside another value, without rights.

        `above` are the rows of its own kind that it stands in: none of them stands in itself again.
        """
        plan = self._plan_of(carrier)
        memo = source.memo
        body = dict(plan.template)
        own, references, lists = plan.own, plan.references, plan.lists
        for name, item in value.items():
            if name in own:
                complete = own[name]
                body[name] = item if complete is None else complete(item)
            elif name in references:
                kind, form = references[name]
                # One associate often stands in a row three times, one company in a hundred persons.
                part = memo.get((form, item)) if memo else None
                if part is None:
                    row = source.get(kind, item)
                    if row is None:
                        continue
                    part = self._kept.part(form, item, row, source)
                    if memo is not None:
                        memo[form, item] = part
                body[name] = part
            elif name in lists:
                kind, form = lists[name]
                inside = (*above, key) if kind == plan.kind.name else ()
                rows = ((one, source.get(kind, one)) for one in item if one not in inside)
                body[name] = [
                    self.part(form, one, row, source, inside) for one, row in rows if row is not None
                ]
        body[plan.key] = key
        for name, kind, back, form in plan.joins:
            others = source.find(kind, back, key)
            body[name] = [self._kept.part(form, one, row, source) for one, row in others]
        for name, getter in plan.getters:
            body[name] = getter(key, value, source)
        for projection in plan.projections:
            number = value.get(projection.reference)
            if not number:
                continue
            values = memo.get((projection.id, number)) if memo else None
            if values is None:
                row = source.get(projection.table, number)
                values = {}
                if row is not None:
                    for name, getter, convert in projection.getters:
                        values[name] = convert(getter(number, row, source))
                if memo is not None:
                    memo[projection.id, number] = values
            body |= values
        return body

    def blank(self, carrier: str) -> Mapping[str, Any]:
        """The carrier of no row: all properties empty. Not to be changed."""
        return self._plan_of(carrier).template

    def names(self, kind: Kind) -> frozenset[str]:
        """The properties of a kind's whole carrier."""
        return frozenset(self._contract.type(kind.carrier).by_name)

    def getter(self, kind: Kind, name: str) -> Getter | None:
        """A function that reads one property of a kind's rows, of its whole or simple form; None for an unknown one.

        A reference reads as its key.
        """
        try:
            return self._getters[kind.name, name]
        except KeyError:
            getter = self._getters[kind.name, name] = self._make_getter(kind, name)
            return getter

    def label(self, kind: Kind, key: Key, source: Source) -> str:
        """The name of a row: its full name, value or title; empty for a row that does not exist."""
        row = source.get(kind.name, key) if key else None
        if row is None:
            return ""
        for name in LABELS:
            getter = self.getter(kind, name)
            if getter is not None:
                return str(getter(key, row, source) or "")
        return ""

    # plans

    def _plan_of(self, carrier: str) -> _Plan:
        plan = self._plans.get(carrier)
        if plan is not None:
            return plan
        with self._lock:
            if carrier not in self._plans:
                self._plans[carrier] = self._make_plan(carrier)
            return self._plans[carrier]

    def _make_plan(self, carrier: str) -> _Plan:
        kind = self._kinds.of(carrier)
        assert kind is not None, f"{carrier} is not a form of a kind"
        typedef, whole = self._contract.type(carrier), self._contract.type(kind.carrier)
        blank = self._examples.of(TypeRef("carrier", carrier), blank=True)
        template: dict[str, Any] = {}
        own: dict[str, Callable[[Any], Any] | None] = {}
        getters: list[tuple[str, Getter]] = []
        projections: dict[str, list[tuple[str, Getter, Callable[[Any], Any]]]] = {}
        for field in typedef.fields:
            template[field.name] = self._empty(field, blank.get(field.name), kind)
            if field.name == kind.forms[carrier] or field.name in ("TableRight", "FieldProperties", "_Links"):
                continue
            formula = FORMULAS.get((kind.name, field.name))
            # What is stored of a formula property is not read: it follows from the others.
            if formula is not None and not (
                carrier != kind.carrier and field.name in whole.by_name and formula.stored
            ):
                getters.append((field.name, self._formula(kind, formula.rule)))
            elif (
                (field.name in kind.references and field.type.kind == "carrier")
                or field.name in kind.lists
                or field.name in kind.joins
            ):
                continue
            elif (flags := self._flags(kind, whole.by_name.get(field.name))) is not None:
                getters.append((field.name, flags))
            elif field.name in whole.by_name and field.name not in kind.references:
                own[field.name] = self._converter(whole.by_name[field.name], field)
            else:
                path = self._path_of(kind, field)
                getter = self._projection(kind, field) if path is None else None
                if path is not None:
                    convert = CONVERTERS.get(field.type.name, as_it_is)
                    projections.setdefault(path[0], []).append((field.name, path[1], convert))
                elif getter is not None:
                    getters.append((field.name, getter))
        in_form = typedef.by_name
        return _Plan(
            kind=kind,
            key=kind.forms[carrier],
            template=template,
            own=own,
            references={
                name: (target, self._form(in_form[name].type))
                for name, target in kind.references.items()
                if name in in_form and in_form[name].type.kind == "carrier"
            },
            lists={
                name: (target, self._form(in_form[name].type.item or in_form[name].type))
                for name, target in kind.lists.items()
                if name in in_form
            },
            joins=[
                (name, target, back, self._form(in_form[name].type.item or in_form[name].type))
                for name, (target, back) in kind.joins.items()
                if name in in_form
            ],
            getters=getters,
            projections=[
                _Projection(f"{carrier} {name}", name, kind.references[name], inner)
                for name, inner in projections.items()
            ],
        )

    def _form(self, kind: TypeRef) -> str:
        return kind.name

    def _empty(self, field: Field, blank: Any, kind: Kind) -> Any:
        if field.type.kind == "carrier":
            if (kind.name, field.name) in BLANK_REFERENCES or field.type.name.rpartition(".")[
                2
            ] in BLANK_VALUES:
                return self._parts.completer(field.type)({})
            return None
        return blank

    def _converter(self, stored: Field, field: Field) -> Callable[[Any], Any] | None:
        """How a stored value becomes the form's; None where it is that already."""
        if stored.type == field.type:
            kind = field.type
            while kind.kind in ("list", "map") and kind.item is not None:
                kind = kind.item
            return self._parts.completer(field.type) if kind.kind == "carrier" else None
        return CONVERTERS.get(field.type.name)

    # single properties

    def _make_getter(self, kind: Kind, name: str) -> Getter | None:
        whole, simple = self._contract.type(kind.carrier), self._contract.type(kind.simple)
        if name in (kind.key, kind.forms.get(kind.simple)):
            return lambda key, value, source: key
        formula = FORMULAS.get((kind.name, name))
        if formula is not None:
            return self._formula(kind, formula.rule)
        if name in kind.references:
            return lambda key, value, source: value.get(name, 0)
        field = whole.by_name.get(name)
        flags = self._flags(kind, field)
        if flags is not None:
            return flags
        if field is not None:
            empty = self._empty(field, self._examples.empty(field.type), kind)
            complete = self._converter(field, field)
            if complete is None:
                return lambda key, value, source: value.get(name, empty)
            return lambda key, value, source: complete(value[name]) if name in value else empty
        field = simple.by_name.get(name)
        return self._projection(kind, field) if field is not None else None

    def _flags(self, kind: Kind, field: Field | None) -> Getter | None:
        """A property that has a whole list with those items selected that the row names. Source: recorded."""
        name = mdo.of_flags(kind, field) if field is not None else ""
        if field is None or not name:
            return None
        return flags_getter(mdo.of_name(name, self._kinds), field.name)

    def _count(self, kind: Kind, name: str) -> Getter:
        """How many items of a list a row selects; the list itself need not be made for it."""
        field = self._contract.type(kind.carrier).by_name.get(name)
        if field is None:
            return lambda key, value, source: 0
        list_of = mdo.of_flags(kind, field)
        table = mdo.of_name(list_of, self._kinds).table

        def get(key: Key, value: Value, source: Source) -> int:
            ids = value.get(name, ())
            rows = (source.get(table, one) for one in ids if type(one) is int)
            return sum(1 for row in rows if row is not None and not row.get("Deleted"))

        return get

    def _item_text(self, path: str) -> Getter:
        """The text of a list's item that a number names: "pmembtype.ProjectMemberTypeId"."""
        list_name, _, name = path.partition(".")
        table = mdo.of_name(list_name, self._kinds).table

        def get(key: Key, value: Value, source: Source) -> str:
            row = source.get(table, value.get(name, 0))
            return mdo.text_of(row) if row is not None else ""

        return get

    def _formula(self, kind: Kind, rule: Callable[[Read], Any]) -> Getter:
        readers: dict[str, Getter] = {}
        plain: dict[str, Any] = {}  # stored properties that are read as they are, with their empty values

        def get(key: Key, value: Value, source: Source) -> Any:
            def read(path: str) -> Any:
                if path in plain:
                    return value.get(path, plain[path])
                reader = readers.get(path)
                if reader is None:
                    if self._is_plain(kind, path):
                        plain[path] = self._empty_of(kind, path)
                        return value.get(path, plain[path])
                    reader = readers[path] = self._reader(kind, path, stored=True)
                return reader(key, value, source)

            return rule(read)

        return get

    def read(self, kind: Kind, path: str, key: Key, value: Value, source: Source) -> Any:
        """The value at a path of properties, "Contact.Country.Name"; None where it leads nowhere."""
        reader = self._readers.get((kind.name, path))
        if reader is None:
            reader = self._readers[kind.name, path] = self._reader(kind, path)
        return reader(key, value, source)

    def _reader(self, kind: Kind, path: str, *, stored: bool = False) -> Getter:
        """A function that reads a path; `stored` values of its own are not filled up to what an answer has."""
        if path.startswith("#"):
            return self._count(kind, path[1:])
        if path.startswith("@"):
            return self._item_text(path[1:])
        name, _, rest = path.partition(".")
        referred = kind.references.get(name) or kind.numbers.get(name)
        target = self._kinds.get(referred) if rest and referred else None
        if target is not None:
            table, inner = target.name, self._reader(target, rest, stored=stored)

            def follow(key: Key, value: Value, source: Source) -> Any:
                number = value.get(name)
                row = source.get(table, number) if number else None
                return None if row is None or number is None else inner(number, row, source)

            return follow
        if stored and not rest and self._is_plain(kind, name):
            empty = self._empty_of(kind, name)
            return lambda key, value, source: value.get(name, empty)
        getter = self.getter(kind, name)
        if getter is None:
            return read_nothing
        return read_inside(getter, rest.split(".")) if rest else getter

    def _is_plain(self, kind: Kind, name: str) -> bool:
        """Whether a property is a stored value of its own, which formulas read as it is stored."""
        field = self._contract.type(kind.carrier).by_name.get(name)
        others = (kind.key, *kind.references, *kind.lists, *kind.joins)
        return (
            field is not None
            and name not in others
            and (kind.name, name) not in FORMULAS
            and self._flags(kind, field) is None
        )

    def _empty_of(self, kind: Kind, name: str) -> Any:
        field = self._contract.type(kind.carrier).by_name[name]
        return self._empty(field, self._examples.empty(field.type), kind)

    def _projection(self, kind: Kind, field: Field) -> Getter | None:
        """A property of a simple carrier that the whole one has not under that name."""
        empty = self._examples.empty(field.type)
        convert = CONVERTERS.get(field.type.name, as_it_is)
        if field.name in kind.references:
            name = field.name
            referred = self._kinds.get(kind.references[name])
            if field.type.name == "string" and referred is not None:
                return lambda key, value, source: self.label(referred, value.get(name, 0), source)
            return lambda key, value, source: value.get(name, 0)
        if field.name in ("Value", "Name") and field.type.name == "string":
            # A list item's text is Value in one carrier and Name in the other.
            other = "Name" if field.name == "Value" else "Value"
            if other in self._contract.type(kind.carrier).by_name:
                return lambda key, value, source: value.get(other, "")
        path = self._path_of(kind, field)
        if path is not None:
            return follow_reference(path[0], kind.references[path[0]], path[1], convert, empty)
        for reference in prefixes(kind, field):
            rest = field.name.removeprefix(reference)
            if rest in ("Id", "Idx"):
                return lambda key, value, source, name=reference: value.get(name, 0)  # type: ignore[misc]
            target = self._kinds.get(kind.references[reference])
            if target is not None and rest == "Name" and self.getter(target, "Name") is None:
                return lambda key, value, source, name=reference, target=target: self.label(  # type: ignore[misc]
                    target, value.get(name, 0), source
                )
        return None

    def _path_of(self, kind: Kind, field: Field) -> tuple[str, Getter] | None:
        """The reference that a property's name begins with, and what reads the rest of it; None for another rule."""
        if field.name in kind.references or field.name in ("Value", "Name"):
            return None
        for reference in prefixes(kind, field):
            rest = field.name.removeprefix(reference)
            target = self._kinds.get(kind.references[reference])
            if rest in ("Id", "Idx"):
                return None
            if target is None or not rest:
                continue
            inner = self.getter(target, rest)
            if inner is not None:
                return reference, inner
            if rest == "Name":
                return None
        return None
