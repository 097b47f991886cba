"""One Swagger 2.0 file to operations and types.

Owns the vendor's dialect of Swagger: which keywords there are, how a schema becomes a `TypeRef`. A
reference stays a carrier of that name; whether it has a target is for `compile.py` to see, which
knows all files. An unknown keyword is a finding, never silently dropped: what is dropped knowingly
stands in the constants here.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockso.contract.build import prose
from mockso.contract.build.findings import Finding
from mockso.contract.model import (
    ANY,
    Field,
    Location,
    Operation,
    Parameter,
    Restriction,
    TypeDef,
    TypeRef,
    parse_type,
)
from mockso.contract.paths import join_pointer

METHODS = ("get", "post", "put", "delete", "patch")

# Read, or dropped knowingly: host and schemes are those of the vendor's build machine, and what
# remains is text for people.
_OPERATION_KEYS = frozenset(
    "tags summary description operationId consumes produces parameters responses security deprecated".split()
)
_PARAMETER_KEYS = frozenset(
    "name in description required type format enum items collectionFormat schema default".split()
)
_SCHEMA_KEYS = frozenset(
    ["type", "properties", "description", "items", "additionalProperties", "format", "enum", "$ref"]
)

_SCALARS = {
    ("string", None): "string",
    ("string", "date-time"): "date-time",
    ("string", "byte"): "byte",
    ("string", "binary"): "binary",
    ("file", "binary"): "binary",
    ("file", None): "binary",
    ("integer", "int32"): "int32",
    ("integer", "int64"): "int64",
    ("integer", None): "int32",
    ("number", "double"): "double",
    ("number", "float"): "double",
    ("number", None): "double",
    ("boolean", None): "boolean",
}
_STRING = TypeRef("scalar", "string")
_LOCATIONS: dict[str, Location] = {"path": "path", "query": "query", "header": "header", "formData": "form"}

# Subtypes that no source lists add properties to these four (rule 10).
POLYMORPHIC = {
    "FieldInfoBase": "FieldType",
    "WorkflowStepBase": "StepType",
    "WorkflowStepOptionBase": "OptionType",
    "BoardViewSettingsBase": "EntityType",
}


@dataclass(slots=True)
class SwaggerFile:
    """The content of one file. `body_names` has the name of each operation's body parameter."""

    name: str
    operations: list[Operation] = field(default_factory=list)
    types: dict[str, TypeDef] = field(default_factory=dict)
    body_names: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def is_swagger(document: object) -> bool:
    return isinstance(document, dict) and str(document.get("swagger", "")).startswith("2.")


def read_swagger(text: bytes, name: str) -> SwaggerFile | None:
    """The file's operations and types; None when it is JSON but not Swagger 2.0.

    `name` is how the file is called in sources. ValueError when the text is not JSON.
    """
    try:
        document = json.loads(text.decode("utf-8-sig"))
        if b"\\ud" in text.lower():
            json.dumps(document, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except UnicodeEncodeError:
        raise ValueError("it has half a surrogate pair in a text") from None
    if not is_swagger(document):
        return None
    return _Reader(SwaggerFile(name)).read(document)


class _Reader:
    def __init__(self, file: SwaggerFile) -> None:
        self.file = file

    def find(self, kind: str, place: str, detail: str = "") -> None:
        self.file.findings.append(Finding(kind, f"{self.file.name}#{place}", detail=detail))

    def read(self, document: Mapping[str, Any]) -> SwaggerFile:
        defined = set(document.get("securityDefinitions", {}))
        undefined: set[str] = set()
        for path, methods in document.get("paths", {}).items():
            for method, item in methods.items():
                place = join_pointer(("paths", path, method))
                if method not in METHODS:
                    self.find("unknown-keyword", place, method)
                    continue
                self.file.operations.append(self.operation(path, method, item, place))
                undefined |= {scheme for entry in item.get("security", ()) for scheme in entry} - defined
        for scheme in sorted(undefined):
            self.find("security-scheme", "/securityDefinitions", scheme)
        for name, schema in document.get("definitions", {}).items():
            self.file.types[name] = self.definition(name, schema)
        return self.file

    def check(self, item: Mapping[str, Any], known: frozenset[str], place: str) -> None:
        if not item.keys() <= known:
            for key in sorted(item.keys() - known):
                self.find("unknown-keyword", place, key)

    def operation(self, path: str, method: str, item: Mapping[str, Any], place: str) -> Operation:
        self.check(item, _OPERATION_KEYS, place)
        identity = _text(item.get("operationId") or f"{method}_{path}", place)
        parameters: list[Parameter] = []
        body: TypeRef | None = None
        body_required = False
        for number, spec in enumerate(item.get("parameters", ())):
            where = f"{place}/parameters/{number}"
            self.check(spec, _PARAMETER_KEYS, where)
            if spec["in"] == "body":
                body = self.type(spec.get("schema", {}), f"{where}/schema")
                body_required = bool(spec.get("required"))
                self.file.body_names[identity] = _text(spec["name"], where)
                continue
            parameters.append(self.parameter(spec, where))
        if body is None and any(p.location == "form" for p in parameters):
            # A file upload: the form's part, or the bytes alone under an image type.
            body, body_required = TypeRef("scalar", "binary"), True
        description = item.get("description") or ""
        text = f"{item.get('summary') or ''}\n{description}"
        restricted = prose.restriction(text)
        operation = Operation(
            id=identity,
            method=method.upper(),
            path=path,
            group=group_of(path, _text(next(iter(item.get("tags", ())), ""), place)),
            parameters=tuple(parameters),
            body=body,
            body_required=body_required,
            responses=dict(sorted(self.responses(item, place))),
            consumes=tuple(_text(kind, place) for kind in item.get("consumes", ())),
            produces=tuple(_text(kind, place) for kind in item.get("produces", ())),
            sources=(f"{self.file.name}#{place}",),
            experimental=prose.is_experimental(text),
            deprecated=bool(item.get("deprecated"))
            or prose.is_deprecated(item.get("summary") or "")
            or prose.is_deprecated(description),
            slow_ms=prose.slow_ms(text),
            service=prose.service(text),
            archive=prose.archive(text),
        )
        if restricted is None:
            return operation
        part = "description" if prose.restriction(description) else "summary"
        source = f"{self.file.name}#{place}/{part}"
        return replace(operation, restricted=Restriction(*restricted, source))

    def parameter(self, spec: Mapping[str, Any], place: str) -> Parameter:
        kind, name = self.type(spec, place), _text(spec["name"], place)
        location = _LOCATIONS[spec["in"]]
        if location == "query":
            # Not legal in Swagger 2.0: an object, an array of nothing. On the wire both are text (rule 25).
            if kind.kind in ("any", "map"):
                self.find("query-shape", place, name)
                kind = _STRING
            elif kind.kind == "list" and kind.item == ANY:
                self.find("query-shape", place, name)
                kind = TypeRef("list", item=_STRING)
        default = spec.get("default")
        if default is not None:
            default = json.dumps(default) if isinstance(default, bool) else str(default)
        elif location in ("path", "query"):
            default = prose.default(spec.get("description") or "", boolean=kind.name == "boolean")
        return Parameter(name, location, kind, bool(spec.get("required")), default)

    def responses(self, item: Mapping[str, Any], place: str) -> Iterator[tuple[int, TypeRef | None]]:
        for status, response in item.get("responses", {}).items():
            where = f"{place}/responses/{status}"
            if not str(status).isdigit():
                self.find("unknown-keyword", where, status)
                continue
            schema = response.get("schema")
            # 204 has no body, whatever stands beside it.
            known = schema is not None and int(status) != 204
            yield int(status), self.type(schema, f"{where}/schema") if known else None

    def definition(self, name: str, schema: Mapping[str, Any]) -> TypeDef:
        place = join_pointer(("definitions", name))
        self.check(schema, _SCHEMA_KEYS, place)
        fields = tuple(
            self.field(key, spec, f"{place}{join_pointer(('properties', key))}")
            for key, spec in schema.get("properties", {}).items()
        )
        discriminator = POLYMORPHIC.get(name.rpartition(".")[2])
        return TypeDef(
            name,
            fields,
            f"{self.file.name}#{place}",
            open=discriminator is not None and any(item.name == discriminator for item in fields),
        )

    def field(self, name: str, spec: Mapping[str, Any], place: str) -> Field:
        kind = self.type(spec, place)
        text = spec.get("description") or ""
        if not text:
            return Field(name, kind)
        return Field(
            name,
            kind,
            prose.is_read_only(text),
            prose.is_deprecated(text),
            prose.max_length(text) if kind.name == "string" else None,
            prose.mdo(text),
        )

    def type(self, schema: Mapping[str, Any], place: str) -> TypeRef:
        if not place.startswith("/paths") or "/schema" in place:
            self.check(schema, _SCHEMA_KEYS, place)
        reference = schema.get("$ref")
        if reference is not None:
            return self.writable(
                TypeRef("carrier", _text(reference, place).removeprefix("#/definitions/")), place
            )
        kind = schema.get("type")
        if kind == "array":
            return TypeRef("list", item=self.type(schema.get("items") or {}, f"{place}/items"))
        if kind == "object" or kind is None:
            extra = schema.get("additionalProperties")
            if isinstance(extra, dict):
                return TypeRef("map", item=self.type(extra, f"{place}/additionalProperties"))
            # {"type": "object"} alone is any JSON: OData cells are strings and numbers (rule 10).
            return ANY
        if schema.get("enum"):
            return self.writable(TypeRef("enum", values=tuple(str(value) for value in schema["enum"])), place)
        scalar = _SCALARS.get((str(kind), schema.get("format"))) or _SCALARS.get((str(kind), None))
        if scalar is None:
            self.find("unknown-type-word", place, str(kind))
            return ANY
        if (kind, schema.get("format")) not in _SCALARS:
            self.find("unknown-type-word", place, f"{kind} {schema.get('format')}")
        return TypeRef("scalar", scalar)

    def writable(self, kind: TypeRef, place: str) -> TypeRef:
        """The type, or any JSON where the contract file cannot hold it: it has types as text."""
        with contextlib.suppress(ValueError):
            if parse_type(str(kind)) == kind:
                return kind
        self.find("unwritable-type", place, str(kind))
        return ANY


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{place}: {value!r} is not a text")
    return value


def group_of(path: str, tag: str = "") -> str:
    """The folder an operation is documented in: the tag, else the path's first word.

    "User" for /api/v1/Agents/User/Get..., "List_Price" for /api/v1/Pricelist.
    """
    parts = path.split("/")
    if path.startswith("/api/v1/Agents/"):
        return parts[4]
    return tag.rstrip("_") or (parts[3] if len(parts) > 3 else "")
