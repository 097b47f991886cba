"""The caller: the associate that a credential stands for.

Source: behaviour, section 20; assumed where no login made the credential. Basic's user name and a token of
the form `8A:Tenant.user-ANB` stand for the associate of that name, any other for the tenant's `me`.
"""

from __future__ import annotations

from base64 import b64decode

from mockso.entities.compose import Source
from mockso.exchange.message import Request
from mockso.state.credentials import Credentials

USER_MARK = "user-"


def name_of_user(request: Request) -> str:
    """The user name that a credential carries; empty where it carries none."""
    scheme, _, credential = request.headers.get("Authorization").strip().partition(" ")
    match scheme.lower():
        case "basic":
            try:
                return b64decode(credential, validate=True).decode("utf-8", "replace").partition(":")[0]
            except ValueError:
                return ""
        case "bearer":
            text = credential.strip().partition(".")[2]
            return text.removeprefix(USER_MARK) if text.startswith(USER_MARK) else ""
    return ""


def associate_of(request: Request, rows: Source, credentials: Credentials | None = None) -> int:
    """The key of the caller's associate; 0 in a tenant without associates."""
    user = credentials.user_of(request) if credentials is not None else 0
    if user and rows.get("Associate", user) is not None:
        return user
    name = name_of_user(request)
    for text in {name, name.upper()} if name else ():
        for property in ("Name", "UserName"):
            for key, _ in rows.find("Associate", property, text):
                return int(key)
    me = rows.get("tenant", "me")
    return int(me["associate"]) if me is not None else 0
