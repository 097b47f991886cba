"""Calls without a socket: the application is called as a WSGI server would, faults become exceptions.

with_requests.py and with_httpx.py turn a fault into what their library raises when the same happens on a socket.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, unquote, unquote_to_bytes, urlsplit

from mockso.exchange.message import Headers, Reply
from mockso.web.edge import TIMEOUT, frame, reason
from mockso.web.gate import Gate

ADDRESS = "http://mockso.localhost"
"""The address of a mock without a socket; it is never looked up."""

Pairs = list[tuple[str, str]]


class BrokenConnectionError(Exception):
    """The connection broke: `kind` is "reset", "empty", "garbage" or "timeout"."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply. `body` is shorter than its Content-Length if the connection was cut.

    It comes after `wait` seconds, when the connection breaks if `kind` says how.
    """

    status: int
    reason: str
    headers: Pairs
    body: bytes
    wait: float = 0.0
    kind: str = ""

    def after(self, timeout: float | None) -> Answer:
        """As it is for a client that waits so many seconds for it: in time, or not at all."""
        if timeout is None or self.wait <= timeout:
            return self
        return Answer(0, "", [], b"", timeout, "timeout")

    def check(self) -> Answer:
        """Itself. Raises BrokenConnectionError if the connection breaks instead."""
        if self.kind:
            raise BrokenConnectionError(self.kind)
        return self


def call(
    gate: Gate,
    method: str,
    url: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    timeout: float | None = None,
) -> Answer:
    """Call the application, and wait as long as its answer takes. Raises BrokenConnectionError."""
    answer = ask(gate, method, url, headers, body).after(timeout)
    if answer.wait:
        gate.edge.stopping.wait(answer.wait)
    return answer.check()


def ask(gate: Gate, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> Answer:
    """Call the application; its answer, and how long to wait for it."""
    parts = urlsplit(url)
    if not gate.is_direct(unquote(parts.path)):
        return _by_wsgi(gate, method, parts, headers, body)
    lines = Headers([*headers, *([("Content-Length", str(len(body)))] if body else [])])
    request = gate.edge.request(
        method,
        unquote(parts.path, errors="replace"),
        parts.query,
        lines,
        body,
        f"{parts.scheme}://{lines.get('Host') or parts.netloc.rpartition('@')[2]}",
        f"{parts.path}?{parts.query}" if parts.query else parts.path,
    )
    return _to_answer(gate.edge.answer(request), method)


def _to_answer(reply: Reply, method: str) -> Answer:
    body, headers = frame(reply)
    wait, kind = reply.delay, reply.fault
    match kind:
        case "timeout":
            wait, kind = TIMEOUT, "empty"
        case "cut":
            if not body:
                body = b"{}"
                headers = [*headers, ("Content-Length", "2")]
            body, kind = body[: len(body) // 2], ""
        case "framing":
            kind = "garbage" if reply.header("Transfer-Encoding") else ""
            length = reply.header("Content-Length")
            body = body[: int(length)] if length.isascii() and length.isdigit() else body
        case "" if reply.dribble and body:
            chunks, over = reply.dribble
            wait += over / chunks * (chunks - 1)
    return Answer(reply.status, reason(reply), headers, b"" if method == "HEAD" else body, wait, kind)


def _by_wsgi(
    gate: Gate, method: str, parts: SplitResult, headers: Iterable[tuple[str, str]], body: bytes
) -> Answer:
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
    }
    for name, value in headers:
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        environ[key] = f"{environ[key]}, {value}" if key in environ and key != "HTTP_HOST" else value
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    heads: list[tuple[str, Pairs]] = []

    def start_response(status: str, headers: Pairs, exc_info: Any = None) -> None:
        heads.append((status, headers))

    result: Any = gate(environ, start_response)
    try:
        content = b"".join(result)
    finally:
        close: Callable[[], None] | None = getattr(result, "close", None)
        if close is not None:
            close()
    status, headers_sent = heads[-1]
    code, _, phrase = status.partition(" ")
    return Answer(int(code), phrase, headers_sent, content)
