"""An HTTP proxy that answers for the vendor's hosts itself, so that clients with a built-in address meet the mock.

Over `CONNECT` it speaks TLS with a certificate of mockso's own authority for the name that was asked. No other host
is reached through it, unless it is to pass.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import ssl
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mockso.web.alias import HOSTS, is_one_of

if TYPE_CHECKING:
    from mockso.web.authority import Authority
    from mockso.web.head import Head

_PIECE = 64 * 1024
_CONNECT_SECONDS = 30.0


class Interception:
    """The hosts that are answered here, those that pass, and the certificates. Hosts may be patterns, "*.example.com"."""

    def __init__(self, authority: Authority, hosts: Iterable[str] = (), passing: Iterable[str] = ()) -> None:
        self.authority = authority
        self.hosts = [host.lower() for host in (*HOSTS, *hosts)]
        self._passing = [host.lower() for host in passing]

    def answers_for(self, host: str) -> bool:
        """Whether calls of a host are answered by the mock."""
        return not self.passes(host) and is_one_of(host, self.hosts)

    def passes(self, host: str) -> bool:
        """Whether a host may be reached through the proxy."""
        return is_one_of(host, self._passing)

    def refusal_of(self, host: str) -> str:
        """The refusal of a host that is neither answered nor passed."""
        return (
            f"{host[:60]} is not one of the hosts that this mock answers for ({', '.join(self.hosts)}); "
            f"--intercept-host {host[:60]} makes it one, --intercept-pass {host[:60]} lets it through"
        )

    def context(self, host: str) -> ssl.SSLContext:
        """The TLS of a host. Raises ValueError for a name that no certificate can have."""
        return self.authority.context(host)


def parse_target(target: str) -> tuple[str, int] | None:
    """The host and port of a CONNECT; None for any other target."""
    host, colon, port = target.lstrip("/").rpartition(":")
    if not colon or not _PORT.fullmatch(port) or not 0 < int(port) < 65536:
        return None
    if host.startswith("[") and host.endswith("]"):
        return (host[1:-1], int(port)) if _is_address(host[1:-1]) else None
    return (host, int(port)) if _is_name(host) else None


_PORT = re.compile(r"[0-9]{1,5}")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_LONGEST_NAME = 253  # RFC 1035, 2.3.4


def _is_name(host: str) -> bool:
    return len(host) <= _LONGEST_NAME and all(map(_LABEL.fullmatch, host.removesuffix(".").split(".")))


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.IPv6Address(host))
    except ValueError:
        return False


_HOP_HEADERS = frozenset({"connection", "proxy-connection", "proxy-authorization", "keep-alive"})


def forward(head: Head) -> bytes:
    """The head of a plain call as the host of its address wants it. Its connection ends with the answer."""
    lines = [
        f"{name}: {value}" for name, value in head.headers if name.lower() not in {*_HOP_HEADERS, "host"}
    ]
    text = "\r\n".join(
        [f"{head.method} {head.target} HTTP/1.1", f"Host: {head.host}", "Connection: close", *lines]
    )
    return text.encode("latin-1") + b"\r\n\r\n"


class Pipe(asyncio.Protocol):
    """One direction of a tunnel to a host that may pass: what comes here goes to the other end."""

    def __init__(self, other: asyncio.Transport | None = None) -> None:
        self.other = other
        self.twin: Pipe | None = None  # the other direction
        self._transport: asyncio.Transport | None = None
        self._at_end = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            self.other.write(data)

    def eof_received(self) -> bool:
        self._at_end = True
        if self.twin is None or self.twin._at_end or self.other is None:
            return False
        if self.other.can_write_eof():
            with contextlib.suppress(OSError):
                self.other.write_eof()
        return True

    def connection_lost(self, error: Exception | None) -> None:
        if self.other is not None:
            self.other.close()

    # The other end writes here: while this one takes nothing, that one should read nothing.

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None and not self.other.is_closing():
            self.other.resume_reading()


async def tunnel(client: asyncio.Transport, host: str, port: int, first: bytes = b"") -> str:
    """Join a client's connection with one to a host that may pass; the reason if that cannot be reached.

    `first` is what the host gets; without it the client is told that it may begin.
    """
    loop = asyncio.get_running_loop()
    try:
        transport, far = await asyncio.wait_for(
            loop.create_connection(lambda: Pipe(client), host, port), _CONNECT_SECONDS
        )
    except (OSError, TimeoutError, ValueError) as error:
        return f"{host}:{port} cannot be reached: {getattr(error, 'strerror', None) or 'it does not answer'}"
    if first:
        transport.write(first)
    else:
        client.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    near = Pipe(transport)
    near.twin, far.twin = far, near
    near.connection_made(client)
    client.set_protocol(near)
    client.resume_reading()
    return ""
