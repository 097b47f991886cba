"""Every shipped scenario does what its description says: played through a socket, with Python and with curl."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
import requests

from mockso.scenario.library import shipped_scenarios
from mockso.testing.mock import Mock, serve
from tests.web.receiver import Receiver, receiver

TIMEOUT = 20.0


@dataclass(frozen=True)
class Ask:
    """What is sent; a credential that works comes along unless `signed` is false."""

    method: str = "GET"
    path: str = "/Contact/17"
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    signed: bool = True


READ = Ask()
PUT = Ask("PUT", "/Contact/17", {"Name": "Acme"})
PATCH = Ask("PATCH", "/Contact/17", [{"op": "test", "path": "/Name", "value": "x"}])
AGENT_READ = Ask("POST", "/Agents/Contact/GetContactEntity?contactEntityId=17")
AGENT_SAVE = Ask("POST", "/Agents/Contact/SaveContactEntity", {"ContactId": 17, "Name": "Acme"})
RESTRICTED = Ask("POST", "/Agents/User/SaveUntrustedCredentials", {"Type": "x"})
TABLE = Ask("POST", "/Agents/DatabaseTable/Truncate", {})
BROKEN = Ask("GET", "/Contact/seventeen")
UNSIGNED = Ask(signed=False)
LOGIN = Ask(path="/login/common/oauth/authorize", signed=False)
TOKENS = Ask("POST", "/login/common/oauth/tokens", {}, signed=False)
SYSTEM_USER = Ask("POST", "/login/api/PartnerSystemUser/Authenticate", {}, signed=False)
SINCE = Ask(headers={"If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"})
UNLESS = Ask("PUT", "/Contact/17", {"Name": "A"}, {"If-Unmodified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"})

# What a client sees: a status, with a fragment of headers or body, or the word for a broken connection.
SIGHTS: dict[str, list[tuple[Ask, int | str, str]]] = {
    "success": [
        (READ, 200, '"ContactId":17'),
        (AGENT_READ, 200, '"ContactId":17'),
        (BROKEN, 400, ""),
        (UNSIGNED, 401, ""),
    ],
    "unauthorized": [
        (READ, 401, "WWW-Authenticate: Bearer"),
        (AGENT_SAVE, 401, "Authorization has been denied"),
        (UNSIGNED, 401, ""),
    ],
    "token-expired": [(READ, 401, "WWW-Authenticate: Bearer"), (READ, 200, ""), (AGENT_READ, 200, "")],
    "token-expired-403": [(READ, 403, "Authorization has been denied"), (READ, 200, ""), (READ, 200, "")],
    "token-expires-on-third-call": [
        (READ, 200, ""),
        (AGENT_READ, 200, ""),
        (READ, 401, "WWW-Authenticate: Bearer"),
        (READ, 200, ""),
        (READ, 200, ""),
    ],
    "online-restricted": [(RESTRICTED, 403, "SoIllegalOperationException"), (READ, 200, "")],
    "missing-right": [(READ, 403, "SoIllegalOperationException"), (AGENT_SAVE, 403, '"Error":true')],
    "sentry": [
        (PUT, 403, "SoSentryException"),
        (AGENT_SAVE, 403, "SoSentryException"),
        (READ, 200, ""),
        (AGENT_READ, 200, ""),
    ],
    "no-license": [(READ, 403, "SoLicenseException")],
    "app-not-authorised": [(READ, 403, "SoSessionException"), (AGENT_READ, 403, "SoSessionException")],
    "mass-operation": [(TABLE, 400, "SoMassOperationException"), (READ, 200, "")],
    "not-found": [(READ, 404, "Contact id 17 not found"), (AGENT_READ, 200, "\nnull")],
    "invalid-request": [
        (READ, 400, "ModelState"),
        (AGENT_READ, 400, "parameter 'contactEntityId'"),
    ],
    "validation-failed": [
        (PUT, 400, '"ErrorType":"ArgumentException"'),
        (AGENT_SAVE, 400, "ArgumentException"),
        (READ, 200, ""),
    ],
    "agent-error-in-200": [(AGENT_READ, 200, "The request is invalid."), (READ, 200, '"ContactId":17')],
    "not-modified": [(SINCE, 304, ""), (READ, 200, ""), (AGENT_READ, 200, "")],
    "precondition-failed": [(UNLESS, 412, ""), (PUT, 200, ""), (READ, 200, "")],
    "patch-conflict": [(PATCH, 409, '"Error":true'), (PUT, 200, ""), (READ, 200, "")],
    "misdirected": [(READ, 421, "Wrong subdomain"), (AGENT_READ, 421, "")],
    "maintenance": [(READ, 503, "Retry-After: 120"), (UNSIGNED, 503, "")],
    "suspended": [(READ, 403, "SoSessionException"), (AGENT_READ, 403, "")],
    "throttled": [(READ, 429, "Retry-After: 1"), (AGENT_READ, 429, "Retry-After: 1"), (READ, 200, "")],
    "server-error": [(READ, 500, "SoException"), (AGENT_SAVE, 500, "An error has occurred.")],
    "server-error-once": [(READ, 500, "SoException"), (READ, 200, ""), (READ, 200, "")],
    "slow": [],  # below
    "slow-body": [],
    "connection-cut": [(READ, "cut", ""), (BROKEN, 400, "")],
    "connection-reset": [(READ, "reset", ""), (BROKEN, 400, "")],
    "connection-closed": [(READ, "closed", ""), (BROKEN, 400, "")],
    "connection-garbage": [(READ, "garbage", ""), (BROKEN, 400, "")],
    "connection-hangs": [],
    "login-refused": [(LOGIN, 400, "Authorization error: Denied (4)"), (READ, 200, "")],
    "login-not-approved": [
        (LOGIN, 400, "NeedsReapproval (5)"),
        (TOKENS, 400, "access_denied"),
        (SYSTEM_USER, 200, "NeedsReapproval"),
    ],
    "login-tokens-fail-once": [(TOKENS, 500, "SoException"), (TOKENS, 400, "access_denied")],
    "webhook-fail": [],
    "webhook-gone": [],
    "webhook-too-many-errors": [],
}


def lines(mock: Mock, ask: Ask) -> dict[str, str]:
    signed = {"Authorization": f"Bearer {mock.token()}"} if ask.signed else {}
    typed = {} if ask.body is None else {"Content-Type": "application/json"}
    return {**signed, **typed, **ask.headers}


def address(mock: Mock, ask: Ask) -> str:
    return (mock.url if ask.path.startswith("/login/") else mock.base()) + ask.path


def with_python(mock: Mock, ask: Ask, timeout: float = TIMEOUT) -> tuple[int | str, str]:
    data = None if ask.body is None else json.dumps(ask.body)
    try:
        answer = requests.request(
            ask.method, address(mock, ask), data=data, headers=lines(mock, ask), timeout=timeout
        )
    except requests.exceptions.RequestException as error:
        text = repr(error)
        for sign, sight in (
            ("IncompleteRead", "cut"),
            ("reset by peer", "reset"),
            ("RemoteDisconnected", "closed"),
            ("BadStatusLine", "garbage"),
            ("timed out", "hangs"),
        ):
            if sign in text:
                return sight, text
        raise
    head = "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
    return answer.status_code, f"{head}\n{answer.text}"


def with_curl(mock: Mock, ask: Ask, timeout: float = TIMEOUT) -> tuple[int | str, str]:
    command = ["curl", "-sS", "-i", "--max-time", str(timeout), "-X", ask.method, address(mock, ask)]
    for name, value in lines(mock, ask).items():
        command += ["-H", f"{name}: {value}"]
    if ask.body is not None:
        command += ["-d", json.dumps(ask.body)]
    done = subprocess.run(command, capture_output=True, check=False)
    text = done.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
    sights = {18: "cut", 56: "reset", 52: "closed", 1: "garbage", 28: "hangs"}
    if done.returncode:
        return sights[done.returncode], done.stderr.decode()
    return int(text.split()[1]), text


CLIENTS = [
    pytest.param(with_python, id="python"),
    pytest.param(
        with_curl, id="curl", marks=pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
    ),
]


def test_every_shipped_scenario_is_played_here():
    assert set(SIGHTS) == set(shipped_scenarios())


@pytest.mark.parametrize("look", CLIENTS)
@pytest.mark.parametrize("name", [name for name, sights in SIGHTS.items() if sights])
def test_a_shipped_scenario_does_what_its_description_says(name: str, look: Callable[..., tuple]):
    with serve(scenarios=[name]) as mock:
        for ask, seen, fragment in SIGHTS[name]:
            status, text = look(mock, ask)

            assert status == seen, text
            assert fragment in text


@pytest.mark.parametrize("look", CLIENTS)
def test_a_connection_that_hangs_is_given_up_by_the_client(look):
    with serve(scenarios=["connection-hangs"]) as mock:
        assert look(mock, READ, 0.5)[0] == "hangs"


def test_online_restricted_answers_403_even_where_the_agent_is_granted():
    with serve(scenarios=["online-restricted"], grants=["*"]) as mock:
        assert with_python(mock, RESTRICTED)[0] == 403


def test_slow_takes_as_long_as_the_operation_documents():
    with serve(scenarios=["slow"]) as mock:
        started = time.monotonic()
        status, _ = with_python(mock, READ)

    assert status == 200
    assert 1.9 < time.monotonic() - started < 20  # 2000 ms are documented for it


def test_a_slow_body_comes_in_pieces():
    with (
        serve(scenarios=["slow-body"]) as mock,
        requests.get(
            mock.base() + "/Contact/17", headers=lines(mock, READ), stream=True, timeout=9
        ) as answer,
    ):
        arrivals = [time.monotonic() for _ in answer.iter_content(64)]

    pauses = [late - early for early, late in pairwise(arrivals) if late - early > 0.1]
    assert answer.status_code == 200
    assert len(pauses) == 9
    assert 1.5 < sum(pauses) < 4


HOOKS = Ask("POST", "/Webhook", {"Name": "mine", "Events": ["contact.created"]})
SIGNAL = "/Webhook/contact.created/"


@contextmanager
def hooked(name: str) -> Iterator[tuple[Mock, Receiver]]:
    """A mock that plays a scenario and has a webhook, and its target."""
    with receiver() as target, serve(scenarios=[name], grants=["*"], webhook_wait_factor=0.0) as mock:
        status, text = with_python(mock, replace(HOOKS, body={**HOOKS.body, "TargetUrl": target.url}))
        assert status == 200, text
        yield mock, target


def signalled(mock: Mock, look: Callable[..., tuple], key: int) -> tuple[list[int], str]:
    """The statuses of the attempts to deliver an event, and the webhook as a client sees it then."""
    assert look(mock, Ask("POST", f"{SIGNAL}{key}", {}))[0] == 204
    mock.flush()
    found = requests.get(f"{mock.url}/__mockso/requests?direction=out&order=oldest", timeout=TIMEOUT).json()[
        "requests"
    ]
    statuses = [e["reply"]["status"] for e in found if e["request"]["value"]["PrimaryKey"] == key]
    return statuses, look(mock, Ask("GET", "/Webhook/1"))[1]


@pytest.mark.parametrize("look", CLIENTS)
def test_webhook_fail_reaches_the_target_with_the_third_attempt(look):
    with hooked("webhook-fail") as (mock, target):
        statuses, text = signalled(mock, look, 17)

        assert statuses == [500, 500, 200]
        assert target.sent("X-SuperOffice-Retry") == ["2"]
        assert '"State":"Active"' in text
        assert '"TotalErrors":2,"ConsecutiveErrors":0' in text


@pytest.mark.parametrize("look", CLIENTS)
def test_webhook_gone_stops_a_webhook_at_once(look):
    with hooked("webhook-gone") as (mock, target):
        statuses, text = signalled(mock, look, 17)

        assert statuses == [410]
        assert '"State":"Stopped"' in text
        assert signalled(mock, look, 18)[0] == []
        assert target.received == []


@pytest.mark.parametrize("look", CLIENTS)
def test_webhook_too_many_errors_disables_a_webhook_after_nine_attempts(look):
    with hooked("webhook-too-many-errors") as (mock, target):
        for key in (17, 18):
            statuses, text = signalled(mock, look, key)
            assert statuses == [500, 500, 500]
            assert '"State":"Active"' in text

        assert '"State":"TooManyErrors"' in signalled(mock, look, 19)[1]
        assert signalled(mock, look, 20)[0] == []
        assert target.received == []


def test_a_scenario_file_is_called_as_it_says():
    for name, path in shipped_scenarios().items():
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# yaml-language-server: $schema=scenario.schema.json\n")
        assert f"\nname: {name}\ndescription: " in text


def test_the_schema_that_editors_use_is_the_one_that_is_printed(capsys):
    from mockso.cli import main

    main(["schema", "scenario"])

    assert (
        shipped_scenarios()["success"].with_name("scenario.schema.json")
    ).read_text() == capsys.readouterr().out
