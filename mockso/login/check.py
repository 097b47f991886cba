"""Judging a call of the login: its client, its code or token, its addresses and forms.

Source: behaviour, sections 3 and 4. No message has a secret in it, as they are written down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from mockso.contract import superid
from mockso.contract.catalogue import Contract
from mockso.contract.model import NOTHING, Operation
from mockso.errors import did_you_mean
from mockso.exchange.call import Verdict
from mockso.exchange.message import Request
from mockso.formats.reading import UndecodableError
from mockso.judge.faults import Faults
from mockso.login import codes, pkce
from mockso.login.form import looks_like_object, read_client, read_form, read_object
from mockso.login.pages import ERRORS, OUTCOME, USER
from mockso.login.system import judge_system_user, read_system_form
from mockso.login.users import User, default_user, find_user, is_gone, user_of
from mockso.state.applications import Application
from mockso.state.log import Value
from mockso.state.tenant import View

# Source: section 3.1; firm.
RESPONSE_TYPES = ("code", "id_token", "code id_token", "token id_token", "token")
RESPONSE_MODES = ("query", "fragment", "form_post")
GRANTS = ("authorization_code", "refresh_token")
PROMPTS = ("none", "login", "consent", "select_account")
_TYPES = {frozenset(text.split()): text for text in RESPONSE_TYPES}


@dataclass(frozen=True)
class Attempt:
    """A call of the login with what its parameters mean in its tenant."""

    request: Request
    view: View
    form: Mapping[str, str]

    @cached_property
    def client(self) -> tuple[str, str]:
        """The client's id and secret, each empty where it was not sent."""
        return read_client(self.request, self.form)

    @cached_property
    def application(self) -> Application | None:
        return self.view.state.applications.get(self.client[0])

    @property
    def response_type(self) -> frozenset[str]:
        return frozenset(self.form.get("response_type", "").split())

    @property
    def response_mode(self) -> str:
        """How the answer travels: a code alone in the query, all else in the fragment, unless it is said."""
        return self.form.get("response_mode") or ("query" if self.response_type == {"code"} else "fragment")

    @property
    def challenge_method(self) -> str:
        return self.form.get("code_challenge_method", "plain")

    @cached_property
    def code(self) -> Value | None:
        """The row of the code."""
        return codes.find_code(self.view.state.store.rows, self.form.get("code", ""))

    @cached_property
    def consent(self) -> Value | None:
        """The row of the refresh token."""
        return codes.find_refresh(self.view.state.store.rows, self.form.get("refresh_token", ""))

    @cached_property
    def user(self) -> User | None:
        """The user who logs in; None for somebody unknown. A hint that nobody answers to means the default user."""
        rows = self.view.state.store.rows
        if self.form.get(USER):
            return find_user(rows, self.form[USER])
        return find_user(rows, self.form.get("login_hint", "")) or default_user(rows)

    def user_of(self, row: Value) -> User:
        """The user that a code or a refresh token stands for."""
        return user_of(self.view.state.store.rows, row["user"])


def judge_login(request: Request, operation: Operation, contract: Contract, view: View) -> Verdict:
    """The verdict on a call of the login, with every fault of it; its parameters are the body."""
    faults = Faults(operation)
    if len(request.body) > view.settings.body_limit:
        faults.add("too-large", "body", f"the body is over the limit of {view.settings.body_limit} bytes")
        return Verdict(tuple(faults.violations), {}, NOTHING)
    if operation.path == superid.SYSTEM_USER_SOAP.path or operation is superid.SYSTEM_USER:
        form = read_system_form(request, contract, faults) if operation.method == "POST" else {}
        if operation.method == "POST":
            judge_system_user(request, view, form, faults)
        return Verdict(tuple(faults.violations), {}, dict(form) or NOTHING)
    if looks_like_object(request.body):
        try:
            read_object(request.body)
        except UndecodableError as error:
            faults.add(error.rule, "body", error.message)
    attempt = Attempt(request, view, read_form(request))
    judge_place(attempt, faults)
    judge = _CHECKS.get(operation.id)
    if judge is not None:
        judge(attempt, faults)
    return Verdict(tuple(faults.violations), {}, dict(attempt.form) or NOTHING)


def judge_place(attempt: Attempt, faults: Faults) -> None:
    """Add a fault for an address or an acr_values with a tenant that is not there."""
    parts = attempt.request.path.split("/")
    name = parts[2] if len(parts) > 4 else ""
    if name.lower() not in ("", "common", attempt.view.name.lower()):
        faults.add(
            "login-tenant",
            "address",
            f"{name!r} is not a tenant here; write common, or the tenant's name ({attempt.view.name})",
        )
    for name in acr_tenants(attempt.form):
        if name.lower() != attempt.view.name.lower():
            message = f"{name[:40]!r} is not a tenant here, or another parameter names {attempt.view.name}"
            faults.add("login-tenant", "query acr_values", message, got=name[:40])


def acr_tenants(form: Mapping[str, str]) -> list[str]:
    """The tenants that acr_values names: "tenant:Cust12345"."""
    return [text[7:] for text in form.get("acr_values", "").split() if text[:7].lower() == "tenant:"]


# --- authorize ----------------------------------------------------------------------------------


def judge_authorize(attempt: Attempt, faults: Faults) -> None:
    """Add the faults of a request to log in."""
    form, application = attempt.form, attempt.application
    _judge_application(attempt, faults)
    address = form.get("redirect_uri", "")
    if not address:
        faults.add("login-redirect", "query redirect_uri", "it is missing: the address the answer goes to")
    elif application is not None and not application.redirects_to(address):
        faults.add(
            "login-redirect",
            "query redirect_uri",
            f"it is none of {application.id}'s: {', '.join(application.redirects)} (compared letter by letter)",
            got=address[:200],
        )
    _judge_response(attempt, faults)
    _judge_challenge(attempt, faults)
    if "openid" not in form.get("scope", "").split():
        message = "scope is openid; the server logs in without it"
        faults.add("login-parameter", "query scope", message, severity="warning", expected="openid")
    if attempt.user is None:
        faults.add(
            "login-user", f"query {USER}", f"nobody here is called {form[USER][:40]!r}", got=form[USER][:40]
        )
    elif "login_hint" in form and not find_user(attempt.view.state.store.rows, form["login_hint"]):
        message = f"nobody here is called {form['login_hint'][:40]!r}; {attempt.user.name} logs in"
        faults.add("login-user", "query login_hint", message, severity="warning")
    for name in form.get("prompt", "").split():
        if name not in PROMPTS:
            message = f"{name[:40]!r} is none of {', '.join(PROMPTS)}"
            faults.add("login-parameter", "query prompt", message, severity="warning")
    if form.get(OUTCOME, "Denied") not in ERRORS[1:]:
        message = f"it is none of {', '.join(ERRORS[1:])}"
        faults.add("login-parameter", f"query {OUTCOME}", message + did_you_mean(form[OUTCOME], ERRORS[1:]))


def _judge_application(attempt: Attempt, faults: Faults) -> None:
    id, application = attempt.client[0], attempt.application
    if application is None:
        known = [one.id for one in attempt.view.state.applications]
        message = f"no application is called {id[:60]!r}.{did_you_mean(id, known)}"
        faults.add("login-client", "client_id", message if id else "client_id is missing", got=id[:60])
    elif not application.is_approved:
        message = f"{id} is not approved for {attempt.view.name}"
        faults.add("login-approval", "client_id", message)


def _judge_response(attempt: Attempt, faults: Faults) -> None:
    form = attempt.form
    if attempt.response_type not in _TYPES:
        faults.add(
            "login-parameter",
            "query response_type",
            f"it is one of {', '.join(RESPONSE_TYPES)}",
            got=form.get("response_type", "")[:60],
        )
    mode = form.get("response_mode", "")
    if mode and mode not in RESPONSE_MODES:
        message = f"it is one of {', '.join(RESPONSE_MODES)}"
        faults.add("login-parameter", "query response_mode", message, got=mode[:60])
    elif mode == "query" and attempt.response_type & {"token", "id_token"}:
        message = "tokens do not travel in a query; leave it out, or say fragment or form_post"
        faults.add("login-parameter", "query response_mode", message, got=mode)
    if "id_token" in attempt.response_type and not form.get("nonce"):
        message = "OpenID Connect demands a nonce with an id_token; the server goes on without one"
        faults.add("login-parameter", "query nonce", message, severity="warning")


def _judge_challenge(attempt: Attempt, faults: Faults) -> None:
    form, method = attempt.form, attempt.challenge_method
    where = "query code_challenge_method"
    if method not in pkce.METHODS:
        faults.add("login-pkce", where, f"it is plain or S256, not {method[:40]!r}", got=method[:40])
    elif "code_challenge" not in form:
        if "code_challenge_method" in form:
            faults.add("login-pkce", "query code_challenge", "a method is there, its challenge is missing")
    elif not pkce.is_challenge(form["code_challenge"], method):
        faults.add("login-pkce", "query code_challenge", f"it has not the form of {method}")


# --- tokens -------------------------------------------------------------------------------------


def judge_tokens(attempt: Attempt, faults: Faults) -> None:
    """Add the faults of an exchange of a code or a refresh token."""
    grant = attempt.form.get("grant_type", "")
    if grant not in GRANTS:
        faults.add(
            "login-grant",
            "grant_type",
            f"it is one of {', '.join(GRANTS)}.{did_you_mean(grant, GRANTS)}",
            got=grant[:60],
        )
    _judge_application(attempt, faults)
    row = attempt.code if grant == GRANTS[0] else attempt.consent
    is_public = row is not None and bool(row.get("challenge") or row.get("is_public"))
    _judge_secret(attempt, faults, optional=is_public)
    if grant == GRANTS[0]:
        _judge_code(attempt, faults)
    elif grant == GRANTS[1]:
        _judge_refresh(attempt, faults)


def _judge_secret(attempt: Attempt, faults: Faults, *, optional: bool) -> None:
    application, secret = attempt.application, attempt.client[1]
    form = attempt.form
    if "client_id" in form and form["client_id"] != read_client(attempt.request, {})[0] != "":
        faults.add("login-client", "client_id", "it differs from the one in the header Authorization")
    if application is None or (optional and not secret):
        return
    if not secret:
        message = "client_secret is missing; only an exchange with PKCE goes without one"
        faults.add("login-client", "client_secret", message)
    elif not application.has_secret(secret):
        faults.add("login-client", "client_secret", f"it is not that of {application.id}")


def _judge_code(attempt: Attempt, faults: Faults) -> None:
    form, row = attempt.form, attempt.code
    if row is None:
        message = "no such code was given" if form.get("code") else "code is missing"
        faults.add("login-code", "code", message)
        return
    if row["is_spent"]:
        faults.add("login-code", "code", "it was used already; each works once")
    if row["expires"] <= attempt.request.at:
        faults.add("login-code", "code", f"it has expired; one works for {codes.CODE_LIFE:.0f} seconds")
    _judge_owner(attempt, row, "login-code", "code", faults)
    if row["client"] != attempt.client[0]:
        faults.add("login-code", "client_id", f"the code was given to {row['client']}")
    if form.get("redirect_uri", "") != row["redirect"]:
        message = "it is not the one the code was sent to" if form.get("redirect_uri") else "it is missing"
        faults.add("login-redirect", "redirect_uri", message, expected=row["redirect"])
    verifier = form.get("code_verifier", "")
    if row["challenge"] and not pkce.answers(verifier, row["challenge"], row["method"]):
        message = f"it does not belong to the challenge ({row['method']})" if verifier else "it is missing"
        faults.add("login-pkce", "code_verifier", message)


def _judge_refresh(attempt: Attempt, faults: Faults) -> None:
    row = attempt.consent
    if row is None:
        message = "no such refresh token works" if "refresh_token" in attempt.form else "it is missing"
        faults.add("login-refresh", "refresh_token", message)
        return
    _judge_owner(attempt, row, "login-refresh", "refresh_token", faults)
    if row["client"] != attempt.client[0]:
        faults.add("login-refresh", "client_id", f"the refresh token was given to {row['client']}")


def _judge_owner(attempt: Attempt, row: Value, rule: str, where: str, faults: Faults) -> None:
    # Else the default user, an administrator, would take the place of who was deleted.
    if is_gone(attempt.view.state.store.rows, row["user"]):
        faults.add(rule, where, f"the user who logged in, associate {row['user']}, was deleted since")


# --- revoke, logout -----------------------------------------------------------------------------


def judge_revoke(attempt: Attempt, faults: Faults) -> None:
    """Warn of a revocation without a token."""
    if "token" not in attempt.form:
        faults.add("login-parameter", "token", "it is missing: what is to be revoked", severity="warning")


def judge_logout(attempt: Attempt, faults: Faults) -> None:
    """Add a fault for an address to go on to that no application has."""
    address = attempt.form.get("post_logout_redirect_uri", "")
    if address and not any(one.redirects_to(address) for one in attempt.view.state.applications):
        message = "it is not an application's redirect address"
        faults.add("login-redirect", "query post_logout_redirect_uri", message, got=address[:200])


_CHECKS: Mapping[str, Callable[[Attempt, Faults], None]] = {
    superid.AUTHORIZE.id: judge_authorize,
    superid.AUTHORIZE_POST.id: judge_authorize,
    superid.TOKENS.id: judge_tokens,
    superid.REVOKE.id: judge_revoke,
    superid.LOGOUT.id: judge_logout,
}
