"""HTTP on the socket, where cheroot lacks something or differs from the real server.

Addresses come with raw blanks and doubled slashes (behaviour of the real server, section 21), bodies in chunks.
Invalid HTTP is the client's fault, a 400. Memory is allocated for what a client sends, not for what it announces.
"""

from __future__ import annotations

import io
import os
import re
import select
import socket
import string
import struct
import threading
import time
from typing import Any
from urllib.parse import quote

from cheroot.server import HeaderReader, HTTPConnection, HTTPRequest
from cheroot.wsgi import Gateway_10

HEAD_LIMIT = 128 * 1024  # bytes, the request line and all headers; IIS stops at 16 KiB
REST_LIMIT = 64 * 1024 * 1024  # bytes of a body nobody read that are read for the sake of the next request
PIECE = 64 * 1024
SOON = 0.005  # seconds in which a client that is at work sends its next request
TRAILERS = 100

_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}\Z")
_ORIGIN = re.compile(rb"https?://[^/?#]*", re.IGNORECASE)


def normalize_request_line(line: bytes) -> bytes:
    """Rewrite a request line so that cheroot accepts its address: a path with one slash at its start, all else encoded.

    A proxy's client sends the whole address, which a server has to take (RFC 9112, 3.2.2).
    """
    if line.count(b" ") == 2 and b" /" in line and b" //" not in line and line.isascii():
        return line
    method, _, rest = line.strip().partition(b" ")
    target, _, protocol = rest.strip().rpartition(b" ")
    path = _ORIGIN.sub(b"", target.strip(), count=1)
    if not target or path[:1] not in (b"/", b"?", b"") or not line.endswith(b"\r\n"):
        return line  # cheroot says what is wrong with it
    quoted_path = quote(b"/" + path.lstrip(b"/"), safe=string.punctuation)
    return b" ".join((method, quoted_path.encode("ascii"), protocol)) + b"\r\n"


class _Line:
    """A stream whose lines are request lines."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readline(self) -> bytes:
        return normalize_request_line(self._stream.readline())


class Chunks(io.RawIOBase):
    """The body of a chunked request. A ValueError says what is wrong with a chunk; nothing can be read after it.

    `at_end` is true once the last chunk and the trailers after it were read.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._rest = 0  # bytes of the chunk that is being read
        self.at_end = False

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        """As many bytes as asked for, fewer only at the end; all of them for -1."""
        missing = size if size is not None and size >= 0 else float("inf")
        pieces = []
        while missing and (self._rest or self._more()):
            piece: bytes = self._stream.read(int(min(missing, self._rest, PIECE)))
            if not piece:
                raise self._chunk_error("the body ends in the middle of a chunk")
            pieces.append(piece)
            missing -= len(piece)
            self._rest -= len(piece)
            if not self._rest and self._stream.read(2) != b"\r\n":
                raise self._chunk_error("a chunk is longer than its size says")
        return b"".join(pieces)

    def readinto(self, buffer: Any) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def _more(self) -> bool:
        if self.at_end:
            return False
        size = self._line().partition(b";")[0].strip()
        if not _SIZE.match(size):
            raise self._chunk_error(f"{size.decode('latin-1')[:20]!a} is no size of a chunk")
        self._rest = int(size, 16)
        if self._rest:
            return True
        for _ in range(TRAILERS):
            if not self._line():
                self.at_end = True
                return False
        raise self._chunk_error(f"more than {TRAILERS} trailers")

    def _line(self) -> bytes:
        line: bytes = self._stream.readline(PIECE)
        if not line.endswith(b"\r\n"):
            raise self._chunk_error("the size of a chunk or a trailer is no line")
        return line.strip()

    def _chunk_error(self, text: str) -> ValueError:
        self._stream, self._rest = io.BytesIO(), 0
        return ValueError(text)


class _Headers(HeaderReader):  # type: ignore[misc]  # cheroot is untyped here
    def __call__(self, rfile: Any, hdict: Any = None) -> Any:
        try:
            return super().__call__(rfile, hdict)
        except UnboundLocalError:  # the first line continues a header that there is not
            raise ValueError("Illegal header line.") from None


class _Request(HTTPRequest):  # type: ignore[misc]  # cheroot is untyped here
    conn: Any
    rfile: Any
    close_connection: bool
    header_reader = _Headers()

    def read_request_line(self) -> bool:
        lines, self.rfile = self.rfile, _Line(self.rfile)
        try:
            return bool(super().read_request_line())
        finally:
            self.rfile = lines

    def read_request_headers(self) -> bool:
        if not super().read_request_headers():
            return False
        if self.chunked_read:
            # RFC 9112, 6.3: the chunks say how long it is.
            self.inheaders.pop(b"Content-Length", None)
        elif not self.inheaders.get(b"Content-Length", b"0").isdigit():
            self.simple_response("400 Bad Request", "Malformed Content-Length Header.")
            return False
        return True

    def send_headers(self) -> None:
        if not self.close_connection and self.status[:3] != b"413" and not self._read_up():
            self.close_connection = True
        super().send_headers()

    def write(self, chunk: bytes) -> None:
        self.conn.wfile.holding = False
        super().write(chunk)

    def _read_up(self) -> bool:
        """Read the rest of the body. Returns whether the next request begins here."""
        body: Any = self.rfile
        if getattr(body, "at_end", False) or not getattr(body, "remaining", 1):
            return True
        if getattr(body, "remaining", 0) > REST_LIMIT:
            return False
        try:
            read = 0
            while (piece := body.read(PIECE)) and read <= REST_LIMIT:
                read += len(piece)
        except ValueError:
            return False
        return not piece


class Reader(io.BufferedReader):
    """Reads from a client. cheroot's own reader is written in Python: a third of the cost of a call."""

    bytes_read = 0  # cheroot's statistics, which are off

    def __init__(self, client: socket.socket, size: int) -> None:
        super().__init__(socket.SocketIO(client, "r"), size)
        self._client = client

    def has_data(self, within: float = 0.0) -> bool:
        """Whether some of the next request, or the end, is here or comes `within` so many seconds."""
        patience = self._client.gettimeout()
        try:
            self._client.settimeout(0)
            if self.peek(1):
                return True
            if within:
                self._client.settimeout(within)
                self._client.recv(1, socket.MSG_PEEK)
            return bool(within)
        except TimeoutError:
            return False
        except OSError:  # a reset, which the next read reports
            return True
        finally:
            self._client.settimeout(patience)


class _Writer:
    """Writes to a client at once, except a head, which goes with the next bytes."""

    bytes_written = 0

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._head = b""
        self.holding = False

    def write(self, data: bytes) -> None:
        if self.holding:
            self._head += data
            return
        head, self._head = self._head, b""
        self._client.sendall(head + data if head else data)


class Connection(HTTPConnection):  # type: ignore[misc]  # cheroot is untyped here
    """A client's connection with the reader, the writer and the requests of this module."""

    RequestHandlerClass = _Request

    def __init__(self, server: Any, client: socket.socket, makefile: Any = None) -> None:
        super().__init__(server, client, lambda client, mode, size: None)
        self.rfile = Reader(client, self.rbufsize)
        self.wfile = _Writer(client)

    def communicate(self) -> bool:
        """Answer requests as long as the next one comes soon. Returns whether the connection is still open.

        Giving a connection back costs two changes of thread before its next request.
        """
        while super().communicate():
            if not self.server.ready or not self.rfile.has_data(within=SOON):
                return True
        return False


class Wire:
    """The raw connection of one call, for faults. After any of its methods nothing else is sent on it."""

    def __init__(self, request: HTTPRequest, stopping: threading.Event) -> None:
        self._request = request
        self._stopping = stopping

    def _take(self) -> socket.socket:
        self._request.sent_headers = True
        self._request.chunked_write = False
        self._request.close_connection = True
        client: socket.socket = self._request.conn.socket
        return client

    def reset(self) -> None:
        """Close so that the peer sees a reset, not an end."""
        client = self._take()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Closed below Python's socket and behind cheroot's back, which would both say goodbye first.
        self._request.conn.linger = True
        os.close(client.detach())

    def send(self, data: bytes) -> None:
        """Send these bytes as they are, then close."""
        self._take().sendall(data)

    def hold(self, seconds: float) -> None:
        """Send nothing until the peer gives up, the time is over or the server stops; then close."""
        client = self._take()
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._stopping.wait(0.05):
            readable, _, _ = select.select([client], [], [], 0)
            if readable and not client.recv(1, socket.MSG_PEEK):
                break


class Gateway(Gateway_10):  # type: ignore[misc]  # cheroot is untyped here
    """Passes a request to WSGI, with its connection as "mockso.connection"."""

    def write(self, chunk: bytes) -> None:
        self.req.conn.wfile.holding = True  # a head that is not sent yet, until the piece is
        super().write(chunk)

    def get_environ(self) -> dict[str, Any]:
        if self.req.chunked_read:
            self.req.rfile = Chunks(self.req.conn.rfile)
        environ: dict[str, Any] = super().get_environ()
        if "HTTP_HOST" not in environ:  # HTTP/1.0 may leave it out; links name the address that was called
            name = self.req.conn.socket.getsockname()[0]
            environ["SERVER_NAME"] = f"[{name}]" if ":" in name else name
        environ["mockso.connection"] = Wire(self.req, self.req.server.wsgi_app.edge.stopping)
        return environ
