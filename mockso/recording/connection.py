"""HTTP/1.1 as a client speaks it, on one kept connection: heads in one piece each, bodies as they come.

http.client would do, but takes twice as long as all the rest of a call that passes through.
"""

from __future__ import annotations

import io
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from mockso.exchange.message import Headers

PIECE = 64 * 1024
_LONGEST_LINE, _MOST_LINES = 65_536, 200
_STATUS = re.compile(rb"HTTP/1\.(\d)\s+(\d{3})(?:\s+([^\r\n]*))?\r?\n")
_UNSAFE = re.compile(rb"[^\x21-\x7e]")


class MalformedReplyError(Exception):
    """The server sent something else than an HTTP answer; the text says why."""


class ClosedConnectionError(ConnectionError):
    """The server closed the connection before it answered."""


class CutOffError(Exception):
    """The answer ended before its end."""


@dataclass(frozen=True)
class Head:
    """The head of an answer. `length` is that of its body, None for one that is chunked or ends with the connection."""

    status: int
    reason: str
    headers: Headers
    length: int | None
    chunked: bool
    will_close: bool


class Connection:
    """One connection to a server, used by one thread at a time."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._stream = cast(io.BufferedReader, connection.makefile("rb", PIECE))

    def close(self) -> None:
        self._stream.close()
        self._socket.close()

    def abort(self) -> None:
        """Let go whoever waits on it, in whatever thread; `close` is still theirs to do."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def send(self, data: bytes) -> None:
        """Send these bytes as they are."""
        self._socket.sendall(data)

    def send_head(
        self, method: str, address: str, headers: Iterable[tuple[str, str]], body: bytes = b""
    ) -> None:
        """Send the head of a request, with a short body in the same piece. Raises ValueError for an invalid line."""
        path = _UNSAFE.sub(lambda m: b"%%%02X" % m[0][0], address.encode("utf-8", "surrogateescape"))
        lines = [f"{method} {path.decode('ascii')} HTTP/1.1"]
        for name, value in headers:
            if "\n" in value or "\r" in value or "\n" in name:
                raise ValueError(f"the header {name!r} has a line end in it")
            lines.append(f"{name}: {value}")
        self._socket.sendall("\r\n".join([*lines, "\r\n"]).encode("latin-1", "replace") + body)

    def begin(self, method: str) -> Head:
        """Read the head of the answer. Raises ClosedConnectionError without one, MalformedReplyError for an invalid one."""
        line = self._stream.readline(_LONGEST_LINE + 1)
        if not line:
            raise ClosedConnectionError("the connection was closed without an answer")
        while True:
            match = _STATUS.fullmatch(line)
            if match is None:
                raise MalformedReplyError(f"{line[:60]!r} is not a status line")
            pairs = list(self._lines())
            status = int(match[2])
            if status >= 200 or status == 101:
                break
            line = self._stream.readline(_LONGEST_LINE + 1)
        headers = Headers(pairs)
        ending = headers.get("Connection").lower()
        will_close = "close" in ending or (match[1] == b"0" and "keep-alive" not in ending)
        chunked = "chunked" in headers.get("Transfer-Encoding").lower()
        length_text = headers.get("Content-Length")
        length = int(length_text) if length_text.isascii() and length_text.isdigit() and not chunked else None
        if status in (204, 304) or method == "HEAD":
            length, chunked = 0, False
        reason = (match[3] or b"").decode("latin-1").strip()
        return Head(status, reason, headers, length, chunked, will_close or (length is None and not chunked))

    def _lines(self) -> Iterator[tuple[str, str]]:
        for _ in range(_MOST_LINES + 1):
            line = self._stream.readline(_LONGEST_LINE + 1)
            if line in (b"\r\n", b"\n"):
                return
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or not line.endswith(b"\n"):
                raise MalformedReplyError(f"{line[:60]!r} is not a header line")
            yield name.strip(), value.strip()
        raise MalformedReplyError("its header lines are too many")

    def body(self, head: Head) -> Iterator[bytes]:
        """The pieces of the body as they come. Raises CutOffError if it ends early, MalformedReplyError for invalid chunks."""
        if head.chunked:
            while size := self._chunk_size():
                yield from self._exactly(size)
                if self._stream.readline(3) not in (b"\r\n", b"\n"):
                    raise CutOffError("a chunk has no end")
            list(self._lines())  # a trailer
        elif head.length is not None:
            yield from self._exactly(head.length)
        else:
            while piece := self._stream.read1(PIECE):
                yield piece

    def _exactly(self, missing: int) -> Iterator[bytes]:
        while missing > 0:
            piece = self._stream.read1(min(PIECE, missing))
            if not piece:
                raise CutOffError(f"{missing} bytes are missing")
            missing -= len(piece)
            yield piece

    def _chunk_size(self) -> int:
        line = self._stream.readline(_LONGEST_LINE + 1)
        if not line.endswith(b"\n"):
            raise CutOffError("a chunk is missing")
        try:
            return int(line.partition(b";")[0], 16)
        except ValueError as error:
            raise MalformedReplyError(f"{line[:20]!r} is not a size of a chunk") from error
