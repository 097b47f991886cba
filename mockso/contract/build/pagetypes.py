"""Types that only pages have, and the types of operations that only pages have.

A page names a type at best and shows one level of it. What a name or a table stands for is found in
this order (rule 7): Swagger by name, pages by name, Swagger by the set of property names, the class
reference, the sample; what is left is any JSON and a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from mockso.contract import words
from mockso.contract.build.findings import Finding
from mockso.contract.build.markdown import NO_SAMPLE, Page, Row
from mockso.contract.build.prose import is_deprecated, is_read_only, max_length, mdo
from mockso.contract.build.reference import Class, scalar_or_name, unwrap
from mockso.contract.model import ANY, Field, TypeDef, TypeRef

_SERVICES = "SuperOffice.CRM.Services"
_CARRIERS = "SuperOffice.WebApi.v1.Carriers"
_TABLE_RIGHT = "SuperOffice.CRM.Security.TableRight"
_FIELD_PROPERTY = "SuperOffice.CRM.Security.FieldProperty"


def _shape(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names) - words.SERVER_PROPERTIES


def _names_carrier(page: Page) -> bool:
    return words.is_carrier(page.result or "")


def _contradictions(pages: Sequence[Page]) -> frozenset[str]:
    """The names under which pages of one generation show different tables: no type is theirs (rule 7)."""
    tables: dict[tuple[str, int], set[frozenset[str]]] = {}
    for page in pages:
        if page.result_rows and _names_carrier(page):
            shapes = tables.setdefault((page.result or "", page.rank), set())
            shapes.add(_shape(row.name for row in page.result_rows))
    return frozenset(label for (label, _), shapes in tables.items() if len(shapes) > 1)


class Resolver:
    """Finds and makes types; `types` are the ones that no Swagger file has."""

    def __init__(
        self, known: Mapping[str, TypeDef], pages: Sequence[Page], classes: Mapping[str, Class]
    ) -> None:
        self.known = known
        self.classes = classes
        self.types: dict[str, TypeDef] = {}
        self.findings: list[Finding] = []
        self._by_short: dict[str, list[str]] = {}
        self._by_shape: dict[frozenset[str], list[str]] = {}
        for name, typedef in known.items():
            self._by_short.setdefault(typedef.short_name, []).append(name)
            self._by_shape.setdefault(_shape(typedef.by_name), []).append(name)
        self._unreliable = words.FALLBACKS | _contradictions(pages)
        # The first page, by name, that shows the type of that label as one object.
        self._tables: dict[str, Page] = {}
        for page in pages:
            if page.result_rows and _names_carrier(page) and page.result not in self._unreliable:
                self._tables.setdefault(page.result or "", page)
        self._table_by_shape: dict[frozenset[str], str] = {}
        for label, page in self._tables.items():
            if label not in self._by_short:
                self._table_by_shape.setdefault(_shape(row.name for row in page.result_rows), label)

    # what an operation carries

    def result(self, page: Page, group: str) -> TypeRef | None:
        """The type of the body of a success; None for a 204 and where no success is documented."""
        if page.success in (None, 204) or page.result is None:
            return None
        word, rows, sample = page.result, page.result_rows, page.response_sample
        name = f"{_CARRIERS}.{group}Carriers.{page.uid.rpartition('_')[2]}"
        folded = word.lower()
        if folded == "byte":
            json = any("json" in kind for kind in page.produces)
            return TypeRef("scalar", "byte" if json else "binary")
        if folded in words.SCALARS:
            return TypeRef("scalar", words.SCALARS[folded])
        if folded == "array":
            inner = sample[0] if isinstance(sample, list) and sample else NO_SAMPLE
            return TypeRef("list", item=self._of_rows(rows, inner, f"{name}Element", page, page.result_line))
        if folded == "object" and page.rank:
            if rows and isinstance(sample, dict) and set(sample) == {row.name for row in rows}:
                return self._of_rows(rows, sample, f"{name}Result", page, page.result_line)
            inner = next(iter(sample.values()), NO_SAMPLE) if isinstance(sample, dict) else NO_SAMPLE
            return TypeRef("map", item=self._of_rows(rows, inner, f"{name}Value", page, page.result_line))
        if folded == "object" or word in self._unreliable or not word:
            self._note("unreliable-label", page.at(page.result_line), word)
            return self._of_rows(rows, sample, f"{name}Result", page, page.result_line)
        return self.carrier(word, page.at(page.result_line), group)

    def body(self, page: Page, group: str, result: TypeRef | None) -> TypeRef | None:
        """The type of the request body; None where the page has no such section."""
        if page.body is None:
            return None
        if page.body.endswith(" binary"):
            return TypeRef("scalar", "binary")
        rows, sample, place = page.body_rows, page.request_sample, page.at(page.body_line)
        if not rows:
            if sample is not NO_SAMPLE:
                return words.json_type(sample)
            if page.body.endswith("Ids"):  # rule 8: names in "...Ids" are lists of ids
                return TypeRef("list", item=TypeRef("scalar", "int32"))
            self._note("unresolved-type", place, page.body)
            return ANY
        inner = sample[0] if isinstance(sample, list) and sample else sample
        kind = self._of_result(rows, result)
        if kind is None:
            method = page.uid.rpartition("_")[2]
            kind = self._of_rows(
                rows, inner, f"{_CARRIERS}.{group}Carriers.{method}Request", page, page.body_line
            )
        return TypeRef("list", item=kind) if isinstance(sample, list) else kind

    def _of_result(self, rows: Sequence[Row], result: TypeRef | None) -> TypeRef | None:
        """The answer's own type, or the one it adds links to, where the request has its properties."""
        result = words.element(result)
        if result is None or result.kind != "carrier":
            return None
        shape = _shape(row.name for row in rows)
        typedef = self.type(result.name)
        if typedef is None or _shape(typedef.by_name) != shape:
            return None
        return self.without_links(result)

    def without_links(self, kind: TypeRef) -> TypeRef:
        """The entity that a type with `_Links` is an answer of."""
        short = kind.name.rpartition(".")[2]
        if not short.endswith("WithLinks"):
            return kind
        return self.carrier(short.removesuffix("WithLinks"), "", "")

    def type(self, name: str) -> TypeDef | None:
        return self.known.get(name) or self.types.get(name)

    # names and tables

    def carrier(self, label: str, place: str, group: str) -> TypeRef:
        """The type a label stands for, made from a page or from the class reference if need be."""
        full = self._by_short.get(label)
        if full:
            services = [name for name in full if name.startswith(_SERVICES)]
            return TypeRef("carrier", min(services or full))
        space = f"{_CARRIERS}.{group}Carriers" if label.endswith("WithLinks") else _SERVICES
        name = f"{space}.{label}"
        if name in self.types:
            return TypeRef("carrier", name)
        page = self._tables.get(label)
        if page is not None:
            return self._make(name, page.result_rows, page.response_sample, page, page.result_line)
        if label in self.classes:
            return self._make_from_class(name, self.classes[label])
        self._note("unresolved-type", place, label)
        return ANY

    def _of_rows(self, rows: Sequence[Row], sample: object, name: str, page: Page, line: int) -> TypeRef:
        """The type that has these rows or, without rows, this sample."""
        if not rows:
            return self._of_sample(sample, page.at(line), "body")
        shape = _shape(row.name for row in rows)
        names = self._by_shape.get(shape, []) if shape else []
        if len(names) == 1 and not names[0].endswith("Request"):
            return TypeRef("carrier", names[0])
        label = self._table_by_shape.get(shape)
        if label is not None and not names:
            return self.carrier(label, page.at(line), "")
        return self._make(name, rows, sample, page, line)

    def _make(self, name: str, rows: Sequence[Row], sample: object, page: Page, line: int) -> TypeRef:
        kind = TypeRef("carrier", name)
        if name in self.types:
            return kind
        # Stands there before its fields do: a type may refer to itself.
        self.types[name] = TypeDef(name, (), page.at(line))
        short = name.rpartition(".")[2].removesuffix("WithLinks")
        members = self.classes[short].members if short in self.classes else {}
        values = sample if isinstance(sample, dict) else {}
        fields = tuple(
            Field(
                row.name,
                self._field(row, values.get(row.name, NO_SAMPLE), members.get(row.name), page),
                is_read_only(row.text),
                is_deprecated(row.text),
                max_length(row.text) if row.type.lower() == "string" else None,
                mdo(row.text),
            )
            for row in rows
        )
        self.types[name] = TypeDef(name, fields, page.at(line))
        self._note("type-from-page", page.at(line), name)
        return kind

    def _field(self, row: Row, sample: object, member: str | None, page: Page) -> TypeRef:
        server = self._server_property(row.name)
        if server is not None:
            return server
        if member is not None:
            exact = self._of_class_member(member)
            if exact != ANY and (words.is_carrier(row.type) or words.agrees(row.type, exact, request=True)):
                return exact
        folded = row.type.lower()
        place = page.at(row.line)
        if folded == "string" and sample is not NO_SAMPLE:
            refined = words.json_type(sample)
            return refined if refined.name in ("date-time", "byte") else words.STRING
        if folded in words.SCALARS:
            return TypeRef("scalar", words.SCALARS[folded])
        if folded == "array":
            inner = sample[0] if isinstance(sample, list) and sample else NO_SAMPLE
            return TypeRef("list", item=self._of_sample(inner, place, row.name))
        if folded == "object":
            values = list(sample.values()) if isinstance(sample, dict) else []
            if values and all(isinstance(value, str) for value in values):
                return TypeRef("map", item=words.STRING)
            if values and isinstance(values[0], dict):
                return TypeRef("map", item=self._of_sample(values[0], place, row.name))
            return ANY
        if words.members(row.type):
            return TypeRef("enum", values=words.members(row.type))
        if row.type in self._unreliable or not row.type:
            self._note("unreliable-label", place, row.type)
            return self._of_sample(sample, place, row.name)
        return self.carrier(row.type, place, "")

    def _server_property(self, name: str) -> TypeRef | None:
        if name == "TableRight" and _TABLE_RIGHT in self.known:
            return TypeRef("carrier", _TABLE_RIGHT)
        if name == "FieldProperties" and _FIELD_PROPERTY in self.known:
            return TypeRef("map", item=TypeRef("carrier", _FIELD_PROPERTY))
        return TypeRef("map", item=words.STRING) if name == "_Links" else None

    def _of_sample(self, sample: object, place: str, name: str, depth: int = 8) -> TypeRef:
        """The type of a sample's value: by the set of its property names where it is an object."""
        if isinstance(sample, dict) and _shape(sample):
            shape = _shape(sample)
            names = [full for full in self._by_shape.get(shape, ()) if not full.endswith("Request")]
            if len(names) == 1:
                return TypeRef("carrier", names[0])
            label = self._table_by_shape.get(shape)
            if label is not None:
                return self.carrier(label, place, "")
        elif isinstance(sample, list) and sample and depth:
            return TypeRef("list", item=self._of_sample(sample[0], place, name, depth - 1))
        elif sample is not NO_SAMPLE and not isinstance(sample, dict | list) and sample is not None:
            return words.json_type(sample)
        self._note("unresolved-type", place, name)
        return ANY

    # the class reference

    def _make_from_class(self, name: str, one: Class) -> TypeRef:
        self.types[name] = TypeDef(name, (), one.source)
        fields = [Field(member, self._of_class_member(text)) for member, text in one.members.items()]
        if one.has_rights:
            for right in ("TableRight", "FieldProperties"):
                kind = self._server_property(right)
                if kind is not None:
                    fields.append(Field(right, kind))
        self.types[name] = TypeDef(name, tuple(fields), one.source)
        self._note("type-from-page", one.source, name)
        return TypeRef("carrier", name)

    def _of_class_member(self, text: str) -> TypeRef:
        inner, depth = unwrap(text)
        kind = scalar_or_name(inner)
        if isinstance(kind, str):
            kind = self._of_class(kind)
        for _ in range(depth):
            kind = TypeRef("list", item=kind)
        return kind

    def _of_class(self, short: str) -> TypeRef:
        one = self.classes.get(short)
        if one is not None and one.values:
            return TypeRef("flags" if one.flags else "enum", values=one.values)
        if one is not None and one.item:
            item = {"string": words.STRING, "object": ANY}.get(one.item)
            return TypeRef("map", item=item or self.carrier(one.item, one.source, ""))
        return self.carrier(short, one.source if one else "", "")

    def _note(self, kind: str, place: str, detail: str) -> None:
        self.findings.append(Finding(kind, place, detail=detail))


def map_type(kind: TypeRef, change: Callable[[TypeRef], TypeRef]) -> TypeRef:
    """The type with `change` applied to it and to what it contains, from within."""
    if kind.item is not None:
        item = map_type(kind.item, change)
        if item != kind.item:
            kind = TypeRef(kind.kind, kind.name, item, kind.values)
    return change(kind)
