"""HTTP Archive 1.2 as a JSON Schema: members, their types and which must be there.

Source: the specification of the W3C Web Performance group (the published draft of 2012). Members whose name
begins with "_" are free.
"""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": -1}
TIME = {"type": "number", "minimum": -1}
MOMENT = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
}


def members(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **optional, "comment": TEXT},
        "required": list(required),
        "patternProperties": {"^_": {}},
        "additionalProperties": False,
    }


def listed(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


PAIR = members({"name": TEXT, "value": TEXT})
COOKIE = members(
    {"name": TEXT, "value": TEXT},
    path=TEXT,
    domain=TEXT,
    expires=MOMENT,
    httpOnly={"type": "boolean"},
    secure={"type": "boolean"},
)
PARAMETER = members({"name": TEXT}, value=TEXT, fileName=TEXT, contentType=TEXT)
REQUEST = members(
    {
        "method": TEXT,
        "url": {"type": "string", "format": "uri", "pattern": r"^https?://[^\s#]+$"},
        "httpVersion": TEXT,
        "cookies": listed(COOKIE),
        "headers": listed(PAIR),
        "queryString": listed(PAIR),
        "headersSize": COUNT,
        "bodySize": COUNT,
    },
    postData=members({"mimeType": TEXT, "params": listed(PARAMETER), "text": TEXT}),
)
RESPONSE = members(
    {
        "status": {"type": "integer", "minimum": 0, "maximum": 999},
        "statusText": TEXT,
        "httpVersion": TEXT,
        "cookies": listed(COOKIE),
        "headers": listed(PAIR),
        "content": members({"size": COUNT, "mimeType": TEXT}, compression=COUNT, text=TEXT, encoding=TEXT),
        "redirectURL": TEXT,
        "headersSize": COUNT,
        "bodySize": COUNT,
    }
)
ENTRY = members(
    {
        "startedDateTime": MOMENT,
        "time": {"type": "number", "minimum": 0},
        "request": REQUEST,
        "response": RESPONSE,
        "cache": members({}),
        "timings": members(
            {"send": TIME, "wait": TIME, "receive": TIME}, blocked=TIME, dns=TIME, connect=TIME, ssl=TIME
        ),
    },
    pageref=TEXT,
    serverIPAddress=TEXT,
    connection=TEXT,
)
HAR = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "log": members(
            {
                "version": {"const": "1.2"},
                "creator": members({"name": TEXT, "version": TEXT}),
                "entries": listed(ENTRY),
            },
            browser=members({"name": TEXT, "version": TEXT}),
            pages={"type": "array"},
        )
    },
    "required": ["log"],
    "additionalProperties": False,
}
