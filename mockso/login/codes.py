"""Authorization codes and refresh tokens, and what they are exchanged for. All stand hashed in a tenant's rows.

A code and a refresh token begin with the name of their tenant, which no client reads and any process can. A refresh
token is the same whenever the same user logs in to the same application, until it is revoked: the real server's is
reusable and never replaced (firm), so that many logins leave one row.
"""

from __future__ import annotations

import hmac
import secrets
import string
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from mockso.formats.base64url import from_base64url, to_base64url
from mockso.login.keys import Keys
from mockso.state.credentials import TICKET_LIFE, expire
from mockso.state.fingerprint import fingerprint
from mockso.state.log import Value
from mockso.state.rows import Draft, Rows
from mockso.state.tenant import State
from mockso.state.tokens import TOKEN_LIFE, access_token, ticket

CODE_LIFE = 600.0
"""Seconds a code can be exchanged; firm."""

LENGTH = 64
_ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


def tenant_in(text: str) -> str:
    """The tenant that a code or a refresh token names; empty for any other text."""
    try:
        length = _ALPHABET.index(text[:1] or "?")
        part = text[1 : length + 1]
        return from_base64url(part).decode()
    except ValueError:
        return ""


def _text_for(tenant: str, rest: str) -> str:
    name = to_base64url(tenant.encode())
    if len(name) > LENGTH // 2:
        name = ""  # such a tenant is found by its address alone
    return f"{_ALPHABET[len(name)]}{name}{rest}"[:LENGTH]


# --- codes --------------------------------------------------------------------------------------


def add_code(state: State, at: float, facts: Mapping[str, Any]) -> str:
    """A new code with what it stands for: client, redirect, user, challenge, method, nonce."""
    code = _text_for(state.name, secrets.token_urlsafe(LENGTH))
    until = at + CODE_LIFE
    row = {**facts, "expires": until, "until": until, "is_spent": False}
    state.credentials.purge(at)
    state.store.change(lambda draft: draft.put("code", fingerprint(code), row))
    return code


def find_code(rows: Rows, code: str) -> Value | None:
    """The row of a code, spent or expired ones too."""
    return rows.own_row("code", fingerprint(code))


def exchange_code(state: State, keys: Keys, code: str, at: float) -> tuple[str, str] | None:
    """Spend a code on an access token and a refresh token; None when somebody was quicker."""
    access, secret = _new_access(state, at), keys.secret

    def verb(draft: Draft) -> tuple[str, str] | None:
        key = fingerprint(code)
        row = draft.get("code", key)
        if row is None or row["is_spent"]:
            return None
        client, user = row["client"], row["user"]
        draft.put("code", key, {**row, "is_spent": True})
        _put_access(draft, access, at, client, user)
        # Its number is looked up in the draft: a consent that is revoked meanwhile gives another text.
        refresh = _refresh_text(draft, secret, state.name, client, user)
        _put_refresh(draft, refresh, client, user, is_public=bool(row["challenge"]))
        return access, refresh

    state.credentials.purge(at)
    return state.store.change(verb).value


# --- tokens -------------------------------------------------------------------------------------


def refresh_access(state: State, refresh: str, at: float) -> str | None:
    """A new access token for a refresh token; None when that was revoked meanwhile."""
    access = _new_access(state, at)

    def verb(draft: Draft) -> str | None:
        row = draft.get("refresh", fingerprint(refresh))
        if row is None:
            return None
        _put_access(draft, access, at, row["client"], row["user"])
        return access

    state.credentials.purge(at)
    return state.store.change(verb).value


def _new_access(state: State, at: float) -> str:
    """The text of a new access token."""
    return access_token(state.name, at + TOKEN_LIFE)


def add_access(state: State, at: float, client: str, user: int) -> str:
    """A new access token of a user by an application."""
    text = _new_access(state, at)
    state.credentials.purge(at)
    state.store.change(lambda draft: _put_access(draft, text, at, client, user))
    return text


def add_ticket(state: State, at: float, client: str, user: int) -> str:
    """A new ticket of the system user of an application."""
    text, until = ticket(at + TICKET_LIFE), at + TICKET_LIFE
    row = {"expires": until, "until": until, "client": client, "user": user, "is_ticket": True}
    state.credentials.purge(at)
    state.store.change(lambda draft: draft.put("token", fingerprint(text), row))
    return text


def _put_access(draft: Draft, text: str, at: float, client: str, user: int) -> None:
    until = at + TOKEN_LIFE
    draft.put("token", fingerprint(text), {"expires": until, "until": until, "client": client, "user": user})


def _refresh_text(draft: Draft, secret: bytes, tenant: str, client: str, user: int) -> str:
    row = draft.get("consent", f"{client} {user}")
    number = row["number"] if row is not None else 1
    message = "\n".join((tenant, client, str(user), str(number)))
    digest = hmac.new(secret, message.encode("utf-8", "surrogatepass"), sha256).digest()
    rest = to_base64url(digest + digest[::-1])
    return _text_for(tenant, rest)


def _put_refresh(draft: Draft, text: str, client: str, user: int, *, is_public: bool) -> None:
    # A client that once sent its secret has to go on doing so.
    before = draft.get("refresh", fingerprint(text))
    public = is_public and (before is None or bool(before["is_public"]))
    draft.put("refresh", fingerprint(text), {"client": client, "user": user, "is_public": public})


def find_refresh(rows: Rows, text: str) -> Value | None:
    """The consent that a refresh token stands for."""
    return rows.own_row("refresh", fingerprint(text))


def revoke(state: State, text: str) -> bool:
    """Revoke an access token, a ticket or a refresh token; whether it was known."""

    def verb(draft: Draft) -> bool:
        key = fingerprint(text)
        consent = draft.get("refresh", key)
        if consent is not None:
            name = f"{consent['client']} {consent['user']}"
            number = (draft.get("consent", name) or {"number": 1})["number"]
            draft.put("consent", name, {"number": number + 1})
            draft.remove("refresh", key)
            return True
        if draft.get("token", key) is None:
            return False
        expire(draft, key)
        return True

    return state.store.change(verb).value
