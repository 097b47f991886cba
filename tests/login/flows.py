"""A client of the login, as an application is one: each step of the flows by itself, without a socket."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from json import dumps, loads
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from mockso.engine import Engine
from mockso.exchange.address import base_of, parse_address, parse_query
from mockso.exchange.message import Headers, Query, Reply, Request
from mockso.login.pkce import challenge_of

ORIGIN = "http://localhost"
TENANT = "Cust12345"
CLIENT = {"client_id": "mockso-client", "client_secret": "secret"}
CALLBACK = "http://127.0.0.1:9000/callback"
AUTHORIZE = "/login/common/oauth/authorize"
TOKENS = "/login/common/oauth/tokens"
REVOKE = "/login/common/oauth/revoke"
IDENTITY = "http://schemes.superoffice.net/identity/"

Pairs = Mapping[str, str]


@dataclass
class Flow:
    """Calls of one engine; `at` is the server's time."""

    engine: Engine
    tenant: str = TENANT

    def send(
        self,
        method: str,
        path: str,
        query: Pairs | Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        headers: Pairs | None = None,
    ) -> Reply:
        text = urlencode(dict(query))
        address = parse_address(path)
        request = Request(
            address.tenant,
            method,
            address.path,
            Query(parse_query(text)),
            Headers((headers or {}).items()),
            body,
            base_of(address, ORIGIN),
            path + (f"?{text}" if text else ""),
            self.engine.clock(),
        )
        return self.engine.handle(request)

    # steps

    def authorize(self, path: str = AUTHORIZE, headers: Pairs | None = None, **query: str) -> Reply:
        usual = {
            "client_id": CLIENT["client_id"],
            "scope": "openid",
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "state": "s1",
            "acr_values": f"tenant:{self.tenant}",
        }
        pairs = {name: value for name, value in (usual | query).items() if value}
        return self.send("GET", path, pairs, headers=headers)

    def code(self, **query: str) -> str:
        return answer_of(self.authorize(**query))["code"]

    def tokens(self, path: str = TOKENS, headers: Pairs | None = None, **form: str) -> Reply:
        pairs = {
            name: value for name, value in ({**CLIENT, "redirect_uri": CALLBACK} | form).items() if value
        }
        return self.send("POST", path, (), urlencode(pairs).encode(), headers or FORM)

    def exchange(self, code: str, **form: str) -> Reply:
        return self.tokens(grant_type="authorization_code", code=code, **form)

    def refresh(self, token: str, **form: str) -> Reply:
        return self.tokens(grant_type="refresh_token", refresh_token=token, redirect_uri="", **form)

    def log_in(self, **query: str) -> dict[str, Any]:
        reply = self.exchange(self.code(**query))
        assert reply.status == 200, reply
        return json_of(reply)

    def api(self, path: str, token: str = "", headers: Pairs | None = None, method: str = "GET") -> Reply:
        lines = {"Authorization": f"Bearer {token}", **(headers or {})} if token else headers
        return self.send(method, f"/{self.tenant}/api/v1/{path}", headers=lines)

    def works(self, token: str) -> bool:
        """Whether the API takes an access token."""
        return self.api("User/currentPrincipal", token).status == 200


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def pkce() -> tuple[str, dict[str, str]]:
    """A verifier, and the parameters of its challenge."""
    verifier = secrets.token_urlsafe(48)
    return verifier, {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}


def json_of(reply: Reply) -> Any:
    return loads(reply.body)


def text_of(reply: Reply) -> str:
    return reply.body.decode() if isinstance(reply.body, bytes) else ""


def answer_of(reply: Reply) -> dict[str, str]:
    """The parameters with which the browser was sent back."""
    assert reply.status == 302, text_of(reply)
    parts = urlsplit(reply.header("Location"))
    pairs = parse_qs(parts.fragment or parts.query)
    return {name: values[0] for name, values in pairs.items()}


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a JWT, unverified."""
    part = token.split(".")[1]
    return loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))  # type: ignore[no-any-return]


def as_json(value: Any) -> bytes:
    return dumps(value).encode()
