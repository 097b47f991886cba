"""Credentials: the forms they have, those a tenant has issued, and when they stop working.

Lax (the default): any credential of a proper form is accepted, unless it was expired on purpose.
Strict: only issued or seeded ones are. Source of the forms: behaviour of the real server, section 2.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import NamedTuple
from urllib.parse import unquote

from mockso.exchange.headers import split_credential
from mockso.exchange.message import Request
from mockso.state.applications import Application, Applications
from mockso.state.fingerprint import fingerprint
from mockso.state.log import Value
from mockso.state.rows import Draft, RowStore
from mockso.state.tokens import PURGE_EVERY, forgotten_until, printed_expiry, purge

TICKET_LIFE = 6 * 3600.0  # seconds, sliding: each use restarts the window; firm

SCHEMES = ("Basic", "SOTicket", "Bearer", "Negotiate")

_BEARER = re.compile(r"8A:([^.\s]+)\.\S+\Z", re.IGNORECASE)
_TICKET = re.compile(r"7T:\S+\Z", re.IGNORECASE)


class Fault(NamedTuple):
    """A fault of a credential: a rule's id, the place, and the message."""

    rule: str
    where: str
    message: str


def _prolong(draft: Draft, key: str, at: float, until: float) -> None:
    # Looked at again in the draft: what another caller expired meanwhile must not come back to life.
    row = draft.get("token", key)
    if row is not None and row["expires"] > at:
        draft.put("token", key, {**row, "expires": until, **({"until": until} if "until" in row else {})})


def expire(draft: Draft, key: str) -> None:
    """Have the credential of a row's key expired, known or not."""
    draft.put("token", key, {**(draft.get("token", key) or {}), "expires": 0.0})


class Credentials:
    """The credentials that one tenant has issued, each known until a time in seconds since 1970."""

    def __init__(
        self,
        tenant: str,
        *,
        strict: bool = False,
        store: RowStore | None = None,
        applications: Applications | None = None,
    ) -> None:
        self.tenant = tenant
        self.strict = strict
        self._store = store if store is not None else RowStore(tenant)
        self._applications = applications or Applications(self._store)
        self._next_purge = 0.0
        self.token = f"8A:{tenant or 'Default'}.mockso"
        self.ticket = "7T:mockso"
        self.app_token = "mockso-app-token"
        self.user = ("mockso", "mockso")
        self.xsrf = "mockso-xsrf"

    def issue(self, value: str, expires: float) -> None:
        """Make a token or ticket known until a time."""
        self._store.change(lambda draft: draft.put("token", fingerprint(value), {"expires": expires}))

    def expire(self, value: str) -> None:
        """Make a token or ticket expired from now on, lax or strict."""
        self._store.change(lambda draft: expire(draft, fingerprint(value)))

    def expire_all(self) -> None:
        """Make every access token expired from now on that the tenant has issued, and its seeded one."""

        def verb(draft: Draft) -> None:
            expire(draft, fingerprint(self.token))
            for key, row in list(draft.items("token")):
                if not row.get("is_ticket"):
                    expire(draft, str(key))

        self._store.change(verb)

    def purge(self, at: float) -> None:
        """Forget what expired before a time; looked for at most every ten minutes of the tenant's time."""
        if self._next_purge - PURGE_EVERY <= at < self._next_purge:
            return
        self._next_purge = at + PURGE_EVERY
        self._store.change(lambda draft: purge(draft, at))

    def _issue_of(self, request: Request) -> Value | None:
        """The row of the token or ticket that a call came with; None where none was issued."""
        rows = self._store.rows
        if not rows.has_own("token"):
            return None
        scheme, _, value = request.headers.get("Authorization").strip().partition(" ")
        if scheme.lower() not in ("bearer", "soticket"):
            return None
        value = value.strip()
        return rows.own_row("token", fingerprint(unquote(value) if "%" in value else value))

    def user_of(self, request: Request) -> int:
        """The key of the associate who logged in for a call's credential; 0 where nobody did."""
        row = self._issue_of(request)
        return int(row.get("user", 0)) if row is not None else 0

    def application_of(self, request: Request) -> Application | None:
        """The application that logged in for a call's credential, or whose secret it came with."""
        row = self._issue_of(request)
        if row is not None and "client" in row:
            return self._applications.get(row["client"])
        secret = request.headers.get("SO-AppToken").strip()
        return self._applications.of_secret(secret) if secret else None

    def _expiry(self, value: str) -> float | None:
        rows = self._store.rows
        row = rows.own_row("token", fingerprint(value)) if rows.has_own("token") else None
        return None if row is None else float(row["expires"])

    def _is_issued(self, value: str) -> bool:
        return self._expiry(value) is not None

    def check(self, request: Request, *, online: bool) -> tuple[str, Fault | None]:
        """The scheme of a call's credential, and what is wrong with it.

        The scheme is "Basic", "SOTicket", "Bearer", "Negotiate", "Session", or "" when nothing was sent.
        """
        given = request.headers.get("Authorization").strip()
        if not given:
            return self._check_session(request)
        scheme, value = split_credential(given)
        match scheme.lower():
            case "bearer":
                return "Bearer", self._check_bearer(value, request)
            case "soticket":
                return "SOTicket", self._check_ticket(value, request, online)
            case "basic":
                return "Basic", self._check_basic(value, online)
            case "negotiate" | "ntlm":
                if online:
                    return "Negotiate", Fault(
                        "negotiate-online", _HEADER, "Windows log-in works onsite only; send 'Bearer 8A:...'"
                    )
                return "Negotiate", None
        # A value without a scheme is a secret, and no message quotes it.
        what = f"the scheme {scheme!r} is none of" if scheme else "the value begins with none of the schemes"
        return "", Fault(
            "unknown-scheme",
            _HEADER,
            f"{what} {', '.join(SCHEMES)}; send for example 'Bearer {self.token}'",
        )

    def _check_session(self, request: Request) -> tuple[str, Fault | None]:
        cookies = {
            name.strip(): value.strip()
            for name, _, value in (part.partition("=") for part in request.headers.get("Cookie").split(";"))
        }
        value = request.headers.get("X-XSRF-TOKEN").strip()
        if value:
            known = cookies.get("XSRF-TOKEN")
            if known is not None and unquote(known) != unquote(value):
                return "Session", Fault(
                    "no-xsrf",
                    "header X-XSRF-TOKEN",
                    "it differs from the cookie XSRF-TOKEN; send the cookie's value",
                )
            if value == self.xsrf and not self._is_issued(value):
                return "Session", None
            return "Session", self._check_lifetime(value, request, "header X-XSRF-TOKEN")
        if "ASP.NET_SessionId" in cookies or "XSRF-TOKEN" in cookies:
            return "", Fault(
                "no-xsrf",
                "header X-XSRF-TOKEN",
                "a session also needs the value of its cookie XSRF-TOKEN in this header",
            )
        return "", Fault(
            "no-credential",
            _HEADER,
            f"no credential was sent; send for example 'Authorization: Bearer {self.token}'",
        )

    def _check_bearer(self, value: str, request: Request) -> Fault | None:
        if "%" in value:
            value = unquote(value)  # clients send it as it stood in an address
        found = _BEARER.match(value)
        if not found:
            return Fault(
                "malformed-credential",
                _HEADER,
                f"a Bearer token has the form 8A:<tenant>.<text>, for example 'Bearer {self.token}'",
            )
        if self.tenant and found[1].lower() != self.tenant.lower():
            return Fault(
                "other-tenant",
                _HEADER,
                f"the token is for {_spell_tenant(found[1])}, the address for {self.tenant!r}",
            )
        return (
            None
            if value == self.token and not self._is_issued(value)
            else self._check_lifetime(value, request, _HEADER)
        )

    def _check_ticket(self, value: str, request: Request, online: bool) -> Fault | None:
        if not _TICKET.match(value):
            return Fault(
                "malformed-credential",
                _HEADER,
                f"a ticket has the form 7T:<text> and is sent as it is, for example 'SOTicket {self.ticket}'",
            )
        app_token = request.headers.get("SO-AppToken").strip()
        if online and (not app_token or (self.strict and not self._is_secret(app_token))):
            return Fault(
                "no-app-token",
                "header SO-AppToken",
                "SOTicket in Online needs the application's secret in this header"
                + (f"; here it is {self.app_token!r}" if app_token else ""),
            )
        if value == self.ticket and not self._is_issued(value):
            return None
        return self._check_lifetime(value, request, _HEADER, again=TICKET_LIFE)

    def _is_secret(self, app_token: str) -> bool:
        return app_token == self.app_token or self._applications.of_secret(app_token) is not None

    def _check_basic(self, value: str, online: bool) -> Fault | None:
        if online:
            return Fault(
                "basic-online", _HEADER, "Basic works onsite only; send 'Bearer 8A:...' or 'SOTicket 7T:...'"
            )
        try:
            user, colon, password = b64decode(value, validate=True).decode("utf-8", "replace").partition(":")
        except ValueError:
            colon = ""
        if not colon:
            return Fault("malformed-credential", _HEADER, "Basic is followed by base64 of user:password")
        if self.strict and (user, password) != self.user:
            return Fault("unknown-credential", _HEADER, "this user with this password is not known here")
        return None

    def _check_lifetime(self, value: str, request: Request, where: str, again: float = 0.0) -> Fault | None:
        """The fault of a value at a call's time, or None; a use of it prolongs it by `again` seconds."""
        expires = self._expiry(value)
        if again and expires is not None and expires > (at := request.at):
            self._store.change(lambda draft: _prolong(draft, fingerprint(value), at, at + again))
        if expires is None:
            # The time is asked for only where something depends on it, as repeats do not (answer/repeats.py).
            expires = printed_expiry(value)
            if expires is not None and expires <= max(request.at, forgotten_until(self._store.rows)):
                return Fault("expired-credential", where, _EXPIRED)
            if not self.strict:
                return None
            return Fault(
                "unknown-credential",
                where,
                f"it was never issued here (tokens are strict); '{self.token}' works",
            )
        if expires <= request.at:
            return Fault("expired-credential", where, _EXPIRED)
        return None


def _spell_tenant(name: str) -> str:
    return f"tenant {name!r}" if name.isalnum() and len(name) <= 20 else "another tenant"


_HEADER = "header Authorization"
_EXPIRED = "it has expired; fetch a new one"
