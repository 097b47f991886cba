"""Faults as clients see them: requests, httpx, curl and Node's fetch; and what is left of the server after."""

from __future__ import annotations

import json
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable

import pytest
import requests

from mockso.contract.model import NOTHING
from mockso.exchange.message import Reply
from mockso.scenario.scenario import Scenario, Step
from mockso.testing.mock import Mock, serve

httpx = pytest.importorskip("httpx", reason="httpx is not installed")

FAULTS = ("reset", "empty", "cut", "garbage", "timeout")
NODE = """
const [url, token, limit] = process.argv.slice(1);
try {
  const answer = await fetch(url, {headers: {Authorization: `Bearer ${token}`}, signal: AbortSignal.timeout(+limit)});
  const length = answer.headers.get("content-length");
  try { const text = await answer.text(); console.log(JSON.stringify([answer.status, length, text.length])); }
  catch (error) { console.log(JSON.stringify(["body", length, String(error.cause ?? error.name)])); }
} catch (error) { console.log(JSON.stringify(["call", null, String(error.cause ?? error.name)])); }
"""


def with_requests(mock: Mock, limit: float) -> str:
    """What a client says it saw; one function a client."""
    try:
        requests.get(mock.base() + "/Contact/17", headers=signed(mock), timeout=limit)
    except requests.exceptions.RequestException as error:
        return repr(error)
    return "an answer"


def with_httpx(mock: Mock, limit: float) -> str:
    try:
        httpx.get(mock.base() + "/Contact/17", headers=signed(mock), timeout=limit)
    except httpx.HTTPError as error:
        return f"{type(error).__name__}: {error}"
    return "an answer"


def with_curl(mock: Mock, limit: float) -> str:
    command = ["curl", "-sS", "-m", str(limit), "-H", f"Authorization: Bearer {mock.token()}"]
    done = subprocess.run([*command, mock.base() + "/Contact/17"], capture_output=True, check=False)
    return f"curl {done.returncode}" if done.returncode else "an answer"


def with_node(mock: Mock, limit: float) -> str:
    command = ["node", "--input-type=module", "-e", NODE, mock.base() + "/Contact/17", mock.token()]
    # Node needs a moment of its own before its clock starts.
    done = subprocess.run([*command, str(int(limit * 1000))], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    return f"{told[0]}: {told[2]}" if isinstance(told[0], str) else "an answer"


def signed(mock: Mock) -> dict[str, str]:
    return {"Authorization": f"Bearer {mock.token()}"}


# What each client calls each fault.
SEEN: dict[str, dict[str, str]] = {
    "requests": {
        "reset": "Connection reset by peer",
        "empty": "RemoteDisconnected",
        "cut": "IncompleteRead",
        "garbage": "BadStatusLine",
        "timeout": "Read timed out",
    },
    "httpx": {
        "reset": "ReadError",
        "empty": "RemoteProtocolError: Server disconnected",
        "cut": "RemoteProtocolError: peer closed connection without sending complete message body",
        "garbage": "RemoteProtocolError: illegal status line",
        "timeout": "ReadTimeout",
    },
    "curl": {
        "reset": "curl 56",
        "empty": "curl 52",
        "cut": "curl 18",
        "garbage": "curl 1",
        "timeout": "curl 28",
    },
    "node": {
        "reset": "call: Error: read ECONNRESET",
        "empty": "call: SocketError: other side closed",
        "cut": "body: SocketError: other side closed",
        "garbage": "call: HTTPParserError",
        "timeout": "call: TimeoutError",
    },
}


def client(name: str, look: Callable[[Mock, float], str]):
    there = name in ("requests", "httpx") or shutil.which(name)
    return pytest.param(
        name, look, id=name, marks=pytest.mark.skipif(not there, reason=f"there is no {name}")
    )


CLIENTS = [
    client("requests", with_requests),
    client("httpx", with_httpx),
    client("curl", with_curl),
    client("node", with_node),
]


@pytest.fixture
def faulty(tmp_path):
    def make(fault: str, extra: str = ""):
        file = tmp_path / f"{fault}.yaml"
        file.write_text(f"name: {fault}\nsteps:\n  - fault: {fault}\n{extra}")
        return serve(scenarios=[str(file)])

    return make


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("name", "look"), CLIENTS)
def test_a_fault_is_seen_as_such(faulty, fault, name, look):
    with faulty(fault, "    times: 1\n") as mock:
        seen = look(mock, 1.0 if fault == "timeout" else 20.0)
        after = look(mock, 20.0)

    assert SEEN[name][fault] in seen
    assert after == "an answer"


def test_a_cut_body_comes_with_the_length_of_the_whole(faulty):
    with faulty("cut") as mock, socket.create_connection((mock.server.host, mock.server.port), 5) as client:
        client.sendall(request(mock))
        received = everything(client)

    head, _, body = received.partition(b"\r\n\r\n")
    length = int(
        next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")).split()[1]
    )
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(body) == length // 2


@pytest.mark.parametrize(
    ("header", "seen"),
    [
        ("Content-Length: 5000", "peer closed connection without sending complete message body"),
        ("Transfer-Encoding: chunked", "RemoteProtocolError: peer"),
    ],
)
def test_a_framing_that_is_broken_on_purpose_is_sent_as_the_step_has_it(tmp_path, header, seen):
    file = tmp_path / "framing.yaml"
    file.write_text(
        f"name: framing\nsteps:\n  - fault: framing\n    reply: {{text: hello, headers: {{{header}}}}}\n"
    )
    with serve(scenarios=[str(file)]) as mock:
        with socket.create_connection((mock.server.host, mock.server.port), 5) as client:
            client.sendall(request(mock))
            head, _, body = everything(client).partition(b"\r\n\r\n")
        answer = with_httpx(mock, 20.0)

    assert body == b"hello"
    lines = [line for line in head.decode().split("\r\n") if line.startswith(("Content-L", "Transfer-E"))]
    assert lines == [header]
    assert seen in answer


@pytest.mark.parametrize("lengths", [("99",), ("5", "99"), ("99", "5")])
@pytest.mark.parametrize("body", [b"hello", NOTHING])
def test_a_wrong_length_that_is_no_fault_is_put_right(lengths, body):
    wrong = Reply(200, body, headers=tuple(("Content-Length", length) for length in lengths))
    with serve() as mock, requests.Session() as client:
        mock.engine.tenants.of("Cust12345").play(Scenario("wrong", steps=(Step(reply=lambda call: wrong),)))
        answers = [client.get(mock.base() + "/Contact/17", headers=signed(mock), timeout=20) for _ in "ab"]

    text = "" if body is NOTHING else "hello"
    assert [answer.text for answer in answers] == [text, text]
    assert {answer.headers["Content-Length"] for answer in answers} == {str(len(text))}


def test_an_empty_reply_ends_and_a_reset_does_not(faulty):
    with faulty("empty") as mock, socket.create_connection((mock.server.host, mock.server.port), 5) as client:
        client.sendall(request(mock))
        assert everything(client) == b""
    with faulty("reset") as mock, socket.create_connection((mock.server.host, mock.server.port), 5) as client:
        client.sendall(request(mock))
        with pytest.raises(ConnectionResetError):
            everything(client)


def test_a_dribbled_body_arrives_whole_in_pieces(tmp_path):
    file = tmp_path / "slow.yaml"
    file.write_text("name: slow\nsteps:\n  - dribble: {chunks: 5, over: 0.5}\n")
    with serve(scenarios=[str(file)]) as mock:
        whole = requests.get(mock.base() + "/Contact/17", headers=signed(mock), timeout=20)
        with socket.create_connection((mock.server.host, mock.server.port), 5) as client:
            client.sendall(request(mock))
            started, pieces = time.monotonic(), []
            while data := client.recv(65536):
                pieces.append((time.monotonic() - started, len(data)))

    assert whole.json()["ContactId"] == 17
    assert len(pieces) >= 5
    assert pieces[-1][0] - pieces[0][0] > 0.35


def request(mock: Mock) -> bytes:
    lines = ["GET /Cust12345/api/v1/Contact/17 HTTP/1.1", "Host: localhost", "Connection: close"]
    return "\r\n".join([*lines, f"Authorization: Bearer {mock.token()}", "", ""]).encode()


def everything(client: socket.socket) -> bytes:
    received = b""
    while data := client.recv(65536):
        received += data
    return received


@pytest.mark.parametrize("fault", ["reset", "empty", "cut", "garbage"])
def test_the_server_survives_hundreds_of_faults_in_a_row(faulty, fault):
    limit = 300
    with faulty(fault, f"    times: {limit}\n") as mock:
        threads = threading.active_count()
        for _ in range(limit):
            with socket.create_connection((mock.server.host, mock.server.port), 5) as client:
                client.sendall(request(mock))
                try:
                    everything(client)
                except ConnectionResetError:
                    assert fault == "reset"
        assert with_requests(mock, 20.0) == "an answer"
        assert threading.active_count() <= threads + 8
        assert mock.engine.journal.count() == limit + 1


def test_the_server_survives_clients_that_reset(tmp_path):
    with serve() as mock:
        for _ in range(200):
            client = socket.create_connection((mock.server.host, mock.server.port), 5)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(request(mock)[: 40 if _ % 2 else None])
            client.close()

        assert with_requests(mock, 20.0) == "an answer"


@pytest.mark.parametrize(
    "step",
    ["fault: timeout", "delay: 60", "dribble: {chunks: 5, over: 60}"],
    ids=["timeout", "delay", "dribble"],
)
def test_a_stop_waits_for_nobody(tmp_path, step):
    file = tmp_path / "slow.yaml"
    file.write_text(f"name: slow\nsteps:\n  - {step}\n")
    with serve(scenarios=[str(file)]) as mock:
        clients = [socket.create_connection((mock.server.host, mock.server.port), 5) for _ in range(20)]
        for client in clients:
            client.sendall(request(mock))
        end = time.monotonic() + 60
        while mock.engine.journal.count(status="200") < 20 and time.monotonic() < end:
            time.sleep(0.01)
        started = time.monotonic()
        mock.server.stop()
        took = time.monotonic() - started
        for client in clients:
            client.close()

    assert took < 0.9  # 10 to 50 ms on a quiet machine; a second where threads are waited for


def test_two_hundred_delayed_calls_hold_up_nobody(tmp_path):
    file = tmp_path / "slow.yaml"
    file.write_text(
        "name: slow\nsteps:\n  - match: {operation: v1ContactEntity_GetContactEntity, query: {slow: yes}, verdict: any}\n"
        "    delay: 3\n"
    )
    with serve(scenarios=[str(file)]) as mock:
        begun = time.monotonic()
        clients = [socket.create_connection((mock.server.host, mock.server.port), 5) for _ in range(200)]
        for client in clients:
            client.sendall(request(mock).replace(b"/17 ", b"/17?slow=yes "))
        time.sleep(0.1)
        waits = []
        for _ in range(5):
            started = time.monotonic()
            assert (
                requests.get(mock.base() + "/Contact/17", headers=signed(mock), timeout=20).status_code == 200
            )
            waits.append(time.monotonic() - started)
        quick_done = time.monotonic() - begun
        for client in clients:
            assert everything(client).startswith(b"HTTP/1.1 200 OK")
            client.close()
        all_done = time.monotonic() - begun

    assert sorted(waits)[2] < 1.5
    assert quick_done < 3 <= all_done < 3 + 30
