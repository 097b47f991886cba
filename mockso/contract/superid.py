"""The operations of SuperId, the login on the host that all tenants share. No page of the reference has them.

Source: behaviour of the real server, sections 3 and 4. Their parameters stand in the query, in a form or in both, so
that none is documented for one place: the room `login` reads and judges them.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockso.contract.model import ANY, Operation, Parameter, TypeRef

GROUP = "SuperId"

_JSON = ("application/json",)
_PAGE = ("text/html",)
_XML = ("text/xml",)


def _operation(
    name: str, method: str, path: str, produces: tuple[str, ...], responses: Mapping[int, TypeRef | None]
) -> Operation:
    return Operation(
        id=f"superid_{name}",
        method=method,
        path=path,
        group=GROUP,
        parameters=tuple(
            Parameter(part[1:-1], "path", TypeRef("scalar", "string"), True)
            for part in path.split("/")
            if part.startswith("{")
        ),
        body=None,
        body_required=False,
        responses=responses,
        consumes=(),
        produces=produces,
        sources=("sign-in",),
    )


DISCOVERY = _operation("discovery", "GET", "/login/.well-known/openid-configuration", _JSON, {200: ANY})
KEYS = _operation("keys", "GET", "/login/.well-known/jwks", _JSON, {200: ANY})
AUTHORIZE = _operation("authorize", "GET", "/login/{tenant}/oauth/authorize", _PAGE, {302: None, 400: None})
AUTHORIZE_POST = _operation(
    "authorize_post", "POST", "/login/{tenant}/oauth/authorize", _PAGE, {302: None, 400: None}
)
TOKENS = _operation("tokens", "POST", "/login/{tenant}/oauth/tokens", _JSON, {200: ANY, 400: ANY})
REVOKE = _operation("revoke", "POST", "/login/{tenant}/oauth/revoke", (), {200: None})
LOGOUT = _operation("logout", "GET", "/login/logout", _PAGE, {200: None, 302: None})
SYSTEM_USER = _operation(
    "system_user", "POST", "/login/api/PartnerSystemUser/Authenticate", _JSON, {200: ANY}
)
_SERVICE = "/login/services/PartnerSystemUserService.svc"
SYSTEM_USER_SOAP = _operation("system_user_soap", "POST", _SERVICE, _XML, {200: None})
SYSTEM_USER_WSDL = _operation("system_user_wsdl", "GET", _SERVICE, _XML, {200: None})

OPERATIONS: Mapping[str, Operation] = {
    one.id: one
    for one in (
        *(DISCOVERY, KEYS, AUTHORIZE, AUTHORIZE_POST, TOKENS, REVOKE, LOGOUT),
        *(SYSTEM_USER, SYSTEM_USER_SOAP, SYSTEM_USER_WSDL),
    )
}


def find_operations(path: str) -> tuple[dict[str, Operation], dict[str, str]]:
    """The operations of an address by method, and the variables of its path; letter case does not matter."""
    parts = path.split("/")
    variables: dict[str, str] = {}
    operations: dict[str, Operation] = {}
    for operation in OPERATIONS.values():
        template = operation.path.split("/")
        if len(template) != len(parts):
            continue
        pairs = list(zip(template, parts, strict=True))
        if all(name[:1] == "{" or name.lower() == part.lower() for name, part in pairs):
            operations[operation.method] = operation
            variables = {name[1:-1]: part for name, part in pairs if name[:1] == "{"}
    return operations, variables
