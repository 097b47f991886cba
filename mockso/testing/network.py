"""No network but the mock: connections to anywhere else fail, in words that say where to."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable
from typing import Any

FORBIDDEN = ".superoffice.com"


class NetworkBlocked(RuntimeError):
    """A test wanted to leave the machine. Not an OSError, which clients catch and try again."""


class Block:
    """Keeps sockets from connecting anywhere but to allowed addresses ("host" or "host:port").

    `mock` gives the mock's own host and port once it listens. Names below superoffice.com are not even
    looked up, whatever is allowed.
    """

    def __init__(self, allowed: Iterable[str], mock: Callable[[], tuple[str, int] | None]) -> None:
        self._allowed = {text.lower() for text in allowed}
        self._mock = mock
        self._saved: tuple[Any, ...] = ()

    def start(self) -> None:
        """Block from now on."""
        block, connect, connect_ex, look_up = (
            self,
            socket.socket.connect,
            socket.socket.connect_ex,
            socket.getaddrinfo,
        )
        self._saved = (connect, connect_ex, look_up)

        def guarded(self: socket.socket, address: Any) -> None:
            block.check(self, address)
            connect(self, address)

        def guarded_ex(self: socket.socket, address: Any) -> int:
            block.check(self, address)
            return connect_ex(self, address)

        def guarded_look_up(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
            block.check_name(host, port)
            return look_up(host, port, *arguments, **options)

        socket.socket.connect = guarded  # type: ignore[assignment]
        socket.socket.connect_ex = guarded_ex  # type: ignore[assignment, method-assign]
        socket.getaddrinfo = guarded_look_up

    def stop(self) -> None:
        """Block no more."""
        if self._saved:
            socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo = self._saved  # type: ignore[method-assign]
            self._saved = ()

    def check(self, connecting: socket.socket, address: Any) -> None:
        """NetworkBlocked unless a socket may connect there; it is closed then, as nobody else will."""
        try:
            self._check(connecting.family, address)
        except NetworkBlocked:
            connecting.close()
            raise

    def _check(self, family: int, address: Any) -> None:
        if family not in (socket.AF_INET, socket.AF_INET6) or not isinstance(address, tuple):
            return
        host, port = str(address[0]).lower(), address[1]
        self._refuse_vendor(host)
        if os.name == "nt" and host in ("127.0.0.1", "::1"):
            return  # there an event loop talks to itself over loopback
        if (host, port) == self._mock() or host in self._allowed or f"{host}:{port}" in self._allowed:
            return
        raise NetworkBlocked(
            f"--mockso-block-network: a connection to {host}:{port} was tried; only the mock may be reached. "
            f"Call superoffice.url, or allow it with the ini key mockso_allow_hosts = {host}:{port}"
        )

    def check_name(self, host: Any, port: Any) -> None:
        """NetworkBlocked for a name that may not be looked up."""
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
        name = name.lower().rstrip(".")
        self._refuse_vendor(name)
        if name in self._allowed or f"{name}:{port}" in self._allowed:
            # What is allowed by name is connected to by number.
            self._allowed.update(str(entry[4][0]) for entry in self._saved[2](host, port) if self._saved)
            return
        if name and name != "localhost" and not _number(name):
            raise NetworkBlocked(
                f"--mockso-block-network: the name {name!r} was looked up; only the mock may be reached. "
                f"Call superoffice.url, or allow it with the ini key mockso_allow_hosts = {name}"
            )

    def _refuse_vendor(self, host: str) -> None:
        if f".{host}".endswith(FORBIDDEN):
            raise NetworkBlocked(
                f"--mockso-block-network: {host} is the real SuperOffice, which no test may reach. "
                "Call superoffice.url instead."
            )


def _number(name: str) -> bool:
    return ":" in name or name.replace(".", "").isdigit()
