"""What only a transport shows: gzip, HEAD, OPTIONS and CORS, chunks, Expect: 100-continue, compressed requests."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

import mockso
from mockso.testing.mock import Mock

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


def test_options_is_405_where_no_browser_asks_or_cors_is_switched_off(mock):
    with mockso.serve(cors_enable=False) as off:
        switched_off, _ = send(off, "OPTIONS", CONTACT, Origin="http://localhost:3000")
    no_preflight, _ = send(mock, "OPTIONS", CONTACT)

    assert (switched_off.status, no_preflight.status) == (405, 405)
    assert switched_off.headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("http://localhost:3000", True),
        ("https://127.0.0.1", True),
        ("http://[::1]:8080", True),
        ("http://localhost.evil.test", False),
        ("http://127.0.0.1.evil.test:80", False),
        ("https://app.test", False),
        ("null", False),
    ],
)
def test_without_settings_pages_of_this_machine_may_call_and_no_others(mock, origin, may):
    response, _ = send(mock, "GET", CONTACT, Origin=origin)
    preflight, _ = send(mock, "OPTIONS", CONTACT, Authorization="", Origin=origin)

    allowed = origin if may else None
    assert (response.status, preflight.status) == (200, 200)
    assert response.headers["Access-Control-Allow-Origin"] == allowed
    assert preflight.headers["Access-Control-Allow-Origin"] == allowed
    assert response.headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    ("configured", "origin", "allowed", "vary"),
    [
        ("*", "http://app.test", "*", None),
        ("http://app.test, https://b.test/", "http://app.test", "http://app.test", "Origin"),
        ("http://app.test https://b.test", "https://b.test", "https://b.test", "Origin"),
        ("https://b.test/", "https://B.test", "https://B.test", "Origin"),
        ("https://b.test", "http://app.test", None, "Origin"),
        ("https://*.b.test loopback", "https://x.y.b.test", "https://x.y.b.test", "Origin"),
        ("https://*.b.test", "https://b.test", None, "Origin"),
        ("https://*.b.test", "https://a.test/.b.test", None, "Origin"),
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


def without_dots(body: bytes) -> bytes:
    """A compressed body in whose bytes no dot is to be seen."""
    # Letters beyond ASCII take nine bits each, which moves all that follows.
    names = ("é" * number for number in range(1000))
    tries = (gzip.compress(f'{{"Name":"{name}",'.encode() + body[1:], mtime=0) for name in names)
    return next(compressed for compressed in tries if b"." not in compressed)


@pytest.mark.parametrize(
    ("sent", "headers"),
    [
        (bytes, {}),
        (without_dots, {"Content-Encoding": "gzip"}),
        (lambda body: body.decode().encode("utf-16"), {}),
        (lambda body: body.decode().encode("utf-16-le"), {"Content-Type": "text/json; charset=utf-16-le"}),
    ],
)
def test_exact_numbers_survive_both_ways(mock, sent, headers):
    body = b'{"Address":{"Wgs84Latitude":0.00,"Wgs84Longitude":9007199254740993.10}}'

    _, content = send(mock, "PUT", CONTACT, sent(body), **{"Content-Type": "application/json", **headers})

    assert b'"Wgs84Latitude":0.00' in content
    assert b'"Wgs84Longitude":9007199254740993.10' in content


# --- what comes on the socket


def raw(mock: Mock, *pieces: bytes) -> bytes:
    """What a server answers to bytes as they are, up to the end of the connection."""
    with socket.create_connection(("127.0.0.1", mock.server.port), 20) as client:
        for piece in pieces:
            client.sendall(piece)
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_links_name_the_address_called_where_no_host_was_sent(mock):
    got = raw(mock, f"GET {CONTACT} HTTP/1.0\r\nAuthorization: Bearer {mock.token()}\r\n\r\n".encode())

    links = json.loads(got.partition(b"\r\n\r\n")[2])["_Links"]
    assert links["Self"].startswith(f"http://127.0.0.1:{mock.server.port}/Cust12345/api/v1/")


def head(mock: Mock, line: str, *lines: str) -> bytes:
    signed = f"Authorization: Bearer {mock.token()}"
    return "\r\n".join([line, "Host: localhost", signed, *lines, "", ""]).encode()


def statuses(answers: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", answers)]


JSON, CLOSE, CHUNKED = "Content-Type: application/json", "Connection: close", "Transfer-Encoding: chunked"
LAST = f"GET {CONTACT}?$select=name HTTP/1.1"
PUT = f"PUT {CONTACT}?$select=name HTTP/1.1"


@pytest.mark.parametrize(
    "target",
    [
        f"/{CONTACT}",  # section 21: a double slash
        "//api//v1/Contact/17",
        "/Cust12345/api/v1/Contact?$filter=name eq 'a b'&$select=name",  # section 21: raw blanks and quotes
        "/Cust12345/api/v1/Contact?$filter=name eq 'Åse'",
        "http://localhost:8585" + CONTACT,
    ],
)
def test_an_address_is_taken_as_clients_write_it(mock, target):
    got = raw(mock, head(mock, f"GET {target} HTTP/1.1", CLOSE).replace(b"8A:.", b"8A:Cust12345."))

    assert statuses(got) == [200]


def test_a_filter_with_raw_blanks_arrives_whole(mock):
    raw(mock, head(mock, "GET /Cust12345/api/v1/Contact?$filter=name is 'a b'&$top=1 HTTP/1.1", CLOSE))

    entry = mock.engine.journal.find(limit=1)[0]
    assert entry["request"]["query"] == {"$filter": "name is 'a b'", "$top": "1"}


@pytest.mark.parametrize("line", ["GET", "GET  HTTP/1.1", "GET /api/v1", "GET x y HTTP/1.1", "GET / a b"])
def test_what_is_no_request_line_is_400(mock, line):
    assert statuses(raw(mock, line.encode() + b"\r\n\r\n")) == [400]


@pytest.mark.parametrize(
    "chunks", [b"zz\r\n{}\r\n", b"-5\r\n{}\r\n", b"0x2\r\n{}\r\n", b"2\r\n{}x", b"ffffffffffff\r\n"]
)
def test_a_broken_chunk_is_400_and_the_end_of_the_connection(mock, chunks):
    client = socket.create_connection(("127.0.0.1", mock.server.port), 20)
    client.sendall(head(mock, PUT, JSON, CHUNKED) + chunks)
    client.shutdown(socket.SHUT_WR)
    with client:
        got = b"".join(iter(lambda: client.recv(65536), b""))

    assert statuses(got) == [400]
    assert b"The body cannot be read" in got


def test_the_next_request_begins_behind_the_trailers_of_chunks(mock):
    chunks = b'4;a=b\r\n{"Na\r\n8\r\nme":"A"}\r\n0\r\nX-Sum: 1\r\n\r\n'

    got = raw(mock, head(mock, PUT, JSON, CHUNKED) + chunks + head(mock, LAST, CLOSE))

    assert statuses(got) == [200, 200]


@pytest.mark.parametrize("length", ["-1", "+12", "1_2", "²"])
def test_a_length_that_is_no_number_is_400(mock, length):
    assert statuses(
        raw(
            mock,
            head(mock, PUT, JSON).replace(b"\r\n\r\n", f"\r\nContent-Length: {length}\r\n\r\n".encode())
            + b'{"Name":"A"}',
        )
    ) == [400]


def test_a_first_header_that_continues_another_is_400(mock):
    assert statuses(raw(mock, f"{LAST}\r\n Host: localhost\r\n\r\n".encode())) == [400]


def test_a_header_is_written_down_as_it_came(mock):
    raw(
        mock,
        head(
            mock,
            LAST,
            CLOSE,
            *(f"X-{number}: y" for number in range(1000)),
            "so_appToken: a",
            "so-apptoken: b",
        ),
    )

    headers = mock.engine.journal.find(limit=1)[0]["request"]["headers"]
    assert headers["X-999"] == "y"
    assert {"so_appToken", "so-apptoken"} <= headers.keys()


def test_headers_without_end_are_refused(mock):
    got = raw(mock, head(mock, LAST, "X-Long: " + "y" * 200_000))
    address = raw(mock, head(mock, f"GET {CONTACT}?{'y' * 200_000} HTTP/1.1"))

    assert (statuses(got), statuses(address)) == ([431], [414])


@pytest.mark.parametrize("sign", ["Content-Length: 999999999999", CHUNKED])
def test_a_body_beyond_the_limit_that_is_refused_for_another_reason_is_not_taken_for_the_next_request(sign):
    with mockso.serve(body_limit=1000) as mock:
        body = b"186a0\r\n" + b"x" * 100_000 + b"\r\n0\r\n\r\n"
        start = f"PUT {CONTACT} HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\n{sign}\r\n\r\n".encode()

        got = raw(mock, start + body + (head(mock, LAST, CLOSE) if sign == CHUNKED else b""))

    assert statuses(got) == ([401, 200] if sign == CHUNKED else [401])


# --- one connection after the other


def test_two_requests_in_one_piece_get_two_answers(mock):
    first, second = (head(mock, f"GET /Cust12345/api/v1/Contact/{number} HTTP/1.1") for number in (1, 2))

    answers = raw(mock, first + second.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    assert statuses(answers) == [200, 200]
    assert re.findall(rb'"ContactId":(\d+)', answers)[0] == b"1"
