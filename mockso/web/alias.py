"""The vendor's hosts, and whose tenant a call of one of them is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from mockso.exchange.address import host_name, origin_of
from mockso.exchange.message import Headers, Request

HOSTS = ("superoffice.com", "*.superoffice.com")


def is_one_of(host: str, patterns: Iterable[str]) -> bool:
    """Whether a host has one of these names, or fits a pattern such as "*.example.com"."""
    return any(fnmatchcase(host.lower().rstrip("."), pattern.lower()) for pattern in patterns)


class Alias:
    """Takes whatever tenant is called by one of the hosts for `tenant`; links in answers keep the name that was called."""

    def __init__(self, tenant: str, hosts: Iterable[str] = ()) -> None:
        self._tenant = tenant
        self._hosts = (*HOSTS, *hosts)

    def apply(self, request: Request) -> Request:
        """The request as one of the tenant, with the token that names it, or the parameters of a login that do."""
        if request.to_login:
            return self._log_in(request)
        called = request.tenant
        if called in ("", self._tenant) or not self.answers_for(request.base):
            return request
        token = f"8A:{called}."
        lines = [
            (name, value.replace(token, f"8A:{self._tenant}.") if name.lower() == "authorization" else value)
            for name, value in request.headers
        ]
        return replace(request, tenant=self._tenant, headers=Headers(lines))

    def _log_in(self, request: Request) -> Request:
        if not self.answers_for(request.base):
            return request
        from mockso.login.rename import with_tenant

        return with_tenant(request, self._tenant)

    def answers_for(self, address: str) -> bool:
        """Whether an absolute address is one of the hosts'."""
        return is_one_of(host_name(origin_of(address).partition("://")[2]), self._hosts)
