"""The answerer of the login, which also finds the tenant that a call is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mockso.config import Settings
from mockso.contract import superid
from mockso.contract.catalogue import Contract
from mockso.exchange.address import is_online_name, origin_of
from mockso.exchange.call import Answer, Call
from mockso.exchange.message import Reply, Request
from mockso.judge.faults import Faults
from mockso.login import codes, oauth, soap
from mockso.login.check import Attempt, acr_tenants
from mockso.login.form import read_client, read_form
from mockso.login.keys import Keys
from mockso.login.system import give_ticket, read_system_form
from mockso.state.applications import CLIENT
from mockso.state.roster import Tenants
from mockso.state.tenant import View

TENANT = "Cust12345"
"""Who logs in where no tenant is named and none was called before."""

_ANSWERS: Mapping[str, Callable[[Attempt, Call, Keys], Answer]] = {
    superid.DISCOVERY.id: oauth.discovery,
    superid.KEYS.id: oauth.give_keys,
    superid.AUTHORIZE.id: oauth.authorize,
    superid.AUTHORIZE_POST.id: oauth.authorize,
    superid.TOKENS.id: oauth.tokens,
    superid.REVOKE.id: oauth.revoke,
    superid.LOGOUT.id: oauth.logout,
}


class Login:
    """The login of one mock: its keys, made at the first token."""

    def __init__(self, settings: Settings, contract: Contract, tenants: Tenants) -> None:
        self.keys = Keys(settings.login_keys, tenants.share_secret)
        self._contract = contract
        self._tenants = tenants

    def answer(self, call: Call, view: View) -> Answer | None:
        """The answer to an operation of SuperId; None for any other call."""
        operation = call.lookup.operation
        if operation is None or operation.group != superid.GROUP:
            return None
        if operation is superid.SYSTEM_USER_WSDL:
            address = f"{origin_of(call.request.base)}{superid.SYSTEM_USER_SOAP.path}"
            body = soap.wsdl(address)
            return Answer(Reply(200, body, by="document", fidelity="likely", media_type=soap.XML))
        answer = _ANSWERS.get(operation.id)
        if answer is None:
            return give_ticket(call, view, self.keys)
        return answer(Attempt(call.request, view, read_form(call.request)), call, self.keys)

    def tenant_of(self, request: Request) -> str:
        """The tenant that a call of the login is about: one it names, one whose application asks, or the usual one."""
        known = {name.lower(): name for name in self._tenants.names()}
        for name in filter(None, self._names(request)):
            if name.lower() in known or is_online_name(name):
                return known.get(name.lower(), name)
        client = read_client(request, read_form(request))[0]
        online = [state for state in self._tenants if state.online]
        if client and client != CLIENT:
            owner = next((state.name for state in online if state.applications.has_own(client)), "")
            if owner:
                return owner
        names = [state.name for state in online]
        return TENANT if TENANT in names or not names else names[0]

    def _names(self, request: Request) -> list[str]:
        """The tenants that a call names, the surest first."""
        path = request.path.lower()
        if path == superid.SYSTEM_USER.path.lower() or path == superid.SYSTEM_USER_SOAP.path.lower():
            return [read_system_form(request, self._contract, Faults(None)).get("contextidentifier", "")]
        form = read_form(request)
        client, _, tenant = read_client(request, form)[0].partition(".")
        token = form.get("token", "")
        return [
            *(codes.tenant_in(form[name]) for name in ("code", "refresh_token") if name in form),
            *(token[3:].partition(".")[0] if token.startswith("8A:") else codes.tenant_in(token),),
            *acr_tenants(form),
            tenant if client == CLIENT else "",
            request.path.split("/")[2],
        ]
