"""Blocks the network: connections to anything but the mock fail, with a message that names the address."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable
from typing import Any

FORBIDDEN = ".superoffice.com"
# Where the methods of a socket that leave the machine have the address, and what looks names up.
_ADDRESS_AT = {"connect": 0, "connect_ex": 0, "sendto": -1, "sendmsg": 3}
_LOOK_UPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex")


class NetworkBlockedError(RuntimeError):
    """A test tried to leave the machine. Not an OSError, which clients catch and try again."""


class Block:
    """Keeps sockets from connecting and sending anywhere but to allowed addresses ("host" or "host:port").

    `mock` gives the mock's own host and port once it listens. Names below superoffice.com are not even
    looked up, whatever is allowed.
    """

    def __init__(self, allowed: Iterable[str], mock: Callable[[], tuple[str, int] | None]) -> None:
        self._allowed = {text.lower() for text in allowed}
        self._mock = mock
        self._saved: list[tuple[Any, str, Any]] = []

    def start(self) -> None:
        """Block from now on."""
        for name in _ADDRESS_AT:
            self._put(socket.socket, name, self._guard_address)
        for name in _LOOK_UPS:
            self._put(socket, name, self._guard_look_up)

    def stop(self) -> None:
        """Block no more."""
        while self._saved:
            owner, name, real = self._saved.pop()
            setattr(owner, name, real)

    def _put(self, owner: Any, name: str, guard: Callable[[str, Any], Any]) -> None:
        real = getattr(owner, name, None)
        if real is not None:  # Windows has no sendmsg
            self._saved.append((owner, name, real))
            setattr(owner, name, guard(name, real))

    def _guard_address(self, name: str, real: Any) -> Any:
        def guard(connecting: socket.socket, *arguments: Any, **options: Any) -> Any:
            address = arguments[_ADDRESS_AT[name] :][:1]
            if address:
                self.check(connecting, address[0])
            return real(connecting, *arguments, **options)

        return guard

    def _guard_look_up(self, name: str, real: Any) -> Any:
        def guard(host: Any, *arguments: Any, **options: Any) -> Any:
            self.check_name(host)
            return real(host, *arguments, **options)

        return guard

    def check(self, connecting: socket.socket, address: Any) -> None:
        """Raise NetworkBlockedError unless a socket may connect to the address; the socket is then closed."""
        try:
            self._check(connecting.family, address)
        except NetworkBlockedError:
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
        raise NetworkBlockedError(
            f"--mockso-block-network: a connection to {host}:{port} was tried; only the mock may be reached. "
            f"Call superoffice.url, or allow it with the ini key mockso_allow_hosts = {host}:{port}"
        )

    def check_name(self, host: Any) -> None:
        """Raise NetworkBlockedError for a name that may not be looked up."""
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
        name = name.lower().rstrip(".")
        self._refuse_vendor(name)
        entries = [entry for entry in self._allowed if entry == name or entry.startswith(f"{name}:")]
        if entries and not _number(name):
            # What is allowed by name is connected to by number.
            look_up = next(real for _, original, real in self._saved if original == "getaddrinfo")
            numbers = {str(info[4][0]) for info in look_up(host, None)}
            self._allowed |= {number + entry[len(name) :] for number in numbers for entry in entries}
            return
        if name and name != "localhost" and not _number(name):
            raise NetworkBlockedError(
                f"--mockso-block-network: the name {name!r} was looked up; only the mock may be reached. "
                f"Call superoffice.url, or allow it with the ini key mockso_allow_hosts = {name}"
            )

    def _refuse_vendor(self, host: str) -> None:
        if f".{host}".endswith(FORBIDDEN):
            raise NetworkBlockedError(
                f"--mockso-block-network: {host} is the real SuperOffice, which no test may reach. "
                "Call superoffice.url instead."
            )


def _number(name: str) -> bool:
    return ":" in name or name.replace(".", "").isdigit()
