"""Mutated requests: whatever comes in, the answer is the server's, never a 5xx, never a traceback.

A thousand that hypothesis looks for, and a thousand by a seed; a hundred thousand with --full.
"""

from __future__ import annotations

import io
import json
import random
import re
import resource
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


# --- in numbers: mutations by a seed, without a search for the smallest --------------------------

PIECES = [
    *(
        b"\x00",
        b"\xff\xfe",
        b"\r\n\r\n",
        b"{",
        b"[" * 50,
        b"]",
        b'"',
        b"\\u0000",
        b"\\ud800",
        b"NaN",
        b"1e999",
        b"-",
        b"'",
    ),
    *(
        b"null",
        b"<a>",
        b"<!DOCTYPE a [",
        b"--x\r\n",
        b"%",
        b"%00",
        b"=&=",
        b"$",
        b"[D:01/01/0001]",
        b"[I:x]",
        b"9" * 40,
    ),
    *(b"/Name", b"op", b"//", b"~2", "ÆØÅ\U0001f600".encode(), b"\xc3", b"true", b"@odata.type"),
]
QUERIES = [
    *(
        "$select=",
        "$select=name,,*",
        "$filter=name%20eq",
        "$filter=(((",
        "$filter=name%20begins%20'a'%20and",
        "$top=-1",
    ),
    *(
        "$skip=99999999999",
        "$orderby=name%20sideways",
        "$format=xml",
        "flat=",
        "a=b&a=b&=&&",
        "%ff=%fe",
        "$top=5&$TOP=6",
    ),
]


def mutate(text: bytes, source: random.Random) -> bytes:
    """A text with a few changes: pieces put in, doubled, swapped or taken out."""
    for _ in range(source.randint(0, 3)):
        at, length = source.randint(0, len(text)), source.randint(0, 8)
        piece = source.choice([source.choice(PIECES), source.randbytes(3), text[at : at + length] * 2, b""])
        text = text[:at] + piece + text[at + source.randint(0, length) :]
    return text


def mutated_request(source: random.Random, bodies: dict[str, bytes]) -> dict[str, Any]:
    operation = CONTRACT.operation(source.choice(IDS))
    if operation.id not in bodies:
        value = EXAMPLES.of(operation.body) if operation.body and operation.body.kind != "patch" else {}
        bodies[operation.id] = value if isinstance(value, bytes) else json.dumps(value).encode()
    path = re.sub(
        r"\{[^}]+\}", lambda _: source.choice(["7", "-1", "x", "0", "9" * 30, "default", "%"]), operation.path
    )
    if source.random() < 0.2:
        path = mutate(path.encode(), source).decode("latin-1")
    body = mutate(bodies[operation.id], source)
    types = [
        "application/json",
        "text/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ]
    return {
        "REQUEST_METHOD": operation.method
        if source.random() < 0.9
        else source.choice(["GET", "PATCH", "BREW", ""]),
        "PATH_INFO": f"/Cust1{path}",
        "QUERY_STRING": mutate(source.choice(QUERIES).encode(), source).decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_TYPE": types[0] if source.random() < 0.8 else source.choice(types),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": mutate(b"Bearer 8A:Cust1.x", source).decode("latin-1")
        if source.random() < 0.1
        else "Bearer 8A:Cust1.x",
        "HTTP_ACCEPT": source.choice(["application/json", "*/*", "text/xml", ";q=", "application/json;q=x"]),
    }


def test_a_hundred_thousand_mutated_requests_get_the_server_s_answer(request, capsys):
    full = request.config.getoption("--full")
    bodies: dict[str, bytes] = {}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    for seed in range(100_000 if full else 1000):
        check(mutated_request(random.Random(seed), bodies))

    assert capsys.readouterr().err == ""
    # In kilobytes: the contract with all its schemas, a journal of a hundred calls, and what was saved meanwhile.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < (1_500_000 if full else 300_000)


def test_a_line_break_in_an_address_comes_back_in_no_header():
    path = "/Cust1/api/v1/Agents/List/GetListItem\r\nX-Evil: 1\r\n\r\nÆ\ufffd"
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path.encode().decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(b""),
        "HTTP_AUTHORIZATION": "Bearer 8A:Cust1.x",
    }

    check(environ)
