"""Judging of access: address and host, credential, the tenant's state, restrictions of Online."""

from __future__ import annotations

from mockso.contract.catalogue import Lookup
from mockso.contract.model import Operation
from mockso.errors import suggest
from mockso.exchange.address import PREFIX, host_name, is_at_home, is_elsewhere
from mockso.exchange.message import Request
from mockso.judge.faults import Faults
from mockso.state.tenant import View

# The settings that switch a scheme off onsite. Source: section 2.1.
SWITCHES = {
    "Basic": "authorize_with_username",
    "SOTicket": "authorize_with_ticket",
    "Negotiate": "authorize_with_implicit",
}

# Source: reference, "Blocked in Online for safety"; sections 2.5 and 15.3.
BLOCKED_ONLINE = frozenset({"v1User_GetCurrentUser"})


def judge_address(request: Request, lookup: Lookup, faults: Faults) -> None:
    """Add a fault for an address without operation, or one that has other methods."""
    if lookup.operation is not None:
        return
    if lookup.allowed:
        faults.add(
            "unknown-method",
            "method",
            f"{request.path} has {', '.join(lookup.allowed)}, not {request.method}",
            expected=", ".join(lookup.allowed),
            got=request.method,
            nearest=lookup.allowed[0],
        )
        return
    near = lookup.contract.meant_address(request.tenant, request.path)
    near = near or (lookup.suggestions[0] if lookup.suggestions else "")
    faults.add(
        "unknown-address",
        "address",
        f"no operation has the address {request.path!r}." + suggest(near) + _cure(request.path),
        got=request.path,
        nearest=near,
    )


def _cure(path: str) -> str:
    """The cure for a base address that has too much or too little; empty where it is not the base."""
    folded = path.lower()
    if folded.count("/api/v1") > 1:
        return (
            " It has /api/v1 twice: this client adds it itself, give it MOCKSO_ROOT, the address without it."
        )
    if not folded.startswith(("/api", "/login")):
        return " The base address is not that of the API: give the client SUPEROFFICE_BASE_URL, which ends in /api/v1."
    return ""


def judge_host(request: Request, view: View, faults: Faults) -> None:
    """Add a fault for a call to a host that does not own the tenant."""
    if view.endpoint and is_at_home(request.tenant, view.endpoint, request.base):
        return
    if is_elsewhere(request.base):
        message = f"{view.name} did not move to {PREFIX}{view.name}; its state tells where it is"
        faults.add("wrong-host", "address", message, got=request.base)
        return
    hosts = view.settings.hosts
    if not hosts or request.to_environment:
        return
    host = host_name(request.headers.get("Host"))
    if host not in {owner.strip("[]").lower() for owner in hosts}:
        faults.add(
            "wrong-host",
            "header Host",
            f"{host!r} does not own this tenant; {', '.join(hosts)} do",
            got=host,
        )


def judge_credential(request: Request, lookup: Lookup, view: View, faults: Faults) -> str:
    """The scheme of a valid credential; empty, with a fault unless the address is public, otherwise."""
    if lookup.public:
        return ""
    scheme, fault = view.credentials.check(request, online=view.online)
    if fault is not None:
        faults.add(fault.rule, fault.where, fault.message)
        return ""
    switch = "" if view.online else SWITCHES.get(scheme, "")
    if switch and not getattr(view.settings, switch):
        faults.add("scheme-off", "header Authorization", f"{scheme} is switched off here by {switch}")
        return ""
    return scheme


def judge_tenant(view: View, faults: Faults) -> None:
    """Add a fault for a tenant in maintenance or suspended."""
    if view.status in ("OfflineMaintenance", "Suspended"):
        faults.add(
            "tenant-not-running",
            "tenant",
            f"{view.name} is in state {view.status}",
            got=view.status,
        )


def judge_restriction(operation: Operation, request: Request, view: View, faults: Faults) -> None:
    """Add a fault for an operation that Online blocks, or gives only to applications with a grant."""
    restricted = operation.restricted
    if view.online and operation.id in BLOCKED_ONLINE:
        faults.add(
            "online-blocked",
            "operation",
            f"{operation.id} is blocked in Online; ask User/currentPrincipal or User/currentAssociate",
        )
    if restricted is None or not view.online or view.is_granted(restricted.agent, request):
        return
    why = {
        "never": "partner applications never get it",
        "erp": "only ERP applications get it",
        "internal": "only the vendor's own applications get it",
        "on-request": "an application gets it on request",
    }[restricted.kind]
    faults.add(
        "online-restricted",
        "operation",
        f"{operation.id} is Online restricted: it needs the {restricted.agent} agent, {why}. "
        f"To try it as if granted: --grant {restricted.agent}",
        source=restricted.source,
        expected=f"grant of {restricted.agent}",
    )
