"""Calls without a socket: the application is called as a WSGI server would, faults become exceptions.

with_requests.py and with_httpx.py turn a fault into what their library raises when the same happens on a socket.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

ADDRESS = "http://mockso.localhost"
"""The address of a mock without a socket; it is never looked up."""


class BrokenConnectionError(Exception):
    """The connection broke: `kind` is "reset", "empty", "garbage" or "timeout"."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply. `body` is shorter than its Content-Length if the connection was cut."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes


class _Wire:
    """The connection: what a server would do to it is raised, or kept in `data`."""

    def __init__(self, stopping: threading.Event, timeout: float | None) -> None:
        self._stopping = stopping
        self._timeout = timeout
        self.data = b""

    def reset(self) -> None:
        raise BrokenConnectionError("reset")

    def send(self, data: bytes) -> None:
        if not data.startswith(b"HTTP/"):
            raise BrokenConnectionError("garbage" if data else "empty")
        self.data = data

    def hold(self, seconds: float) -> None:
        self.wait(seconds)
        raise BrokenConnectionError("empty")

    def wait(self, seconds: float) -> None:
        """Wait as the client of this call would: to the end, or until it gives up."""
        timeout = self._timeout
        if timeout is not None and seconds > timeout:
            self._stopping.wait(timeout)
            raise BrokenConnectionError("timeout")
        self._stopping.wait(seconds)


def call(
    app: Application,
    stopping: threading.Event,
    method: str,
    url: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    timeout: float | None = None,
) -> Answer:
    """Call the application. Raises BrokenConnectionError where a socket would break."""
    parts = urlsplit(url)
    wire = _Wire(stopping, timeout)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "REQUEST_URI": f"{parts.path}?{parts.query}" if parts.query else parts.path,
        "SERVER_NAME": parts.hostname or "",
        "SERVER_PORT": str(parts.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": parts.netloc.rpartition("@")[2],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "mockso.connection": wire,
        "mockso.wait": wire.wait,
    }
    for name, value in headers:
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        environ[key] = f"{environ[key]}, {value}" if key in environ and key != "HTTP_HOST" else value
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    heads: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        heads.append((status, headers))

    result = app(environ, start_response)
    try:
        content = b"".join(result)
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()
    if wire.data:
        return _cut(wire.data)
    status, headers_sent = heads[-1]
    code, _, reason = status.partition(" ")
    return Answer(int(code), reason, headers_sent, content)


def _cut(sent: bytes) -> Answer:
    head, _, body = sent.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    _, code, reason = first.split(" ", 2)
    pairs = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    return Answer(int(code), reason, pairs, body)
