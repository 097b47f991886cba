"""One behaviour, three ways to call: over a socket, without one, from another process.

Each case is called in every way; what the caller gets must be the same word for word. `-s` shows the
table.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockso.testing.mock import Mock, open_mock
from mockso.testing.world import World

httpx = pytest.importorskip("httpx")
requests = pytest.importorskip("requests")

SAVE = "Agents/User/SaveUntrustedCredentials"
BODY = {"Type": "x", "Credentials": None}

# name: method, path below the base, body, headers, fault or scenario to play
CASES: dict[str, tuple[str, str, Any, dict[str, str], str]] = {
    "a read": ("GET", "Contact/17", None, {}, ""),
    "a query": ("GET", "Contact/17?$select=Name,%20Number1", None, {}, ""),
    "letters outside ASCII": ("GET", "BatchTask/%C3%A6%C3%B8", None, {}, ""),
    "a save": ("POST", "Contact", {"Name": "Æ"}, {}, ""),
    "a refusal": ("POST", SAVE, BODY, {}, ""),
    "a misspelt property": ("POST", SAVE, {"Typ": 1}, {}, ""),
    "no credential": ("GET", "Contact/17", None, {"Authorization": ""}, ""),
    "an unknown address": ("GET", "Contct/17", None, {}, ""),
    "an unknown method": ("PUT", "Contact", {}, {}, ""),
    "XML": ("GET", "Contact/17", None, {"Accept": "application/xml"}, ""),
    "HEAD": ("HEAD", "Contact/17", None, {}, ""),
    "no content": ("DELETE", "Contact/17", None, {}, ""),
    "not modified": ("GET", "Contact/17", None, {}, "not-modified"),
    "throttled": ("GET", "Contact/17", None, {}, "throttled"),
    "a server error": ("GET", "Contact/17", None, {}, "server-error"),
    "a slow body": ("GET", "Contact/17", None, {}, "slow-body"),
    "reset": ("GET", "Contact/17", None, {}, "connection-reset"),
    "closed": ("GET", "Contact/17", None, {}, "connection-closed"),
    "cut": ("GET", "Contact/17", None, {}, "connection-cut"),
    "garbage": ("GET", "Contact/17", None, {}, "connection-garbage"),
    "silence": ("GET", "Contact/17", None, {}, "connection-hangs"),
}
TIMEOUTS = {"connection-hangs": 1.0}  # seconds; other calls get 20
IGNORED = {"date", "server", "connection", "keep-alive", "x-mockso-call", "x-request-id", "content-length"}

# What a client library raises, as one word; the libraries have several names for each.
WORDS = {
    "ConnectionError": "broken",
    "ChunkedEncodingError": "broken",
    "ReadError": "broken",
    "RemoteProtocolError": "broken",
    "ReadTimeout": "timed out",
}


def told(status: int, headers: Any, body: bytes) -> dict[str, Any]:
    """What a caller got; only what must be the same."""
    pairs = sorted((name.lower(), value) for name, value in headers.items() if name.lower() not in IGNORED)
    return {"status": status, "headers": [list(pair) for pair in pairs], "body": body.decode("latin-1")}


def by_requests(session: Any, url: str, case: tuple[str, str, Any, dict[str, str], str]) -> dict[str, Any]:
    method, path, body, headers, played = case
    timeout = TIMEOUTS.get(played, 20.0)
    try:
        reply = session.request(method, f"{url}{path}", json=body, headers=headers, timeout=(20, timeout))
    except requests.RequestException as error:
        return {"raised": WORDS[type(error).__name__]}
    return told(reply.status_code, reply.headers, reply.content)


def by_httpx(client: Any, url: str, case: tuple[str, str, Any, dict[str, str], str]) -> dict[str, Any]:
    method, path, body, headers, played = case
    timeout = TIMEOUTS.get(played, 20.0)
    sent = {"json": body} if body is not None else {}
    try:
        reply = client.request(method, f"{url}{path}", headers=headers, timeout=timeout, **sent)
    except httpx.HTTPError as error:
        return {"raised": WORDS[type(error).__name__]}
    return told(reply.status_code, reply.headers, reply.content)


def requests_on_a_socket(world: World, case: Any) -> dict[str, Any]:
    with requests.Session() as session:
        session.headers.update(world.headers)
        return by_requests(session, f"{world}/", case)


def requests_in_process(world: World, case: Any) -> dict[str, Any]:
    with world.session() as session:
        return by_requests(session, "", case)


def httpx_on_a_socket(world: World, case: Any) -> dict[str, Any]:
    with httpx.Client(headers=world.headers) as client:
        return by_httpx(client, f"{world}/", case)


def httpx_in_process(world: World, case: Any) -> dict[str, Any]:
    with world.client() as client:
        return by_httpx(client, "", case)


def another_process(world: World, case: Any) -> dict[str, Any]:
    code = (
        "import json, os, sys, requests; sys.path.insert(0, os.environ['HERE']);"
        "from tests.web.test_three_ways import by_requests;"
        "s = requests.Session();"
        "s.headers.update({'Authorization': 'Bearer ' + os.environ['MOCKSO_TOKEN'], 'Accept': 'application/json'});"
        "print(json.dumps(by_requests(s, os.environ['SUPEROFFICE_BASE_URL'] + '/', json.loads(sys.argv[1]))))"
    )
    root = str(__file__).rpartition("tests")[0].rstrip("/")
    environment = {**world.env(), "HERE": root, "PYTHONPATH": root}
    ended = subprocess.run(
        [sys.executable, "-c", code, json.dumps(case)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    result: dict[str, Any] = json.loads(ended.stdout)
    return result


WAYS: dict[str, Callable[[World, Any], dict[str, Any]]] = {
    "requests, socket": requests_on_a_socket,
    "requests, in process": requests_in_process,
    "httpx, socket": httpx_on_a_socket,
    "httpx, in process": httpx_in_process,
    "subprocess": another_process,
}
# A process takes half a second to start: it gets one case of each kind.
IN_ANOTHER_PROCESS = {"a read", "a save", "a refusal", "throttled", "reset", "cut", "silence"}

TABLE: dict[str, dict[str, str]] = {}


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    made = open_mock()
    yield made
    made.close()
    width = max(map(len, TABLE), default=0)
    rows = [[" " * width, *WAYS]]
    rows += [
        [case.ljust(width), *(cells.get(way, "-").ljust(len(way)) for way in WAYS)]
        for case, cells in TABLE.items()
    ]
    sys.stdout.write("\n" + "".join(" | ".join(row) + "\n" for row in rows))


def outcome(mock: Mock, way: str, name: str) -> dict[str, Any]:
    case = CASES[name]
    world = mock.world(scenarios=[case[4]] if case[4] else (), strict="off")
    world.clock.stop(1772366400.0)  # a save is stamped
    try:
        result = WAYS[way](world, case)
        result["seen"] = [repr(call) for call in world.seen]
    finally:
        world.drop()
    text = json.dumps(result).replace(world.tenant, "TENANT")
    for address in (mock.url, mock.address):
        text = text.replace(address, "ADDRESS")
    made: dict[str, Any] = json.loads(text)
    TABLE.setdefault(name, {})[way] = str(made.get("status") or made.get("raised"))
    return made


@pytest.mark.parametrize("name", CASES)
def test_every_way_gets_the_same(mock: Mock, name: str):
    expected = outcome(mock, "requests, socket", name)

    for way in WAYS:
        if way != "subprocess" or name in IN_ANOTHER_PROCESS:
            assert outcome(mock, way, name) == expected, way
