"""Where a tenant lives: the address that its state tells, and whether a call came by it.

A tenant that a scenario moved lives at `endpoint`: an address without the tenant's name, or "elsewhere", which
is below /moved on the mock itself, so that it can be reached by whatever name the mock is called.
"""

from __future__ import annotations

from urllib.parse import quote

from mockso.exchange.message import Request

ELSEWHERE, PREFIX = "elsewhere", "/moved/"


def address(endpoint: str, request: Request) -> str:
    """The address of a request's tenant, without "/api": "http://127.0.0.1:8585/Cust12345"."""
    if not endpoint:
        return request.base.removesuffix("/api")
    scheme, host, _ = _parts(request.base)
    return address_of(request.tenant, endpoint, f"{scheme}://{host}")


def address_of(tenant: str, endpoint: str, origin: str) -> str:
    """The address of a tenant that was moved; `origin` is the mock's own, "http://127.0.0.1:8585"."""
    if endpoint == ELSEWHERE:
        return f"{origin}{PREFIX}{quote(tenant)}"
    return f"{endpoint.rstrip('/')}/{quote(tenant)}"


def is_at(endpoint: str, request: Request) -> bool:
    """Whether a call came by that address. The scheme does not count: TLS may end before the mock."""
    _, *wanted = _parts(address(endpoint, request).lower())
    _, *given = _parts(request.base.lower().removesuffix("/api"))
    return wanted == given


def is_elsewhere(request: Request) -> bool:
    """Whether a call came by the address that only moved tenants have."""
    return _parts(request.base.lower().removesuffix("/api"))[2].startswith(PREFIX)


def host_name(header: str) -> str:
    """The host of a header Host without its port, in lower case; an IPv6 address without its brackets."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()


def _parts(address: str) -> tuple[str, str, str]:
    """Scheme, host and path. urlsplit refuses some hosts, and a call may name any."""
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return scheme, host, slash + path
