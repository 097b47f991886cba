"""The target of a delivery: whether it may be reached, and sending to it.

Nothing leaves this machine unless a setting names where to. Redirects are not followed (assumed), and
proxies of the environment are not used.
"""

from __future__ import annotations

import http.client
import ipaddress
import ssl
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from mockso.config import Settings
from mockso.contract.model import NOTHING
from mockso.exchange.message import Reply
from mockso.timing import monotonic

# Bytes of a target's answer that are read.
_LIMIT = 256 * 1024
_SAFE = "/%:@!$&'()*+,;=~?-._"


class Target:
    """Where a registration's TargetUrl leads; ValueError says what is wrong with it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an absolute http or https address")
        self.https = parts.scheme == "https"
        self.host = parts.hostname
        self.port = parts.port or (443 if self.https else 80)
        self.origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self.path = parts.path or "/"
        self.query = parts.query
        query = f"?{parts.query}" if parts.query else ""
        self.address = quote(self.path + query, safe=_SAFE)

    @property
    def here(self) -> bool:
        """Whether it is this machine, by a name that needs no looking up."""
        return _is_loopback(self.host)

    def withheld(self, settings: Settings) -> str:
        """The reason why nothing is sent there, or an empty string.

        A mock that others can reach does not call its own machine for them either.
        """
        hosts = {host.lower() for host in settings.webhook_hosts}
        if "*" in hosts or self.host in hosts or f"{self.host}:{self.port}" in hosts:
            return ""
        if self.here and _is_loopback(settings.host):
            return ""
        why = "other machines can reach this mock" if self.here else "it is not this machine"
        return (
            f"not sent to {self.host}: {why}. Name it with --set webhook_hosts={self.host}, or let a step that "
            "matches 'webhook' answer in its place."
        )

    def post(
        self, headers: Iterable[tuple[str, str]], body: bytes, timeout: float, *, validate: bool
    ) -> Reply:
        """Send a delivery and return the reply. Raises OSError, HTTPException or ValueError without a proper one.

        Certificates are validated, those of this machine only with `validate`.
        """
        connection = self._connect(timeout, validate=validate)
        end = monotonic() + timeout
        try:
            connection.putrequest("POST", self.address, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.putheader("Connection", "close")
            connection.endheaders(body)
            response = connection.getresponse()
            pieces: list[bytes] = []
            while sum(map(len, pieces)) < _LIMIT and (piece := response.read1(64 * 1024)):
                pieces.append(piece)
                if monotonic() > end:
                    raise TimeoutError("timed out in the middle of the answer")
            if response.length and sum(map(len, pieces)) < _LIMIT:
                raise http.client.IncompleteRead(b"".join(pieces), response.length)
            return Reply(
                response.status,
                b"".join(pieces) or NOTHING,
                tuple(response.getheaders()),
                by="upstream",
                fidelity="firm",
                reason=response.reason,
            )
        finally:
            connection.close()

    def _connect(self, timeout: float, *, validate: bool) -> http.client.HTTPConnection:
        if not self.https:
            return http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        context = ssl.create_default_context()
        if self.here and not validate:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=context)


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
