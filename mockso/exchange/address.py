"""The grammar of addresses: the API's own, the shared host's, and where a tenant lives.

/api/v1/Contact/17                   onsite
/Cust12345/api/v1/Contact/17         a tenant of Online, or a virtual directory
/moved/Cust12345/api/v1/Contact/17   a tenant that a scenario moved to "elsewhere", on the mock itself, so that
                                     it can be reached by whatever name the mock is called
/api/state/Cust12345                 the host that all tenants share: the state of one
/login/common/oauth/tokens           the same host: the login, of which no tenant has a part
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, unquote_plus

ELSEWHERE, PREFIX = "elsewhere", "/moved/"

_API = re.compile(
    r"/+(?:(moved)/+(?=(?!(?:api|v\d+)/)[^/]+/+api(?:/|\Z)))?(?:(?!(?:api|v\d+)(?:/|\Z))([^/]+)/+)?api(/.*|)\Z",
    re.IGNORECASE | re.DOTALL,
)
# Below /login/api there may be a virtual directory of that name, with one exception.
_LOGIN = re.compile(
    r"/+login(/+(?:api/+partnersystemuser(?:/.*|)|(?!/|api(?:/|\Z)).+))\Z", re.IGNORECASE | re.DOTALL
)
_ONLINE_NAME = re.compile(r"cust\d+", re.IGNORECASE | re.ASCII)
_STATE = re.compile(r"/api/state/([^/]+)", re.IGNORECASE)
_STATE_TARGET = re.compile(r"(?:https?://[^/?]*)?/+api/+state/+[^/?]+/*(?:\?|\Z)", re.IGNORECASE)


_OWN = re.compile(r"/+(?:__(?:mockso|admin)(?:/|\Z)|favicon\.ico\Z)", re.IGNORECASE)
_OWN_LETTERS = "/_fF"


_RESERVED = re.compile(r"(?:api|v\d+|login|common|moved|favicon\.ico|__.*|)\Z", re.IGNORECASE)


class Address(NamedTuple):
    """A decoded path taken apart. `path` is "/api/v1/Contact/17" or "/login/common/oauth/tokens", slashes made
    single, none at the end.
    """

    is_moved: bool
    tenant: str
    path: str


def is_api(path: str) -> bool:
    """Whether a decoded path is an address of the API."""
    return _API.match(path) is not None


def is_own(path: str) -> bool:
    """Whether a decoded path is the mock's own and not a call: the admin API, the icon that browsers want."""
    return path[1:2] in _OWN_LETTERS and _OWN.match(path) is not None


def parse_address(path: str) -> Address:
    """Take a decoded path apart; one of neither API nor login has no tenant and stays as it is."""
    return _parse(path) if len(path) < 200 else _parse.__wrapped__(path)


@lru_cache(1024)
def _parse(path: str) -> Address:
    login = _LOGIN.match(path)
    if login is not None:
        return Address(False, "", "/login" + re.sub(r"/+", "/", login[1]).rstrip("/"))
    match = _API.match(path)
    if match is None:
        return Address(False, "", "/" + re.sub(r"/+", "/", path).strip("/"))
    moved, tenant, rest = match.groups()
    return Address(moved is not None, tenant or "", "/api" + re.sub(r"/+", "/", rest).rstrip("/"))


def can_name_tenant(segment: str) -> bool:
    """Whether a tenant may be called so: not as a part that every address has, or one of the mock's own."""
    return _RESERVED.match(segment) is None


def is_online_name(segment: str) -> bool:
    """Whether a segment can only be the name of a tenant of Online: "Cust12345"."""
    return _ONLINE_NAME.fullmatch(segment) is not None


def tenant_of_state(path: str) -> str:
    """The tenant whose state is asked for by "/api/state/Cust12345"; empty for any other path."""
    match = _STATE.fullmatch(path)
    return match[1] if match else ""


def is_to_environment(target: str) -> bool:
    """Whether a request line's target is an address of the host that all tenants share."""
    return _STATE_TARGET.match(unquote(target)) is not None


def parse_query(text: str) -> list[tuple[str, str]]:
    """The decoded arguments of a query text, in its order; a name without "=" has an empty value.

    A second "?" counts as "&": clients append "?$select=" to addresses that have a query already.
    """
    pairs = []
    for part in text.replace("?", "&").split("&") if "?" in text else text.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append((unquote_plus(name), unquote_plus(value)))
    return pairs


def base_of(address: Address, origin: str) -> str:
    """The absolute address up to "/api": "http://127.0.0.1:8585/Cust12345/api"."""
    prefix = f"/{quote(address.tenant)}" if address.tenant else ""
    return f"{origin}{'/moved' if address.is_moved else ''}{prefix}/api"


def origin_of(base: str) -> str:
    """The scheme and host of an absolute address: "http://127.0.0.1:8585"."""
    return "/".join(base.split("/", 3)[:3])


def host_name(header: str) -> str:
    """The host of a header Host without its port, in lower case; an IPv6 address without its brackets."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()


# --- where a tenant lives -----------------------------------------------------------------------


def home_of(tenant: str, endpoint: str, base: str) -> str:
    """The address of a tenant without "/api": "http://127.0.0.1:8585/Cust12345".

    `endpoint` is empty where no scenario moved it, "elsewhere", or an address without the tenant's name. `base` is
    an absolute address of the mock, up to "/api" where the tenant was not moved.
    """
    if not endpoint:
        return base.removesuffix("/api")
    if endpoint == ELSEWHERE:
        return f"{origin_of(base)}{PREFIX}{quote(tenant)}"
    return f"{endpoint.rstrip('/')}/{quote(tenant)}"


def is_at_home(tenant: str, endpoint: str, base: str) -> bool:
    """Whether a call came by the address of its tenant. The scheme does not count: TLS may end before the mock."""
    home = home_of(tenant, endpoint, base)
    return _host_and_path(home) == _host_and_path(base.removesuffix("/api"))


def is_elsewhere(base: str) -> bool:
    """Whether a call came by an address that only moved tenants have."""
    # Most bases do not even have its text; whether it stands at its place, only the others are asked.
    return PREFIX in base.lower() and _host_and_path(base.removesuffix("/api"))[1].startswith(PREFIX)


def _host_and_path(address: str) -> tuple[str, str]:
    # urlsplit refuses some hosts, and a call may name any.
    host, slash, path = address.lower().partition("://")[2].partition("/")
    return host, slash + path
