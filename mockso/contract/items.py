"""An operation or a type as an item of the contract file, and back. Defaults are left out of the items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockso.contract.model import (
    Field,
    Location,
    Operation,
    Parameter,
    Restriction,
    TypeDef,
    TypeRef,
    parse_type,
)

# The header sets and media types nearly every operation shares; an item names its own only where
# they differ.
LANGUAGE_HEADERS = ("Accept-Language", "SO-Language", "SO-Culture", "SO-TimeZone", "SO-AppToken")
REQUEST_TYPES = (
    "application/json",
    "text/json",
    "application/xml",
    "text/xml",
    "application/x-www-form-urlencoded",
    "application/json-patch+json",
    "application/merge-patch+json",
)
RESPONSE_TYPES = tuple(kind for kind in REQUEST_TYPES if "form" not in kind)

_STRING = TypeRef("scalar", "string")

# The key an item has its parameters under; "path" is already the template's.
_PARAMETERS: tuple[tuple[Location, str], ...] = (("path", "variables"), ("query", "query"), ("form", "form"))


def operation_to_json(operation: Operation) -> dict[str, Any]:
    """The item of one operation, defaults left out, keys in a fixed order."""
    item: dict[str, Any] = {
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "group": operation.group,
    }
    headers = tuple(p.name for p in operation.parameters if p.location == "header")
    if headers != LANGUAGE_HEADERS:
        item["headers"] = list(headers)
    for location, key in _PARAMETERS:
        parameters = [p for p in operation.parameters if p.location == location]
        if parameters:
            item[key] = {p.name: _parameter_to_json(p) for p in parameters}
    if operation.body is not None:
        item["body"] = str(operation.body)
        if not operation.body_required:
            item["body_required"] = False
    if operation.consumes != (REQUEST_TYPES if operation.body else ()):
        item["consumes"] = list(operation.consumes)
    if operation.produces != (RESPONSE_TYPES if operation.result else ()):
        item["produces"] = list(operation.produces)
    item["responses"] = {
        str(status): str(kind) if kind else None for status, kind in sorted(operation.responses.items())
    }
    if operation.restricted:
        item["restricted"] = dict(vars(operation.restricted))
    for flag in ("experimental", "deprecated", "pages_only"):
        if getattr(operation, flag):
            item[flag] = True
    for name in ("slow_ms", "service", "archive"):
        if getattr(operation, name) is not None:
            item[name] = getattr(operation, name)
    item["sources"] = list(operation.sources)
    return item


def _parameter_to_json(parameter: Parameter) -> Any:
    extra: dict[str, Any] = {}
    if parameter.required != (parameter.location == "path"):
        extra["required"] = parameter.required
    if parameter.default is not None:
        extra["default"] = parameter.default
    return {"type": str(parameter.type), **extra} if extra else str(parameter.type)


def operation_from_json(item: Mapping[str, Any]) -> Operation:
    """The operation of one item."""
    parameters = [
        _parameter_from_json(name, location, spec)
        for location, key in _PARAMETERS
        for name, spec in item.get(key, {}).items()
    ]
    parameters += [Parameter(name, "header", _STRING) for name in item.get("headers", LANGUAGE_HEADERS)]
    body = parse_type(item["body"]) if "body" in item else None
    responses = {
        int(status): parse_type(kind) if kind else None for status, kind in item["responses"].items()
    }
    operation = Operation(
        id=item["id"],
        method=item["method"],
        path=item["path"],
        group=item["group"],
        parameters=tuple(parameters),
        body=body,
        body_required=item.get("body_required", body is not None),
        responses=responses,
        consumes=tuple(item.get("consumes", REQUEST_TYPES if body else ())),
        produces=(),
        sources=tuple(item["sources"]),
        restricted=Restriction(**item["restricted"]) if "restricted" in item else None,
        experimental=item.get("experimental", False),
        deprecated=item.get("deprecated", False),
        slow_ms=item.get("slow_ms"),
        service=item.get("service"),
        archive=item.get("archive"),
        pages_only=item.get("pages_only", False),
    )
    default = RESPONSE_TYPES if operation.result else ()
    return replace(operation, produces=tuple(item.get("produces", default)))


def _parameter_from_json(name: str, location: Any, spec: Any) -> Parameter:
    if isinstance(spec, str):
        spec = {"type": spec}
    return Parameter(
        name,
        location,
        parse_type(spec["type"]),
        spec.get("required", location == "path"),
        spec.get("default"),
    )


def type_to_json(typedef: TypeDef) -> dict[str, Any]:
    """The item of one type; a field is its type's text, or an object where there is more to say."""
    fields: dict[str, Any] = {}
    for item in typedef.fields:
        extra: dict[str, Any] = {}
        for flag in ("read_only", "deprecated"):
            if getattr(item, flag):
                extra[flag] = True
        if item.max_length is not None:
            extra["max"] = item.max_length
        if item.mdo is not None:
            extra["mdo"] = item.mdo
        fields[item.name] = {"type": str(item.type), **extra} if extra else str(item.type)
    result: dict[str, Any] = {"name": typedef.name}
    if typedef.open:
        result["open"] = True
    return {**result, "fields": fields, "source": typedef.source}


def type_from_json(item: Mapping[str, Any]) -> TypeDef:
    """The type of one item."""
    fields = []
    for name, spec in item["fields"].items():
        if isinstance(spec, str):
            fields.append(Field(name, parse_type(spec)))
        else:
            fields.append(
                Field(
                    name,
                    parse_type(spec["type"]),
                    spec.get("read_only", False),
                    spec.get("deprecated", False),
                    spec.get("max"),
                    spec.get("mdo"),
                )
            )
    return TypeDef(item["name"], tuple(fields), item["source"], item.get("open", False))
