"""Work beside the event loop: threads for what may take long, and a WSGI application's bodies in and out.

Whoever runs here may wait: for the body of a slow client, for a client that reads slowly, for another server.
"""

from __future__ import annotations

import io
import queue
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from mockso.errors import cause_of, tell
from mockso.timing import wait_for
from mockso.web.head import Head

MOST_THREADS = 512
ROOM = 256 * 1024  # bytes of a body that wait for their reader, and of an answer for their client

Work = Callable[[], None]


class Line(Protocol):
    """The connection that a body comes from and an answer goes to. Only `call_on_loop` is for other threads."""

    @property
    def peer(self) -> str: ...
    @property
    def gate(self) -> Callable[..., Any]: ...
    def call_on_loop(self, act: Work) -> None: ...
    def take_more(self) -> None: ...
    def begin_stream(
        self, status: int, phrase: str, headers: list[tuple[str, str]], *, chunks: bool
    ) -> bytes: ...
    def send_piece(self, data: bytes) -> None: ...
    def end_stream(self, *, at_fault: bool = False) -> None: ...
    def reset(self) -> None: ...


class Threads:
    """Threads that run what may take long: as many as are needed at once, up to a limit a test never needs.

    They are daemons: work that never ends does not keep a program from ending.
    """

    def __init__(self, most: int = MOST_THREADS) -> None:
        self._most = most
        self._works: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._change = threading.Condition()
        self._free = self._count = 0

    def run(self, work: Work) -> None:
        """Run a function soon, in a thread that has nothing else to do."""
        with self._change:
            if self._free > 0 or self._count >= self._most:
                self._free -= 1  # below 0: so many works wait for a thread
            else:
                self._count += 1
                threading.Thread(target=self._live, name="mockso-beside", daemon=True).start()
        self._works.put(work)

    def _live(self) -> None:
        while (work := self._works.get()) is not None:
            try:
                work()
            except Exception as error:
                tell(f"work beside the calls failed: {cause_of(error)}")
            del work
            with self._change:
                self._free += 1
                self._change.notify_all()
        with self._change:
            self._count -= 1
            self._free -= 1
            self._change.notify_all()

    def settle(self, timeout: float) -> None:
        """Wait until all have done their work, but no longer than so many seconds."""
        with self._change:
            wait_for(self._change, lambda: self._free >= self._count, timeout)

    def stop(self, timeout: float) -> None:
        """End the threads; those that work have so many seconds to come to their end."""
        with self._change:
            for _ in range(self._count):
                self._works.put(None)
            wait_for(self._change, lambda: not self._count, timeout)


class Inbox(io.RawIOBase):
    """The body of a request for who reads it beside the loop. A ValueError says why it ends too early."""

    def __init__(self, connection: Line | None) -> None:
        self._connection = connection
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._at_end = False
        self._cause = ""
        self._change = threading.Condition()

    # on the loop

    def feed(self, piece: bytes) -> None:
        if piece:
            with self._change:
                self._pieces.append(piece)
                self._size += len(piece)
                self._change.notify()

    @property
    def is_full(self) -> bool:
        return self._size > ROOM

    def finish(self) -> None:
        with self._change:
            self._at_end = True
            self._change.notify()

    def break_off(self, cause: str) -> None:
        """Nothing more will come."""
        with self._change:
            self._cause = cause
            self._change.notify()

    # beside it

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        """As many bytes as asked for, fewer only at the end; all of them for -1."""
        missing = size if size is not None and size >= 0 else sys.maxsize
        pieces = []
        while missing:
            piece = self._some(missing)
            if not piece:
                break
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def readinto(self, buffer: Any) -> int:
        piece = self._some(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def _some(self, most: int) -> bytes:
        with self._change:
            while not self._pieces:
                if self._cause:
                    raise ValueError(self._cause)
                if self._at_end:
                    return b""
                self._change.wait()
            was_full = self.is_full
            piece = self._pieces.popleft()
            if len(piece) > most:
                self._pieces.appendleft(piece[most:])
                piece = piece[:most]
            self._size -= len(piece)
            is_roomy = was_full and not self.is_full
        if is_roomy and self._connection is not None:
            self._connection.call_on_loop(self._connection.take_more)
        return piece


class Stream:
    """The answer of a WSGI application to one request, sent as it is made."""

    def __init__(self, connection: Line, head: Head, origin: str, inbox: Inbox) -> None:
        self._connection = connection
        self._head = head
        self._origin = origin
        self._inbox = inbox
        self._start: tuple[str, list[tuple[str, str]]] | None = None
        self._in_chunks = False
        self._has_begun = False
        self._waiting = 0  # bytes on their way to the loop
        self._is_stuck = self._is_over = False
        self._change = threading.Condition()

    # on the loop

    def hold(self) -> None:
        """The client reads slowly: wait with what is to come."""
        self._is_stuck = True

    def go_on(self) -> None:
        with self._change:
            self._is_stuck = False
            self._change.notify()

    def abort(self) -> None:
        """The client is gone."""
        with self._change:
            self._is_over = True
            self._change.notify()

    # beside it

    def run(self) -> None:
        """Call the application and send what it says."""
        at_fault = True
        try:
            self._run()
            at_fault = False
        except (ConnectionError, ValueError):  # the client is gone, or its body cannot be read to the end
            pass
        finally:
            self._connection.call_on_loop(lambda: self._connection.end_stream(at_fault=at_fault))

    def _run(self) -> None:
        result: Any = self._connection.gate(self._environ(), self._start_response)
        try:
            for piece in result:
                if piece:
                    self._send(piece)
            self._send(b"")
            if self._in_chunks:
                self._write(b"0\r\n\r\n")
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()

    def _start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        self._start = status, headers
        return self._send

    def _send(self, piece: bytes) -> None:
        first = b""
        if not self._has_begun:
            first = self._begin()
        if self._head.method == "HEAD":
            piece = b""
        if piece and self._in_chunks:
            piece = b"%x\r\n%b\r\n" % (len(piece), piece)
        if first or piece:
            self._write(first + piece)

    def _begin(self) -> bytes:
        assert self._start is not None, "a WSGI application calls start_response"
        self._has_begun = True
        status, headers = self._start
        code, _, phrase = status.partition(" ")
        named = {name.lower() for name, _ in headers}
        has_body = self._head.method != "HEAD" and code not in ("204", "304")
        self._in_chunks = has_body and "content-length" not in named and not self._head.is_old
        return self._connection.begin_stream(int(code), phrase, headers, chunks=self._in_chunks)

    def _write(self, data: bytes) -> None:
        with self._change:
            while not self._is_over and (self._is_stuck or self._waiting > ROOM):
                self._change.wait()
            if self._is_over:
                raise ConnectionAbortedError
            self._waiting += len(data)
        self._connection.call_on_loop(lambda: self._pass_on(data))

    def _pass_on(self, data: bytes) -> None:
        self._connection.send_piece(data)
        with self._change:
            self._waiting -= len(data)
            self._change.notify()

    def reset(self) -> None:
        """Break the connection; for an answer that cannot be ended properly."""
        self._is_over = True
        self._connection.call_on_loop(self._connection.reset)

    def _environ(self) -> dict[str, Any]:
        head = self._head
        scheme, _, host = self._origin.partition("://")
        name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": head.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": head.path.encode("utf-8", "replace").decode("latin-1"),
            "QUERY_STRING": head.query,
            "REQUEST_URI": head.target,
            "SERVER_NAME": name or host,
            "SERVER_PORT": port or ("443" if scheme == "https" else "80"),
            "SERVER_PROTOCOL": "HTTP/1.0" if head.is_old else "HTTP/1.1",
            "REMOTE_ADDR": self._connection.peer,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": scheme,
            "wsgi.input": self._inbox,
            "wsgi.input_terminated": True,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "mockso.connection": self,
            "mockso.headers": head.headers,
        }
        for header, value in head.headers:
            if "_" in header:
                continue  # WSGI cannot tell it from the one with a dash
            key = header.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
        return environ
