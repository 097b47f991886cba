"""The admin API's own OpenAPI 3.1 document, made of its routes.

Server-sent events are described in words: an answer that never ends has no place among operations.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mockso.scenario.json_schema import scenario_json_schema
from mockso.version import VERSION
from mockso.web.admin.requests import JSONPATH
from mockso.web.admin.routes import ABOUT_CALLS, DROPPED, Argument, Ask, Route

_ABOUT = (
    "The mock itself, asked and steered. Every answer about calls says how many were `dropped` to stay within the "
    'journal\'s bounds. Faults are `{"error": "..."}`. `GET /__mockso/events` tells of calls as they come, as '
    "server-sent events (`arrived`, `answered`, `cleared`); it never ends and so is not listed below."
)

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


@cache
def shapes() -> dict[str, Schema]:
    """The shapes of answers by name, as shapes.yaml has them."""
    named: dict[str, Schema] = yaml.safe_load(Path(__file__).with_name("shapes.yaml").read_bytes())
    _close(list(named.values()))
    return named


def _close(schema: Any) -> None:
    """Say of objects that say nothing of it which properties they must and may have."""
    if isinstance(schema, dict):
        if "properties" in schema and "required" not in schema:
            optional = schema.pop("optional", ())
            required = [name for name in schema["properties"] if name not in optional]
            schema |= {"type": "object", "required": required, "additionalProperties": False}
        for name, value in schema.items():
            for inner in value.values() if name == "properties" else (value,):
                _close(inner)
    elif isinstance(schema, list):
        for item in schema:
            _close(item)


def openapi(ask: Ask, prefixes: Mapping[str, tuple[Route, ...]]) -> Schema:
    """The document, for the mock that is asked."""
    paths: dict[str, Schema] = {}
    newest = ask.engine.journal.find(limit=1)
    example = newest[0]["id"] if newest else ""
    for prefix, routes in prefixes.items():
        for route in routes:
            if route.gives and route.gives not in ("text/event-stream", "text/html"):
                operation = _operation(route, prefix)
                if example and route.method == "GET" and route.path.startswith("requests/{id}"):
                    operation["parameters"][0]["example"] = example
                paths.setdefault(f"{prefix}/{route.path}", {})[route.method.lower()] = operation
    document: Schema = {
        "openapi": "3.1.0",
        "info": {"title": "mockso's admin API", "version": VERSION, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": {**shapes(), **_match_schemas()}},
    }
    if ask.engine.settings.admin_token:
        document["components"]["securitySchemes"] = {
            "header": {"type": "apiKey", "in": "header", "name": "X-Mockso-Admin"},
            "bearer": {"type": "http", "scheme": "bearer"},
            "basic": {"type": "http", "scheme": "basic", "description": "the token as password; any user"},
        }
        document["security"] = [{"header": []}, {"bearer": []}, {"basic": []}]
    return document


def _operation(route: Route, prefix: str) -> Schema:
    parameters = [
        {"name": part[1:-1], "in": "path", "required": True, "schema": _path_schema(part, route)}
        for part in route.path.split("/")
        if part.startswith("{")
    ]
    parameters += [
        {
            "name": argument.name,
            "in": "query",
            "required": False,
            "description": argument.about,
            "schema": _schema(argument),
        }
        for argument in route.query
    ]
    media = route.gives if "/" in route.gives else "application/json"
    schema = TEXT if "/" in route.gives else ref(route.gives)
    responses: Schema = {"200": {"description": route.about, "content": {media: {"schema": schema}}}}
    if route.path.startswith(ABOUT_CALLS):
        responses["200"]["headers"] = {
            DROPPED: {
                "description": "calls that were dropped to stay within the journal's bounds",
                "required": True,
                "schema": {"type": "integer", "minimum": 0},
            }
        }
    for status, about in {**_ALWAYS, **route.answers}.items():
        responses[str(status)] = {"description": about, "content": _ERROR}
    operation: Schema = {
        "operationId": _name(route, prefix),
        "summary": route.about,
        "parameters": parameters,
        "responses": responses,
    }
    if route.free_body or route.body is not None:
        body: Schema = ref(route.free_body) if route.free_body else _body(route.body or ())
        operation["requestBody"] = {
            "required": "oneOf" in body or "required" in body or route.raw,
            "content": {"application/json": {"schema": body}},
        }
        responses["413"] = {"description": "The body is too large.", "content": _ERROR}
    return operation


def _path_schema(part: str, route: Route) -> Schema:
    is_text = part in ("{kind}", "{name}") or route.path.startswith("tenants/")
    return _KIND if is_text else _KEY if part == "{key}" else _ID


_KIND: Schema = {"type": "string", "minLength": 1}
_ERROR: Schema = {"application/json": {"schema": ref("Error")}}
_ID: Schema = {"type": "string", "pattern": "^[0-9]{1,18}$"}
# Of an entity; greater ones, up to those of 32 bits, are taken as well.
_KEY: Schema = {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"}

_ALWAYS = {
    400: "An argument or the body is wrong.",
    401: "The admin token is missing or wrong.",
    403: "Called by a foreign name or by the page of another site.",
    405: "The address does not take the method.",
}


def _name(route: Route, prefix: str) -> str:
    words = [route.method.lower(), *("wiremock" if prefix == "/__admin" else "").split()]
    words += route.path.replace("{", "").replace("}", "").replace(".", "/").replace("-", "/").split("/")
    return words[0] + "".join(word.capitalize() for word in words[1:])


def _body(members: Iterable[Argument]) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": {member.name: {**_schema(member), "description": member.about} for member in members},
        "additionalProperties": False,
    }
    names = [member.name for member in members if member.required]
    if names:
        schema["required"] = names
    if "order" in schema["properties"]:
        times = ("exactly", "atLeast", "atMost", "never")
        schema["oneOf"] = [
            {"required": ["order"], "not": {"anyOf": [{"required": [name]} for name in ("match", *times)]}},
            {"required": ["match"], "not": {"anyOf": [{"required": [name]} for name in ("order", *times)]}},
            *({"required": ["match", name], "maxProperties": 2} for name in times),
        ]
    return schema


_KINDS: dict[str, Schema] = {
    "time": {"anyOf": [{"type": "number"}, {"type": "string", "format": "date-time"}]},
    "flag": {"type": "boolean"},
    "object": ref("Match"),
    "map": {"type": "object"},
    "names": {"type": "array", "items": {"type": "string"}},
    "list": {"type": "array", "items": ref("Match"), "minItems": 1},
}


def _schema(argument: Argument) -> Schema:
    schema: Schema
    match argument.kind:
        case "count":
            schema = {"type": "integer", "minimum": argument.least, "maximum": argument.most}
        case "seconds":
            schema = {"type": "number", "minimum": argument.least, "maximum": argument.most}
        case "text":
            schema = {"type": "string", **({"enum": list(argument.choices)} if argument.choices else {})}
            if argument.pattern:
                schema["pattern"] = argument.pattern
            if argument.required:
                schema["minLength"] = 1
        case kind:
            schema = {**_KINDS[kind]}
    if argument.default is not None:
        schema["default"] = argument.default
    return schema


def _match_schemas() -> dict[str, Schema]:
    """`match` of a step, out of the JSON Schema of scenarios, its texts said as far as a schema can."""
    definitions = scenario_json_schema()["$defs"]
    text = json.dumps(definitions).replace("#/$defs/match", "#/components/schemas/Match")
    schemas: dict[str, Schema] = json.loads(text.replace("#/$defs/", "#/components/schemas/"))
    for schema in schemas.values():
        _narrow(schema)
    return {("Match" if name == "match" else name): schema for name, schema in schemas.items()}


_NOW = r"^now( [+-][0-9]{1,3} (second|minute|hour|day|week)s?)?$"
_MOMENT: Schema = {
    "anyOf": [
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "date"},
        {"type": "string", "pattern": _NOW},
    ]
}
_PATH: Schema = {"type": "string", "pattern": JSONPATH.pattern}
_REGEX: Schema = {"type": "string", "format": "regex", "minLength": 1}
_OPERATORS: dict[str, Schema] = {
    **dict.fromkeys(("before", "after"), _MOMENT),
    **dict.fromkeys(("matches", "doesNotMatch"), _REGEX),
    "equalToJson": {
        "anyOf": [
            {"type": ["object", "array", "number", "boolean", "null"]},
            {"type": "string", "description": "any JSON as text", "pattern": "^[1-9][0-9]{0,8}$"},
        ]
    },
    "expression": _PATH,
}


def _narrow(schema: Any) -> None:
    if isinstance(schema, list):
        for item in schema:
            _narrow(item)
    elif isinstance(schema, dict):
        properties = schema.get("properties", {})
        if "equalTo" in properties:
            properties.update({name: _OPERATORS[name] for name in _OPERATORS if name in properties})
            path = properties.get("matchesJsonPath")
            if path:
                path["anyOf"] = [_PATH, *path["anyOf"][1:]]
        for item in schema.values():
            _narrow(item)
