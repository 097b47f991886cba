"""Wrong requests to the login: the documented error each, nobody logs in, and no secret is written down."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from mockso import cli
from tests.login.flows import (
    AUTHORIZE,
    CALLBACK,
    CLIENT,
    FORM,
    REVOKE,
    TOKENS,
    Flow,
    json_of,
    pkce,
    text_of,
)

SECRET = "5ecret-7hat-nobody-may-read"

AUTHORIZE_FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "no client": ({"client_id": ""}, "Denied (4)"),
    "unknown client": ({"client_id": "mockso-clinet"}, "Denied (4)"),
    "no redirect address": ({"redirect_uri": ""}, "InvalidRedirectUrl (2)"),
    "foreign redirect address": ({"redirect_uri": "https://evil.example/cb"}, "InvalidRedirectUrl (2)"),
    "redirect address in disguise": (
        {"redirect_uri": "http://localhost@evil.example/"},
        "InvalidRedirectUrl (2)",
    ),
    "redirect address with a fragment": ({"redirect_uri": "http://localhost/#a"}, "InvalidRedirectUrl (2)"),
    "redirect address with a line end": (
        {"redirect_uri": "http://localhost/\r\nX: y"},
        "InvalidRedirectUrl (2)",
    ),
    "script": ({"redirect_uri": "javascript:alert(1)"}, "InvalidRedirectUrl (2)"),
    "no response type": ({"response_type": ""}, "Denied (4)"),
    "unknown response type": ({"response_type": "password"}, "Denied (4)"),
    "one type too many": ({"response_type": "code token id_token"}, "Denied (4)"),
    "unknown response mode": ({"response_mode": "web_message"}, "Denied (4)"),
    "token in a query": ({"response_type": "token", "response_mode": "query"}, "Denied (4)"),
    "unknown method": ({"code_challenge": "x" * 43, "code_challenge_method": "S512"}, "Denied (4)"),
    "method without challenge": ({"code_challenge_method": "S256"}, "Denied (4)"),
    "short challenge": ({"code_challenge": "short", "code_challenge_method": "S256"}, "Denied (4)"),
    "long challenge": ({"code_challenge": "x" * 129}, "Denied (4)"),
    "unknown tenant": ({"acr_values": "tenant:nobody"}, "Denied (4)"),
    "two tenants": ({"acr_values": "tenant:Cust12345 tenant:Cust9"}, "Denied (4)"),
    "unknown user": ({"mockso_user": "NOBODY"}, "Denied (4)"),
    "unknown outcome": ({"mockso_outcome": "Explode"}, "Denied (4)"),
}

TOKEN_FAULTS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "no grant": ({"grant_type": ""}, {}),
    "unknown grant": ({"grant_type": "authorisation_code"}, {}),
    "client credentials": ({"grant_type": "client_credentials"}, {}),
    "password": ({"grant_type": "password", "username": "KAB", "password": SECRET}, {}),
    "no client": ({"client_id": ""}, {}),
    "unknown client": ({"client_id": "nobody"}, {}),
    "wrong secret": ({"client_secret": SECRET}, {}),
    "no secret": ({"client_secret": ""}, {}),
    "wrong Basic": (
        {"client_id": "", "client_secret": ""},
        {"Authorization": "Basic " + b64encode(f"mockso-client:{SECRET}".encode()).decode()},
    ),
    "broken Basic": ({"client_id": "", "client_secret": ""}, {"Authorization": "Basic ###"}),
    "two clients": ({}, {"Authorization": "Basic " + b64encode(b"another:secret").decode()}),
    "no code": ({"code": ""}, {}),
    "unknown code": ({"code": SECRET}, {}),
    "cut code": ({"code": "cut"}, {}),
    "other redirect address": ({"redirect_uri": "http://127.0.0.1:9000/other"}, {}),
    "no redirect address": ({"redirect_uri": ""}, {}),
    "no verifier": ({"challenge": "S256"}, {}),
    "wrong verifier": ({"challenge": "S256", "code_verifier": SECRET * 2}, {}),
    "wrong plain verifier": ({"challenge": "plain", "code_verifier": SECRET * 2}, {}),
    "another application's code": ({"client_id": "other", "client_secret": "s"}, {}),
    "no refresh token": ({"grant_type": "refresh_token"}, {}),
    "wrong refresh token": ({"grant_type": "refresh_token", "refresh_token": SECRET}, {}),
    "another application's refresh token": (
        {"grant_type": "refresh_token", "refresh_token": "mine", "client_id": "other", "client_secret": "s"},
        {},
    ),
}


def test_there_are_forty_of_them():
    assert len(AUTHORIZE_FAULTS) + len(TOKEN_FAULTS) >= 40


def issues(flow: Flow) -> int:
    """How many codes and tokens the tenant has given."""
    rows = flow.engine.tenants.of(flow.tenant).store.rows
    return sum(rows.count(kind) for kind in ("code", "token", "refresh"))


def everything_written(flow: Flow) -> str:
    """All that the journal has of all calls, and a recording of them."""
    entries = flow.engine.journal.find()
    details = [flow.engine.journal.get(entry["id"]) for entry in entries]
    return json.dumps([entries, details], default=str)


@pytest.mark.parametrize("name", AUTHORIZE_FAULTS)
def test_a_wrong_request_to_authorize_ends_on_an_error_page(flow, name):
    query, error = AUTHORIZE_FAULTS[name]

    reply = flow.authorize(**query)

    assert (reply.status, reply.header("Content-Type")) == (400, "text/html; charset=utf-8")
    assert f"<h1>Authorization error: {error}</h1>" in text_of(reply)
    assert not reply.header("Location")
    assert issues(flow) == 0
    violations = flow.engine.journal.find()[0]["verdict"]["violations"]
    assert any(violation["severity"] == "error" for violation in violations)
    assert all(violation["source"] and violation["confidence"] for violation in violations)


@pytest.mark.parametrize("name", TOKEN_FAULTS)
def test_a_wrong_request_for_tokens_is_denied(flow_of, name):
    flow = flow_of(applications=("other:s",))
    form, headers = (dict(part) for part in TOKEN_FAULTS[name])
    verifier, challenge = pkce()
    method = form.pop("challenge", "")
    query = {} if not method else challenge if method == "S256" else {"code_challenge": verifier}
    refresh = flow.log_in()["refresh_token"]
    if form.get("refresh_token") == "mine":
        form["refresh_token"] = refresh
    code = flow.code(**query)
    before = issues(flow)

    reply = flow.tokens(
        headers={**FORM, **headers}, **{"grant_type": "authorization_code", "code": code, **form}
    )

    is_refresh = form.get("grant_type") == "refresh_token"
    error = {"error": "access_denied"}
    if not is_refresh:
        error["error_description"] = "Invalid client_id/client_secret/authorization_code"
    assert (reply.status, json_of(reply)) == (400, error)
    assert reply.header("Cache-Control") == "no-cache, no-store"
    assert issues(flow) == before
    assert "[login-" in reply.header("X-Mockso-Reason")
    text = everything_written(flow)
    for secret in (SECRET, code, refresh, verifier):
        assert secret not in text


def test_no_flow_leaves_a_secret_in_the_journal_a_page_or_a_recording(flow_of, tmp_path):
    journal = str(tmp_path / "journal.db")
    flow = flow_of(journal=journal)
    verifier, challenge = pkce()
    code = flow.code(**challenge)
    tokens = json_of(flow.exchange(code, code_verifier=verifier))
    page = text_of(flow.authorize(response_mode="form_post", response_type="code id_token", nonce="n"))
    values = [part.partition('"')[0] for part in page.split('value="')[1:]]
    posted = [value for value in values if not value.startswith("http")]
    implicit = flow.authorize(response_type="token id_token", nonce="n").header("Location")
    flow.refresh(tokens["refresh_token"])
    flow.works(tokens["access_token"])
    flow.send("POST", "/login/common/oauth/revoke", {"token": tokens["refresh_token"]})

    secrets = [code, verifier, tokens["access_token"], tokens["refresh_token"], tokens["id_token"], *posted]
    secrets += [part.partition("=")[2] for part in implicit.partition("#")[2].split("&") if "token=" in part]
    text = everything_written(flow)
    flow.engine.journal.close()
    out = tmp_path / "recording.yaml"
    assert cli.main(["record", "--from-journal", journal, "-o", str(out)]) == 0
    recording = "".join(path.read_text() for path in tmp_path.rglob("recording*") if path.is_file())

    assert "/login/common/oauth/tokens" in recording
    assert [secret for secret in secrets if len(secret) > 20 and secret in text + recording] == []


@pytest.mark.parametrize("path", [AUTHORIZE, TOKENS])
@pytest.mark.parametrize("name", ["nowhere", "Cust1x"])
def test_a_tenant_in_the_address_that_is_not_there(flow, path, name):
    reply = flow.send("GET" if path is AUTHORIZE else "POST", path.replace("common", name))

    assert reply.status == 400
    assert "login-tenant" in reply.header("X-Mockso-Reason")


def test_an_application_that_is_not_approved(flow):
    state = flow.engine.tenants.of(flow.tenant)
    refresh = flow.log_in()["refresh_token"]
    application = state.applications.get("mockso-client")
    assert application is not None

    state.applications.put(application._replace(is_approved=False))

    assert "NeedsReapproval (5)" in text_of(flow.authorize())
    assert json_of(flow.refresh(refresh))["error"] == "access_denied"


def test_a_long_body_is_413(flow_of):
    assert flow_of(body_limit=100).send("POST", TOKENS, (), b"a=" + b"b" * 200, FORM).status == 413


@pytest.mark.parametrize("path", [TOKENS, REVOKE, "/login/api/PartnerSystemUser/Authenticate"])
@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b'{"token": "\\ud800-5ecret-7hat-nobody-may-read", "ApplicationToken": "x"}', "lone-surrogate"),
        (b'{"token": "a", "token": "b"}', "duplicate-name"),
        (b'{"token": ' + b"[" * 100 + b"]" * 100 + b"}", "too-deep"),
        (b'{"token": NaN}', "not-finite"),
        (b'{"token": "\xff"}', "broken-json"),
        (b'{"token"', "broken-json"),
    ],
)
def test_a_json_body_that_cannot_be_read_is_refused_by_its_rule(flow, path, body, rule):
    reply = flow.send("POST", path, (), body, {"Content-Type": "application/json"})

    assert reply.status == 400
    assert rule in reply.header("X-Mockso-Reason")
    assert SECRET not in reply.header("X-Mockso-Reason")
    assert flow.engine.journal.find(limit=1)[0]["reply"]["status"] == 400


def test_a_json_body_may_begin_with_a_byte_order_mark(flow):
    form = {"grant_type": "authorization_code", **CLIENT, "redirect_uri": CALLBACK, "code": flow.code()}

    reply = flow.send("POST", TOKENS, (), b"\xef\xbb\xbf" + json.dumps(form).encode())

    assert reply.status == 200
