"""`httpx` without a socket: a transport, and clients that know their world's address."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx

from mockso.testing.inprocess import Answer, BrokenConnectionError, ask, call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockso.testing.host import Host
    from mockso.web.gate import Gate


class Transport(httpx.BaseTransport):
    """Answers calls in this thread, and raises what httpx would raise on a socket."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        try:
            answer = call(self._gate, *_of(request), body, _timeout(request))
        except BrokenConnectionError as broken:
            raise _error(broken, request) from broken
        return _response(answer, request)


class AsyncTransport(httpx.AsyncBaseTransport):
    """The same for an event loop, which goes on during a step's delay, and may end it."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        answer = await asyncio.to_thread(ask, self._gate, *_of(request), body)
        answer = answer.after(_timeout(request))
        if answer.wait:
            await asyncio.sleep(answer.wait)
        try:
            return _response(answer.check(), request)
        except BrokenConnectionError as broken:
            raise _error(broken, request) from broken


def _of(request: httpx.Request) -> tuple[str, str, list[tuple[str, str]]]:
    return request.method, str(request.url), request.headers.multi_items()


def _timeout(request: httpx.Request) -> float | None:
    timeout: float | None = request.extensions.get("timeout", {}).get("read")
    return timeout


def _response(answer: Answer, request: httpx.Request) -> httpx.Response:
    extensions = {"reason_phrase": answer.reason.encode("latin-1"), "http_version": b"HTTP/1.1"}
    length = next((value for name, value in answer.headers if name.lower() == "content-length"), "")
    stream: httpx.ByteStream = httpx.ByteStream(answer.body)
    if request.method != "HEAD" and length.isdecimal() and len(answer.body) < int(length):
        stream = _Cut(answer.body, int(length), request)
    return httpx.Response(answer.status, headers=answer.headers, stream=stream, extensions=extensions)


class _Elsewhere(httpx.BaseTransport):
    """All other addresses. Made when one is called: it reads certificates, which takes 25 ms."""

    def __init__(self) -> None:
        self._real: httpx.HTTPTransport | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._real = self._real or httpx.HTTPTransport(trust_env=False)
        return self._real.handle_request(request)

    def close(self) -> None:
        if self._real is not None:
            self._real.close()


class _AsyncElsewhere(httpx.AsyncBaseTransport):
    def __init__(self) -> None:
        self._real: httpx.AsyncHTTPTransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._real = self._real or httpx.AsyncHTTPTransport(trust_env=False)
        return await self._real.handle_async_request(request)

    async def aclose(self) -> None:
        if self._real is not None:
            await self._real.aclose()


class _Cut(httpx.ByteStream):
    """A body that ends before its announced length."""

    def __init__(self, body: bytes, length: int, request: httpx.Request) -> None:
        super().__init__(body)
        self._part, self._length, self._request = body, length, request

    def _end(self) -> httpx.RemoteProtocolError:
        return httpx.RemoteProtocolError(
            "peer closed connection without sending complete message body "
            f"(received {len(self._part)} bytes, expected {self._length})",
            request=self._request,
        )

    def __iter__(self) -> Iterator[bytes]:
        yield self._part
        raise self._end()

    async def __aiter__(self) -> Any:
        yield self._part
        raise self._end()


def _error(broken: BrokenConnectionError, request: httpx.Request) -> httpx.TransportError:
    match broken.kind:
        case "timeout":
            return httpx.ReadTimeout("timed out", request=request)
        case "reset":
            return httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
        case "empty":
            text = "Server disconnected without sending a response."
            return httpx.RemoteProtocolError(text, request=request)
    return httpx.RemoteProtocolError("illegal status line", request=request)


def client(host: Host, address: str, headers: Mapping[str, str]) -> httpx.Client:
    """A client of one world: addresses may be relative to its base, headers are sent."""
    mounts = dict.fromkeys(host.origins, Transport(host.gate))
    return httpx.Client(
        base_url=address, headers=headers, transport=_Elsewhere(), mounts=mounts, trust_env=False
    )


def async_client(host: Host, address: str, headers: Mapping[str, str]) -> httpx.AsyncClient:
    """The same for `async with`."""
    mounts = dict.fromkeys(host.origins, AsyncTransport(host.gate))
    return httpx.AsyncClient(
        base_url=address, headers=headers, transport=_AsyncElsewhere(), mounts=mounts, trust_env=False
    )
