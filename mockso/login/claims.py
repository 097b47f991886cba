"""The claims of the tokens that the login signs. Source: sections 3.5 and 4.4; names and text forms are firm."""

from __future__ import annotations

from typing import Any

from mockso.exchange.address import home_of, origin_of
from mockso.exchange.message import Request
from mockso.login.users import User
from mockso.state.applications import Application
from mockso.state.tenant import View

PREFIX = "http://schemes.superoffice.net/identity/"
ID_LIFE, EARLIER = 300, 60
"""Seconds that an id_token works, and that it is valid before its issue."""

SYSTEM_LIFE = 300
"""Seconds that the token around a ticket works; assumed."""

SERIAL = "1234567890"
IAT_NOTE = (
    "The id_token's iat is a text, as at the real service: PyJWT takes it, joserfc, Authlib and jose (npm) refuse it "
    "when they validate claims. --set id_token_iat=number has it a number."
)


def id_claims(
    request: Request, view: View, application: Application, user: User, nonce: str = ""
) -> dict[str, Any]:
    """The claims of an id_token."""
    at = int(request.at)
    claims: dict[str, Any] = {
        "sub": user.mail,
        **_identity(request, view, user),
        "iat": at if view.settings.id_token_iat == "number" else str(at),
        "nbf": at - EARLIER,
        "exp": at + ID_LIFE,
        "iss": origin_of(request.base),
        "aud": application.id,
    }
    if nonce:
        claims["nonce"] = nonce
    if user.is_administrator:
        claims[f"{PREFIX}system_token"] = application.token_in(view.name)
    return claims


def system_claims(request: Request, view: View, user: User, ticket: str) -> dict[str, Any]:
    """The claims of the token that a system user gets."""
    at = int(request.at)
    return {
        **_identity(request, view, user),
        f"{PREFIX}ticket": ticket,
        "iat": at,
        "nbf": at - EARLIER,
        "exp": at + SYSTEM_LIFE,
        "iss": "SuperOffice AS",
        "aud": f"spn:{SERIAL}",
    }


def _identity(request: Request, view: View, user: User) -> dict[str, str]:
    origin = origin_of(request.base)
    home = home_of(view.name, view.endpoint, f"{origin}/{view.name}/api")
    names = {
        "associateid": str(user.id),
        "identityprovider": "central-superid",
        "email": user.mail,
        "upn": user.mail,
        "so_primary_email_address": user.mail,
        "is_administrator": str(user.is_administrator),
        "ctx": view.name,
        "company_name": user.company,
        "initials": user.name,
        "serial": SERIAL,
        "netserver_url": f"{home}/Remote/Services88/",
        "webapi_url": f"{home}/api/",
    }
    return {PREFIX + name: value for name, value in names.items()}
