"""The answers of the OAuth server: discovery, keys, authorize, tokens, revoke and logout.

Source: behaviour, section 3. A call that was refused gets the server's own error, not one of RFC 6749.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from mockso.contract.model import Confidence
from mockso.exchange.address import origin_of
from mockso.exchange.call import Answer, Call
from mockso.exchange.headers import parse_accept
from mockso.exchange.message import Reply
from mockso.login import codes
from mockso.login.check import RESPONSE_TYPES, Attempt
from mockso.login.claims import IAT_NOTE, id_claims
from mockso.login.keys import Keys
from mockso.login.pages import ERRORS, OUTCOME, USER, choice_page, error_page, page, post_page
from mockso.login.users import User, all_users
from mockso.state.applications import Application
from mockso.state.tokens import TOKEN_LIFE

HTML = "text/html; charset=utf-8"

# Source: section 3.4; firm.
TOKEN_HEADERS = (
    ("Cache-Control", "no-cache, no-store"),
    ("Pragma", "no-cache"),
    ("Expires", "-1"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET"),
    ("X-Robots-Tag", "no-index,no-follow"),
    ("Set-Cookie", "SOOnline=mockso; path=/; HttpOnly"),
)
INVALID = "Invalid client_id/client_secret/authorization_code"

# Which of the server's errors a broken rule is; assumed but for the first.
_NAMES = {
    "login-redirect": "InvalidRedirectUrl",
    "login-approval": "NeedsReapproval",
    "login-code": "Expired",
}


def discovery(attempt: Attempt, call: Call, keys: Keys) -> Answer:
    """The document that says where all others are. Source: section 3.1; firm."""
    origin = origin_of(attempt.request.base)
    oauth = f"{origin}/login/common/oauth"
    document = {
        "issuer": origin,
        "authorization_endpoint": f"{oauth}/authorize",
        "token_endpoint": f"{oauth}/tokens",
        "end_session_endpoint": f"{origin}/login/logout",
        "jwks_uri": f"{origin}/login/.well-known/jwks",
        "revocation_endpoint": f"{oauth}/revoke",
        "scopes_supported": ["openid"],
        "response_modes_supported": ["form_post", "fragment", "query"],
        "response_types_supported": list(RESPONSE_TYPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "grant_types_supported": ["implicit", "authorization_code", "refresh_token"],
    }
    return Answer(Reply(200, document, by="document", fidelity="firm"))


def give_keys(attempt: Attempt, call: Call, keys: Keys) -> Answer:
    """The public key. Source: section 3.2; firm."""
    return Answer(Reply(200, keys.document(), by="document", fidelity="firm"))


# --- authorize ----------------------------------------------------------------------------------


def authorize(attempt: Attempt, call: Call, keys: Keys) -> Answer:
    """Log a user in at once and send the browser back, or show the page to choose one."""
    application, user = attempt.application, attempt.user
    errors = call.verdict.errors
    if errors:
        return Answer(_error(_NAMES.get(errors[0].rule.id, "Denied"), errors[0].message, by_refusal=True))
    assert application is not None
    assert user is not None
    if attempt.form.get(OUTCOME) in ERRORS:
        return Answer(_error(attempt.form[OUTCOME], "chosen on the page of the login"))
    if _wants_page(attempt):
        users = all_users(attempt.view.state.store.rows)
        # "//login/..." would be the address of a host.
        action = "/" + attempt.request.target.partition("?")[0].lstrip("/")
        return Answer(_page(choice_page(attempt.form, users, action)))
    return Answer(_send_back(attempt, _grant(attempt, application, user, keys)))


def _error(name: str, explanation: str, *, by_refusal: bool = False) -> Reply:
    # The page is firm, its status assumed.
    body = error_page(name, explanation)
    return Reply(400, body, by="refusal" if by_refusal else "document", fidelity="assumed", media_type=HTML)


def _page(body: bytes) -> Reply:
    return Reply(200, body, by="document", fidelity="assumed", media_type=HTML)


def _wants_page(attempt: Attempt) -> bool:
    """Whether somebody is to choose: a prompt says so, or a browser asks that names nobody."""
    prompts = attempt.form.get("prompt", "").split()
    if attempt.form.get(USER) or "none" in prompts or attempt.view.settings.login_page == "never":
        return False
    if {"select_account", "login", "consent"}.intersection(prompts):
        return True
    browses = "text/html" in parse_accept(attempt.request.headers.get("Accept"))
    return browses and "login_hint" not in attempt.form


def _grant(attempt: Attempt, application: Application, user: User, keys: Keys) -> dict[str, str]:
    """The parameters of the answer. Source: section 3.3; firm."""
    state, form, at = attempt.view.state, attempt.form, attempt.request.at
    grant = {"state": form["state"]} if "state" in form else {}
    if "code" in attempt.response_type:
        facts: dict[str, Any] = {
            "client": application.id,
            "redirect": form["redirect_uri"],
            "user": user.id,
            "challenge": form.get("code_challenge", ""),
            "method": attempt.challenge_method,
            "nonce": form.get("nonce", ""),
        }
        grant["code"] = codes.add_code(state, at, facts)
    claims = id_claims(attempt.request, attempt.view, application, user, form.get("nonce", ""))
    if "token" in attempt.response_type:
        grant |= {
            "access_token": codes.add_access(state, at, application.id, user.id),
            "token_type": "bearer",
            "expires_in": f"{TOKEN_LIFE:.0f}",
        }
    if attempt.response_type & {"token", "id_token"}:
        identity = {name.rpartition("/")[2]: value for name, value in claims.items()}
        grant |= {"ctx": state.name, "netserver_url": identity["netserver_url"]}
    if "id_token" in attempt.response_type:
        grant["id_token"] = keys.sign(claims)
    return grant


def _send_back(attempt: Attempt, grant: Mapping[str, str]) -> Reply:
    address, mode = attempt.form["redirect_uri"], attempt.response_mode
    if mode == "form_post":
        return _page(post_page(address, grant))
    mark = "#" if mode == "fragment" else "&" if "?" in address else "?"
    return _redirect(f"{address}{mark}{urlencode(grant)}", "firm")


def _redirect(address: str, fidelity: Confidence) -> Reply:
    location = quote(address, safe="/:?&=%#[]@!$'()*+,;~")
    return Reply(302, headers=(("Location", location),), by="document", fidelity=fidelity)


# --- tokens -------------------------------------------------------------------------------------


def tokens(attempt: Attempt, call: Call, keys: Keys) -> Answer:
    """Exchange a code or a refresh token for an access token and an id_token. Source: section 3.4; firm."""
    errors, application = call.verdict.errors, attempt.application
    if errors:
        return Answer(_denial(is_refresh=errors[0].rule.id == "login-refresh"))
    assert application is not None
    state, at = attempt.view.state, attempt.request.at
    if attempt.form["grant_type"] == "refresh_token":
        assert attempt.consent is not None
        user, nonce = attempt.user_of(attempt.consent), ""
        access = codes.refresh_access(state, attempt.form["refresh_token"], at)
        if access is None:
            return Answer(_denial(is_refresh=True), note="Another call revoked this refresh token meanwhile.")
        body = {"access_token": access}
    else:
        assert attempt.code is not None
        user, nonce = attempt.user_of(attempt.code), attempt.code["nonce"]
        pair = codes.exchange_code(state, keys, attempt.form["code"], at)
        if pair is None:
            return Answer(_denial(), note="Another call was quicker to use this code; each works once.")
        body = {"access_token": pair[0], "refresh_token": pair[1]}
    claims = id_claims(attempt.request, attempt.view, application, user, nonce)
    document = {
        "token_type": "Bearer",
        "access_token": body.pop("access_token"),
        "expires_in": int(TOKEN_LIFE),
        **body,
        "id_token": keys.sign(claims),
    }
    note = IAT_NOTE if isinstance(claims["iat"], str) else ""
    return Answer(Reply(200, document, TOKEN_HEADERS, by="document", fidelity="firm"), note=note)


def _denial(*, is_refresh: bool = False) -> Reply:
    body = {"error": "access_denied", **({} if is_refresh else {"error_description": INVALID})}
    return Reply(400, body, TOKEN_HEADERS, by="refusal", fidelity="firm")


# --- revoke, logout -----------------------------------------------------------------------------


def revoke(attempt: Attempt, call: Call, keys: Keys) -> Answer:
    """Have a token work no longer. Source: section 3.6; assumed."""
    if call.verdict.errors:
        return Answer(_denial())
    if "token" in attempt.form:
        codes.revoke(attempt.view.state, attempt.form["token"])
    return Answer(Reply(200, headers=TOKEN_HEADERS[:3], by="document", fidelity="assumed"))


def logout(attempt: Attempt, call: Call, keys: Keys) -> Answer:
    """End the session. Source: section 3.6; assumed."""
    errors = call.verdict.errors
    if errors:
        return Answer(_error("InvalidRedirectUrl", errors[0].message, by_refusal=True))
    address = attempt.form.get("post_logout_redirect_uri", "")
    if not address:
        return Answer(_page(page("Logged out", "<h1>Logged out</h1>")))
    if "state" in attempt.form:
        address += ("&" if "?" in address else "?") + urlencode({"state": attempt.form["state"]})
    return Answer(_redirect(address, "assumed"))
