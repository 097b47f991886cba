"""A server that answers with the bytes it is told to, for what no proper server does."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Play = Callable[[socket.socket, bytes], None]


@dataclass
class Odd:
    url: str
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0


def _head(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    return data


@contextmanager
def odd_server(play: Play, context: ssl.SSLContext | None = None) -> Iterator[Odd]:
    """`play` gets the connection and all that came with the head; the connection stays open after it."""
    listener = socket.create_server(("127.0.0.1", 0))
    scheme = "https" if context else "http"
    odd = Odd(f"{scheme}://localhost:{listener.getsockname()[1]}")

    def talk(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if context:
                connection = context.wrap_socket(connection, server_side=True)
            odd.connections += 1
            with connection:
                while head := _head(connection):
                    odd.heads.append(head)
                    play(connection, head)

    def listen() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield odd
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(2)


def says(*parts: bytes, close: bool = False) -> Play:
    """Answers with these bytes, whatever was asked; then perhaps closes."""

    def play(connection: socket.socket, head: bytes) -> None:
        for part in parts:
            connection.sendall(part)
        if close:
            connection.shutdown(socket.SHUT_RDWR)

    return play


@contextmanager
def nobody() -> Iterator[str]:
    """An address where nobody listens, and nobody else will for as long as it is needed."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"
