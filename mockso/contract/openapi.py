"""A contract as an OpenAPI 3.1 document, with what the vendor's files lack: errors, security that is
defined, restrictions, limits, PATCH.

OpenAPI knows one operation a method and template, and holds templates that differ only in the names of
their variables to be the same one. The API has such templates: `GET /User/{id}` and
`GET /User/{userName}`. They become one path with the names of the first; two operations of one method
become one with alternatives (rule 23): the types of variables and bodies are `anyOf`, its id is that of
the more specific, and `x-operations` has the ids of all.

apispec builds the document; it comes with the extra `openapi` and is imported here, so this module is
imported at use only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.model import Field, Operation, TypeDef, TypeRef
from mockso.contract.routes import segments
from mockso.contract.values import decimal, integer
from mockso.errors import ContractError
from mockso.version import VERSION

_APISPEC_MISSING = (
    "OpenAPI export needs apispec, which is not installed. Install it with: pip install 'mockso[openapi]'"
)

_SCALARS: Mapping[str, Mapping[str, str]] = {
    "string": {"type": "string"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "double": {"type": "number", "format": "double"},
    "boolean": {"type": "boolean"},
    # Dates without an offset are the rule, so the format is the vendor's annotation, not RFC 3339.
    "date-time": {"type": "string", "format": "date-time"},
    "byte": {"type": "string", "format": "byte", "contentEncoding": "base64"},
    "binary": {"type": "string", "format": "binary"},
}
_SECURITY: Mapping[str, Mapping[str, str]] = {
    "Basic": {"type": "http", "scheme": "basic"},
    "Bearer": {"type": "http", "scheme": "bearer", "description": "Online only"},
    "SOTicket": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "SOTICKET and a ticket; Online wants SO-AppToken beside it",
    },
    "XSRF": {"type": "apiKey", "in": "header", "name": "X-XSRF-TOKEN", "description": "within a session"},
}
_ERRORS = {
    "400": "The request is not valid",
    "401": "No credential, or one that is not valid",
    "403": "The agent is restricted in Online and not granted",
    "404": "No such row",
    "409": "A test of the patch failed",
    "412": "Changed since the given time",
    "415": "The media type of the body is not supported",
}
_ERROR: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "Error": {"type": "boolean"},
        "ErrorType": {"type": ["string", "null"]},
        "Message": {"type": ["string", "null"]},
        "ErrorMessage": {"type": ["string", "null"]},
        "ErrorSource": {"type": ["string", "null"]},
        "MessageDetail": {"type": ["string", "null"]},
    },
}
_PATCH_OPERATION: Mapping[str, Any] = {
    "type": "object",
    "required": ["op", "path"],
    "properties": {
        "op": {"type": "string", "enum": ["add", "remove", "replace", "test"]},
        "path": {"type": "string"},
        "value": {},
    },
}
_OURS: Mapping[str, Mapping[str, Any]] = {"Error": _ERROR, "PatchOperation": _PATCH_OPERATION}
_VARIABLE = re.compile(r"\{([^}]*)\}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
Spec = dict[str, Any]


def document(contract: Contract, ids: Sequence[str] = ()) -> Spec:
    """The OpenAPI document of the chosen operations, all without ids.

    Only the types these operations reach are in it. ContractError for an unknown id or without apispec.
    """
    try:
        from apispec import APISpec
    except ImportError as error:
        raise ContractError(_APISPEC_MISSING) from error
    selection = [contract.operation(name) for name in ids] if ids else list(contract.operations())
    spec = APISpec(
        title="SuperOffice WebAPI",
        version=contract.release or "unnamed",
        openapi_version="3.1.0",
        info={"x-generator": f"mockso {VERSION}"},
        servers=[
            {"url": "http://127.0.0.1:8585", "description": "onsite"},
            {
                "url": "http://127.0.0.1:8585/{tenant}",
                "description": "online",
                "variables": {"tenant": {"default": "Cust12345"}},
            },
        ],
        security=[{name: []} for name in _SECURITY],
    )
    for name, scheme in _SECURITY.items():
        spec.components.security_scheme(name, dict(scheme))
    for name, schema in _OURS.items():
        spec.components.schema(name, dict(schema))
    for status, text in _ERRORS.items():
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
        spec.components.response(f"Error{status}", {"description": text, "content": content})
    for name in _reachable(contract, selection):
        spec.components.schema(_component(name), _schema(contract.type(name)))
    for path, methods in _paths(selection).items():
        spec.path(path=path, operations=methods)
    result: Spec = spec.to_dict()
    return result


# paths


def _paths(operations: Iterable[Operation]) -> dict[str, Spec]:
    """Path items by template; operations of equal templates share one."""
    shapes: dict[str, list[Operation]] = {}
    for operation in operations:
        # Letter case tells templates apart here, names of variables do not.
        shapes.setdefault(_VARIABLE.sub("{}", operation.path), []).append(operation)
    result: dict[str, Spec] = {}
    for group in shapes.values():
        group.sort(key=_specific)
        path = group[0].path
        methods: dict[str, list[Operation]] = {}
        for operation in group:
            methods.setdefault(operation.method.lower(), []).append(operation)
        result[path] = {method: _alternatives(path, same) for method, same in sorted(methods.items())}
    return dict(sorted(result.items()))


def _specific(operation: Operation) -> tuple[list[int], str, str]:
    return [segment.rank for segment in segments(operation)], operation.path, operation.id


def _alternatives(path: str, operations: Sequence[Operation]) -> Spec:
    """One operation of the document for all operations of one method and template."""
    specs = [_operation(path, operation) for operation in operations]
    first, *others = specs
    if not others:
        return first
    first["x-operations"] = [operation.id for operation in operations]
    by_name: dict[tuple[str, str], list[Spec]] = {}
    for spec in specs:
        for parameter in spec["parameters"]:
            by_name.setdefault((parameter["in"], parameter["name"]), []).append(parameter)
    first["parameters"] = []
    for parameters in by_name.values():
        required = len(parameters) == len(specs) and all(p.get("required") for p in parameters)
        schema = _any_of([p["schema"] for p in parameters])
        first["parameters"].append({**parameters[0], "required": required, "schema": schema})
    for spec in others:
        for status, response in spec["responses"].items():
            known = first["responses"].setdefault(status, response)
            for kind, media in response.get("content", {}).items():
                other = known.get("content", {}).get(kind)
                if other is not None and other != media:
                    other["schema"] = _any_of([other["schema"], media["schema"]])
        if "requestBody" in spec and "requestBody" in first:
            for kind, media in spec["requestBody"]["content"].items():
                mine = first["requestBody"]["content"].setdefault(kind, media)
                mine["schema"] = _any_of([mine["schema"], media["schema"]])
    return first


def _any_of(schemas: Sequence[Spec]) -> Spec:
    flat: list[Spec] = []
    for schema in schemas:
        flat += [each for each in schema.get("anyOf", [schema]) if each not in flat]
    return flat[0] if len(flat) == 1 else {"anyOf": flat}


def _operation(path: str, operation: Operation) -> Spec:
    names = dict(zip(_VARIABLE.findall(operation.path), _VARIABLE.findall(path), strict=True))
    spec: Spec = {
        "operationId": operation.id,
        "tags": [f"{'Agents/' if operation.is_agent else ''}{operation.group}"],
        "parameters": [
            {
                "name": names.get(p.name, p.name) if p.location == "path" else p.name,
                "in": p.location,
                "required": p.required or p.location == "path",
                "schema": {
                    **_type(p.type),
                    **({"default": _default(p.type, p.default)} if p.default else {}),
                },
            }
            for p in operation.parameters
            if p.location != "form"
        ],
    }
    if operation.body is not None:
        spec["requestBody"] = {
            "required": operation.body_required,
            "content": {kind: {"schema": _body(operation, kind)} for kind in operation.consumes},
        }
    spec["responses"] = _responses(operation)
    for flag in ("experimental", "pages_only"):
        if getattr(operation, flag):
            spec[f"x-{flag.replace('_', '-')}"] = True
    if operation.deprecated:
        spec["deprecated"] = True
    if operation.restricted:
        spec["x-online-restricted"] = dict(vars(operation.restricted))
    for name in ("slow_ms", "service", "archive"):
        if getattr(operation, name) is not None:
            spec[f"x-{name.replace('_', '-')}"] = getattr(operation, name)
    spec["x-sources"] = list(operation.sources)
    spec["externalDocs"] = {"url": operation.docs_url}
    return spec


def _default(kind: TypeRef, text: str) -> Any:
    """The default as a value of its type; the text where it does not read as one."""
    match kind.name:
        case "boolean":
            return text == "true"
        case "int32" | "int64":
            value: float | None = integer(text)
        case "double":
            value = decimal(text)
        case _:
            return text
    return text if value is None else value


def _body(operation: Operation, kind: str) -> Spec:
    assert operation.body is not None
    if kind == "multipart/form-data":
        parts = {p.name: _type(p.type) for p in operation.parameters if p.location == "form"}
        if parts:
            return {"type": "object", "properties": parts, "required": sorted(parts)}
    return _type(operation.body)


def _responses(operation: Operation) -> Spec:
    result: Spec = {}
    for status, kind in sorted(operation.responses.items()):
        if kind is None and str(status) in _ERRORS:
            result[str(status)] = {"$ref": f"#/components/responses/Error{status}"}
            continue
        result[str(status)] = {"description": _REASONS.get(status, "Documented")}
        if kind is not None:
            # A stream has no null; every JSON answer may be one.
            schema = _type(kind) if kind.name == "binary" else _nullable(_type(kind))
            result[str(status)]["content"] = {media: {"schema": schema} for media in operation.produces}
    if not any(200 <= status < 300 for status in operation.responses):
        result["200"] = {"description": "Not documented"}
    added = ["401"]
    if operation.restricted:
        added.append("403")
    if operation.body is not None or any(p.location in ("path", "query") for p in operation.parameters):
        added.append("400")
    if operation.body is not None:
        added.append("415")
    if "{" in operation.path:
        added.append("404")
    for code in added:
        result.setdefault(code, {"$ref": f"#/components/responses/Error{code}"})
    return dict(sorted(result.items()))


_REASONS = {200: "OK", 204: "No content", 304: "Not modified"}


# types


def _component(name: str) -> str:
    safe = _UNSAFE.sub("_", name)
    return f"{safe}_" if safe in _OURS else safe


def _schema(typedef: TypeDef) -> Spec:
    properties = {item.name: _property(item) for item in typedef.fields}
    spec: Spec = {"type": "object", "properties": properties, "x-source": typedef.source}
    if typedef.open:
        spec["x-open"] = True
    return spec


def _property(item: Field) -> Spec:
    spec = _nullable(_type(item.type))
    if item.max_length is not None:
        spec["maxLength"] = item.max_length
    if item.read_only:
        spec["readOnly"] = True
    if item.deprecated:
        spec["deprecated"] = True
    if item.mdo is not None:
        spec["x-mdo-list"] = item.mdo
    return spec


def _nullable(spec: Spec) -> Spec:
    """Every property and every answer may be null (rule 10)."""
    kind = spec.get("type")
    if kind is not None:
        spec = {**spec, "type": [kind, "null"]}
        if "enum" in spec:
            spec["enum"] = [*spec["enum"], None]
        return spec
    return {"anyOf": [spec, {"type": "null"}]} if spec else spec


def _type(kind: TypeRef) -> Spec:
    match kind.kind:
        case "scalar":
            return dict(_SCALARS[kind.name])
        case "enum":
            return {"type": "string", "enum": list(kind.values)}
        case "flags":
            member = "|".join(map(re.escape, kind.values))
            return {
                "type": "string",
                "pattern": f"^(?:{member})(?:, ?(?:{member}))*$",
                "x-flags": list(kind.values),
            }
        case "list" if kind.item:
            return {"type": "array", "items": _nullable(_type(kind.item))}
        case "map" if kind.item:
            return {"type": "object", "additionalProperties": _nullable(_type(kind.item))}
        case "carrier":
            return {"$ref": f"#/components/schemas/{_component(kind.name)}"}
        case "patch" if kind.item:
            operations = {"type": "array", "items": {"$ref": "#/components/schemas/PatchOperation"}}
            return {"anyOf": [operations, _type(kind.item)]}
    return {}


def _reachable(contract: Contract, operations: Iterable[Operation]) -> list[str]:
    seen: set[str] = set()
    waiting: list[TypeRef | None] = []
    for operation in operations:
        waiting += [operation.body, *operation.responses.values()]
    while waiting:
        kind = waiting.pop()
        if kind is None:
            continue
        waiting.append(kind.item)
        if kind.kind == "carrier" and kind.name not in seen:
            seen.add(kind.name)
            waiting += [item.type for item in contract.type(kind.name).fields]
    return sorted(seen)
