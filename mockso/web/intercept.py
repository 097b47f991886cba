"""An HTTP proxy that answers for the vendor's hosts itself, so that clients with a built-in address meet the mock.

Over `CONNECT` it speaks TLS with a certificate of mockso's own authority for the name that was asked. No other host
is reached through it, unless it is to pass.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mockso.web.alias import HOSTS, is_one_of

if TYPE_CHECKING:
    from mockso.web.authority import Authority

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

    def context(self, host: str) -> ssl.SSLContext:
        """The TLS of a host."""
        return self.authority.context(host)


def parse_target(target: str) -> tuple[str, int] | None:
    """The host and port of a CONNECT; None where one is missing."""
    host, colon, port = target.lstrip("/").rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return None
    return host.strip("[]"), int(port)


def not_ours(host: str) -> str:
    """The refusal of a host that is neither answered nor passed."""
    return (
        f"{host} is not one of the hosts that this mock answers for ({', '.join(HOSTS)}); --intercept-host {host} "
        f"makes it one, --intercept-pass {host} lets it through"
    )


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


async def tunnel(client: asyncio.Transport, host: str, port: int) -> str:
    """Join a client's connection with one to a host that may pass; the reason if that cannot be reached."""
    loop = asyncio.get_running_loop()
    try:
        transport, far = await asyncio.wait_for(
            loop.create_connection(lambda: Pipe(client), host, port), _CONNECT_SECONDS
        )
    except (OSError, TimeoutError) as error:
        return f"{host}:{port} cannot be reached: {getattr(error, 'strerror', None) or 'it does not answer'}"
    client.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    near = Pipe(transport)
    near.twin, far.twin = far, near
    near.connection_made(client)
    client.set_protocol(near)
    client.resume_reading()
    return ""
