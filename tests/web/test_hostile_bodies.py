"""Hostile XML, form, patch, multipart and almost-JSON bodies: a 4xx each, in bounded time and memory.

Two thousand made ones, and the known tricks by name.
"""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.engine import Engine
from mockso.journal.journal import Journal
from tests.conftest import call

LIMIT = 200_000
ENGINE = Engine(Settings(body_limit=LIMIT, grants=("*",)), [Contract.open()], Journal(entries=50))
CONTACT, IMAGE = "/api/v1/Contact/17", "/api/v1/Contact/17/Image"
PLAIN = b"<ContactEntity><Name>x</Name></ContactEntity>"


def refused(body: bytes, content_type: str, method: str = "PUT", path: str = CONTACT, **headers: str) -> int:
    """The status, which must be a 4xx that says why."""
    named = [(name.replace("_", "-"), text) for name, text in headers.items()]
    reply = ENGINE.handle(call(method, path, body, content_type=content_type, headers=named))

    assert 400 <= reply.status < 500, (reply.status, body[:200], content_type)
    assert reply.header("X-Mockso-Reason")
    return reply.status


# --- XML


def _doctype(body: bytes, inner: str) -> bytes:
    return f"<!DOCTYPE x [{inner}]>".encode() + body


XML_BREAKS: list[Callable[[bytes, int], bytes]] = [
    lambda body, n: _doctype(body, f'<!ENTITY e{n} "{"x" * n}">'),
    lambda body, n: _doctype(body, f'<!ENTITY e{n} SYSTEM "file:///etc/passwd">'),
    lambda body, n: _doctype(body, f'<!ENTITY % p{n} SYSTEM "http://localhost/{n}">'),
    lambda body, n: _doctype(
        body.replace(b"x<", b"&a9;<"), "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    ),
    lambda body, n: f"<!DOCTYPE c{n}>".encode() + body,
    lambda body, n: b"<a>" * (65 + n) + b"</a>" * (65 + n),
    lambda body, n: body[: n % len(body)],
    lambda body, n: body + f"<again{n}/>".encode(),
    lambda body, n: body.replace(b"x", f"&unknown{n};".encode()),
    lambda body, n: body.replace(b"x", bytes([n % 9])),
    lambda body, n: body.replace(b"x", b"\xff\xfe" + bytes([n % 256])),
    lambda body, n: f'<?xml version="1.0" encoding="nonsense-{n}"?>'.encode() + body,
    lambda body, n: body.replace(b"<Name>", f"<Name a{n}='1' a{n}='2'>".encode()),
    lambda body, n: body.replace(b"<Name>", f"<Name a{n}=>".encode()),
    lambda body, n: body.replace(b"</Name>", f"</Name{n}>".encode()),
    lambda body, n: b"<ContactEntity>" + b"<Name>x</Name>" * (2 + n % 50) + b"</ContactEntity>",
    lambda body, n: body.replace(b"<Name>x", b"<ContactId>" + str(2**31 + n).encode()).replace(
        b"Name", b"ContactId"
    ),
    lambda body, n: body.replace(b"<Name>x</Name>", f"<Persons>text {n}</Persons>".encode()),
    lambda body, n: body.replace(b"x", b"&#" + str(0xD800 + n % 2048).encode() + b";"),
    lambda body, n: body.replace(b"x", f"<![CDATA[{n}".encode()),
]


@settings(max_examples=700, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    trick=st.sampled_from(XML_BREAKS),
    number=st.integers(0, 300),
    kind=st.sampled_from(["application/xml", "text/xml"]),
)
def test_hostile_xml(trick, number, kind):
    refused(trick(PLAIN, number), kind)


# --- forms

FORM_BREAKS: list[Callable[[int], bytes]] = [
    lambda n: b"Name" + b"x" * n,
    lambda n: b"Name=%ff" + b"%fe" * n,
    lambda n: b"Address=1&Address.Street=" + str(n).encode(),
    lambda n: b"Address.Street.City=x&Address.Street=" + str(n).encode(),
    lambda n: b".".join([b"a"] * (65 + n)) + b"=1",
    lambda n: b"[" * (n + 1) + b"a",
    lambda n: b"ContactId=" + b"9" * (10 + n),
    lambda n: b"ContactId=a" + str(n).encode(),
    lambda n: b"Persons=" + str(n).encode(),
    lambda n: b"ContactId[]=1&ContactId[]=" + str(n).encode(),
    lambda n: b"\xff\xfe=" + str(n).encode(),
    lambda n: b"UpdatedDate=2026-13-" + str(n).encode(),
]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(trick=st.sampled_from(FORM_BREAKS), number=st.integers(0, 300))
def test_hostile_forms(trick, number):
    refused(trick(number), "application/x-www-form-urlencoded")


# --- patches

WRONG_VERBS = st.sampled_from(["move", "copy", "", None, 5, "Add ", "delete", ["add"], {"op": "add"}])
WRONG_PATHS = st.sampled_from(
    [
        "",
        "/",
        "//",
        "/Nope",
        "/Name/x",
        "/Persons/x",
        "/Persons/99999999999",
        "/Persons/-1",
        "/Persons/-/x/y",
        None,
        5,
        ["Name"],
        "/" + "a/" * 5000,
        "/Address/Street/City",
        "~",
        "/Persons/٣",
    ]
)
DEEP: Any = 1
for _ in range(70):
    DEEP = [DEEP]
WRONG_VALUES = st.sampled_from([[], {}, {"a": {}}, "x" * 10, 1e308, -1, True, DEEP])

PATCHES = st.one_of(
    st.builds(
        lambda verb, path: [{"op": verb, "path": path, "value": "x"}],
        WRONG_VERBS,
        st.just("/Name") | WRONG_PATHS,
    ),
    st.builds(lambda path: [{"op": "replace", "path": path, "value": "x"}], WRONG_PATHS),
    st.builds(
        lambda junk: [junk],
        st.sampled_from(
            [None, 1, "x", [], [[]], {}, {"op": "add"}, {"path": "/Name"}, {"op": "add", "path": "/Name"}]
        ),
    ),
    st.builds(lambda value: [{"op": "replace", "path": "/UpdatedDate", "value": value}], WRONG_VALUES),
    st.builds(lambda value: {"UpdatedDate": value}, WRONG_VALUES),
    st.sampled_from([1, "x", True, 1.5, None]),
    st.builds(
        lambda count: [{"op": "add", "path": "/Name", "value": "x"}] * count + [{"op": "move"}],
        st.integers(0, 2000),
    ),
    st.builds(
        lambda count: (
            [{"op": "add", "path": "/Persons/-", "value": {}}] * count
            + [{"op": "test", "path": "/Name", "value": 1}]
        ),
        st.integers(0, 300),
    ),
)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    patch=PATCHES,
    kind=st.sampled_from(["application/json", "application/json-patch+json", "application/merge-patch+json"]),
    number=st.integers(0, 10_000),
)
def test_hostile_patches(patch, kind, number):
    if isinstance(patch, list):
        # A good operation before the bad one: it must not save the rest.
        patch = [{"op": "replace", "path": "/Department", "value": str(number)}, *patch]
    refused(json.dumps(patch).encode(), kind, method="PATCH")


# --- multipart

WHOLE = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\nGIF\r\n--x--\r\n'
BOUNDARY = "multipart/form-data; boundary=x"
MULTIPART_BREAKS: list[Callable[[int], tuple[bytes, str]]] = [
    lambda n: (WHOLE, f"multipart/form-data; boundary=y{n}"),
    lambda n: (WHOLE, "multipart/form-data; boundary=" + "x" * (71 + n)),
    lambda n: (WHOLE, f"multipart/form-data; boundry{n}=x"),
    lambda n: (WHOLE, "multipart/form-data; boundary=\x01" + str(n)),
    lambda n: (WHOLE[: n % (len(WHOLE) - 4)], BOUNDARY),
    lambda n: (b"--x\r\n" * (n + 1), BOUNDARY),
    lambda n: (b"\r\n--x" * (1001 + n), BOUNDARY),
    lambda n: (b"--x\r\n" + b"A: b\r\n" * n + b"\r\nbody\r\n--x--", BOUNDARY),
    lambda n: (WHOLE.replace(b"form-data", b"attachment" + b" " * n), BOUNDARY),
    lambda n: (WHOLE.replace(b"GIF", b""), BOUNDARY + f"; n={n}"),
    lambda n: (WHOLE.replace(b'"image"; filename="a"', b'"other%d"' % n), BOUNDARY),
    lambda n: (
        (WHOLE.replace(b'name="image"', b'name="' + b"\\" * n), BOUNDARY)
        if n % 2
        else (WHOLE[:-6] + b"-" * (n % 3), BOUNDARY)
    ),
    lambda n: (b"-" * n, BOUNDARY),
]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(trick=st.sampled_from(MULTIPART_BREAKS), number=st.integers(1, 300))
def test_hostile_multipart_bodies(trick, number):
    body, kind = trick(number)

    refused(body, kind, path=IMAGE)


# --- almost-JSON, compressed, and by size


@pytest.mark.parametrize(
    "body",
    [
        b"{'a':" * 60 + b"1",
        b"{a:1," * 10_000,
        b"['" + b"\\'" * 50_000,
        b"[" + b"1," * 50_000 + b"x]",
        b"{" + b"a:1," * 100 + b"a:2,,}",
        b"[" * 100_000,
        b"'" * 100_000,
        b"{" + b" " * 190_000,
    ],
)
def test_hostile_almost_json(body):
    refused(body, "application/json")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (gzip.compress(bytes(100_000_000)), "application/json", 413),
        (gzip.compress(gzip.compress(bytes(50_000_000))), "application/json", 400),
        (gzip.compress(b"<a>" * 60_000), "application/xml", 400),
        (gzip.compress(b"{}", mtime=0)[:-4], "application/json", 400),
    ],
)
def test_bombs_under_compression(body, content_type, status):
    assert refused(body, content_type, Content_Encoding="gzip") == status


@pytest.mark.parametrize(
    ("body", "content_type", "path"),
    [
        (b"<a>" + b"<b/>" * 49_000 + b"</c>", "application/xml", CONTACT),
        (
            b"&".join([b"a%d=1" % number for number in range(20_000)]) + b"&x",
            "application/x-www-form-urlencoded",
            CONTACT,
        ),
        (
            b"<a " + b" ".join([b"b%d='1'" % number for number in range(15_000)]) + b">",
            "application/xml",
            CONTACT,
        ),
        (
            b"--x\r\nContent-Disposition: form-data" + b'; a="b"' * 20_000 + b"\r\n\r\nx\r\n--x--",
            BOUNDARY,
            IMAGE,
        ),
        (gzip.compress(bytes(100_000_000)), "gzip", CONTACT),
    ],
)
def test_memory_is_bounded(body, content_type, path):
    headers = {"Content_Encoding": "gzip"} if content_type == "gzip" else {}
    kind = "application/json" if headers else content_type
    refused(b"<x", "application/xml")  # imports are not the body's doing

    tracemalloc.start()
    try:
        refused(body, kind, path=path, **headers)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 200 * LIMIT


def test_a_charset_of_quadratic_time_is_none():
    body = b'{"token":"a-' + b"b" * 150_000 + b'"}'

    assert refused(body, "application/json; charset=punycode") == 400
