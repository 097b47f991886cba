"""The admin API's own OpenAPI 3.1 document, made of its routes.

Server-sent events are described in words: an answer that never ends has no place among operations.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from mockso.scenario_json_schema import scenario_json_schema
from mockso.version import VERSION
from mockso.web.admin_requests import JSONPATH
from mockso.web.routes import Argument, Ask, Route

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_MAYBE: Schema = {"type": ["string", "null"]}
_NUMBER: Schema = {"type": ["integer", "null"]}
_JSON: Schema = {"description": "any JSON value"}
_ABOUT = (
    "The mock itself, asked and steered. Every answer about calls says how many were `dropped` to stay within the "
    'journal\'s bounds. Faults are `{"error": "..."}`. `GET /__mockso/events` tells of calls as they come, as '
    "server-sent events (`arrived`, `answered`, `cleared`); it never ends and so is not listed below."
)


def _object(properties: Mapping[str, Schema], optional: Iterable[str] = ()) -> Schema:
    required = [name for name in properties if name not in set(optional)]
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_MAP: Schema = {
    "type": "object",
    "description": "a name that comes more than once has a list",
    "additionalProperties": {"type": ["string", "array"], "items": _TEXT},
}
_BODY: dict[str, Schema] = {
    "body": {"type": ["string", "null"], "description": "the text, null when there is none or it is no text"},
    "base64": {"type": "string", "description": "the bytes of a body that is no text"},
    "cut": {"type": "integer", "description": "the length of a body of which only the start was kept"},
}
_BY = ["scenario", "refusal", "entities", "document", "example", "upstream", "fault", ""]
_CONFIDENCE = ["firm", "likely", "assumed"]
_DIFFERENCE = _object({"field": _TEXT, "expected": _JSON, "actual": _JSON})

SCHEMAS: dict[str, Schema] = {
    "Error": _object(
        {
            "error": {"type": "string", "description": "what is wrong, where, and what to do"},
            "faults": {**_list(_ref("Fault")), "description": "each thing wrong in a scenario"},
        },
        ("faults",),
    ),
    "Fault": _object({"file": _TEXT, "line": _COUNT, "column": _COUNT, "message": _TEXT}),
    "Health": _object(
        {
            "status": {"const": "ok"},
            "version": _TEXT,
            "contract": _object({"release": _TEXT, "operations": _COUNT, "origin": _TEXT}),
            "journal": _object({"store": _TEXT, "calls": _COUNT, "dropped": _COUNT}),
            "tenants": _list(_TEXT),
        }
    ),
    "Entry": _object(
        {
            "id": _TEXT,
            "tenant": _TEXT,
            "at": {"type": "string", "format": "date-time"},
            "epoch": {"type": "number"},
            "took": {"type": "number", "description": "seconds"},
            "phase": {"enum": ["arrived", "answered"]},
            "direction": {"enum": ["in", "out"]},
            "operation": _MAYBE,
            "request": _object(
                {
                    **{
                        "method": _TEXT,
                        "path": _TEXT,
                        "target": _TEXT,
                        "base": _TEXT,
                        "query": _MAP,
                        "headers": _MAP,
                    },
                    **_BODY,
                    "value": {"description": "the decoded body"},
                },
                ("base64", "cut", "value"),
            ),
            "verdict": {"oneOf": [{"type": "null"}, _ref("Verdict")]},
            "allowed": _list(_TEXT),
            "suggestions": _list(_TEXT),
            "step": _MAYBE,
            "near_misses": _list(_ref("NearMiss")),
            "reply": {
                "oneOf": [
                    {"type": "null"},
                    _object(
                        {
                            **{"status": {"type": "integer"}, "reason": _TEXT, "headers": _MAP, **_BODY},
                            **{"by": {"enum": _BY}, "fidelity": {"enum": [*_CONFIDENCE, ""]}},
                            **{"delay": {"type": "number"}, "fault": _TEXT},
                        },
                        ("base64", "cut"),
                    ),
                ]
            },
            "note": _MAYBE,
        }
    ),
    "Verdict": _object(
        {
            "accepted": {"type": "boolean"},
            "clean": {"type": "boolean"},
            "caller": _TEXT,
            "violations": _list(
                _object(
                    {
                        "stage": _TEXT,
                        "severity": {"enum": ["error", "warning"]},
                        "confidence": {"enum": _CONFIDENCE},
                        **dict.fromkeys(
                            ("where", "message", "rule", "source", "expected", "got", "nearest"), _TEXT
                        ),
                    }
                )
            ),
        }
    ),
    "NearMiss": _object({"scenario": _TEXT, "step": _TEXT, "differences": _list(_DIFFERENCE)}),
    "Summary": _object(
        {
            **{"id": _TEXT, "tenant": _TEXT, "at": {"type": "string", "format": "date-time"}},
            **{
                "took": {"type": "number"},
                "phase": _TEXT,
                "direction": _TEXT,
                "method": _TEXT,
                "target": _TEXT,
            },
            **{"operation": _MAYBE, "status": {"type": ["integer", "null"]}, "by": _MAYBE, "verdict": _MAYBE},
            **{"step": _MAYBE, "fault": _MAYBE, "near_misses": _COUNT, "problem": _MAYBE},
        }
    ),
    "Page": _object(
        {
            "requests": _list(_ref("Entry")),
            "count": _COUNT,
            "total": {
                "type": ["integer", "null"],
                "description": "null where counting means looking at every call",
            },
            "dropped": _COUNT,
            "next": {"type": ["string", "null"], "description": "the address of the next page"},
        }
    ),
    "NearMisses": _object(
        {
            "near_misses": _list(
                _object({"request": _ref("Summary"), "near_misses": _list(_ref("NearMiss"))})
            ),
            **{"count": _COUNT, "total": {"type": ["integer", "null"]}, "dropped": _COUNT, "next": _MAYBE},
        }
    ),
    "Count": _object({"count": _COUNT, "dropped": _COUNT}),
    "Deleted": _object({"deleted": _COUNT}),
    "Waited": _object(
        {"met": {"type": "boolean"}, "count": _COUNT, "requests": _list(_ref("Summary")), "dropped": _COUNT}
    ),
    "Verified": _object(
        {
            "result": {"enum": ["yes", "no", "unknown"]},
            "message": _TEXT,
            "dropped": _COUNT,
            "count": _COUNT,
            "undecided": {**_COUNT, "description": "calls whose cut body leaves it open"},
            "nearest": _list(_object({"request": _ref("Summary"), "differences": _list(_DIFFERENCE)})),
            "found": {**_list(_TEXT), "description": "ids of the calls in order"},
        },
        ("count", "undecided", "nearest", "found"),
    ),
    "Har": {"type": "object", "properties": {"log": {"type": "object"}}, "required": ["log"]},
    "Why": _object(
        {
            "id": _TEXT,
            "trace": _list(_object({"stage": _TEXT, "said": _TEXT})),
            "steps": {
                **_list(
                    _object(
                        {
                            **dict.fromkeys(("scenario", "step", "place"), _TEXT),
                            "answered": {"type": "boolean"},
                            "differences": _list(_DIFFERENCE),
                        }
                    )
                ),
                "description": "in the order they are asked",
            },
            "steps_elsewhere": {**_COUNT, "description": "further steps, of other operations mostly"},
            "near_misses": _list(_ref("NearMiss")),
            "change": {
                "oneOf": [
                    {"type": "null"},
                    _object(
                        {
                            **dict.fromkeys(("step", "file", "place"), _TEXT),
                            **dict.fromkeys(("scenario", "request"), _ref("Change")),
                        }
                    ),
                ],
                "description": "what would have made the step answer, each on its own",
            },
        }
    ),
    "Change": _object(
        {
            "words": _list(_TEXT),
            "patch": {
                "type": ["array", "null"],
                "items": {"type": "object"},
                "description": "JSON Patch (RFC 6902) of the scenario's file, or of this call's entry",
            },
        }
    ),
    "Playing": _object({"playing": _list(_ref("Played"))}),
    "Scenarios": _object(
        {
            "playing": _list(_ref("Played")),
            "available": _list(_object({"name": _TEXT, "description": _TEXT})),
            "broken": {
                **_list(_ref("Fault")),
                "description": "in files that were changed while they are watched; the version before is played",
            },
        }
    ),
    "Played": _object(
        {
            **dict.fromkeys(("tenant", "name", "description", "origin"), _TEXT),
            "only": {"type": "boolean"},
            "steps": _list(
                _object(
                    {
                        **{"scenario": _TEXT, "step": _TEXT, "place": _TEXT, "uses": _COUNT},
                        **{"times": _NUMBER, "left": _NUMBER},
                    }
                )
            ),
        }
    ),
    "Play": {
        "oneOf": [
            _object(
                {"name": {"enum": ["success", "unauthorized", "throttled"], "description": "or any other"}}
            ),
            _object(
                {
                    "yaml": {
                        "enum": ["{name: outage, steps: [{reply: {status: 503}}]}"],
                        "description": "any scenario file",
                    }
                }
            ),
        ]
    },
    "OpenApi": {"type": "object"},
    "WireMockPattern": {"type": "object", "description": "a request pattern of WireMock"},
}


def openapi(ask: Ask, prefixes: Mapping[str, tuple[Route, ...]]) -> Schema:
    """The document, for the mock that is asked."""
    paths: dict[str, Schema] = {}
    for prefix, routes in prefixes.items():
        for route in routes:
            if route.gives and route.gives not in ("text/event-stream", "text/html"):
                paths.setdefault(f"{prefix}/{route.path}", {})[route.method.lower()] = _operation(
                    route, prefix
                )
    made: Schema = {
        "openapi": "3.1.0",
        "info": {"title": "mockso's admin API", "version": VERSION, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": {**SCHEMAS, **_match_schemas()}},
    }
    if ask.mock.settings.admin_token:
        made["components"]["securitySchemes"] = {
            "header": {"type": "apiKey", "in": "header", "name": "X-Mockso-Admin"},
            "bearer": {"type": "http", "scheme": "bearer"},
            "basic": {"type": "http", "scheme": "basic", "description": "the token as password; any user"},
        }
        made["security"] = [{"header": []}, {"bearer": []}, {"basic": []}]
    return made


def _operation(route: Route, prefix: str) -> Schema:
    parameters = [
        {
            "name": part[1:-1],
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
        }
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
    schema = _TEXT if "/" in route.gives else _ref(route.gives)
    responses: Schema = {"200": {"description": route.about, "content": {media: {"schema": schema}}}}
    for status, about in {**_ALWAYS, **route.answers}.items():
        content = {"application/json": {"schema": _ref("Error")}}
        responses[str(status)] = {"description": about, "content": content}
    made: Schema = {
        "operationId": _name(route, prefix),
        "summary": route.about,
        "parameters": parameters,
        "responses": responses,
    }
    if route.free_body or route.body is not None:
        body: Schema = _ref(route.free_body) if route.free_body else _body(route.body or ())
        made["requestBody"] = {
            "required": "oneOf" in body or route.raw,
            "content": {"application/json": {"schema": body}},
        }
        responses["413"] = {
            "description": "The body is too large.",
            "content": {"application/json": {"schema": _ref("Error")}},
        }
    return made


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
    made: Schema = {
        "type": "object",
        "properties": {member.name: {**_schema(member), "description": member.about} for member in members},
        "additionalProperties": False,
    }
    if "order" in made["properties"]:
        times = ("exactly", "atLeast", "atMost", "never")
        made["oneOf"] = [
            {"required": ["order"], "not": {"anyOf": [{"required": [name]} for name in ("match", *times)]}},
            {"required": ["match"], "not": {"anyOf": [{"required": [name]} for name in ("order", *times)]}},
            *({"required": ["match", name], "maxProperties": 2} for name in times),
        ]
    return made


def _schema(argument: Argument) -> Schema:
    made: Schema
    match argument.kind:
        case "count":
            made = {"type": "integer", "minimum": argument.least, "maximum": argument.most}
        case "seconds":
            made = {"type": "number", "minimum": argument.least, "maximum": argument.most}
        case "time":
            made = {"anyOf": [{"type": "number"}, {"type": "string", "format": "date-time"}]}
        case "flag":
            made = {"type": "boolean"}
        case "object":
            made = _ref("Match")
        case "list":
            made = {"type": "array", "items": _ref("Match"), "minItems": 1}
        case _:
            made = {"type": "string", **({"enum": list(argument.choices)} if argument.choices else {})}
            if argument.pattern:
                made["pattern"] = argument.pattern
    if argument.default is not None:
        made["default"] = argument.default
    return made


def _match_schemas() -> dict[str, Schema]:
    """`match` of a step, out of the JSON Schema of scenarios, its texts said as far as a schema can."""
    definitions = scenario_json_schema()["$defs"]
    text = json.dumps(definitions).replace("#/$defs/match", "#/components/schemas/Match")
    made: dict[str, Schema] = json.loads(text.replace("#/$defs/", "#/components/schemas/"))
    for schema in made.values():
        _narrow(schema)
    return {("Match" if name == "match" else name): schema for name, schema in made.items()}


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
