"""OAuth libraries, unchanged, against a mock on a socket: requests-oauthlib, Authlib, openid-client and jose (npm).

OPENID_CLIENT names a folder with those of npm (conftest.py).
"""

from __future__ import annotations

import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from requests_oauthlib import OAuth2Session

import mockso

SCRIPT = Path(__file__).parents[1] / "clients" / "openid.mjs"
CALLBACK = "http://localhost:3000/callback"


@pytest.fixture(autouse=True)
def plain_http(monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture(params=["text", "number"])
def mock(request) -> Iterator[mockso.Mock]:
    with mockso.serve(strict_tokens=True, id_token_iat=request.param) as mock:
        yield mock


def sent_back(url: str) -> str:
    reply = requests.get(url, allow_redirects=False, timeout=10)
    assert reply.status_code == 302, reply.text
    return reply.headers["Location"]


def addresses(mock: mockso.Mock) -> dict[str, str]:
    reply = requests.get(f"{mock.url}/login/.well-known/openid-configuration", timeout=10)
    return reply.json()  # type: ignore[no-any-return]


def test_requests_oauthlib_logs_in_and_refreshes(mock):
    known = addresses(mock)
    session = OAuth2Session("mockso-client.Cust7", redirect_uri=CALLBACK, scope=["openid"], pkce="S256")

    url, _ = session.authorization_url(known["authorization_endpoint"])
    tokens = session.fetch_token(
        known["token_endpoint"], authorization_response=sent_back(url), client_secret="secret"
    )
    principal = session.get(f"{mock.base('Cust7')}/User/currentPrincipal")
    again = session.refresh_token(
        known["token_endpoint"], client_id="mockso-client.Cust7", client_secret="secret"
    )

    assert principal.json()["Associate"] == "KAB"
    assert again["access_token"] != tokens["access_token"]
    assert again["refresh_token"] == tokens["refresh_token"]


def test_authlib_runs_the_whole_flow_where_iat_is_a_number(mock):
    with warnings.catch_warnings(record=True):  # it says that joserfc comes in its place
        from authlib.integrations.requests_client import OAuth2Session as Session
        from authlib.jose import JsonWebKey, jwt
        from authlib.oidc.core import CodeIDToken
    known = addresses(mock)
    session = Session(
        "mockso-client.Cust7",
        "secret",
        redirect_uri=CALLBACK,
        scope="openid",
        code_challenge_method="S256",
        token_endpoint=known["token_endpoint"],
    )

    url, _ = session.create_authorization_url(
        known["authorization_endpoint"], nonce="n", code_verifier="v" * 48
    )
    tokens = session.fetch_token(authorization_response=sent_back(url), code_verifier="v" * 48)
    keys = JsonWebKey.import_key_set(requests.get(known["jwks_uri"], timeout=10).json())
    claims = jwt.decode(
        tokens["id_token"],
        keys,
        claims_cls=CodeIDToken,
        claims_params={"nonce": "n", "client_id": session.client_id},
    )

    assert session.get(f"{mock.base('Cust7')}/User/currentPrincipal").json()["Associate"] == "KAB"
    if mock.engine.settings.id_token_iat == "number":
        claims.validate()
    else:
        with pytest.raises(Exception, match="iat"):
            claims.validate()


def test_openid_client_and_jose(mock, openid_client):
    # From standard input a module finds packages in the current folder.
    command = ["node", "--input-type=module", "-", mock.url, "Cust7", mock.engine.settings.id_token_iat]

    ended = subprocess.run(
        command,
        input=SCRIPT.read_text(encoding="utf-8"),
        capture_output=True,
        text=True,
        cwd=openid_client,
        timeout=120,
        check=False,
    )

    *lines, total = ended.stdout.strip().splitlines() or [""]
    assert [line for line in lines if not line.startswith("ok ")] == [], ended.stderr
    assert len(lines) == int(total or 0) == 3, ended.stderr
