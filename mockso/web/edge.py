"""The edge for API addresses: WSGI in, `Engine.handle`, WSGI out; delays and faults are performed here.

It does not use Flask, whose dispatch would double the cost of a call.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from mockso.contract.model import NOTHING
from mockso.engine import Engine
from mockso.exchange.address import (
    Address,
    base_of,
    is_online_name,
    parse_address,
    parse_query,
    tenant_of_state,
)
from mockso.exchange.headers import parse_accept
from mockso.exchange.message import NO_BODY, Headers, Query, Reply, Request
from mockso.web.alias import Alias

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

_REASONS = {status.value: status.phrase for status in HTTPStatus} | {421: "Misdirected Request"}


class Edge:
    """The way of a call for an API address to the engine and back.

    A server asks `request` and `answer`; a WSGI host calls the edge itself, which then waits a step's delay.
    `stopping` ends all waiting, so that a server stops at once.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.stopping = threading.Event()
        self.alias: Alias | None = None
        """Whose tenant a call of the vendor's hosts is, where it is not its own."""

    def request(
        self,
        method: str,
        path: str,
        query: str,
        headers: Headers,
        body: bytes,
        origin: str,
        target: str,
    ) -> Request:
        """A request: its path is decoded, its query as it came; `origin` is the address that was called, without path."""
        address = parse_address(path)
        if not address.tenant:
            address = address._replace(tenant=self._whose(address.path))
        request = Request(
            address.tenant,
            method,
            address.path,
            Query(parse_query(query)) if query else _NO_QUERY,
            headers,
            body,
            _base(address.is_moved, address.tenant, origin),
            target,
            self.engine.clock(),
        )
        return request if self.alias is None else self.alias.apply(request)

    def answer(self, request: Request) -> Reply:
        """The reply of the engine, compressed if the client takes that."""
        reply = self.engine.handle(request)
        if self.engine.settings.compress and not reply.fault:
            return compress_reply(reply, request)
        return reply

    def may_wait(self, request: Request) -> bool:
        """Whether the answer may take long, so that a server should not wait for it."""
        return len(request.body) > QUICK_BODY or self.engine.may_wait(request)

    def _whose(self, path: str) -> str:
        """The tenant of a call that asks for a tenant's state, or has its name in the wrong place; else empty."""
        if self.engine.settings.profile == "onsite" or path.startswith("/login"):
            return ""
        name = tenant_of_state(path)
        if name:
            return name if is_online_name(name) or name in self.engine.tenants.names() else ""
        name = next(filter(self._is_tenant, path.split("/", 4)[1:4]), "")
        # A tenant may be called as a resource is, whose addresses stay what they are.
        is_address = bool(name) and not is_online_name(name) and self._reaches(path)
        return "" if is_address else name

    def _reaches(self, path: str) -> bool:
        return any(contract.reaches(path) for contract in self.engine.contracts)

    def _is_tenant(self, segment: str) -> bool:
        return is_online_name(segment) or self.engine.tenants.has(segment)

    # for WSGI hosts

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request = self.read(environ)
        reply = self.answer(request)
        if reply.delay:
            self.stopping.wait(reply.delay)
        if reply.fault:
            text = (
                f"The fault {reply.fault!r} needs the connection, which a WSGI server does not lend; "
                "run mockso with its own server (mockso serve)."
            )
            content = json.dumps({"Message": text}).encode()
            lines = [
                ("Content-Type", "application/json; charset=utf-8"),
                ("Content-Length", str(len(content))),
            ]
            start_response("501 Not Implemented", lines)
            return (content,)
        body, headers = frame(reply)
        start_response(f"{reply.status} {reason(reply)}", headers)
        if request.method == "HEAD" or not body:
            return ()
        if reply.dribble:
            return self._dribble(body, *reply.dribble)
        return (body,)

    def read(self, environ: Environ) -> Request:
        """The request of a WSGI environment. The body is read up to one byte over the limit."""
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        query = environ.get("QUERY_STRING", "")
        target = environ.get("REQUEST_URI") or environ.get("RAW_URI")
        host = (
            environ.get("HTTP_HOST") or f"{environ.get('SERVER_NAME', '')}:{environ.get('SERVER_PORT', '')}"
        )
        return self.request(
            environ["REQUEST_METHOD"],
            path,
            query,
            environ.get("mockso.headers") or Headers(_headers(environ)),
            self._body(environ),
            f"{environ.get('wsgi.url_scheme', 'http')}://{host}",
            target or quote(path) + (f"?{query}" if query else ""),
        )

    def _body(self, environ: Environ) -> bytes:
        limit = self.engine.settings.body_limit + 1
        stream = environ["wsgi.input"]
        length = environ.get("CONTENT_LENGTH")
        if length:
            # A body that is too long is not read further: the verdict is the same, and it saves memory.
            size = min(int(length), limit) if length.isascii() and length.isdigit() else 0
            body: bytes = stream.read(size) if size else b""
            return body
        if environ.get("wsgi.input_terminated") or "chunked" in environ.get("HTTP_TRANSFER_ENCODING", ""):
            whole: bytes = stream.read(limit)
            return whole
        return b""

    def _dribble(self, body: bytes, chunks: int, over: float) -> Iterator[bytes]:
        for number, piece in enumerate(pieces_of(body, chunks)):
            if number:
                self.stopping.wait(over / chunks)
            yield piece


def pieces_of(body: bytes, count: int) -> list[bytes]:
    """A body in so many pieces."""
    size = max(1, -(-len(body) // count))
    return [body[at : at + size] for at in range(0, len(body), size)]


TIMEOUT = 3600.0  # seconds a "timeout" fault keeps the connection open, if nobody gives up before
QUICK_BODY = 64 * 1024  # bytes that are judged in a millisecond or so
GARBAGE = b"\x16\x03\x01\x00garbage\x00" + bytes(range(128, 256)) + b"\r\n\r\n"

_NO_QUERY = Query()


@lru_cache(1024)
def _base(is_moved: bool, tenant: str, origin: str) -> str:
    return base_of(Address(is_moved, tenant, ""), origin)


def reason(reply: Reply) -> str:
    """The reason phrase of a reply, the status's own where none was given."""
    return reply.reason or _REASONS.get(reply.status, "Unknown")


# The shortest body that IIS compresses by default.
COMPRESS_FROM = 2700  # bytes


def compress_reply(reply: Reply, request: Request) -> Reply:
    """Compress a reply with gzip where the client accepts it and the body is long enough. Source: section 9; likely.

    The journal keeps the plain body.
    """
    body = reply.body
    if body is NOTHING or len(body) < COMPRESS_FROM or reply.header("Content-Encoding"):
        return reply
    if reply.header("Content-Type").startswith("image/"):
        return reply
    headers = (*reply.headers, ("Vary", "Accept-Encoding"))
    if not {"gzip", "x-gzip"}.intersection(parse_accept(request.headers.get("Accept-Encoding"))):
        return replace(reply, headers=headers)
    writer = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)  # without time and name: the same bytes each time
    content = writer.compress(body) + writer.flush()
    # A length that a step set is that of the plain body.
    others = tuple(pair for pair in headers if pair[0].lower() != "content-length")
    return replace(reply, body=content, headers=(*others, ("Content-Encoding", "gzip")))


def frame(reply: Reply) -> tuple[bytes, list[tuple[str, str]]]:
    """The body of a reply and its headers, with that of its length."""
    body = b"" if reply.body is NOTHING else reply.body
    headers = list(reply.headers)
    if reply.fault == "framing" or reply.status in (204, 304):
        return body, headers
    lengths = [value for name, value in headers if len(name) == 14 and name.lower() == "content-length"]
    length = lengths[0] if len(lengths) == 1 else ""
    if reply.status == 412:  # never a body, whatever a step says of one
        headers = [pair for pair in headers if pair[0].lower() != "content-length"]
        headers.append(("Content-Length", "0"))
    elif reply.status not in NO_BODY and (not length or (body and length != str(len(body)))):
        if lengths:  # wrong, or several: a client would wait for more, or take the rest for an answer
            headers = [pair for pair in headers if pair[0].lower() != "content-length"]
        headers.append(("Content-Length", str(len(body))))
    return body, headers


def _headers(environ: Environ) -> Iterator[tuple[str, str]]:
    for key, value in environ.items():
        if key[:5] == "HTTP_":
            yield _NAMES.get(key) or _header_name(key), value
    if environ.get("CONTENT_TYPE"):
        yield "Content-Type", environ["CONTENT_TYPE"]
    if environ.get("CONTENT_LENGTH"):
        yield "Content-Length", environ["CONTENT_LENGTH"]


def _header_name(key: str) -> str:
    special = {"SO": "SO", "XSRF": "XSRF", "ID": "ID"}
    name = "-".join(special.get(part, part.capitalize()) for part in key[5:].split("_"))
    if len(_NAMES) < _KEPT_NAMES:
        _NAMES[key] = name
    return name


# WSGI has header names in capitals; this caches the usual spelling of the first thousand.
_NAMES: dict[str, str] = {}
_KEPT_NAMES = 1000
