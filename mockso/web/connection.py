"""One client's connection: requests are read off it and answered one after the other.

Everything here runs on the event loop's thread and never waits. Quick calls are answered at once; what may take
long is answered beside the loop (beside.py). The writing half is in output.py.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine
from typing import Any, cast

from mockso.errors import cause_of, tell
from mockso.exchange.address import host_name
from mockso.exchange.message import Reply, Request
from mockso.web.beside import Inbox, Stream
from mockso.web.body import ChunkedBody, SizedBody
from mockso.web.edge import frame, reason
from mockso.web.head import HEAD_LIMIT, Head, HeadError, read_head
from mockso.web.intercept import Interception, forward, parse_target, tunnel
from mockso.web.output import REST_LIMIT, Output, Owner

AHEAD = 64 * 1024  # bytes of further requests that are taken in while one is answered
HEAD_SECONDS, IDLE_SECONDS, BODY_SECONDS, READ_SECONDS = 30, 75, 60, 120
"""How long a client may take for a head, between requests, and without progress for a body or an answer."""


class Connection(Output):
    """A connection of a `server`."""

    __slots__ = ("_inbox", "_is_stuck", "_origin", "_pieces", "_scheme", "_size", "_unsent")

    def __init__(self, server: Owner, scheme: str = "") -> None:
        super().__init__(server)
        self._scheme = scheme or server.scheme
        # Inside a tunnel the first request may come before the connection is told of.
        self._is_answering = True
        self._pieces: list[bytes] | None = None  # of a body that is collected
        self._inbox: Inbox | None = None  # of a body that is read beside the loop
        self._size = 0  # bytes of the body so far
        self._is_stuck = False  # the client takes nothing more
        self._unsent = 0
        self._origin = ""

    # what the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._is_answering = False
        self._server.connections.add(self)
        self._advance()

    def data_received(self, data: bytes) -> None:
        self.since = self._server.now
        if self._is_closing:
            return
        if not self._buffer:
            self._buffer = data
        else:
            if type(self._buffer) is bytes:
                self._buffer = bytearray(self._buffer)
            self._buffer += data
        self._advance()

    def eof_received(self) -> bool:
        self._at_eof = True
        if self._is_closing or self._is_holding:
            return False
        if self._is_stuck:
            return True
        if self._body is not None:
            self._break_off("the client ended before its body was whole")
            return not self._transport.is_closing()
        if not self._is_answering and self._buffer:
            self._refuse(400, "the client ended in the middle of a head")
        # A client that has said all may still want its answers.
        return self._is_answering

    def connection_lost(self, error: Exception | None) -> None:
        self._server.connections.discard(self)
        self._cancel_timer()
        self._is_closing = True
        if self._body is not None and self._inbox is None and not self._is_answering:
            self._journal_break("the client went away before its body was whole")
        if self._inbox is not None:
            self._inbox.break_off("the client went away")
        if self._stream is not None:
            self._stream.abort()

    def pause_writing(self) -> None:
        self._is_stuck = True
        if self._stream is not None:
            self._stream.hold()

    def resume_writing(self) -> None:
        self._is_stuck = False
        if self._stream is not None:
            self._stream.go_on()
        self._advance()

    # reading

    def _advance(self) -> None:
        """Take requests off the buffer as far as they came, and answer them."""
        while self._buffer and not self._is_closing and not self._server.is_stopping:
            if self._body is not None:
                if not self._take_body():
                    return
            elif self._is_answering or self._is_stuck:
                if len(self._buffer) > AHEAD and not self._is_full:
                    self._is_full = True
                    self._transport.pause_reading()
                return
            elif not self._take_head():
                return
        if self._at_eof and not self._is_answering and not self._is_closing:
            self._is_closing = True
            self._transport.close()

    def _take_head(self) -> bool:
        buffer = self._buffer
        if buffer[0] == 13 and buffer[:2] == b"\r\n":  # some send an empty line behind a body
            self._buffer = buffer[2:]
            return True
        end = buffer.find(b"\r\n\r\n")
        if end < 0 or end > HEAD_LIMIT:
            return self._wait_for_head(end)
        try:
            head = read_head(bytes(buffer[:end]))
        except HeadError as error:
            self._refuse(error.status, error.reason)
            return False
        self._buffer = buffer[end + 4 :]
        self._head = head
        length = head.length
        if (head.method == "CONNECT" or head.scheme) and not self._is_for_us(head):
            return False
        if not self._server.gate.is_direct(head.path):
            self._answer_beside(head)
        elif length == 0:
            self._answer(b"")
        elif length is not None and length <= len(self._buffer) and length <= self._server.body_limit:
            body = bytes(self._buffer[:length])
            self._buffer = self._buffer[length:]
            self._answer(body)
        else:
            self._pieces, self._size = [], 0
            self._begin_body(head)
        return True

    def _is_for_us(self, head: Head) -> bool:
        """Whether a request that takes us for a proxy is to be answered here and now; else its fate is settled."""
        interception = self._server.interception
        if head.method != "CONNECT":
            name = host_name(head.host)
            if interception is None or interception.answers_for(name):
                return True
            if interception.passes(name) and not self._is_our_address(head):
                self._pass_call(head)
                return False
            if self._is_our_name(name):
                return True
            self._refuse_call(403, interception.refusal_of(name))
            return False
        place = parse_target(head.target)
        if place is None:
            self._refuse(400, f"CONNECT {head.target[:60]!a}: give HOST:PORT, the host as letters of ASCII")
        elif interception is None:
            self._refuse_call(405, "this mock is not a proxy: start it with --intercept")
        elif self._buffer:
            self._refuse(400, "the client did not wait for the answer to its CONNECT")
        elif interception.answers_for(place[0]):
            self._begin_tunnel(self._speak_tls(place[0], interception))
        elif interception.passes(place[0]):
            self._begin_tunnel(self._pass(*place))
        else:
            self._refuse_call(403, interception.refusal_of(place[0]))
        return False

    def _is_our_address(self, head: Head) -> bool:
        port = head.host.rpartition(":")[2] if head.host.rpartition("]")[2].count(":") else "80"
        is_ours: bool = port == str(self._transport.get_extra_info("sockname")[1])
        return is_ours and self._is_our_name(host_name(head.host))

    def _is_our_name(self, name: str) -> bool:
        return name in ("localhost", "::1", self._server.host) or name.startswith("127.")

    def _begin_tunnel(self, tunnel: Coroutine[Any, Any, None]) -> None:
        self._is_answering = True
        # What comes now is the other protocol's.
        self._transport.pause_reading()
        self._server.run_task(tunnel)

    async def _speak_tls(self, host: str, interception: Interception) -> None:
        request = self._to_request(b"")
        try:
            context = interception.context(host)
        except (ValueError, OSError) as error:
            self._refuse_call(400, f"no certificate can be made for {host[:60]!a}: {error}")
            return
        self._transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        inner = Connection(self._server, "https")
        self._server.connections.discard(self)
        try:
            transport = await self._server.loop.start_tls(self._transport, inner, context, server_side=True)
        except (OSError, ssl.SSLError) as error:
            cause = (
                f"TLS with the client failed ({getattr(error, 'reason', None) or error.strerror or 'it went away'}): it has to "
                "trust mockso's authority, see `mockso docs serving`"
            )
            self._server.engine.refuse(request, 400, cause)
            self._transport.abort()
            return
        if transport is not None:
            inner.connection_made(transport)

    def _pass_call(self, head: Head) -> None:
        """Pass a plain call on to the host of its address."""
        place = parse_target(head.host if head.host.rpartition("]")[2].count(":") else f"{head.host}:80")
        if place is None or head.scheme != "http":
            self._refuse_call(
                400, f"{head.scheme}://{head.host[:60]} cannot be passed on: ask for https by CONNECT"
            )
            return
        first = forward(head) + bytes(self._buffer)
        self._buffer = b""
        self._begin_tunnel(self._pass(*place, first))

    async def _pass(self, host: str, port: int, first: bytes = b"") -> None:
        cause = await tunnel(self._transport, host, port, first)
        if cause:
            self._refuse_call(502, cause)
        else:
            self._server.connections.discard(self)

    def _refuse_call(self, status: int, cause: str) -> None:
        """Answer to a call that is not for us, write it down, and end."""
        reply = self._server.engine.refuse(self._to_request(b""), status, cause)
        assert self._head is not None
        self._head.keeps = False
        body, headers = frame(reply)
        self._transport.write(self._head_bytes(reply.status, reason(reply), headers) + body)
        self._body = self._body or SizedBody(1)
        self._close()

    def _begin_body(self, head: Head) -> None:
        self._body = ChunkedBody() if head.length is None else SizedBody(head.length)
        if head.expects and not self._buffer and not head.is_old:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _wait_for_head(self, end: int) -> bool:
        """Wait for more of a head, unless it cannot become one."""
        buffer = self._buffer
        line_end = buffer.find(b"\n")
        if (line_end < 0 or line_end > HEAD_LIMIT) and len(buffer) > HEAD_LIMIT:
            self._refuse(414, f"an address of more than {HEAD_LIMIT} bytes")
        elif len(buffer) > HEAD_LIMIT:
            self._refuse(431, f"headers of more than {HEAD_LIMIT} bytes")
        elif buffer[:1] == b"\x16":
            self._refuse(
                400, "this is TLS, and the mock listens for plain HTTP here: call http://, or serve --tls"
            )
        elif line_end > 0 and buffer[line_end - 1] != 13:
            self._refuse(400, "a line of a head ends with CR LF")
        elif end < 0 and not buffer[:1].isalnum() and buffer[:1] not in b"\r!#$%&'*+-.^_`|~":
            self._refuse(400, "this is not an HTTP request")
        return False

    def _take_body(self) -> bool:
        """Take what came of the body; whether there may be more to do."""
        assert self._body is not None
        buffer = self._buffer if type(self._buffer) is bytearray else bytearray(self._buffer)
        self._buffer = buffer
        try:
            piece = self._body.take(buffer)
        except ValueError as error:
            self._break_off(str(error))
            return False
        at_end = self._body.at_end
        if at_end:
            self._body = None
        self._size += len(piece)
        if self._pieces is not None:
            self._collect(piece, at_end)
        elif self._inbox is not None:
            self._inbox.feed(piece)
            if at_end:
                self._inbox.finish()
                self._inbox = None
            elif self._inbox.is_full:
                self._is_full = True
                self._transport.pause_reading()
        elif self._size > REST_LIMIT:
            self._close()
        return bool(piece) or at_end

    def _collect(self, piece: bytes, at_end: bool) -> None:
        assert self._pieces is not None
        self._pieces.append(piece)
        if at_end or self._size > self._server.body_limit:
            # Of a body that is too long one byte over the limit is kept, which makes the verdict.
            body = b"".join(self._pieces)[: self._server.body_limit + 1]
            self._pieces, self._size = None, 0
            self._answer(body)

    def take_more(self) -> None:
        """Read on, when those who read beside the loop have made room."""
        if self._is_full and not self._is_closing:
            self._is_full = False
            self._transport.resume_reading()
            self._advance()

    # answering

    @property
    def origin(self) -> str:
        """Scheme and host that the request in the works was addressed to."""
        head = self._head
        assert head is not None
        scheme = head.scheme or self._scheme
        if head.host:
            return f"{scheme}://{head.host}"
        if not self._origin:  # HTTP/1.0 may leave the name out; links name the address that was called
            host, port = self._transport.get_extra_info("sockname")[:2]
            self._origin = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return f"{scheme}://{self._origin}"

    def _to_request(self, body: bytes) -> Request:
        head = self._head
        assert head is not None
        edge = self._server.gate.edge
        return edge.request(head.method, head.path, head.query, head.headers, body, self.origin, head.target)

    def _answer(self, body: bytes) -> None:
        edge = self._server.gate.edge
        self._is_answering = True
        try:
            request = self._request = self._to_request(body)
            waits = edge.may_wait(request)
        except Exception as error:
            tell(f"a call could not be taken: {cause_of(error)}")
            self._refuse(500, cause_of(error))
            return
        if waits:
            self._server.beside(lambda: edge.answer(request), self._reply_later)
        else:
            self._reply(edge.answer(request))

    def _reply_later(self, reply: Reply) -> None:
        if not self._is_closing:
            self._reply(reply)
            self._advance()

    def _refuse(self, status: int, cause: str) -> None:
        """Answer to what cannot be read as a head, and end."""
        reply = self._server.refuse(status, cause)
        self._head = None
        body, headers = frame(reply)
        self._transport.write(self._head_bytes(status, reason(reply), headers) + body)
        self._body = self._body or SizedBody(1)  # nobody knows what is left to come
        self._close()

    def _break_off(self, cause: str) -> None:
        """Answer to a body that cannot be read to its end, and end."""
        if self._inbox is not None:
            assert self._head is not None
            self._inbox.break_off(cause)
            # Who reads it answers, and nothing of the client's can be understood any more.
            self._inbox = self._body = None
            self._head.keeps = False
            return
        if self._pieces is None:  # it was answered already
            self._close()
            return
        reply = self._journal_break(cause)
        if self._head is not None:
            self._head.keeps = False
        body, headers = frame(reply)
        self._transport.write(self._head_bytes(reply.status, reason(reply), headers) + body)
        self._close()

    def _journal_break(self, cause: str) -> Reply:
        body = b"".join(self._pieces or ())
        self._pieces = None
        return self._server.engine.refuse(self._to_request(body), 400, f"The body cannot be read: {cause}.")

    # what takes too long

    def look(self, now: int) -> None:
        """End a connection whose client keeps it waiting too long; called now and then."""
        waiting = now - self.since
        if self._is_stuck:
            unsent = self._transport.get_write_buffer_size()
            if unsent != self._unsent:
                self._unsent, self.since = unsent, now
            elif waiting > READ_SECONDS:
                self.abort()
        elif self._body is not None:
            if waiting > BODY_SECONDS and not self._is_full:
                self._break_off(f"nothing came of the body for {BODY_SECONDS} seconds")
        elif self._is_answering or self._is_closing:
            return
        elif waiting > (HEAD_SECONDS if self._buffer else IDLE_SECONDS):
            self._refuse(408, "the rest of the head did not come") if self._buffer else self._close()

    # answers that are made beside the loop

    def _answer_beside(self, head: Head) -> None:
        self._is_answering = True
        self._size = 0
        if head.length == 0:
            self._inbox = None
            inbox = Inbox(None)
            inbox.finish()
        else:
            self._inbox = inbox = Inbox(self)
            self._begin_body(head)
        stream = self._stream = Stream(self, head, self.origin, inbox)
        self._server.run_beside(stream.run)

    def end_stream(self, *, at_fault: bool = False) -> None:
        """Go on after an answer that was made beside; after one that failed, end."""
        if self._is_closing:
            return
        if at_fault:
            self.reset()
            return
        self._inbox = None
        self._pieces = None
        self._finish()
        self._advance()
