"""The writing half of a connection: answers with their delays, dribbled bodies, faults, and the end.

Everything here runs on the event loop's thread and never waits: what takes its time is a timer.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from mockso.engine import Engine
from mockso.exchange.message import Reply, Request
from mockso.web.beside import Stream
from mockso.web.body import Body
from mockso.web.edge import GARBAGE, TIMEOUT, frame, pieces_of, reason
from mockso.web.gate import Gate
from mockso.web.head import Head
from mockso.web.intercept import Interception

REST_LIMIT = 64 * 1024 * 1024  # bytes of a body nobody wants that are read for the sake of the next request
LINGER = 2.0  # seconds a client has to read the last answer before it is closed for good

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Owner(Protocol):
    """The server of a connection. `now` counts seconds, `date` is the header of this one."""

    engine: Engine
    gate: Gate
    loop: asyncio.AbstractEventLoop
    connections: set[Output]
    interception: Interception | None
    body_limit: int
    scheme: str
    host: str
    is_stopping: bool
    now: int
    date: str

    def beside(self, work: Callable[[], Reply], then: Callable[[Reply], None]) -> None: ...
    def run_beside(self, work: Callable[[], None]) -> None: ...
    def run_task(self, work: Coroutine[Any, Any, None]) -> None: ...
    def refuse(self, status: int, cause: str) -> Reply: ...


class Output(asyncio.Protocol):
    """The way to a client of a `server`. The reading half says what to answer, and goes on by `_advance`."""

    __slots__ = (
        "_at_eof",
        "_body",
        "_buffer",
        "_head",
        "_is_answering",
        "_is_closing",
        "_is_full",
        "_is_holding",
        "_request",
        "_server",
        "_stream",
        "_timer",
        "_transport",
        "since",
    )

    def __init__(self, server: Owner) -> None:
        self._server = server
        self._transport: asyncio.Transport
        self._buffer: bytes | bytearray = b""  # what came and was not read yet
        self._head: Head | None = None  # of the request in the works
        self._body: Body | None = None  # what is still to come of it
        self._stream: Stream | None = None  # of an answer that is made beside the loop
        self._request: Request | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_answering = self._is_closing = self._is_holding = self._at_eof = False
        self._is_full = False  # nothing more is taken in
        self.since = server.now

    def _advance(self) -> None:
        """Read on, if there is something to read."""

    def look(self, now: int) -> None:
        """End a connection whose client keeps it waiting too long; called now and then."""

    def _reply(self, reply: Reply) -> None:
        if reply.delay:
            self._after(reply.delay, lambda: self._send(reply))
        else:
            self._send(reply)

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        def run() -> None:
            self._timer = None
            act()
            self._advance()

        self._cancel_timer()
        self._timer = self._server.loop.call_later(seconds, run)

    def _send(self, reply: Reply) -> None:
        head = self._head
        assert head is not None
        body, headers = frame(reply)
        if reply.fault:
            self._perform(reply, body, headers)
            return
        whole = self._head_bytes(reply.status, reason(reply), headers)
        if head.method == "HEAD" or not body:
            self._transport.write(whole)
        elif reply.dribble:
            pieces = pieces_of(body, reply.dribble[0])
            self._transport.write(whole + pieces[0])
            self._dribble(pieces[1:], reply.dribble[1] / reply.dribble[0])
            return
        else:
            self._transport.write(whole + body)
        self._finish()

    def _dribble(self, pieces: list[bytes], wait: float) -> None:
        if not pieces:
            self._finish()
            return

        def send() -> None:
            self._transport.write(pieces[0])
            self._dribble(pieces[1:], wait)

        self._after(wait, send)

    def _head_bytes(self, status: int, phrase: str, headers: list[tuple[str, str]]) -> bytes:
        """The head of an answer, with what the connection has to say."""
        head = self._head
        text = "\r\n".join([f"HTTP/1.1 {status} {phrase}", *map(": ".join, headers), ""])
        folded = text.lower()
        says_so = "\nconnection:" in folded
        if says_so and head is not None and _closes(headers):
            head.keeps = False
        if head is None or not head.keeps or status == 413:
            if head is not None:
                head.keeps = False
            if not says_so:
                text += "Connection: close\r\n"
        elif head.is_old and not says_so:
            text += "Connection: keep-alive\r\n"
        date = "" if "\ndate:" in folded else f"{self._server.date}\r\n"
        return f"{text}{date}Server: mockso\r\n\r\n".encode("latin-1", "replace")

    def _finish(self) -> None:
        """The answer was sent: the next request, or the end."""
        head, self._head, self._request = self._head, None, None
        self._is_answering = self._is_holding = False
        self._stream = None
        self.since = self._server.now
        if head is None or not head.keeps or (self._body is not None and self._body.missing > REST_LIMIT):
            self._close()
        elif self._is_full:
            self._is_full = False
            self._transport.resume_reading()

    def _close(self) -> None:
        """Close when all is sent; where something of the client's was not read, let it read the answer first."""
        self._is_closing = True
        if self._transport.is_closing():
            return
        unread, self._body = self._body is not None or bool(self._buffer), None
        self._buffer = b""
        if unread and not self._at_eof and self._transport.can_write_eof():
            with contextlib.suppress(OSError):
                self._transport.write_eof()
            self._transport.resume_reading()
            self._cancel_timer()
            self._timer = self._server.loop.call_later(LINGER, self._transport.close)
        else:
            self._transport.close()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _perform(self, reply: Reply, body: bytes, headers: list[tuple[str, str]]) -> None:
        """Break the connection as a scenario says. Nothing else is sent on it."""
        head = self._head
        assert head is not None
        head.keeps = False
        match reply.fault:
            case "reset":
                self.reset()
            case "timeout":
                # Nothing is sent until the client gives up, or the server stops.
                self._is_holding = True
                if self._at_eof:
                    self._close()
                else:
                    self._after(TIMEOUT, self._finish)
                return
            case "cut":
                if not body:
                    body = b"{}"
                    headers = [*headers, ("Content-Length", "2")]
                lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
                text = f"HTTP/1.1 {reply.status} {reason(reply)}\r\n{lines}\r\n"
                self._transport.write(text.encode("latin-1", "replace") + body[: len(body) // 2])
            case "framing":
                # As the step says, right or wrong; the end of the connection is the end of it.
                whole = self._head_bytes(reply.status, reason(reply), headers)
                self._transport.write(whole + (b"" if head.method == "HEAD" else body))
            case "garbage":
                self._transport.write(GARBAGE)
        self._finish()

    def reset(self) -> None:
        """Close so that the client sees a reset, not an end."""
        self._is_closing = True
        client = self._transport.get_extra_info("socket")
        if client is not None:
            with contextlib.suppress(OSError):
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def abort(self) -> None:
        """Close at once."""
        self._is_closing = True
        self._transport.abort()

    def begin_stream(
        self, status: int, phrase: str, headers: list[tuple[str, str]], *, chunks: bool
    ) -> bytes:
        """The head of an answer that comes in pieces. In chunks, or up to the end of the connection."""
        assert self._head is not None
        named = {name.lower() for name, _ in headers}
        if "content-length" not in named and status >= 200 and status not in (204, 304):
            if chunks:
                headers = [*headers, ("Transfer-Encoding", "chunked")]
            else:
                self._head.keeps = False
        return self._head_bytes(status, phrase, headers)

    def send_piece(self, data: bytes) -> None:
        """Send some of an answer."""
        # A transport that lost its client says so a moment later, and warns of each piece until then.
        if not self._is_closing and not self._transport.is_closing():
            self.since = self._server.now
            self._transport.write(data)

    def call_on_loop(self, act: Callable[[], None]) -> None:
        """Call a function on the loop's thread; from any thread. Nothing happens when the server has stopped."""
        with contextlib.suppress(RuntimeError):
            self._server.loop.call_soon_threadsafe(act)

    @property
    def gate(self) -> Callable[..., Any]:
        return self._server.gate

    @property
    def peer(self) -> str:
        """The address of the client."""
        name = self._transport.get_extra_info("peername")
        return str(name[0]) if name else ""


def _closes(headers: list[tuple[str, str]]) -> bool:
    return any(name.lower() == "connection" and "close" in value.lower() for name, value in headers)


def date_line(at: float) -> str:
    """The header Date of a moment, in seconds since 1970."""
    t = time.gmtime(at)
    return f"Date: {_DAYS[t[6]]}, {t[2]:02} {_MONTHS[t[1] - 1]} {t[0]} {t[3]:02}:{t[4]:02}:{t[5]:02} GMT"
