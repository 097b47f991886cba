"""The match for a recorded request: operation, path, arguments and body; volatile values are left open.

Left open are dates near the time of the recording, ids a client makes, secrets and what is personal: a test
sends others than the recording did. Each has a comment that says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mockso.contract.model import NOTHING, Nothing
from mockso.matching.operators import JSON_KEYS
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.tape import TapedCall

ALWAYS = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "Range")
WHEN_DIFFERENT = (
    *("Accept", "Accept-Language", "X-HTTP-Method-Override", "SO-Language", "SO-Culture", "SO-TimeZone"),
)
_LONGEST_TEXT = 4_000
_NEAR = 2 * 86_400

_GUID = re.compile(r"\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
_UNIQUE = "souniqueid"


@dataclass(frozen=True)
class CommentedValue:
    """A value of the file with a comment behind its key."""

    value: Any
    comment: str


@dataclass(frozen=True)
class RequestPattern:
    """The pattern that matches one request.

    `body` NOTHING: it had none. `headers` are those that may decide.
    """

    operation: str
    method: str
    path: str
    varying: bool
    accepted: bool
    query: Mapping[str, Any]
    body: Any
    headers: Mapping[str, str]
    group: str


def pattern_of(taped: TapedCall, names: Pseudonyms, *, open_personal: bool) -> RequestPattern:
    """The pattern of a call's request; with `open_personal`, personal values are left open."""
    call = taped.call
    request, operation = call.request, call.lookup.operation
    opening = _Opening(names, request.at, open_personal=open_personal)
    query: dict[str, Any] = {}
    for name, text in request.query:
        if name.lower() not in {other.lower() for other in query}:
            query[name] = opening.text(text, name)
    headers = {
        name: names.header(name, request.headers.get(name))
        for name in (*ALWAYS, *WHEN_DIFFERENT)
        if name in request.headers
    }
    varying = operation is None or "{" in operation.path
    return RequestPattern(
        call.operation_id,
        request.method,
        names.target(request.path),
        varying,
        call.verdict.accepted,
        query,
        _body(taped, opening),
        headers,
        call.operation_id or f"{request.method} {request.path}",
    )


def _body(taped: TapedCall, opening: _Opening) -> Any:
    value = taped.call.verdict.body
    if isinstance(value, Nothing):
        if not taped.request_body.size:
            return NOTHING
        if not taped.request_body.whole:
            return CommentedValue(None, f"{taped.request_body.size} bytes: too many to compare")
        if not taped.call.request.body:
            return NOTHING
        value = taped.call.request.body
    if isinstance(value, bytes):
        try:
            text = value.decode()
        except UnicodeDecodeError:
            return CommentedValue(None, f"{len(value)} bytes that are not text")
        safe = opening.names.raw(text, taped.call.request.media_type)
        if len(text) > _LONGEST_TEXT or safe != text:
            why = "it is long" if safe == text else "it has a secret or something personal in it"
            return CommentedValue(None, f"a text: {why}")
        return {"equalTo": text}
    pattern = opening.value(value, "")
    if not opening.has_open_parts:
        return {"equalToJson": json.dumps(pattern) if isinstance(pattern, str) else pattern}
    if _looks_like_operators(value):
        return CommentedValue(None, "parts of it vary, and properties of it are named like operators")
    return pattern


def _looks_like_operators(value: Any) -> bool:
    if isinstance(value, dict):
        return any(key in JSON_KEYS for key in value) or any(map(_looks_like_operators, value.values()))
    return isinstance(value, list) and any(map(_looks_like_operators, value))


class _Opening:
    """Leaves parts of a value open."""

    def __init__(self, names: Pseudonyms, at: float, *, open_personal: bool) -> None:
        self.names, self._at, self._open_personal = names, at, open_personal
        self.has_open_parts = False

    def value(self, value: Any, name: str, around: str = "") -> Any:
        if isinstance(value, dict):
            inside = name or around
            return {key: self.value(item, key, inside) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, name, around) for item in value]
        if isinstance(value, str):
            return self.text(value, name, around)
        safe = self.names.value(value, name)
        return value if safe == value else self._open({"absent": False}, "left open: a secret")

    def text(self, text: str, name: str, around: str = "") -> Any:
        if name.lower().replace("_", "").replace("-", "") == _UNIQUE:
            return self._open({"absent": False}, "left open: the client makes it")
        if _GUID.fullmatch(text):
            return self._open(
                {"matches": r"\{?[0-9A-Fa-f-]{36}\}?"}, "left open: an id that the client makes"
            )
        if _DATE.fullmatch(text) and self._near(text):
            return self._open(
                {"matches": r"\d{4}-\d\d-\d\dT.*"}, "left open: a date near the time of the recording"
            )
        if self.names.hides(text, name):
            return self._open({"absent": False}, "left open: a secret")
        safe = self.names.value(text, name) if not around else self.names.inside(text, name, around)
        if safe != text and self._open_personal:
            return self._open({"absent": False}, "left open: personal")
        return safe

    def _open(self, operators: Any, why: str) -> CommentedValue:
        self.has_open_parts = True
        return CommentedValue(operators, why)

    def _near(self, text: str) -> bool:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return False
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return abs(moment.timestamp() - self._at) < _NEAR


def plain(value: Any) -> Any:
    """A value without its comments."""
    if isinstance(value, CommentedValue):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
