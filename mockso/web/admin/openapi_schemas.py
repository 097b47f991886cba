"""The shapes of the admin API's answers, by name: what openapi.py's document refers to."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_MAYBE: Schema = {"type": ["string", "null"]}
_NUMBER: Schema = {"type": ["integer", "null"]}
_JSON: Schema = {"description": "any JSON value"}


def _object(optional: str = "", /, **properties: Schema) -> Schema:
    required = [name for name in properties if name not in optional.split()]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _each(names: str, schema: Schema) -> dict[str, Schema]:
    return dict.fromkeys(names.split(), schema)


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_MAP: Schema = {
    "type": "object",
    "description": "a name that comes more than once has a list",
    "additionalProperties": {"type": ["string", "array"], "items": TEXT},
}
_BODY: dict[str, Schema] = {
    "body": {"type": ["string", "null"], "description": "the text, null when there is none or it is no text"},
    "base64": {"type": "string", "description": "the bytes of a body that is no text"},
    "cut": {"type": "integer", "description": "the length of a body of which only the start was kept"},
}
_BY = ["scenario", "refusal", "entities", "document", "example", "upstream", "fault", ""]
_RESULTS = ["yes", "no", "unknown"]
_CONFIDENCE = ["firm", "likely", "assumed"]
_DIFFERENCE = _object(field=TEXT, expected=_JSON, actual=_JSON)
_ENTITY: dict[str, Schema] = {
    **{"kind": TEXT, "key": _COUNT, "name": TEXT},
    "made_by": {
        "type": "string",
        "description": "the id of a call, 'admin' for this API, or 'data' for the data a tenant has",
    },
    "changed_by": {"type": ["string", "null"], "description": "the same; null where it was not changed"},
    "row": {"type": "object", "description": "its own properties; references are ids"},
}

SCHEMAS: dict[str, Schema] = {
    "Error": _object(
        "faults",
        error={"type": "string", "description": "what is wrong, where, and what to do"},
        faults={**_list(ref("Fault")), "description": "each thing wrong in a scenario"},
    ),
    "Fault": _object(file=TEXT, line=_COUNT, column=_COUNT, message=TEXT),
    "Health": _object(
        status={"const": "ok"},
        version=TEXT,
        contract=_object(release=TEXT, operations=_COUNT, origin=TEXT),
        journal=_object(store=TEXT, calls=_COUNT, dropped=_COUNT),
        tenants=_list(TEXT),
    ),
    "Entry": _object(
        **_each("id tenant", TEXT),
        at={"type": "string", "format": "date-time"},
        epoch={"type": "number"},
        took={"type": "number", "description": "seconds"},
        phase={"enum": ["arrived", "answered"]},
        direction={"enum": ["in", "out"]},
        operation=_MAYBE,
        request=_object(
            "base64 cut value",
            **_each("method path target base", TEXT),
            query=_MAP,
            headers=_MAP,
            **_BODY,
            value={"description": "the decoded body"},
        ),
        verdict={"oneOf": [{"type": "null"}, ref("Verdict")]},
        allowed=_list(TEXT),
        suggestions=_list(TEXT),
        step=_MAYBE,
        near_misses=_list(ref("NearMiss")),
        reply={
            "oneOf": [
                {"type": "null"},
                _object(
                    "base64 cut",
                    status={"type": "integer"},
                    reason=TEXT,
                    headers=_MAP,
                    **_BODY,
                    by={"enum": _BY},
                    fidelity={"enum": [*_CONFIDENCE, ""]},
                    delay={"type": "number"},
                    fault=TEXT,
                ),
            ]
        },
        note=_MAYBE,
    ),
    "Verdict": _object(
        accepted={"type": "boolean"},
        clean={"type": "boolean"},
        caller=TEXT,
        violations=_list(
            _object(
                stage=TEXT,
                severity={"enum": ["error", "warning"]},
                confidence={"enum": _CONFIDENCE},
                **_each("where message rule source expected got nearest", TEXT),
            )
        ),
    ),
    "NearMiss": _object(scenario=TEXT, step=TEXT, differences=_list(_DIFFERENCE)),
    "Summary": _object(
        **_each("id tenant", TEXT),
        at={"type": "string", "format": "date-time"},
        took={"type": "number"},
        **_each("phase direction method target", TEXT),
        operation=_MAYBE,
        status={"type": ["integer", "null"]},
        **_each("by verdict step fault", _MAYBE),
        near_misses=_COUNT,
        problem=_MAYBE,
    ),
    "Page": _object(
        requests=_list(ref("Entry")),
        count=_COUNT,
        total={"type": ["integer", "null"], "description": "null where counting means looking at every call"},
        dropped=_COUNT,
        next={"type": ["string", "null"], "description": "the address of the next page"},
    ),
    "NearMisses": _object(
        near_misses=_list(_object(request=ref("Summary"), near_misses=_list(ref("NearMiss")))),
        count=_COUNT,
        total={"type": ["integer", "null"]},
        dropped=_COUNT,
        next=_MAYBE,
    ),
    "Count": _object(count=_COUNT, dropped=_COUNT),
    "Deleted": _object(deleted=_COUNT),
    "Waited": _object(
        met={"type": "boolean"},
        result={"enum": _RESULTS, "description": "unknown: not met, and calls were dropped"},
        count=_COUNT,
        requests=_list(ref("Summary")),
        dropped=_COUNT,
    ),
    "Verified": _object(
        "count undecided nearest found",
        result={"enum": _RESULTS, "description": "never no where calls were dropped"},
        certain={"enum": _RESULTS, "description": "what follows from the calls that were kept"},
        message=TEXT,
        **_each("dropped count", _COUNT),
        undecided={**_COUNT, "description": "calls whose cut body leaves it open"},
        nearest=_list(_object(request=ref("Summary"), differences=_list(_DIFFERENCE))),
        found={**_list(TEXT), "description": "ids of the calls in order"},
    ),
    "Har": {"type": "object", "properties": {"log": {"type": "object"}}, "required": ["log"]},
    "Why": _object(
        id=TEXT,
        trace=_list(_object(stage=TEXT, said=TEXT)),
        steps={
            **_list(
                _object(
                    **_each("scenario step place", TEXT),
                    answered={"type": "boolean"},
                    differences=_list(_DIFFERENCE),
                )
            ),
            "description": "in the order they are asked",
        },
        steps_elsewhere={**_COUNT, "description": "further steps, of other operations mostly"},
        near_misses=_list(ref("NearMiss")),
        secrets={"type": "string", "description": "why fingerprints cannot be compared; mostly empty"},
        change={
            "oneOf": [
                {"type": "null"},
                _object(step=TEXT, file=TEXT, place=TEXT, scenario=ref("Change"), request=ref("Change")),
            ],
            "description": "what would have made the step answer, each on its own",
        },
    ),
    "Change": _object(
        words=_list(TEXT),
        patch={
            "type": ["array", "null"],
            "items": {"type": "object"},
            "description": "JSON Patch (RFC 6902) of the scenario's file, or of this call's entry",
        },
    ),
    "Playing": _object(playing=_list(ref("Played"))),
    "Scenarios": _object(
        playing=_list(ref("Played")),
        available=_list(_object(name=TEXT, description=TEXT)),
        broken={
            **_list(ref("Fault")),
            "description": "in files that were changed while they are watched; the version before is played",
        },
    ),
    "Webhooks": _object(
        webhooks=_list(
            _object(tenant=TEXT, webhook={"type": "object", "description": "as the API answers it"})
        ),
        queued={**_COUNT, "description": "deliveries under way, in all tenants"},
    ),
    "Signalled": _object(
        events={
            **_list(_object(tenant=TEXT, id=TEXT, webhooks=_COUNT)),
            "description": "one for each tenant that has webhooks; its EventId, and how many listen",
        }
    ),
    "Flushed": _object(met={"type": "boolean"}, queued=_COUNT),
    "Tenants": _object(tenants=_list(ref("Tenant"))),
    "Tenant": _object(
        name=TEXT,
        profile={"enum": ["online", "onsite", ""]},
        state={"type": "string", "description": "as GET /api/state/{tenant} shows it"},
        endpoint={"type": "string", "description": "where a scenario has it live; else empty"},
        grants=_list(TEXT),
        scenarios=_list(TEXT),
        **_each("calls dropped", _COUNT),
    ),
    "EntityKinds": _object(tenant=TEXT, kinds=_list(_object(kind=TEXT, count=_COUNT))),
    "EntityList": _object(tenant=TEXT, kind=TEXT, total=_COUNT, entities=_list(_object(**_ENTITY))),
    "Entity": _object(
        **_ENTITY, entity={"type": "object", "description": "the whole carrier, as a client reads it"}
    ),
    "DataFile": {"type": "object", "description": "rows by kind and id; null is a deleted one"},
    "Imported": _object(imported={**_COUNT, "description": "how many rows"}),
    "Carrier": {"type": "object", "description": "an entity as a client sends it"},
    "Snapshots": _object(tenant=TEXT, snapshots=_list(TEXT)),
    "Played": _object(
        **_each("tenant name description origin", TEXT),
        only={"type": "boolean"},
        steps=_list(_object(scenario=TEXT, step=TEXT, place=TEXT, uses=_COUNT, times=_NUMBER, left=_NUMBER)),
    ),
    "Play": {
        "oneOf": [
            _object(name={"enum": ["success", "unauthorized", "throttled"], "description": "or any other"}),
            _object(
                yaml={
                    "enum": ["{name: outage, steps: [{reply: {status: 503}}]}"],
                    "description": "any scenario file",
                }
            ),
        ]
    },
    "OpenApi": {"type": "object"},
    "WireMockPattern": {"type": "object", "description": "a request pattern of WireMock"},
}
