"""Logging in to a world: its application, its users, and tokens by the whole flow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from mockso.errors import SettingError, did_you_mean
from mockso.state.applications import CLIENT, SECRET
from mockso.testing.extras import import_extra
from mockso.testing.findings import Allowance
from mockso.testing.tenancy import Tenancy

if TYPE_CHECKING:
    import httpx
    import requests

    from mockso.state.clock import Clock
    from mockso.testing.host import Host

REDIRECT = "http://127.0.0.1/callback"
_LATER = 4_000_000_000.0  # seconds since 1970


@dataclass(frozen=True)
class ClientApplication:
    """The application that every world has: all that a client is set up with.

    Its `id` names the tenant, so that a login meets the right one of several worlds.
    """

    id: str
    secret: str
    redirect_uri: str
    system_token: str
    clock: Clock

    @property
    def private_key(self) -> Path:
        """The file with the private key of its system user, PEM."""
        from mockso.login.keys import APPLICATION_KEY

        return APPLICATION_KEY

    def signed_token(self) -> str:
        """Its system token, signed at the world's time."""
        from mockso.login.keys import sign_system_token

        return sign_system_token(self.system_token, self.clock.now())


@dataclass(frozen=True)
class Tokens:
    """The answer to a login; `refresh_token` is empty in that to a refresh."""

    access_token: str
    refresh_token: str
    id_token: str
    expires_in: int

    @property
    def headers(self) -> dict[str, str]:
        """The headers for calls with the access token."""
        return {"Authorization": f"Bearer {self.access_token}", "Accept": "application/json"}


@dataclass(frozen=True)
class Caller:
    """One user of a world: calls come from the associate of that name."""

    name: str
    token: str
    _mock: Host
    _address: str

    @property
    def headers(self) -> dict[str, str]:
        """The headers that a client of this user needs."""
        return {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}

    def session(self) -> requests.Session:
        """A `requests` session of this user, without a socket."""
        __tracebackhide__ = True
        session: requests.Session = import_extra("mockso.testing.with_requests", "requests").Session(
            self._mock, self._address, self.headers
        )
        return session

    def client(self) -> httpx.Client:
        """An `httpx` client of this user, without a socket."""
        __tracebackhide__ = True
        client: httpx.Client = import_extra("mockso.testing.with_httpx", "httpx").client(
            self._mock, self._address, self.headers
        )
        return client


class Logins(Tenancy):
    """The login of one tenant."""

    clock: Clock
    allowances: list[Allowance]

    @property
    def application(self) -> ClientApplication:
        """The application that clients log in as: `id`, `secret`, `redirect_uri`, `system_token`, `private_key`."""
        id = f"{CLIENT}.{self.tenant}"
        known = self._state.applications.get(id)
        token = known.token_in(self.tenant) if known is not None else ""
        return ClientApplication(id, SECRET, REDIRECT, token, self.clock)

    @property
    def login_url(self) -> str:
        """The address of the login on the socket, "http://127.0.0.1:8585/login"; the server starts if need be."""
        return f"{self.mock.url}/login"

    def login(self, user: str = "") -> Tokens:
        """Log in by the whole flow, as the default user or another ("OHL"): an authorization code, then tokens."""
        __tracebackhide__ = True
        application = self.application
        query = {
            "client_id": application.id,
            "redirect_uri": application.redirect_uri,
            "response_type": "code",
            "scope": "openid",
            **({"mockso_user": user} if user else {}),
        }
        sent_back = self._ask("GET", f"oauth/authorize?{urlencode(query)}")
        code = dict(parse_qsl(urlsplit(sent_back.get("Location", "")).query)).get("code", "")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": application.redirect_uri,
        }
        return self._tokens(form)

    def refresh(self, tokens: Tokens) -> Tokens:
        """Fetch another access token for the refresh token of a login."""
        __tracebackhide__ = True
        return self._tokens({"grant_type": "refresh_token", "refresh_token": tokens.refresh_token})

    def _tokens(self, form: Mapping[str, str]) -> Tokens:
        application = self.application
        client = {"client_id": application.id, "client_secret": application.secret}
        value = self._ask("POST", "oauth/tokens", urlencode({**client, **form}).encode())
        return Tokens(
            str(value["access_token"]),
            str(value.get("refresh_token", "")),
            str(value["id_token"]),
            int(value["expires_in"]),
        )

    def _ask(self, method: str, path: str, body: bytes = b"") -> Mapping[str, Any]:
        """The headers of a redirect, or the JSON of an answer. AssertionError with the reason for a refusal."""
        __tracebackhide__ = True
        from mockso.testing.inprocess import call

        gate = self.mock.gate
        headers = [("Content-Type", "application/x-www-form-urlencoded")] if body else []
        url = f"{self.mock.address}/login/{self.tenant}/{path}"
        answer = call(gate, method, url, headers, body)
        told = dict(answer.headers)
        if answer.status not in (200, 302):
            raise AssertionError(f"the login was refused: {told.get('X-Mockso-Reason') or answer.status}")
        return told if answer.status == 302 else dict(json.loads(answer.body))

    def user(self, name: str) -> Caller:
        """Call as another user, "OHL" or a user name: `token`, `headers`, `session()`, `client()` of that associate."""
        from mockso.login.users import all_users, find_user

        rows = self._state.store.rows
        found = find_user(rows, name)
        if found is None:
            known = [user.name for user in all_users(rows)]
            hint = did_you_mean(name, known) or f" There are {', '.join(known[:10])}."
            raise SettingError(f"nobody in {self.tenant} is called {name!r}.{hint}")
        token = f"8A:{self.tenant}.user-{found.name}"
        if self._state.credentials.strict:
            self._state.credentials.issue(token, _LATER)
        return Caller(found.name, token, self.mock, f"{self.mock.address}/{self.tenant}/api/v1")

    def expire_token(self, token: str = "") -> None:
        """Every access token is refused from now on, the seeded one too, or only the token or ticket that is given.
        Refresh tokens go on working. It does not count as a violation.
        """
        if token:
            self._state.credentials.expire(token)
        else:
            self._state.credentials.expire_all()
        self.allowances.append(Allowance("expired-credential", expected=False))
