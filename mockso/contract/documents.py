"""Operations that no page documents and the server has: the root documents, an agent's GET, OPTIONS, a tenant's state.

Source: behaviour of the real server, sections 5 and 6. As operations they are judged, journalled and matched by
scenarios like any other; answer/documents.py answers them, and the login those of superid.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mockso.contract import superid
from mockso.contract.catalogue import Contract, Lookup
from mockso.contract.model import ANY, Operation, Parameter, TypeRef
from mockso.errors import nearest

GROUP = "mockso"


def _document(operation_id: str, path: str, *variables: str) -> Operation:
    return Operation(
        id=operation_id,
        method="GET",
        path=path,
        group=GROUP,
        parameters=tuple(Parameter(name, "path", TypeRef("scalar", "string"), True) for name in variables),
        body=None,
        body_required=False,
        responses={200: ANY},
        consumes=(),
        produces=("application/json", "text/json", "text/html"),
        sources=("introduction",),
    )


ROOT = _document("mockso_Root", "/api")
VERSION = _document("mockso_Version", "/api/v1")
DESCRIPTION = _document("mockso_AgentDescription", "/api/v1/Agents/{agent}/{method}", "agent", "method")

STATE = replace(
    _document("mockso_TenantState", "/api/state/{tenant}", "tenant"),
    produces=("application/json",),
    sources=("tenant state",),
)

OPTIONS = replace(
    _document("mockso_Options", "/api"),
    method="OPTIONS",
    responses={200: None},
    produces=(),
    sources=("cors",),
)

DOCUMENTS: Mapping[str, Operation] = {
    **{one.id: one for one in (ROOT, VERSION, DESCRIPTION, OPTIONS, STATE)},
    **superid.OPERATIONS,
}
_BY_PATH = {one.path: one for one in (ROOT, VERSION)}


def find(
    contract: Contract, method: str, path: str, *, preflight: bool = False, environment: bool = False
) -> Lookup:
    """The operation a call is addressed to, the documents above among them.

    HEAD is a GET whose body stays behind (assumed). `preflight` answers OPTIONS where the address is known;
    browsers ask it without credential. `environment` is whether the environment's host is asked.
    """
    if environment and path[:7].lower() == "/login/":
        return _find_login(contract, method, path, preflight)
    if method == "HEAD":
        method = "GET"
    elif method == "OPTIONS" and preflight:
        allowed = ("GET",) if path.lower() in _BY_PATH else contract.find(method, path).allowed
        if allowed:
            return Lookup(OPTIONS, contract, {}, allowed=(*allowed, "OPTIONS"), public=True)
    if environment:
        state = STATE if method == "GET" else None
        return Lookup(state, contract, {"tenant": path.split("/")[3]}, allowed=("GET",), public=True)
    if method == "GET":
        document = _BY_PATH.get(path.lower())
        if document is not None:
            # The root names versions and nothing else; nobody needs a credential for it (likely).
            return Lookup(document, contract, {}, public=document is ROOT)
    # An address of columns has a slash before it or none. Source: section 14.1.
    if path[-9:].lower() == "$metadata" and path[:16].lower() == "/api/v1/archive/":
        path = f"{path[:-9].rstrip('/')}/$metadata"
    lookup = contract.find(method, path)
    if (
        lookup.operation is None
        and method == "GET"
        and "POST" in lookup.allowed
        and path.lower().startswith("/api/v1/agents/")
    ):
        agent, name = path.split("/")[-2:]
        return Lookup(DESCRIPTION, contract, {"agent": agent, "method": name})
    return lookup


def _find_login(contract: Contract, method: str, path: str, preflight: bool) -> Lookup:
    operations, variables = superid.find_operations(path)
    allowed = tuple(sorted(operations))
    if method == "OPTIONS" and preflight and allowed:
        return Lookup(OPTIONS, contract, {}, allowed=(*allowed, "OPTIONS"), public=True)
    operation = operations.get("GET" if method == "HEAD" else method)
    near = () if allowed else tuple(nearest(path, [one.path for one in superid.OPERATIONS.values()], 1))
    return Lookup(operation, contract, variables, allowed, near, public=True)
