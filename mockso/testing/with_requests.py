"""`requests` without a socket: an adapter to mount, and a session that knows its world's address."""

from __future__ import annotations

import http.client
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3._collections import HTTPHeaderDict
from urllib3.exceptions import ProtocolError
from urllib3.response import HTTPResponse

from mockso.testing.inprocess import Answer, BrokenConnectionError, call

if TYPE_CHECKING:
    from mockso.testing.host import Host
    from mockso.web.gate import Gate


class Adapter(HTTPAdapter):
    """Answers calls in this thread, and raises what requests would raise on a socket."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self._gate = gate

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        body = _bytes(request.body)
        try:
            answer = call(
                self._gate,
                request.method or "GET",
                request.url or "",
                [(name, _text(value)) for name, value in request.headers.items()],
                body,
                _read_timeout(timeout),
            )
        except BrokenConnectionError as broken:
            raise _error(broken, request) from broken
        return self.build_response(request, _raw(answer, request))


class Session(requests.Session):
    """A session that calls one world: addresses may be relative to its base, headers are sent."""

    def __init__(self, host: Host, address: str, headers: Mapping[str, str]) -> None:
        super().__init__()
        self._base = f"{address}/"
        # Proxies and .netrc of the machine must not come between a test and its mock.
        self.trust_env = False
        self.headers.update(headers)
        adapter = Adapter(host.gate)
        for origin in host.origins:
            self.mount(origin, adapter)

    def request(self, method: Any, url: Any, *arguments: Any, **options: Any) -> requests.Response:
        # A query may have an address in it.
        address = url if "://" in url.partition("?")[0] else f"{self._base}{url.lstrip('/')}"
        return super().request(method, address, *arguments, **options)


def _raw(answer: Answer, request: requests.PreparedRequest) -> HTTPResponse:
    message = http.client.HTTPMessage()
    for name, value in answer.headers:
        message.add_header(name, value)
    raw = HTTPResponse(
        io.BytesIO(answer.body),
        headers=HTTPHeaderDict(answer.headers),
        status=answer.status,
        reason=answer.reason,
        preload_content=False,
        enforce_content_length=True,
        request_method=request.method,
        request_url=request.url,
    )
    # Where requests looks for cookies.
    raw._original_response = _Original(message)  # type: ignore[assignment]  # all of it that is looked at
    return raw


class _Original:
    """The part of a http.client response that requests and urllib3 look at."""

    def __init__(self, message: http.client.HTTPMessage) -> None:
        self.msg = message

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is open."""


def _error(broken: BrokenConnectionError, request: requests.PreparedRequest) -> requests.RequestException:
    causes: dict[str, Exception] = {
        "reset": ConnectionResetError(104, "Connection reset by peer"),
        "empty": http.client.RemoteDisconnected("Remote end closed connection without response"),
        "garbage": http.client.BadStatusLine("\x16\x03\x01\x00garbage"),
    }
    if broken.kind == "timeout":
        return requests.ReadTimeout("Read timed out.", request=request)
    return requests.ConnectionError(
        ProtocolError("Connection aborted.", causes[broken.kind]), request=request
    )


def _read_timeout(timeout: Any) -> float | None:
    if isinstance(timeout, tuple):
        timeout = timeout[1]
    value = getattr(timeout, "read_timeout", timeout)
    return float(value) if isinstance(value, int | float) else None


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _bytes(body: Any) -> bytes:
    if not body:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if hasattr(body, "read"):
        return _bytes(body.read())
    return b"".join(_bytes(part) for part in body)
