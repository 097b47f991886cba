"""Many sources to one contract: what is the same operation, which source decides, what is left open.

Follows the precedence of the corpus analysis: Swagger decides what both have, pages add PATCH, retired
operations and restrictions, the class reference tells which enums are flags. The result is the same for
any order of files. Each contradiction is a finding with both places.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mockso.contract import catalogue, routes, words
from mockso.contract.build import prose, sources
from mockso.contract.build.corrections import RESPONSES
from mockso.contract.build.findings import Finding
from mockso.contract.build.markdown import Page, Row
from mockso.contract.build.merge import differences, is_required_row, merge, path_shape
from mockso.contract.build.pagetypes import Resolver, map_type
from mockso.contract.build.sources import Material
from mockso.contract.build.swagger import SwaggerFile, group_of
from mockso.contract.model import ANY, Operation, Parameter, Restriction, TypeDef, TypeRef, parse_type
from mockso.errors import ContractError

# Rule 18: a PATCH takes the JSON types and the two patch types; its pages leave the row empty.
PATCH_TYPES = ("application/json", "text/json", "application/json-patch+json", "application/merge-patch+json")


@dataclass(frozen=True, slots=True)
class Compilation:
    """A contract, and everything to be said about how it came about."""

    operations: tuple[Operation, ...]
    types: tuple[TypeDef, ...]
    findings: tuple[Finding, ...]
    material: Material

    def to_bytes(self, release: str = "", confidences: Mapping[str, str] | None = None) -> bytes:
        """The contract file. `confidences` says of operations how sure a real server made their answers."""
        digest = hashlib.sha256(catalogue.dump({}, self.operations, self.types)).hexdigest()
        header: dict[str, Any] = {
            "release": release,
            "counts": counts(self.operations, self.types),
            "digest": digest,
        }
        if confidences:
            header["confidences"] = dict(confidences)
        return catalogue.dump(header, self.operations, self.types)

    @property
    def has_failures(self) -> bool:
        return any(finding.weight == "failure" for finding in self.findings)


def compile_sources(paths: Iterable[str | Path]) -> Compilation:
    """The contract of all these sources; ContractError when none of them holds an operation."""
    names = [str(path) for path in paths]
    material = sources.read_sources(names)
    if material.is_empty:
        trouble = f" First trouble: {material.findings[0]}." if material.findings else ""
        raise ContractError(
            f"{', '.join(names)}: no Swagger 2.0 file and no reference page of an operation.{trouble}"
        )
    return _Compiler(material).compile()


class _Compiler:
    def __init__(self, material: Material) -> None:
        self.material = material
        self.findings = list(material.findings)
        self.types = self._definitions(material.files)
        self.operations: dict[str, Operation] = {}
        self.body_names: dict[str, str] = {}

    def find(self, kind: str, place: str, other: str = "", detail: str = "") -> None:
        self.findings.append(Finding(kind, place, other, detail))

    def compile(self) -> Compilation:
        for file in self.material.files:
            self._check_references(file)
            for operation in file.operations:
                self._add(operation)
            self.body_names.update(file.body_names)
        paired, alone = self._pair(self.material.pages)
        for identity, page in paired.items():
            operation = self.operations[identity]
            self.findings += differences(operation, page, self.types, self.body_names.get(identity))
            self.operations[identity] = merge(operation, page)
        from_swagger = set(self.operations) - set(paired)
        for identity in from_swagger:
            self.find("only-in-swagger", self.operations[identity].source, detail=identity)
        resolver = Resolver(self.types, self.material.pages, self.material.classes)
        self._add_pages(alone, resolver)
        self.types.update(resolver.types)
        self.findings += resolver.findings
        self._correct()
        self._resolve_dangling()
        self._mark_flags()
        operations = tuple(sorted(self.operations.values(), key=lambda o: (o.path, o.method, o.id)))
        self.findings += routes.check(operations)
        self._check_operations(operations)
        types = tuple(self.types[name] for name in sorted(self.types))
        return Compilation(operations, types, tuple(sorted(set(self.findings))), self.material)

    # Swagger

    def _definitions(self, files: Sequence[SwaggerFile]) -> dict[str, TypeDef]:
        """Equal definitions of one name are kept once; different ones cannot be compiled (rule 11)."""
        kept: dict[str, TypeDef] = {}
        clashes: list[str] = []
        for file in files:
            for name, typedef in file.types.items():
                first = kept.setdefault(name, typedef)
                if first is not typedef and first.fields != typedef.fields:
                    clashes.append(f"{first.source} and {typedef.source}")
        if clashes:
            more = f" ({len(clashes) - 1} more)" if len(clashes) > 1 else ""
            raise ContractError(
                f"{clashes[0]} define one type differently{more}. Compile the two releases into two contract files."
            )
        return kept

    def _check_references(self, file: SwaggerFile) -> None:
        for place, name in _references(file):
            if name in file.types:
                continue
            if name in self.types:
                self.find("reference-elsewhere", place, self.types[name].source, name)
            else:
                self.find("dangling-reference", place, detail=f"{name}: no file defines it")

    def _add(self, operation: Operation) -> None:
        first = self.operations.setdefault(operation.id, operation)
        if first is not operation and _content(first) != _content(operation):
            self.find("duplicate-operation", first.source, operation.source, operation.id)

    def _correct(self) -> None:
        for identity, responses in RESPONSES.items():
            operation = self.operations.get(identity)
            if operation is not None:
                corrections = {status: parse_type(kind) for status, kind in responses.items()}
                self.operations[identity] = replace(
                    operation, responses={**operation.responses, **corrections}
                )
                self.find("corrected-response", operation.source, detail=identity)

    def _resolve_dangling(self) -> None:
        def or_any(kind: TypeRef) -> TypeRef:
            return ANY if kind.kind == "carrier" and kind.name not in self.types else kind

        self._change_types(or_any)

    def _change_types(self, change: Any) -> None:
        def mapped_type(kind: TypeRef) -> TypeRef:
            return map_type(kind, change)

        for name, typedef in self.types.items():
            fields = tuple(
                item if (kind := mapped_type(item.type)) == item.type else replace(item, type=kind)
                for item in typedef.fields
            )
            if fields != typedef.fields:
                self.types[name] = TypeDef(name, fields, typedef.source, typedef.open)
        for identity, operation in self.operations.items():
            self.operations[identity] = replace(
                operation,
                parameters=tuple(replace(p, type=mapped_type(p.type)) for p in operation.parameters),
                body=mapped_type(operation.body) if operation.body else None,
                responses={
                    status: mapped_type(kind) if kind else None
                    for status, kind in operation.responses.items()
                },
            )

    def _mark_flags(self) -> None:
        """Enums whose members combine become flags, where the class reference says so (rule 14)."""
        combined: set[frozenset[str]] = set()
        flags = {name for name, one in self.material.classes.items() if one.flags}
        for typedef in self.types.values():
            of_page = self.material.classes.get(typedef.short_name.removesuffix("WithLinks"))
            for item in typedef.fields if of_page else ():
                member = of_page.members.get(item.name, "") if of_page else ""
                kind = words.element(item.type)
                if (
                    kind
                    and kind.kind == "enum"
                    and any(member.rstrip("[]}").endswith(f".{n}") for n in flags)
                ):
                    combined.add(frozenset(kind.values))

        def with_flags(kind: TypeRef) -> TypeRef:
            if kind.kind == "enum" and frozenset(kind.values) in combined:
                return TypeRef("flags", values=kind.values)
            return kind

        self._change_types(with_flags)

    # pages

    def _pair(self, pages: Sequence[Page]) -> tuple[dict[str, Page], list[Page]]:
        """Pages by the operation of Swagger they document, and the pages of operations it lacks.

        Identity is the uid, else method and path. Of several pages of one operation the newest
        generation decides, the first by name among equals.
        """
        by_address = {(o.method, o.path.lower()): o.id for o in reversed(self.operations.values())}
        groups: dict[str, list[Page]] = {}
        for page in pages:
            operation_id = page.uid if page.uid in self.operations else None
            operation_id = operation_id or by_address.get((page.method, page.path.lower()))
            groups.setdefault(
                f"+{operation_id}" if operation_id else f"-{page.method} {page.path.lower()}", []
            ).append(page)
        paired: dict[str, Page] = {}
        alone: list[Page] = []
        for key, group in groups.items():
            identity = key[1:] if key[0] == "+" else ""
            group.sort(key=lambda page: (page.uid != identity, -page.rank, page.name))
            for older in group[1:]:
                self.find("page-generations", group[0].place, older.place, older.uid)
            if identity:
                paired[identity] = group[0]
            else:
                alone.append(group[0])
        return paired, alone

    def _add_pages(self, pages: Sequence[Page], resolver: Resolver) -> None:
        groups = {path_shape(o.path): o.group for o in self.operations.values()}
        plain = [page for page in pages if page.method != "PATCH"]
        for page in [*plain, *(page for page in pages if page.method == "PATCH")]:
            group = groups.get(path_shape(page.path)) or group_of(page.path)
            if page.method == "PATCH":
                operation = self._patch(page, group, resolver)
            else:
                result = resolver.result(page, group)
                operation = self._from_page(page, group, result, resolver.body(page, group, result))
            if operation.id in self.operations:
                self.find("duplicate-operation", self.operations[operation.id].source, page.place, page.uid)
                continue
            self.operations[operation.id] = operation
            self.find("only-in-pages", page.place, detail=page.uid)
            if page.success == 204 and page.result:
                self.find("body-of-204", page.at(page.statuses[204]), page.at(page.result_line), page.result)
            if page.body_rows and isinstance(page.request_sample, list):
                place = page.at(page.body_line)
                self.find("sample-is-list", place, page.at(page.body_rows[0].line), str(operation.body))

    def _patch(self, page: Page, group: str, resolver: Resolver) -> Operation:
        """A PATCH takes changes to the entity that PUT or GET of its address carry (rule 18)."""
        shape = path_shape(page.path)
        siblings = {o.method: o for o in self.operations.values() if path_shape(o.path) == shape}
        put, get = siblings.get("PUT"), siblings.get("GET")
        result = next((o.result for o in (put, get) if o and o.result), None)
        if result is None:
            result = resolver.result(page, group)
        entity = put.body if put and put.body and put.body.kind == "carrier" else None
        if entity is None and result is not None and result.kind == "carrier":
            entity = resolver.without_links(result)
        if entity is None:
            self.find("unresolved-type", page.place, detail=f"the entity {page.uid} changes")
            entity = ANY
        operation = self._from_page(page, group, result, TypeRef("patch", item=entity))
        return replace(operation, consumes=page.consumes or PATCH_TYPES)

    def _from_page(self, page: Page, group: str, result: TypeRef | None, body: TypeRef | None) -> Operation:
        restricted = None
        if page.restricted is not None:
            agent, kind, line = page.restricted
            restricted = Restriction(agent, kind, page.at(line))
        for row in (*page.path_rows, *page.query_rows, *page.body_rows, *page.result_rows):
            if not words.is_known(row.type):
                self.find("unknown-type-word", page.at(row.line), detail=row.type[:40])
        success = page.success
        return Operation(
            id=page.uid,
            method=page.method,
            path=page.path,
            group=group,
            parameters=(
                *(_parameter(row, "path") for row in page.path_rows),
                *(_parameter(row, "query") for row in page.query_rows),
                *(Parameter(name, "header", words.STRING) for name in page.headers),
            ),
            body=body,
            body_required=body is not None,
            responses={s: result if s == success else None for s in sorted(page.statuses)},
            consumes=page.consumes,
            produces=page.produces if result is not None else (),
            sources=(page.place,),
            restricted=restricted,
            experimental=prose.is_experimental(page.text),
            deprecated=prose.is_deprecated(page.text),
            slow_ms=prose.slow_ms(page.text),
            service=prose.service(page.text),
            archive=prose.archive(page.text),
            pages_only=True,
        )

    def _check_operations(self, operations: Sequence[Operation]) -> None:
        for operation in operations:
            place = operation.source
            if not any(200 <= status < 300 for status in operation.responses):
                self.find("no-success", place, detail=operation.id)
            if operation.method == "DELETE" and operation.body:
                self.find("delete-with-body", place, detail=operation.id)
            if operation.body and not operation.consumes:
                self.find("no-content-type", place, detail=operation.id)
            if operation.result and not operation.produces:
                self.find("no-accept", place, detail=operation.id)


def _content(operation: Operation) -> Operation:
    restricted = operation.restricted and replace(operation.restricted, source="")
    return replace(operation, sources=(), restricted=restricted)


def _parameter(row: Row, location: Any) -> Parameter:
    kind = words.parameter_type(row.type)
    default = prose.default(row.text, boolean=kind.name == "boolean") if location == "query" else None
    return Parameter(row.name, location, kind, location == "path" or is_required_row(row), default)


def _references(file: SwaggerFile) -> Iterator[tuple[str, str]]:
    """Each type a file refers to, with the place of the first reference."""
    places: dict[str, str] = {}

    def walk(kind: TypeRef | None, place: str) -> None:
        while kind is not None:
            if kind.kind == "carrier":
                places.setdefault(kind.name, place)
            kind = kind.item

    for typedef in file.types.values():
        for item in typedef.fields:
            walk(item.type, typedef.source_of(item.name))
    for operation in file.operations:
        walk(operation.body, operation.source)
        for kind in operation.responses.values():
            walk(kind, operation.source)
    yield from ((place, name) for name, place in places.items())


def counts(operations: Sequence[Operation], types: Sequence[TypeDef]) -> dict[str, Any]:
    """The figures of a contract, as they stand in the header of its file."""
    methods = Counter(operation.method for operation in operations)
    statuses = Counter(
        str(operation.success) if any(200 <= s < 300 for s in operation.responses) else "none"
        for operation in operations
    )
    agents = sum(operation.is_agent for operation in operations)
    return {
        "operations": len(operations),
        "agent": agents,
        "rest": len(operations) - agents,
        "methods": dict(sorted(methods.items())),
        "restricted": sum(operation.restricted is not None for operation in operations),
        "with_body": sum(operation.body is not None for operation in operations),
        "success": dict(sorted(statuses.items())),
        "pages_only": sum(operation.pages_only for operation in operations),
        "experimental": sum(operation.experimental for operation in operations),
        "paths": len({operation.path for operation in operations}),
        "types": len(types),
        "properties": sum(len(typedef.fields) for typedef in types),
        "request_types": sum(typedef.name.endswith("Request") for typedef in types),
        "with_links": sum(typedef.name.endswith("WithLinks") for typedef in types),
    }


def page_counts(pages: Sequence[Page]) -> Mapping[str, Any]:
    """The same figures of the pages alone, as far as pages have them."""
    methods = Counter(page.method for page in pages)
    agents = sum(page.path.startswith("/api/v1/Agents/") for page in pages)
    return {
        "operations": len(pages),
        "agent": agents,
        "rest": len(pages) - agents,
        "methods": dict(sorted(methods.items())),
        "restricted": sum(page.restricted is not None for page in pages),
        "with_body": sum(page.body is not None for page in pages),
        "success": dict(sorted(Counter(str(page.success or "none") for page in pages).items())),
        "paths": len({page.path for page in pages}),
    }
