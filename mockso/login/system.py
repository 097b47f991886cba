"""The system user: a signed system token in exchange for a ticket, by REST and by SOAP.

Source: behaviour, section 4. What a refusal says is assumed: the name of the error of section 3.3.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime

from mockso.contract import superid
from mockso.contract.catalogue import Contract
from mockso.contract.model import Json
from mockso.exchange.call import Answer, Call
from mockso.exchange.message import Reply, Request
from mockso.formats.reading import UndecodableError
from mockso.judge.faults import Faults
from mockso.login import codes, soap
from mockso.login.claims import system_claims
from mockso.login.form import read_object
from mockso.login.keys import Keys, has_signature
from mockso.login.users import default_user
from mockso.state.applications import Application
from mockso.state.tenant import View

WINDOW = 600.0
"""Seconds by which a time in a signed system token may differ from the server's; assumed."""

# Assumed: which error each broken rule is.
_NAMES = {
    "system-signature": "InvalidSignature",
    "system-stamp": "InvalidTimestamp",
    "login-approval": "NeedsReapproval",
    "login-tenant": "Revoked",
}


def read_system_form(request: Request, contract: Contract, faults: Faults) -> Mapping[str, str]:
    """The four members of a request, by name in lower case, from its JSON or its envelope."""
    if request.path.lower().endswith(".svc"):
        try:
            return soap.read_request(request.body, contract)
        except UndecodableError as error:
            faults.add(error.rule, "body", error.message)
            return {}
    value: Mapping[str, Json] = {}
    if request.body:
        try:
            value = read_object(request.body)
        except UndecodableError as error:
            faults.add(error.rule, "body", error.message)
    pairs = [*request.query, *((name, str(item or "")) for name, item in value.items())]
    return {name.lower(): value for name, value in pairs}


def judge_system_user(request: Request, view: View, form: Mapping[str, str], faults: Faults) -> None:
    """Add the faults of a request for a ticket."""
    if any(fault.stage == "decoding" for fault in faults.violations):
        return
    if form.get("contextidentifier", "").lower() != view.name.lower():
        faults.add(
            "login-tenant",
            "ContextIdentifier",
            "no tenant has this name",
            got=form.get("contextidentifier", "")[:40],
        )
    application = _application(view, form)
    if application is None:
        faults.add("login-client", "ApplicationToken", "it is not an application's secret")
        return
    if not application.is_approved:
        faults.add("login-approval", "ApplicationToken", f"{application.id} is not approved for {view.name}")
    kind = form.get("returntokentype", "Jwt").lower()
    if kind not in ("jwt", "saml"):
        faults.add("login-parameter", "ReturnTokenType", f"it is Jwt or Saml, not {kind[:40]!r}")
    _judge_signature(request, view, application, form.get("signedsystemtoken", ""), faults)


def _application(view: View, form: Mapping[str, str]) -> Application | None:
    secret = form.get("applicationtoken", "")
    return view.state.applications.of_secret(secret) if secret else None


def _judge_signature(
    request: Request, view: View, application: Application, text: str, faults: Faults
) -> None:
    # The system token may have dots of its own: the last two delimit.
    parts = text.rsplit(".", 2)
    where = "SignedSystemToken"
    if len(parts) < 3:
        faults.add("system-signature", where, "its form is {system token}.{yyyyMMddHHmm}.{signature}")
        return
    system_token, stamp, signature = parts
    try:
        moment = _read_stamp(stamp)
    except ValueError:
        # Of a token with its parts in another order this may be the secret one.
        wrong = f", not {stamp[:20]!r}" if stamp.isascii() and stamp.isdigit() else ""
        faults.add("system-stamp", where, f"its time is yyyyMMddHHmm in UTC{wrong}")
        return
    try:
        content = b64decode(signature.replace(" ", "+"), validate=True)
    except ValueError:
        content = b""
    if not has_signature(f"{system_token}.{stamp}", content, application.public_key):
        message = f"it was not made with the private key of {application.id} (RSA-SHA256, PKCS#1 v1.5)"
        faults.add("system-signature", where, message)
    elif system_token != application.token_in(view.name):
        message = f"its system token is not that of {application.id} in {view.name}"
        faults.add("system-signature", where, message)
    if abs(moment - request.at) > WINDOW + 60:  # the stamp has no seconds
        now = datetime.fromtimestamp(request.at, UTC).strftime("%Y%m%d%H%M")
        faults.add("system-stamp", where, f"its time {stamp} is over ten minutes from {now}", got=stamp)


def _read_stamp(stamp: str) -> float:
    if len(stamp) != 12 or not (stamp.isascii() and stamp.isdigit()):  # strptime takes blanks and "2026131"
        raise ValueError
    return datetime.strptime(stamp, "%Y%m%d%H%M").replace(tzinfo=UTC).timestamp()


def give_ticket(call: Call, view: View, keys: Keys) -> Answer:
    """The token with a ticket, or the reason for a refusal."""
    form: Mapping[str, str] = call.verdict.body if isinstance(call.verdict.body, dict) else {}  # type: ignore[assignment]  # read_system_form made it
    errors = call.verdict.errors
    token = error = ""
    if errors:
        error = _NAMES.get(errors[0].rule.id, "Denied")
    else:
        application = _application(view, form)
        assert application is not None
        user = default_user(view.state.store.rows)
        ticket = codes.add_ticket(view.state, call.request.at, application.id, user.id)
        claims = system_claims(call.request, view, user, ticket)
        is_saml = form.get("returntokentype", "").lower() == "saml"
        token = soap.saml_token(claims) if is_saml else keys.sign(claims)
    by, fidelity = ("refusal", "assumed") if errors else ("document", "firm")
    operation = call.lookup.operation
    if operation is superid.SYSTEM_USER:
        body: object = {"IsSuccessful": not errors, "Token": token or None, "ErrorMessage": error or None}
        return Answer(Reply(200, body, by=by, fidelity=fidelity))  # type: ignore[arg-type]  # of the table above
    return Answer(Reply(200, soap.response(token, error), by=by, fidelity=fidelity, media_type=soap.XML))  # type: ignore[arg-type]  # as above
