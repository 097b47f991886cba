"""Requests that two readers could take differently: each is refused or the connection ends, and never a second request.

The first request of a case is broken; behind it stands a well-formed one, which must not be answered, as nobody
knows where it begins.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

import mockso
from mockso.testing.mock import Mock
from tests.web.test_wire import raw, statuses

PUT = b"PUT /Cust12345/api/v1/Contact/17 HTTP/1.1\r\n"
HOST = b"Host: localhost\r\n"
JSON = b"Content-Type: application/json\r\nAuthorization: Bearer 8A:Cust12345.x\r\n"
GET = b"GET /Cust12345/api/v1/Contact/18 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer 8A:Cust12345.x\r\n\r\n"


def put(*lines: bytes, body: bytes = b"{}") -> bytes:
    return PUT + HOST + JSON + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def get(
    line: bytes = b"GET /Cust12345/api/v1/Contact/17 HTTP/1.1", *lines: bytes, host: bytes = HOST
) -> bytes:
    return line + b"\r\n" + host + b"".join(one + b"\r\n" for one in lines) + b"\r\n"


CHUNKED = b"Transfer-Encoding: chunked"

CASES: dict[str, bytes] = {
    # where the body ends
    "length and chunks": put(b"Content-Length: 2", CHUNKED, body=b"0\r\n\r\n"),
    "chunks and length": put(CHUNKED, b"Content-Length: 5", body=b"0\r\n\r\n"),
    "a length of 0 and chunks": put(b"Content-Length: 0", CHUNKED, body=b"2\r\n{}\r\n0\r\n\r\n"),
    "two lengths": put(b"Content-Length: 2", b"Content-Length: 40"),
    "two lengths on one line": put(b"Content-Length: 2, 40"),
    "one length twice on one line": put(b"Content-Length: 2, 2"),
    "two lengths in odd case": put(b"content-length: 2", b"CONTENT-LENGTH: 3"),
    "a negative length": put(b"Content-Length: -2"),
    "a length with a sign": put(b"Content-Length: +2"),
    "a length in hexadecimal": put(b"Content-Length: 0x2"),
    "a length with a fraction": put(b"Content-Length: 2.0"),
    "a length with an underscore": put(b"Content-Length: 1_0"),
    "a length with a blank in it": put(b"Content-Length: 1 0"),
    "no length where one is": put(b"Content-Length:"),
    "a length in other digits": put("Content-Length: ²".encode()),
    "a length without end": put(b"Content-Length: " + b"9" * 40),
    "a folded length": put(b"Content-Length:\r\n 2"),
    "a length that goes on": put(b"Content-Length: 2\r\n 0"),
    # the coding
    "a coding that is none": put(b"Transfer-Encoding: identity"),
    "another coding": put(b"Transfer-Encoding: gzip"),
    "a coding behind another": put(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "chunks twice": put(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n"),
    "chunks that are not the last": put(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
    "two codings": put(CHUNKED, b"Transfer-Encoding: identity", body=b"0\r\n\r\n"),
    "one coding on two lines": put(CHUNKED, CHUNKED, body=b"0\r\n\r\n"),
    "a misspelt coding": put(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "a quoted coding": put(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n"),
    "a coding with a parameter": put(b"Transfer-Encoding: chunked;q=1", body=b"0\r\n\r\n"),
    "a coding behind a vertical tab": put(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"),
    "an empty coding": put(b"Transfer-Encoding:", body=b"0\r\n\r\n"),
    "a folded coding": put(b"Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n"),
    "a blank before the coding's colon": put(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
    "a coding in HTTP/1.0": get(b"PUT /Cust12345/api/v1/Contact/17 HTTP/1.0", CHUNKED) + b"0\r\n\r\n",
    # chunks
    "a chunk without a size": put(CHUNKED, body=b"\r\n{}\r\n0\r\n\r\n"),
    "a size with a sign": put(CHUNKED, body=b"+2\r\n{}\r\n0\r\n\r\n"),
    "a negative size": put(CHUNKED, body=b"-2\r\n{}\r\n0\r\n\r\n"),
    "a size as Python writes it": put(CHUNKED, body=b"0x2\r\n{}\r\n0\r\n\r\n"),
    "a size with a blank in front": put(CHUNKED, body=b" 2\r\n{}\r\n0\r\n\r\n"),
    "a size of too many digits": put(CHUNKED, body=b"f" * 17 + b"\r\n{}\r\n0\r\n\r\n"),
    "a chunk that is too long": put(CHUNKED, body=b"1\r\n{}\r\n0\r\n\r\n"),
    "a chunk that is too short": put(CHUNKED, body=b"3\r\n{}\r\n0\r\n\r\n"),
    "a size that ends with LF": put(CHUNKED, body=b"2\n{}\r\n0\r\n\r\n"),
    "a chunk that ends with LF": put(CHUNKED, body=b"2\r\n{}\n0\r\n\r\n"),
    "LF in an extension": put(CHUNKED, body=b"2;a=\n\r\n{}\r\n0\r\n\r\n"),
    "CR in an extension": put(CHUNKED, body=b"2;a=\rb\r\n{}\r\n0\r\n\r\n"),
    "an extension without end": put(CHUNKED, body=b"2;" + b"a" * 10_000 + b"\r\n{}\r\n0\r\n\r\n"),
    "a trailer that is none": put(CHUNKED, body=b"0\r\nGET / HTTP/1.1\r\n\r\n"),
    "trailers without end": put(CHUNKED, body=b"0\r\n" + b"X-A: b\r\n" * 200 + b"\r\n"),
    # lines and names
    "a line that ends with LF": GET.replace(b"\r\n", b"\n"),
    "one header that ends with LF": get(b"GET / HTTP/1.1", b"X-A: b\nX-B: c"),
    "a bare CR in a value": get(b"GET / HTTP/1.1", b"X-A: b\rX-B: c"),
    "NUL in a value": get(b"GET / HTTP/1.1", b"X-A: \x00b"),
    "NUL in a name": get(b"GET / HTTP/1.1", b"X-\x00A: b"),
    "NUL in an address": get(b"GET /Cust12345/api/v1/Contact/\x00 HTTP/1.1"),
    "a bare CR in an address": get(b"GET /\rX-A: b HTTP/1.1"),
    "a blank in a name": get(b"GET / HTTP/1.1", b"X A: b"),
    "a blank behind a name": get(b"GET / HTTP/1.1", b"X-A : b"),
    "a blank in front of a name": get(b"GET / HTTP/1.1", host=b" Host: localhost\r\n"),
    "no name": get(b"GET / HTTP/1.1", b": b"),
    "no colon": get(b"GET / HTTP/1.1", b"Connection"),
    "a name in other letters": get(b"GET / HTTP/1.1", "Höst: b".encode()),
    # whom it is for
    "two Hosts": get(b"GET / HTTP/1.1", b"Host: other"),
    "one Host twice": get(b"GET / HTTP/1.1", b"host: localhost"),
    "two Hosts on one line": get(b"GET / HTTP/1.1", host=b"Host: localhost, other\r\n"),
    "a Host with a path": get(b"GET / HTTP/1.1", host=b"Host: localhost/x\r\n"),
    "a folded Host": get(b"GET / HTTP/1.1", host=b"Host: local\r\n host\r\n"),
    "no Host": get(b"GET / HTTP/1.1", b"X-A: b", host=b""),
    # the first line
    "no version": get(b"GET /"),
    "a version of its own": get(b"GET / HTTP/1.1.1"),
    "HTTP/2 in plain": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an odd method": get(b"G(T / HTTP/1.1"),
    "a method of other letters": get("GÉT / HTTP/1.1".encode()),
    "nothing of a method": get(b" / HTTP/1.1"),
    "an address without a slash": get(b"GET Cust12345/api HTTP/1.1"),
    "another scheme": get(b"GET ftp://localhost/ HTTP/1.1"),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "bytes": b"\x00\x01\x02\x03\r\n\r\n",
}


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with mockso.serve() as served:
        yield served


@pytest.mark.parametrize("name", CASES)
def test_what_could_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_read(mock, name):
    mock.engine.journal.clear()

    got = raw(mock, CASES[name] + GET)

    codes = statuses(got)
    assert len(codes) <= 1
    assert all(400 <= code < 500 or code == 505 for code in codes)
    assert mock.engine.journal.count(status="200") == 0


@pytest.mark.parametrize(
    "name", ["length and chunks", "a blank in a name", "two Hosts", "a chunk that is too long"]
)
def test_a_refusal_says_what_is_wrong(mock, name):
    got = raw(mock, CASES[name])

    words = {
        "length and chunks": b"contradict each other",
        "a blank in a name": b"is not a header: Name: value",
        "two Hosts": b"two headers Host",
        "a chunk that is too long": b"a chunk is longer than its size says",
    }
    assert got.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert words[name] in got
    assert b"\r\nConnection: close\r\n" in got


@pytest.mark.parametrize(
    "kind", [b"application/json", b"application/x-www-form-urlencoded", b"multipart/form-data"]
)
@pytest.mark.parametrize("end", ["half", "reset"])
def test_a_body_that_breaks_off_is_400_and_written_down(mock, kind, end):
    mock.engine.journal.clear()
    client = socket.create_connection(("127.0.0.1", mock.server.port), 20)
    with client:
        client.sendall(put(b"Content-Length: 5000").replace(b"application/json", kind))
        if end == "half":
            client.shutdown(socket.SHUT_WR)
            got = b"".join(iter(lambda: client.recv(65536), b""))
            assert statuses(got) == [400]
            assert b"\r\nConnection: close\r\n" in got
    while not mock.engine.journal.count(status="400"):
        pass

    entry = mock.engine.journal.find(limit=1)[0]
    assert entry["reply"]["status"] == 400
    assert "before its body was whole" in str(entry)


def test_names_with_underscores_are_names_of_their_own(mock):
    request = GET.replace(b"Authorization", b"X_Y").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")

    assert statuses(raw(mock, request.replace(b"X_Y: Bearer", b"Content_Length: 5\r\nX_Y:"))) == [401]
    headers = mock.engine.journal.find(limit=1)[0]["request"]["headers"]
    assert "Content_Length" in headers
    assert "Content-Length" not in headers


def test_a_folded_header_is_one_line(mock):
    got = raw(mock, GET.replace(b"\r\n\r\n", b"\r\nX-Long: a\r\n\t b\r\nConnection: close\r\n\r\n"))

    assert statuses(got) == [200]
    assert mock.engine.journal.find(limit=1)[0]["request"]["headers"]["X-Long"] == "a b"


def test_lines_of_one_name_count_as_one(mock):
    line = b"\r\nAccept: text/plain\r\nAccept: application/json\r\nCookie: a=1\r\nCookie: b=2\r\nConnection: close\r\n\r\n"

    assert statuses(raw(mock, GET.replace(b"\r\n\r\n", line))) == [200]
    headers = mock.engine.journal.find(limit=1)[0]["request"]["headers"]
    assert headers["Accept"] == "text/plain, application/json"


def test_a_scenario_that_closes_the_connection_closes_it(tmp_path):
    file = tmp_path / "closing.yaml"
    file.write_text("name: closing\nsteps:\n  - reply: {status: 200, headers: {Connection: close}}\n")
    with mockso.serve(scenarios=[str(file)]) as mock:
        got = raw(mock, GET + GET)

    assert statuses(got) == [200]
    assert got.count(b"Connection: close") == 1
