"""Calls of this process for the vendor's hosts, answered by a world without a socket: requests, httpx and urllib."""

from __future__ import annotations

import http.client
import io
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

from mockso.testing.inprocess import BrokenConnectionError, call
from mockso.web.alias import Alias
from mockso.web.gate import Gate

if TYPE_CHECKING:
    from mockso.engine import Engine


@contextmanager
def interception(engine: Engine, tenant: str, hosts: tuple[str, ...] = ()) -> Iterator[None]:
    """Send the calls of this process for the vendor's hosts, and further ones, to a tenant.

    Whatever tenant is in an address is this one. All other calls go where they would go.
    """
    gate = Gate(engine)
    alias = gate.edge.alias = Alias(tenant, hosts)
    places: list[tuple[type, str, Any]] = []

    def put(owner: type, name: str, make: Callable[[Any], Any]) -> None:
        real = getattr(owner, name)
        places.append((owner, name, real))
        setattr(owner, name, make(real))

    try:
        for scheme in ("http", "https"):
            owner: type = urllib.request.HTTPSHandler if scheme == "https" else urllib.request.HTTPHandler
            put(owner, f"{scheme}_open", lambda real: _for_urllib(gate, alias, real))
        if find_spec("requests") is not None:
            _put_requests(gate, alias, put)
        if find_spec("httpx") is not None:
            _put_httpx(gate, alias, put)
        yield
    finally:
        gate.edge.stopping.set()
        while places:
            owner, name, real = places.pop()
            setattr(owner, name, real)


def _put_requests(gate: Gate, alias: Alias, put: Callable[..., None]) -> None:
    from requests.adapters import HTTPAdapter

    from mockso.testing.with_requests import Adapter

    ours = Adapter(gate)

    def make(real: Any) -> Any:
        def send(self: HTTPAdapter, request: Any, *arguments: Any, **options: Any) -> Any:
            if not alias.answers_for(request.url):
                return real(self, request, *arguments, **options)
            return Adapter.send(ours, request, *arguments, **options)

        return send

    put(HTTPAdapter, "send", make)


def _put_httpx(gate: Gate, alias: Alias, put: Callable[..., None]) -> None:
    import httpx

    from mockso.testing.with_httpx import AsyncTransport, Transport

    ours, ours_for_loops = Transport(gate), AsyncTransport(gate)

    def make(real: Any) -> Any:
        def handle_request(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            if not alias.answers_for(str(request.url)):
                response: httpx.Response = real(self, request)
                return response
            return ours.handle_request(request)

        return handle_request

    def make_for_loops(real: Any) -> Any:
        async def handle_async_request(
            self: httpx.AsyncHTTPTransport, request: httpx.Request
        ) -> httpx.Response:
            if not alias.answers_for(str(request.url)):
                response: httpx.Response = await real(self, request)
                return response
            return await ours_for_loops.handle_async_request(request)

        return handle_async_request

    put(httpx.HTTPTransport, "handle_request", make)
    put(httpx.AsyncHTTPTransport, "handle_async_request", make_for_loops)


# --- urllib


class _Bytes:
    """A socket with an answer in it, as far as http.client looks at one."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def _for_urllib(gate: Gate, alias: Alias, real: Any) -> Any:
    def open_address(self: Any, request: urllib.request.Request) -> Any:
        if not alias.answers_for(request.full_url):
            return real(self, request)
        body = request.data or b""
        content = body if isinstance(body, bytes) else b"".join(body)  # type: ignore[arg-type]
        timeout = request.timeout
        try:
            answer = call(
                gate,
                request.get_method(),
                request.full_url,
                request.header_items(),
                content,
                timeout if isinstance(timeout, int | float) else None,
            )
        except BrokenConnectionError as broken:
            if broken.kind == "timeout":
                raise TimeoutError("timed out") from broken
            if broken.kind == "garbage":
                raise http.client.BadStatusLine("\x16\x03\x01\x00garbage") from broken
            if broken.kind == "empty":
                raise http.client.RemoteDisconnected(
                    "Remote end closed connection without response"
                ) from broken
            raise URLError(ConnectionResetError(104, "Connection reset by peer")) from broken
        lines = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
        head = f"HTTP/1.1 {answer.status} {answer.reason}\r\n{lines}\r\n".encode("latin-1", "replace")
        response: Any = http.client.HTTPResponse(_Bytes(head + answer.body), method=request.get_method())  # type: ignore[arg-type]
        response.begin()
        response.url = request.full_url
        response.msg = response.reason
        return response

    return open_address
