"""What only a transport shows: gzip, HEAD, OPTIONS and CORS, chunks, Expect: 100-continue, compressed requests."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

import mockso
from mockso.local import Mock

CONTACT = "/Cust12345/api/v1/Contact/17"


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with mockso.serve() as served:
        yield served


def send(mock: Mock, method: str, path: str, body: Any = None, **headers: str) -> tuple[Any, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", mock.server.port, timeout=20)
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {mock.token()}", **named})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


# --- gzip


def test_a_large_answer_is_compressed_for_who_offers_it(mock):
    plain, whole = send(mock, "GET", CONTACT)
    small, content = send(mock, "GET", CONTACT, Accept_Encoding="br;q=1, gzip;q=0.5")

    assert (plain.headers["Content-Encoding"], plain.headers["Vary"]) == (None, "Accept-Encoding")
    assert (small.headers["Content-Encoding"], small.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(content) == whole
    assert len(content) == int(small.headers["Content-Length"]) < len(whole)


def test_gzip_of_quality_0_is_no_offer_and_small_answers_stay_plain(mock):
    refused, _ = send(mock, "GET", CONTACT, Accept_Encoding="gzip;q=0")
    small, _ = send(mock, "GET", "/Cust12345/api/v1/Contact/17?$select=name", Accept_Encoding="gzip")
    error, _ = send(mock, "GET", "/Cust12345/api/v1/Nope", Accept_Encoding="gzip")

    assert refused.headers["Content-Encoding"] is None
    assert error.headers["Content-Encoding"] is None
    assert small.status == 200


def test_compressing_gives_the_same_bytes_each_time(mock):
    assert (
        send(mock, "GET", CONTACT, Accept_Encoding="gzip")[1]
        == send(mock, "GET", CONTACT, Accept_Encoding="gzip")[1]
    )


def test_the_journal_keeps_the_plain_body(mock):
    response, content = send(mock, "GET", CONTACT, Accept_Encoding="gzip")

    entry = mock.engine.journal.get(response.headers["X-Mockso-Call"])

    assert json.loads(gzip.decompress(content))["ContactId"] == 17
    assert json.loads(entry["reply"]["body"])["ContactId"] == 17


def test_compressing_can_be_switched_off():
    with mockso.serve(compress=False) as mock:
        assert send(mock, "GET", CONTACT, Accept_Encoding="gzip")[0].headers["Content-Encoding"] is None


# --- HEAD, OPTIONS, CORS


def test_head_is_a_get_without_its_body(mock):
    got, whole = send(mock, "GET", CONTACT)
    head, nothing = send(mock, "HEAD", CONTACT)

    assert (head.status, nothing, head.headers["Content-Length"]) == (200, b"", str(len(whole)))
    assert head.headers["Content-Type"] == got.headers["Content-Type"]
    assert head.headers["X-Mockso-Fidelity"] == "assumed"


def test_options_is_405_unless_cors_is_enabled(mock):
    response, _ = send(mock, "OPTIONS", CONTACT, Origin="http://app.test")

    assert response.status == 405
    assert response.headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize(
    ("configured", "origin", "allowed", "vary"),
    [
        ("*", "http://app.test", "*", None),
        ("http://app.test, https://b.test/", "http://app.test", "http://app.test", "Origin"),
        ("https://b.test/", "https://B.test", "https://B.test", "Origin"),
        ("https://b.test", "http://app.test", None, "Origin"),
    ],
)
def test_a_preflight_names_who_may_call(configured, origin, allowed, vary):
    with mockso.serve(cors_enable=True, cors_origin=configured) as mock:
        response, content = send(
            mock,
            "OPTIONS",
            CONTACT,
            Authorization="",
            Origin=origin,
            Access_Control_Request_Method="PUT",
            Access_Control_Request_Headers="authorization, so-timezone",
        )
        answer, _ = send(mock, "GET", "/Cust12345/api/v1/Contact/17?$select=name", Origin=origin)

    assert (response.status, content) == (200, b"")
    assert response.headers["Access-Control-Allow-Origin"] == allowed
    assert response.headers["Access-Control-Allow-Methods"] == "DELETE, GET, PATCH, PUT, OPTIONS"
    assert response.headers["Access-Control-Allow-Headers"] == "authorization, so-timezone"
    assert (answer.headers["Access-Control-Allow-Origin"], response.headers["Vary"]) == (allowed, vary)


def test_a_preflight_of_an_unknown_address_is_404():
    with mockso.serve(cors_enable=True) as mock:
        assert send(mock, "OPTIONS", "/Cust12345/api/v1/Nope", Origin="http://a.test")[0].status == 404
        assert send(mock, "OPTIONS", "/Cust12345/api/v1", Origin="http://a.test")[0].status == 200
        assert send(mock, "GET", CONTACT)[0].headers["Access-Control-Allow-Origin"] is None


# --- requests


def test_a_compressed_request_is_read(mock):
    body = gzip.compress(b'{"Name":"Acme"}')

    response, content = send(
        mock, "PUT", CONTACT, body, Content_Type="application/json", Content_Encoding="gzip"
    )

    assert (response.status, json.loads(content)["Name"]) == (200, "Acme")


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [(b"{}", "br", 415), (b"{}", "gzip", 400), (gzip.compress(bytes(60_000_000), 9), "gzip", 413)],
)
def test_a_request_that_is_not_compressed_as_it_says_is_refused(mock, body, encoding, status):
    response, _ = send(mock, "PUT", CONTACT, body, Content_Type="application/json", Content_Encoding=encoding)

    assert response.status == status
    assert "Content-Encoding" in response.headers["X-Mockso-Reason"] or status == 413


def test_a_chunked_request_is_read(mock):
    pieces = iter([b'{"Na', b'me":"Ac', b'me"}'])

    response, content = send(mock, "PUT", CONTACT, pieces, Content_Type="application/json")

    assert (response.status, json.loads(content)["Name"]) == (200, "Acme")


def test_a_client_that_waits_for_100_continue_is_told_to_go_on(mock):
    body = b'{"Name":"Acme"}'
    head = (
        f"PUT {CONTACT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {mock.token()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", mock.server.port), 10) as client:
        client.sendall(head.encode())
        first = client.recv(100)
        client.sendall(body)
        second = client.recv(65536)

    assert first.startswith(b"HTTP/1.1 100 Continue\r\n")
    assert second.startswith(b"HTTP/1.1 200 OK\r\n")


def test_exact_numbers_survive_both_ways(mock):
    body = b'{"Address":{"Wgs84Latitude":0.00,"Wgs84Longitude":9007199254740993.10}}'

    _, content = send(mock, "PUT", CONTACT, body, Content_Type="application/json")

    assert b'"Wgs84Latitude":0.00' in content
    assert b'"Wgs84Longitude":9007199254740993.10' in content
