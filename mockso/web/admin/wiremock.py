"""/__admin/...: the journal as WireMock's client libraries read it, so that they can verify.

Requests only: count, find, unmatched, all, one, delete. A criterion that is not known here is refused,
never ignored. Source: WireMock's admin API, "Requests".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from mockso.contract.model import Json
from mockso.errors import did_you_mean
from mockso.journal.curl import url_of
from mockso.journal.entry import Document, body_bytes, flat
from mockso.journal.filter import Filter
from mockso.journal.verify import redact_header
from mockso.matching.operators import compile_json, compile_text
from mockso.matching.patterns import Pattern
from mockso.redaction.redaction import Redaction
from mockso.web.admin.routes import Answer, Argument, Ask, RefusedError, delete, get, post

Test = Callable[[Document], bool]

_URLS = ("url", "urlPattern", "urlPath", "urlPathPattern", "urlPathTemplate")
_JOURNAL_ON = {"requestJournalDisabled": False}
_HOST = re.compile(r"(.*?)(?::(\d*))?", re.DOTALL)  # "[::1]:8585"


def count(ask: Ask) -> Answer:
    # The client compares the number itself and would say "no". It raises where the journal cannot be asked.
    unknown = ask.engine.journal.count_dropped() > 0
    return {"count": sum(1 for _ in _matching(ask)), "requestJournalDisabled": unknown}


def find(ask: Ask) -> Answer:
    return {"requests": [to_logged_request(entry) for entry in _matching(ask)], **_JOURNAL_ON}


def remove(ask: Ask) -> Answer:
    entries = [entry for entry in _matching(ask) if ask.engine.journal.delete(entry["id"])]
    return {"serveEvents": [to_serve_event(entry) for entry in entries]}


def list_unmatched(ask: Ask) -> Answer:
    entries = ask.engine.journal.each(unmatched=True)
    return {"requests": [to_logged_request(entry) for entry in entries], **_JOURNAL_ON}


def all_requests(ask: Ask) -> Answer:
    criteria: Filter = {"direction": "in"}
    if "since" in ask.query:
        criteria["since"] = ask.query["since"]
    if ask.query.get("unmatched"):
        criteria["unmatched"] = True
    entries = list(islice(ask.engine.journal.each(**criteria), ask.query.get("limit", 10_000)))
    total = ask.engine.journal.count(**criteria)
    requests = [to_serve_event(entry) for entry in entries]
    return {"requests": requests, "meta": {"total": total}, **_JOURNAL_ON}


def one(ask: Ask) -> Answer:
    entry = ask.engine.journal.get(_number(ask.path["id"]))
    if entry is None:
        raise RefusedError(404, f"There is no request {ask.path['id']!r}.")
    return to_serve_event(entry)


def delete_one(ask: Ask) -> Answer:
    ask.engine.journal.delete(_number(ask.path["id"]))
    return {}


def delete_all(ask: Ask) -> Answer:
    ask.engine.journal.clear()
    return {}


# --- what WireMock calls a request --------------------------------------------------------------


def uuid_of(entry: Document) -> str:
    """The id of an entry as a UUID, which WireMock's clients require."""
    return str(UUID(int=int(entry["id"])))


def _number(text: str) -> str:
    try:
        return str(UUID(text).int)
    except ValueError:
        return text


def to_logged_request(entry: Document) -> Document:
    """A request as WireMock logs it."""
    request = entry["request"]
    body = body_bytes(request)
    at = datetime.fromtimestamp(entry["epoch"], UTC)
    return {
        "id": uuid_of(entry),
        "url": request["target"],
        "absoluteUrl": url_of(entry),
        "method": request["method"],
        "clientIp": "127.0.0.1",
        "headers": _join_values(request["headers"]),
        "cookies": dict(_cookies(entry)),
        "browserProxyRequest": False,
        "loggedDate": int(entry["epoch"] * 1_000),
        "loggedDateString": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "bodyAsBase64": base64.b64encode(body).decode(),
        "body": body.decode("utf-8", "replace"),
        "queryParams": {
            name: {"key": name, "values": [values] if isinstance(values, str) else values}
            for name, values in request["query"].items()
        },
    }


def _join_values(headers: Mapping[str, str | list[str]]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else ", ".join(value) for name, value in headers.items()}


def to_serve_event(entry: Document) -> Document:
    """A request with its answer, WireMock's serve event."""
    reply = entry["reply"] or {"status": 0, "headers": {}, "body": None}
    body = body_bytes(reply)
    response = {
        "status": reply["status"],
        "headers": _join_values(reply["headers"]),
        "bodyAsBase64": base64.b64encode(body).decode(),
        "body": body.decode("utf-8", "replace"),
    }
    was_matched = entry["operation"] is not None and (entry["step"] is not None or not entry["near_misses"])
    return {
        "id": uuid_of(entry),
        "request": to_logged_request(entry),
        "responseDefinition": {"status": reply["status"], "body": response["body"]},
        "response": response,
        "wasMatched": was_matched,
    }


# --- what WireMock calls a request pattern ------------------------------------------------------


def _matching(ask: Ask) -> Iterator[Document]:
    tests = list(_tests(ask.body, ask.engine.journal.redaction))
    for entry in ask.engine.journal.each(order="oldest", direction="in"):
        if entry["phase"] == "answered" and all(test(entry) for test in tests):
            yield entry


def _tests(pattern: Mapping[str, Any], redaction: Redaction) -> Iterator[Test]:
    for key, spec in pattern.items():
        if key not in _KEYS:
            raise RefusedError(
                422, f"body.{key}: this criterion is not known here.{did_you_mean(key, _KEYS)}"
            )
        if key in _URLS:
            yield _url(key, spec)
        elif key == "method":
            yield _method(spec)
        elif key == "bodyPatterns":
            if not isinstance(spec, list):
                raise RefusedError(422, "body.bodyPatterns: expected a list.")
            for number, item in enumerate(spec):
                yield _body(item, f"body.bodyPatterns[{number}]", redaction)
        elif key == "basicAuthCredentials":
            if not isinstance(spec, dict):
                raise RefusedError(422, f"body.{key}: expected an object with username and password.")
            user, password = (str(spec.get(name, "")) for name in ("username", "password"))
            plain = base64.b64encode(f"{user}:{password}".encode()).decode()
            yield _named_value(
                _headers, "Authorization", redaction.header("Authorization", f"Basic {plain}", {}), key
            )
        elif key in _SOURCES:
            if not isinstance(spec, dict):
                raise RefusedError(422, f"body.{key}: expected an object of names.")
            for name, item in spec.items():
                redact = redact_header if key == "headers" else _redact
                yield _named_value(_SOURCES[key], name, redact(name, item, redaction), f"body.{key}.{name}")
        elif key == "clientIp":
            yield _named_value(lambda entry: [("ip", "127.0.0.1")], "ip", spec, "body.clientIp")
        else:
            yield _place(key, spec)


def _url(key: str, spec: Any) -> Test:
    if not isinstance(spec, str):
        raise RefusedError(422, f"body.{key}: expected a text.")
    text = re.escape(spec) if key in ("url", "urlPath") else spec
    if key == "urlPathTemplate":
        text = "[^/]+".join(map(re.escape, re.split(r"\{[^/{}]+\}", spec)))
    try:
        pattern = Pattern(text)
    except ValueError as error:
        raise RefusedError(422, f"body.{key}: {spec!r} is not a regular expression: {error}.") from None
    except (OverflowError, RecursionError):
        raise RefusedError(422, f"body.{key}: it is nested too deep to be a regular expression.") from None
    whole = key in ("url", "urlPattern")

    def test(entry: Document) -> bool:
        target = entry["request"]["target"]
        return pattern.matches(target if whole else target.partition("?")[0])

    return test


def _method(spec: Any) -> Test:
    if not isinstance(spec, str):
        raise RefusedError(422, "body.method: expected a text, as 'GET' or 'ANY'.")
    method = spec.upper()
    return lambda entry: method in ("ANY", entry["request"]["method"])


def _place(key: str, spec: Any) -> Test:
    # The client sends the port as a number and the host as operators.
    holds = compile_text(str(spec) if isinstance(spec, int) else spec, f"body.{key}")

    def test(entry: Document) -> bool:
        scheme, _, rest = url_of(entry).partition("://")
        host, port = _HOST.fullmatch(rest.partition("/")[0]).groups()  # type: ignore[union-attr]  # any text fits
        actual = {"scheme": scheme, "host": host, "port": port or "80"}[key]
        return holds([actual], entry["epoch"])

    return test


def _named_value(of: Callable[[Document], list[tuple[str, str]]], name: str, spec: Json, where: str) -> Test:
    test = compile_text(spec, where)
    lower_name = name.lower()
    return lambda entry: test([v for n, v in of(entry) if n.lower() == lower_name], entry["epoch"])


def _body(spec: Any, where: str, redaction: Redaction) -> Test:
    if not isinstance(spec, dict):
        raise RefusedError(422, f"{where}: expected an object with one operator.")
    spec = redaction.value(spec, {})
    if "equalToJson" in spec or "matchesJsonPath" in spec:
        test = compile_json(spec, where)

        def by_value(entry: Document) -> bool:
            value = entry["request"].get("value")
            if "value" not in entry["request"]:
                try:
                    value = json.loads(body_bytes(entry["request"]))
                except ValueError:
                    return False
            return not test(value, where, entry["epoch"])

        return by_value
    text_test = compile_text(spec, where)

    def by_text(entry: Document) -> bool:
        body = body_bytes(entry["request"]).decode("utf-8", "replace")
        return text_test([body] if body else [], entry["epoch"])

    return by_text


def _redact(name: str, spec: Json, redaction: Redaction) -> Json:
    return redaction.value(spec, {}, name if redaction.is_secret_name(name) else "")


def _headers(entry: Document) -> list[tuple[str, str]]:
    return flat(entry["request"]["headers"])


def _cookies(entry: Document) -> list[tuple[str, str]]:
    parts = [v for n, v in _headers(entry) if n.lower() == "cookie"]
    return [(n.strip(), v) for line in parts for n, _, v in (part.partition("=") for part in line.split(";"))]


def _form(entry: Document) -> list[tuple[str, str]]:
    return parse_qsl(body_bytes(entry["request"]).decode("utf-8", "replace"), keep_blank_values=True)


_SOURCES: Mapping[str, Callable[[Document], list[tuple[str, str]]]] = {
    "headers": _headers,
    "queryParameters": lambda entry: flat(entry["request"]["query"]),
    "cookies": _cookies,
    "formParameters": _form,
}
_PLACES = ("scheme", "host", "port", "clientIp")
_KEYS = (*_URLS, *_SOURCES, "method", "bodyPatterns", "basicAuthCredentials", *_PLACES)

ROUTES = (
    get(
        "requests",
        all_requests,
        "All requests",
        (
            Argument("limit", "count", "how many at most", least=1),
            Argument("since", "time", "only requests from then on"),
            Argument("unmatched", "flag", "only requests that nobody foresaw"),
        ),
    ),
    delete("requests", delete_all, "Delete all requests"),
    post("requests/reset", delete_all, "Delete all requests"),
    post("requests/count", count, "How many requests match a pattern", free_body="WireMockPattern"),
    post("requests/find", find, "Requests that match a pattern", free_body="WireMockPattern"),
    post("requests/remove", remove, "Delete the requests that match", free_body="WireMockPattern"),
    get("requests/unmatched", list_unmatched, "Requests that nobody foresaw"),
    get("requests/{id}", one, "One request"),
    delete("requests/{id}", delete_one, "Delete one request"),
)
