"""The recording proxy between a client and a mock, or a server that behaves oddly."""

from __future__ import annotations

import gzip
import http.client
import json
import resource
import socket
import ssl
import time
import zlib

import pytest
import trustme

import mockso
from mockso.contract.catalogue import Contract
from mockso.errors import SettingError
from mockso.recording.upstream import Target
from mockso.scenario.library import load_scenarios
from tests.web.odd_server import nobody, odd_server, says
from tests.web.recorded import as_json, recording, send

V1 = "/Cust12345/api/v1"
JSON = {"Content_Type": "application/json"}
XML = {"Accept": "application/xml"}


def fifty_calls():
    """No two are alike: reads, writes, agents, patches, both languages, uploads, conditions, codings, refusals."""
    yield "GET", f"{V1}/Contact/1", None, {}
    yield "GET", f"{V1}/Contact/1", None, XML
    yield "GET", f"{V1}/Contact/1?$select=Name", None, {}
    yield "GET", f"{V1}/Contact/1?$select=Name,Department", None, XML
    yield "HEAD", f"{V1}/Contact/1", None, {}
    yield "GET", f"{V1}/contact/1?$SELECT=name", None, {}
    yield "GET", f"{V1}/Contact?$top=2", None, {}
    yield "GET", f"{V1}/Contact?$top=3&$select=name&$filter=name%20begins%20%27%C3%A6%27", None, {}
    yield "GET", f"{V1}/Contact/default", None, {}
    yield "GET", f"{V1}/Person/5", None, {"Accept_Language": "nb"}
    yield "GET", f"{V1}/Person/5", None, {"Accept_Language": "sv"}
    yield "GET", f"{V1}/Appointment/3", None, {"SO_TimeZone": "NO"}
    yield "GET", f"{V1}/Appointment/3", None, {"SO_TimeZone": "NO, includeTZOffset"}
    yield "GET", f"{V1}/Sale/3", None, {"Accept": "text/json"}
    yield "GET", f"{V1}/MDOList/category", None, {}
    # streams: short, long in either form, pictures
    yield "GET", f"{V1}/Document/3/Content", None, {}
    yield "GET", f"{V1}/Document/3/Content", None, {"Accept": "application/octet-stream"}
    yield "GET", f"{V1}/Document/4/Content", None, {"Accept": "application/octet-stream"}
    yield "GET", f"{V1}/Document/5/Content", None, {"Accept": "text/plain"}
    yield "GET", f"{V1}/Document/6/Content", None, {"Accept": "text/plain"}
    yield "GET", f"{V1}/Person/5/Image?ifBlank=Default", None, {"Accept": "image/png"}
    yield "GET", f"{V1}/Person/5/Image?ifBlank=Default", None, {"Accept": "image/gif"}
    # writes
    body = as_json({"Name": "Acme {{ 1 }} {% æ\n line two"})
    yield "POST", f"{V1}/Contact", body, JSON
    yield "POST", f"{V1}/Contact", body, {**JSON, **XML}
    yield (
        "POST",
        f"{V1}/Contact",
        b"<ContactEntity><Name>Acme &amp; Co</Name></ContactEntity>",
        {"Content_Type": "text/xml"},
    )
    yield "POST", f"{V1}/Contact", b"Name=Acme+%C3%A6", {"Content_Type": "application/x-www-form-urlencoded"}
    body = as_json({"ContactId": 2, "Name": "Acme"})
    yield "PUT", f"{V1}/Contact/2", body, JSON
    yield "PUT", f"{V1}/Contact/2", gzip.compress(body), {**JSON, "Content_Encoding": "gzip"}
    yield "PUT", f"{V1}/Contact/1", as_json({"ContactId": 1, "Name": "Acme"}), {**JSON, "If_Match": '"old"'}
    yield "PATCH", f"{V1}/Contact/1", as_json([{"op": "replace", "path": "/Name", "value": "New"}]), JSON
    yield (
        "PATCH",
        f"{V1}/Contact/1",
        as_json({"Name": "Merged"}),
        {"Content_Type": "application/merge-patch+json"},
    )
    yield "PATCH", f"{V1}/Contact/1", as_json([{"op": "test", "path": "/Name", "value": "Nobody"}]), JSON
    yield "PATCH", f"{V1}/Contact/1", as_json([{"op": "move", "from": "/Name", "path": "/Department"}]), JSON
    yield "DELETE", f"{V1}/Contact/9", None, {}
    yield "PUT", f"{V1}/Document/3/Content", bytes(range(256)), {"Content_Type": "application/octet-stream"}
    yield "PUT", f"{V1}/Person/5/Image", b"\x89PNG\r\n\x1a\n" + bytes(20), {"Content_Type": "image/png"}
    # agents
    yield "POST", f"{V1}/Agents/Contact/CreateDefaultContactEntity", b"", {}
    yield "POST", f"{V1}/Agents/Contact/CreateDefaultContactEntity", b"", XML
    yield "POST", f"{V1}/Agents/Contact/GetContactEntity?contactEntityId=7", b"", {}
    yield "POST", f"{V1}/Agents/Contact/SaveContactEntity", as_json({"ContactId": 7, "Name": "Saved"}), JSON
    # conditions and codings
    yield "GET", f"{V1}/Contact/1", None, {"If_None_Match": '"an-etag"'}
    yield "GET", f"{V1}/Contact/2", None, {"If_Modified_Since": "Tue, 24 Nov 2037 12:00:16 GMT"}
    yield "GET", f"{V1}/Contact/77", None, {"Accept_Encoding": "gzip"}
    yield "GET", f"{V1}/Contact/78", None, {"Accept_Encoding": "deflate"}
    # refusals, of both sides' making
    yield "GET", f"{V1}/Nowhere", None, {}
    yield "GET", f"{V1}/Nowhere", None, XML
    yield "PUT", f"{V1}/Nowhere/at/all", b"{}", JSON
    yield "DELETE", f"{V1}/Agents/Contact/GetContactEntity", None, {}
    yield "GET", f"{V1}/Contact/seventeen", None, {}
    yield "GET", f"{V1}/Contact/8", None, {"Authorization": "Bearer nobody"}
    yield "POST", f"{V1}/Contact", b"{broken", JSON
    yield "POST", f"{V1}/Contact", as_json({"ContactId": "text"}), JSON
    yield "POST", f"{V1}/Contact", b"a: b", {"Content_Type": "application/yaml"}
    # one call, four answers
    for _ in range(4):
        yield "GET", f"{V1}/Contact/3", None, {}


SPECIAL = """
name: special
steps:
  - match: {operation: v1ContactEntity_GetContactEntity, headers: {If-None-Match: '"an-etag"'}}
    reply: {error: not-modified}
  - match: {operation: v1ContactEntity_PutContactEntity, headers: {If-Match: '"old"'}}
    reply: {error: precondition-failed}
  - match: {operation: v1ContactEntity_GetContactEntity, path: /api/v1/Contact/3}
    times: 2
    reply: {error: throttled}
  - match: {operation: v1ContactEntity_GetContactEntity, path: /api/v1/Contact/3}
    times: 1
    reply: {error: server-error}
  - match: {operation: v1DocumentEntity_GetDocumentStream, path: /api/v1/Document/4/Content}
    reply: {status: 200, headers: {Content-Type: application/octet-stream}, body_file: long.bin}
  - match: {operation: v1DocumentEntity_GetDocumentStream, path: /api/v1/Document/5/Content}
    reply: {status: 200, headers: {Content-Type: text/plain; charset=iso-8859-1}, body_file: latin.txt}
  - match: {operation: v1DocumentEntity_GetDocumentStream, path: /api/v1/Document/6/Content}
    reply: {status: 200, headers: {Content-Type: text/plain, ETag: '"6"', X-Twice: [a, b]}, body_file: lines.txt}
"""


def special(folder):
    """A scenario of answers that a mock does not give by itself, with its files."""
    (folder / "long.bin").write_bytes(bytes(range(256)) * 8192)
    (folder / "latin.txt").write_bytes("bl\xe5b\xe6r {{ \xf8 }}\r\n".encode("latin-1") * 3)
    (folder / "lines.txt").write_bytes(b"one {{ two }}\r\n\r\n  three\t{% four\n" * 40_000)
    (folder / "special.yaml").write_text(SPECIAL)
    return str(folder / "special.yaml")


# Of the moment, of the connection, or of who answers.
VOLATILE = {"date", "server", "content-length", "transfer-encoding", "connection", "vary", "content-encoding"}


def same(one, other, url_of_one, url_of_other):
    def plain(answer, url):
        body = answer.body
        if answer.header("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        elif answer.header("Content-Encoding") == "deflate":
            body = zlib.decompress(body)
        headers = sorted(
            (name.lower(), value.replace(url, "http://server"))
            for name, value in answer.headers
            if name.lower() not in VOLATILE and not name.lower().startswith("x-mockso-")
        )
        # Each server says its own address.
        return answer.status, headers, body.replace(url.encode(), b"http://server")

    return plain(one, url_of_one) == plain(other, url_of_other)


def test_fifty_calls_are_played_back_byte_for_byte(tmp_path):
    calls = list(fifty_calls())
    file = tmp_path / "recordings" / "all.yaml"

    with mockso.serve(grants=["*"], scenarios=[special(tmp_path)]) as real, recording(real.url) as recorder:
        real.engine.tenants.of("Cust12345").set_clock(lambda ahead, standing: (ahead, 1772366400.0))
        answers = [send(recorder.url, m, p, b, **h) for m, p, b, h in calls]
        assert recorder.tape.left_out == {}
        recorder.write(file)
        url = recorder.url
    with mockso.serve(grants=["*"], scenarios=[str(file)], only_scenarios=True) as played:
        again = [send(played.url, m, p, b, **h) for m, p, b, h in calls]

        different = [
            (*call[:2], a.status, b.status, a.headers, b.headers, a.body[:200], b.body[:200])
            for call, a, b in zip(calls, answers, again, strict=True)
            if not same(a, b, url, played.url)
        ]
        assert different == []
        assert {answer.header("X-Mockso-By") for answer in again} == {"scenario"}
    assert len({(m, p, b, *h.items()) for m, p, b, h in calls}) >= 50
    assert {a.status for a in answers} >= {200, 204, 304, 400, 401, 404, 405, 409, 412, 415, 429, 500}
    kinds = {a.header("Content-Type").partition(";")[0] for a in answers}
    assert kinds >= {
        "application/json",
        "text/json",
        "application/xml",
        "application/octet-stream",
        "image/png",
    }
    assert [a.status for a in answers[-4:]] == [429, 429, 500, 200]


def test_a_recording_passes_lint_and_is_the_same_when_recorded_again(tmp_path):
    file = tmp_path / "all.yaml"
    calls = list(fifty_calls())

    with mockso.serve(grants=["*"], netserver_version="1") as real:
        texts = []
        for _ in range(2):
            # The same moment on the same rows: a save is stamped, and takes the next id.
            real.engine.tenants.drop("Cust12345")
            real.engine.tenants.of("Cust12345").set_clock(lambda ahead, standing: (ahead, 1772366400.0))
            with recording(real.url) as recorder:
                for m, p, b, h in calls:
                    send(recorder.url, m, p, b, **h)
                recorder.write(file)
                texts.append(file.read_text())

    assert texts[0] == texts[1]
    assert load_scenarios([str(file)], Contract.open())
    assert list(tmp_path.glob(".*")) == []


def test_a_sequence_of_answers_becomes_steps_with_times(tmp_path):
    file = tmp_path / "sequence.yaml"

    with mockso.serve(scenarios=[special(tmp_path)]) as real, recording(real.url) as recorder:
        seen = [send(recorder.url, "GET", f"{V1}/Contact/3").status for _ in range(6)]
        recorder.write(file)

    (scenario,) = load_scenarios([str(file)], None)
    assert seen == [429, 429, 500, 200, 200, 200]
    assert [(step.name, step.times) for step in scenario.steps] == [
        ("GetContactEntity-3", 2),
        ("GetContactEntity-3-2", 1),
        ("GetContactEntity-3-3", None),
    ]


def test_both_sides_are_judged(tmp_path):
    wrong = b'{"ContactId":"seventeen","Nmae":1}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(wrong)

    with odd_server(says(head + wrong)) as odd, recording(odd.url) as recorder:
        send(recorder.url, "GET", f"{V1}/Contact/17?tpo=1")
        places = [v["where"] for v in recorder.last()["verdict"]["violations"]]
        recorder.write(tmp_path / "broken.yaml")

    assert places[0] == "query tpo"
    assert "reply body.ContactId" in places
    assert "contract: broken" in (tmp_path / "broken.yaml").read_text()
    assert load_scenarios([str(tmp_path / "broken.yaml")], Contract.open())


BROKEN = {
    "half an answer": says(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", close=True),
    "half a chunk": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nhalf", close=True),
    "no answer": says(b"", close=True),
    "no HTTP": says(b"SSH-2.0-OpenSSH_9.6\r\n", close=True),
    "a header that is none": says(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", close=True),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_answer_is_a_502_and_no_step(what):
    with odd_server(BROKEN[what]) as odd, recording(odd.url) as recorder:
        answer = send(recorder.url, "GET", f"{V1}/Contact/17")

        assert answer.status == 502
        assert json.loads(answer.body)["ErrorType"] == "SoServerException"
        assert recorder.last()["note"]
        assert recorder.last()["reply"]["by"] == "upstream"
        assert len(recorder.tape) == 0
        assert recorder.tape.left_out == {"the server gave no answer": 1}


def test_a_target_that_is_down_is_a_502_with_the_cause():
    with nobody() as url, recording(url) as recorder:
        answer = send(recorder.url, "GET", f"{V1}/Contact/17")

        assert answer.status == 502
        assert "nobody listens there" in answer.header("X-Mockso-Reason")
        assert "nobody listens there" in recorder.last()["note"]


def test_chunks_that_are_none_are_the_client_s_fault():
    request = f"PUT {V1}/Contact/17 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".encode()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    with odd_server(says(answer)) as odd, recording(odd.url) as recorder:
        address = recorder.url.removeprefix("http://").split(":")
        with socket.create_connection((address[0], int(address[1])), 20) as client:
            client.sendall(request)
            got = b"".join(iter(lambda: client.recv(65536), b""))

        assert got.startswith(b"HTTP/1.1 502 ")
        assert recorder.last()["note"] == "the client's request cannot be read: 'zz' is not a size of a chunk"


def test_an_answer_cut_off_late_is_cut_off_for_the_client_too():
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 3000000\r\n\r\n"

    with odd_server(says(head, b"x" * 2_000_000, close=True)) as odd, recording(odd.url) as recorder:
        # The connection ends in mid-body, by an end or by a reset.
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            send(recorder.url, "GET", f"{V1}/Document/3/Content")

        until = time.monotonic() + 60
        while not recorder.proxy.engine.journal.count() and time.monotonic() < until:
            time.sleep(0.01)
        assert "cut off" in recorder.last()["note"]
        assert len(recorder.tape) == 0


def test_connections_to_the_target_are_used_again_and_renewed_when_closed():
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    with odd_server(says(answer)) as odd, recording(odd.url) as recorder:
        for _ in range(3):
            assert send(recorder.url, "GET", f"{V1}/Contact/17").status == 200
        assert odd.connections == 1
    with odd_server(says(answer, close=True)) as odd, recording(odd.url) as recorder:
        for _ in range(3):
            assert send(recorder.url, "GET", f"{V1}/Contact/17").status == 200
        assert odd.connections == 3


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def test_tls_is_verified_and_an_authority_of_ones_own_can_be_named(authority, tmp_path):
    answer = says(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nnull")
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))

    with odd_server(answer, tls(authority)) as odd:
        with recording(odd.url) as recorder:
            refused = send(recorder.url, "GET", f"{V1}/Contact/17")
        with recording(odd.url, ca=str(ca)) as recorder:
            trusted = send(recorder.url, "GET", f"{V1}/Contact/17")

    assert refused.status == 502
    assert "certificate is not trusted" in refused.header("X-Mockso-Reason")
    assert trusted.status == 200


def test_addresses_are_rewritten_both_ways():
    def play(connection, head):
        url = b"http://localhost:%d" % connection.getsockname()[1]
        body = b'{"webapi_url":"%s/Cust12345/api/","odata.metadata":"%s","esc":"%s","other":"%s1/x"}' % (
            url,
            url,
            url.replace(b"/", b"\\/"),
            url,
        )
        connection.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: %s/login?u=%s\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s"
            % (url, url.replace(b":", b"%3A").replace(b"/", b"%2F"), len(body), body)
        )

    with odd_server(play) as odd, recording(odd.url) as recorder:
        answer = send(
            recorder.url, "POST", f"{V1}/Contact", as_json({"u": recorder.url}), Referer=recorder.url, **JSON
        )
        sent = odd.heads[0]

        ours, theirs = recorder.url.encode(), odd.url.encode()
        assert answer.header("Location").startswith(f"{recorder.url}/login?u=http%3A%2F%2F127")
        value = json.loads(answer.body)
        assert value["webapi_url"] == f"{recorder.url}/Cust12345/api/"
        assert value["odata.metadata"] == value["esc"] == recorder.url
        assert value["other"] == f"{odd.url}1/x"  # another port is another server
        assert ours not in sent.replace(b"Host: " + theirs.partition(b"//")[2], b"")
        assert sent.count(theirs) >= 1


def test_a_hundred_megabytes_pass_both_ways_in_constant_memory():
    piece, pieces = b"\0" * 65536, 1600

    def play(connection, head):
        got, _, rest = head.partition(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in got.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        left = length - len(rest)
        while left > 0:
            left -= len(connection.recv(65536))
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
            b"Content-Length: %d\r\n\r\n" % (len(piece) * pieces)
        )
        for _ in range(pieces):
            connection.sendall(piece)

    with odd_server(play) as odd, recording(odd.url) as recorder:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        connection = http.client.HTTPConnection(*recorder.url.removeprefix("http://").split(":"), timeout=60)
        connection.putrequest("PUT", f"{V1}/Document/3/Content")
        connection.putheader("Authorization", "Bearer 8A:Cust12345.mockso")
        connection.putheader("Content-Type", "application/octet-stream")
        connection.putheader("Content-Length", str(len(piece) * pieces))
        connection.endheaders()
        for _ in range(pieces):
            connection.send(piece)
        response = connection.getresponse()
        size = 0
        while part := response.read(65536):
            size += len(part)
        connection.close()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

        assert size == len(piece) * pieces
        assert grown < 30 * 1024, f"{grown} KiB"


def test_chunked_bodies_pass_both_ways(tmp_path):
    def play(connection, head):
        data = head
        while not data.endswith(b"0\r\n\r\n"):
            data += connection.recv(65536)
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"4\r\ntrue\r\n0\r\n\r\n"
        )

    with odd_server(play) as odd, recording(odd.url) as recorder:
        connection = http.client.HTTPConnection(*recorder.url.removeprefix("http://").split(":"), timeout=20)
        pieces = iter([b"x" * 900_000, b"y" * 900_000])
        connection.request(
            "PUT",
            f"{V1}/Document/3/Content",
            pieces,
            {"Authorization": "Bearer 8A:Cust12345.mockso", "Content-Type": "application/octet-stream"},
            encode_chunked=True,
        )
        response = connection.getresponse()
        body = response.read()
        connection.close()

        assert (response.status, body) == (200, b"true")
        assert recorder.tape.calls()[0].request_body.size == 1_800_000


def test_the_first_part_of_a_slow_answer_arrives_before_the_last():
    def play(connection, head):
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for _ in range(8):
            connection.sendall(b"3e8\r\n" + b"a" * 1000 + b"\r\n")
            time.sleep(0.25)
        connection.sendall(b"0\r\n\r\n")

    with odd_server(play) as odd, recording(odd.url) as recorder:
        connection = http.client.HTTPConnection(*recorder.url.removeprefix("http://").split(":"), timeout=20)
        started = time.monotonic()
        connection.request("GET", f"{V1}/Document/3/Content")
        response = connection.getresponse()
        response.read1(10)
        first = time.monotonic() - started
        response.read()
        last = time.monotonic() - started
        connection.close()

    assert first < last - 0.5


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("ftp://x", "not an address"),
        ("sod2.superoffice.com", "not an address"),
        ("http://u:p@x/", "leave out"),
    ],
)
def test_a_target_that_is_no_address_is_told(url, word):
    with pytest.raises(SettingError, match=word):
        Target.of(url)
