"""Whatever is called is written down: addresses beside the API with their cure, refusals in the terminal."""

from __future__ import annotations

import io
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress

import pytest

import mockso
from mockso.commands.log import Log, log_line
from mockso.exchange.call import Call
from mockso.testing.mock import Mock, open_mock
from tests.web.test_serving import served

STRAY = {
    "/Contact/17": ("", "/api/v1/Contact/17"),
    "/v1/Contact/17": ("", "/api/v1/Contact/17"),
    "/Cust12345/v1/Contact/17": ("Cust12345", "/Cust12345/api/v1/Contact/17"),
    "/Cust12345/Contact/17": ("Cust12345", "/Cust12345/api/v1/Contact/17"),
    "/Cust12345/api/v1/api/v1/Contact/17": ("Cust12345", "/Cust12345/api/v1/Contact/17"),
    "/api/v1/Cust12345/Contact/17": ("Cust12345", "/Cust12345/api/v1/Contact/17"),
    "/": ("", ""),
    "/index.html": ("", ""),
}


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with mockso.serve() as served_mock:
        yield served_mock


def fetch(url: str) -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"Authorization": "Bearer 8A:Cust12345.x"})
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, reply.headers.get("X-Mockso-Hint", "")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("X-Mockso-Hint", "")


@pytest.mark.parametrize("path", STRAY)
def test_a_call_beside_the_api_is_refused_written_down_and_told_what_was_meant(mock, path):
    mock.engine.journal.clear()

    status, hint = fetch(mock.url + path)

    entry = mock.engine.journal.find(limit=1)[0]
    assert (status, entry["reply"]["status"]) == (404, 404)
    assert (entry["tenant"], hint) == STRAY[path]
    assert entry["request"]["target"] == path


@pytest.mark.parametrize("path", ["/__mockso/health", "/__admin/requests", "/favicon.ico"])
def test_the_mocks_own_addresses_are_no_calls(mock, path):
    mock.engine.journal.clear()

    fetch(mock.url + path)

    assert mock.engine.journal.count() == 0


def test_the_only_world_gets_a_call_that_names_no_tenant():
    mock = open_mock()
    with mock.world(strict="off") as world:
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"{mock.url}/Contact/17", timeout=30)

        assert [seen.call.request.target for seen in world.seen] == ["/Contact/17"]
        assert "unknown-address" in str(world.findings()[0])
    mock.close()


# --- --log


def test_a_refused_call_is_a_line_in_the_terminal():
    with served() as (process, url, _):
        fetch(f"{url}/Cust12345/api/v1/Contact/17")
        fetch(f"{url}/Cust12345/api/v1/Contct/17")
        assert process.stderr is not None
        line = process.stderr.readline()

    assert "  Cust12345  GET /Cust12345/api/v1/Contct/17  404  address: no operation" in line
    assert "\x1b" not in line


@pytest.mark.parametrize(
    ("arguments", "lines"), [(["--log", "all"], 1), (["--log", "none"], 0), (["--quiet"], 0)]
)
def test_which_calls_are_shown_can_be_said(arguments, lines):
    with served(*arguments) as (process, url, _):
        fetch(f"{url}/Cust12345/api/v1/Contact/17")
        fetch(f"{url}/Cust12345/api/v1/Contct/17")
        process.terminate()
        _, said = process.communicate(timeout=30)

    assert said.count("Contact/17  200") == lines
    assert bool(said) == bool(lines)


def test_a_terminal_gets_colours_unless_it_wants_none(monkeypatch):
    calls: list[Call] = []
    with mockso.serve() as mock:
        mock.engine.on_call = calls.append
        fetch(mock.base() + "/Contct/17")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert Log("all", Terminal())._is_coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert not Log("all", Terminal())._is_coloured
    assert "\x1b[31m404\x1b[0m" in log_line(calls[0], coloured=True)


def test_a_terminal_shows_no_secret_of_a_login():
    with served("--log", "all") as (process, url, _):
        fetch(f"{url}/login/common/oauth/logout?code=c0de-that-opens&client_secret=s3cret-of-somebody")
        process.terminate()
        _, said = process.communicate(timeout=30)

    assert "client_secret=#" in said
    assert "c0de-that-opens" not in said
    assert "s3cret-of-somebody" not in said
