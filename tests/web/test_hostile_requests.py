"""Mutated requests: whatever comes in, the answer is the server's, never a 5xx, never a traceback.

A thousand by default, ten thousand with --full.
"""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.contract.examples import Examples
from mockso.engine import Engine
from mockso.journal.curl import curl
from mockso.journal.har import har_entry
from mockso.journal.journal import Journal
from mockso.web.edge import Edge

CONTRACT = Contract.open()
IDS = list(CONTRACT.ids())
EXAMPLES = Examples(CONTRACT)
ENGINE = Engine(Settings(grants=("*",), body_limit=50_000), [CONTRACT], Journal(entries=100))
EDGE = Edge(ENGINE)

JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([2**31, 2**63, 1e400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "ACCEPT",
            "ACCEPT_LANGUAGE",
            "AUTHORIZATION",
            "COOKIE",
            "X_XSRF_TOKEN",
            "SO_APPTOKEN",
            "SO_TIMEZONE",
            "HOST",
            "CONTENT_ENCODING",
        ]
    ),
    st.text(st.characters(max_codepoint=255), max_size=40)
    | st.sampled_from(
        ["Bearer 8A:Cust1.x", "SOTicket 7T:x", "Basic !!", "*/*;q=2", ";;;", "text/xml;q=0.1,*/*"]
    ),
    max_size=4,
)
TYPES = st.sampled_from(
    [
        "application/json",
        "application/json; charset=utf-16",
        "text/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/merge-patch+json",
        "charset=;;=",
        "",
    ]
)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    operation = CONTRACT.operation(draw(st.sampled_from(IDS)))
    path = operation.path
    for parameter in operation.parameters:
        if parameter.location == "path":
            text = draw(
                st.sampled_from(["7", "-1", "x", "ÆØÅ", "a/b", "%", "\x00", "9" * 30, "default"])
                | st.text(max_size=6)
            )
            path = path.replace(f"{{{parameter.name}}}", text)
    if draw(st.integers(0, 9)) == 0:
        path = draw(st.text(max_size=30))
    body = b""
    if operation.body is not None or draw(st.booleans()):
        value = EXAMPLES.of(operation.body) if operation.body and operation.body.kind != "patch" else {}
        if isinstance(value, dict) and value and draw(st.booleans()):
            value[draw(st.sampled_from(sorted(value)))] = draw(JUNK)
        elif draw(st.booleans()):
            value = draw(JUNK)
        body = value if isinstance(value, bytes) else json.dumps(value).encode("utf-8", "surrogatepass")
        for _ in range(draw(st.integers(0, 2))):
            at = draw(st.integers(0, len(body)))
            body = body[:at] + draw(st.binary(max_size=4)) + body[at + draw(st.integers(0, 3)) :]
        if draw(st.integers(0, 40)) == 0:
            body = body * 2000
    query = "&".join(
        f"{draw(st.sampled_from(['$select', '$filter', '$top', 'id', '%24select', '', '%ff']))}={quote(draw(st.text(max_size=10)))}"
        for _ in range(draw(st.integers(0, 3)))
    )
    environ: dict[str, Any] = {
        "REQUEST_METHOD": draw(
            st.sampled_from([operation.method] * 6 + ["GET", "DELETE", "OPTIONS", "BREW"])
        ),
        "PATH_INFO": f"/Cust1{path}".encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_TYPE": draw(TYPES),
        "CONTENT_LENGTH": draw(st.sampled_from([str(len(body))] * 8 + ["", "x", "-5", "99999999999"])),
        "HTTP_AUTHORIZATION": "Bearer 8A:Cust1.x",
    }
    return {**environ, **{f"HTTP_{name}": text for name, text in draw(HEADERS).items()}}


def answered(environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    seen: list[Any] = []
    content = b"".join(EDGE(environ, lambda status, headers: seen.extend((status, headers))))
    return int(seen[0][:3]), seen[1], content


def check(environ: dict[str, Any]) -> None:
    status, headers, content = answered(environ)

    names = dict(headers)
    assert 200 <= status < 500, (status, names.get("X-Mockso-Reason"), environ)
    for name, text in headers:
        assert "\n" not in text, name
        assert "\r" not in text, name
        text.encode("latin-1")
    if content:
        assert int(names["Content-Length"]) == len(content)
        if names["Content-Type"].startswith("application/json"):
            json.loads(content)


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(environ=requests())
def test_a_mutated_request_gets_the_server_s_answer(environ):
    check(environ)


@pytest.mark.parametrize("host", ["[", "[::1", "a]", "[x]:y", "//", "?#"])
def test_a_host_that_is_none_is_answered_and_told(host):
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/Cust1/api/v1/Contact/17",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(b""),
        "HTTP_AUTHORIZATION": "Bearer 8A:Cust1.x",
        "HTTP_HOST": host,
    }

    check(environ)

    entry = next(iter(ENGINE.journal.each(order="newest")))
    assert "curl --globoff " in curl(entry)
    assert har_entry(entry)["request"]["url"].endswith("/Cust1/api/v1/Contact/17")


@pytest.mark.full
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(environ=requests())
def test_ten_thousand_mutated_requests_get_the_server_s_answer(environ):
    check(environ)
