"""The applications that may log in to one tenant: a shipped one, those of the settings, and rows of the tenant.

A secret stands hashed in its row, as tokens do. An application without grants of its own has those of its tenant.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mockso.errors import SettingError
from mockso.state.fingerprint import fingerprint
from mockso.state.log import Value
from mockso.state.rows import RowStore

KIND = "application"
CLIENT, SECRET = "mockso-client", "secret"
LOOPBACK = "loopback"
"""Stands among the redirect addresses for any address of this machine."""

# Apps have schemes of their own, but these a browser runs or shows itself.
_SCRIPTS = r"(?i)\s*(?:javascript|vbscript|data|blob|filesystem|file|about|view-source):"
_LOOPBACK = r"(?i)[a-z][a-z0-9+.-]*://(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?(?:[/?][^#\s]*)?\Z"


class Application(NamedTuple):
    """One application. `secret` is hashed, `grants` None for those of the tenant, `public_key` PEM, empty for the
    shipped one. One that is not approved, or was before it changed, cannot log in.
    """

    id: str
    secret: str
    name: str = "mockso"
    redirects: tuple[str, ...] = (LOOPBACK,)
    grants: frozenset[str] | None = None
    public_key: str = ""
    system_token: str = ""
    is_approved: bool = True

    def redirects_to(self, address: str) -> bool:
        """Whether it may have its answers sent to an address: compared letter by letter, firm."""
        if re.match(_SCRIPTS, address):
            return False
        return address in self.redirects or (
            LOOPBACK in self.redirects and bool(re.match(_LOOPBACK, address))
        )

    def has_secret(self, secret: str) -> bool:
        return fingerprint(secret) == self.secret

    def token_in(self, tenant: str) -> str:
        """Its system token in a tenant, "mockso-GEZDGNBVGY"; source: section 3.5, its form is firm."""
        if self.system_token:
            return self.system_token
        from hashlib import sha256

        text = b32encode(sha256(f"{tenant.lower()} {self.id}".encode()).digest()).decode()
        return f"{self.name}-{text[:10]}"

    def row(self) -> dict[str, Any]:
        """The row it is kept as."""
        fields = self._asdict()
        del fields["id"]
        return {
            **fields,
            "redirects": list(self.redirects),
            "grants": None if self.grants is None else sorted(self.grants),
        }


def application_of(id: str, row: Value) -> Application:
    """The application of a row."""
    grants = row.get("grants")
    return Application(
        **{
            **row,
            "id": id,
            "redirects": tuple(row["redirects"]),
            "grants": None if grants is None else frozenset(grants),
        }
    )


def parse_applications(texts: Iterable[str]) -> dict[str, Application]:
    """The applications of the setting `applications`, each "ID:SECRET" or "ID:SECRET:AGENT+AGENT"."""
    applications = {}
    for text in texts:
        id, colon, rest = text.partition(":")
        secret, more, agents = rest.partition(":")
        if not (id and colon and secret):
            raise SettingError(f"applications: {id[:40]!r} is not ID:SECRET or ID:SECRET:AGENT+AGENT.")
        grants = frozenset(agent for agent in agents.split("+") if agent) if more else None
        applications[id] = Application(id, fingerprint(secret), id, grants=grants)
    return applications


class Applications:
    """The applications of one tenant."""

    def __init__(self, store: RowStore, usual: Iterable[str] = ()) -> None:
        self._store = store
        self._usual = {CLIENT: Application(CLIENT, fingerprint(SECRET)), **parse_applications(usual)}

    def get(self, id: str) -> Application | None:
        """The application of a client id; "mockso-client.Cust12345" is the shipped one, in its tenant."""
        if self._short(id) != id:
            usual = self.get(CLIENT)
            return usual and usual._replace(id=id, system_token=usual.token_in(self._store.name))
        rows = self._store.rows
        row = rows.get(KIND, id)
        if row is not None:
            return application_of(id, row)
        return None if rows.is_deleted(KIND, id) else self._usual.get(id)

    def has_own(self, id: str) -> bool:
        """Whether the tenant itself has this application, not only all tenants."""
        return self._store.rows.get(KIND, self._short(id)) is not None

    def of_secret(self, secret: str) -> Application | None:
        """The application with a secret."""
        return next((one for one in self if one.has_secret(secret)), None)

    def __iter__(self) -> Iterator[Application]:
        ids = dict.fromkeys([*self._usual, *(str(id) for id, _ in self._store.rows.items(KIND))])
        return (one for one in map(self.get, ids) if one is not None)

    def _short(self, id: str) -> str:
        """The id that a row has: the shipped application's is without the tenant."""
        return CLIENT if id.lower() == f"{CLIENT}.{self._store.name}".lower() else id

    def put(self, application: Application) -> None:
        """Register an application, or change it."""
        id = self._short(application.id)
        if id != application.id:
            known = self.get(id)
            if known is not None and application.system_token == known.token_in(self._store.name):
                application = application._replace(system_token=known.system_token)
            application = application._replace(id=id)
        self._store.change(lambda draft: draft.put(KIND, application.id, application.row()))

    def remove(self, id: str) -> bool:
        """Have no such application; whether there was one."""
        was_there = self.get(id) is not None
        self._store.change(lambda draft: draft.remove(KIND, self._short(id)))
        return was_there
