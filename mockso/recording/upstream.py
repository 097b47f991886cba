"""The server behind a proxy: connections that are kept, bodies in pieces, and what went wrong in words.

Only the address that was named is ever called: no redirect is followed and no proxy of the environment used.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit
from weakref import WeakSet

from mockso.contract.model import NOTHING
from mockso.errors import SettingError
from mockso.exchange.address import is_to_environment
from mockso.exchange.message import Reply
from mockso.recording.connection import (
    PIECE,
    ClosedConnectionError,
    Connection,
    CutOffError,
    Head,
    MalformedReplyError,
)

__all__ = ["HOP_BY_HOP", "PIECE", "Answer", "Target", "Upstream", "UpstreamError"]

CONNECT_SECONDS = 10.0
_IDLE = 32

# Of one connection, not of the message (RFC 9110, section 7.6.1); Host and Expect are the proxy's own affair.
HOP_BY_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization"),
        *("te", "trailer", "transfer-encoding", "upgrade", "host", "expect"),
    }
)


class UpstreamError(Exception):
    """The server cannot be reached, or its answer is invalid; the text is the cause."""


@dataclass(frozen=True)
class Target:
    """The server's address: `origin` "https://sod2.superoffice.com", `path` "/Cust12345" or empty."""

    origin: str
    host: str
    port: int
    secure: bool
    path: str

    @classmethod
    def of(cls, url: str, option: str = "--target") -> Target:
        """The target of an address. Raises SettingError for an invalid one."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingError(
                f"{option} {url}: not an address; give one like https://sod2.superoffice.com/Cust12345."
            )
        if parts.query or parts.fragment or parts.username:
            raise SettingError(
                f"{option} {url}: leave out user, query and fragment; the calls have their own."
            )
        secure = parts.scheme == "https"
        path = parts.path.rstrip("/")
        # Whoever names the API's own address means the server in front of it.
        for end in ("/api/v1", "/api"):
            path = path.removesuffix(end)
        return cls(
            f"{parts.scheme}://{parts.netloc.lower()}",
            parts.hostname,
            port or (443 if secure else 80),
            secure,
            path,
        )

    def address_of(self, path: str) -> str:
        """The path to call there for a path that was called here: the tenant is put before it where it lacks,
        unless the state of a tenant is asked for, which stands outside of all tenants."""
        if is_to_environment(path):
            return path
        folded, own = path.lower(), self.path.lower()
        return path if folded == own or folded.startswith(f"{own}/") else self.path + path


class Answer:
    """An answer whose body is still coming. `pieces` must be taken to the end, or the answer closed."""

    def __init__(self, upstream: Upstream, connection: Connection, head: Head) -> None:
        self._upstream, self._connection, self._head = upstream, connection, head
        self.status = head.status
        self.reason = head.reason
        self.headers = head.headers
        self._is_over = False

    def reply(self, body: bytes, headers: Iterable[tuple[str, str]]) -> Reply:
        """This answer as a mock's reply, with its body and headers as they are kept."""
        return Reply(
            self.status,
            body or NOTHING,
            tuple(headers),
            by="upstream",
            fidelity="firm",
            reason=self.reason,
            media_type=self.headers.get("Content-Type", ""),
        )

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes, still compressed; UpstreamError when it ends before its end."""
        size = 0
        try:
            for piece in self._connection.body(self._head):
                size += len(piece)
                yield piece
        except CutOffError as error:
            whole = self._head.length
            raise UpstreamError(
                f"the answer was cut off: {size} of {whole} bytes came"
                if whole
                else f"the answer was cut off after {size} bytes"
            ) from error
        except (OSError, MalformedReplyError, ValueError) as error:
            raise UpstreamError(f"the answer was cut off after {size} bytes ({_cause(error)})") from error
        self._is_over = True
        if self._head.will_close:
            self._connection.close()
        else:
            self._upstream.keep(self._connection)

    def close(self) -> None:
        """Give up what has not been read."""
        if not self._is_over:
            self._is_over = True
            self._connection.close()


class Upstream:
    """Calls one server. Threads may share it; connections are kept and used again.

    `ca` is a file of certificates to trust instead of the system's. SettingError when it cannot be read.
    """

    def __init__(self, target: Target, *, ca: str = "", timeout: float = 100.0) -> None:
        self.target = target
        self._timeout = timeout
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        # Of calls under way. Forgotten ones are no more than closed: nobody has to take them out.
        self._busy: WeakSet[Connection] = WeakSet()
        self._is_closed = False
        self._context: ssl.SSLContext | None = None
        if target.secure:
            try:
                self._context = ssl.create_default_context(cafile=ca or None)
            except (OSError, ssl.SSLError) as error:
                raise SettingError(
                    f"--ca {ca}: cannot be used as certificates ({error}). Give a PEM file."
                ) from error

    def send(
        self,
        method: str,
        address: str,
        headers: Iterable[tuple[str, str]],
        body: bytes | Iterator[bytes] = b"",
        length: int | None = None,
    ) -> Answer:
        """Send one request and return the answer. Raises UpstreamError without one.

        A `body` in pieces is sent as it comes, of `length` bytes or chunked; bytes are sent again when a
        kept connection turns out to be closed.
        """
        lines = [pair for pair in headers if pair[0].lower() not in HOP_BY_HOP]
        idle = self._take() if isinstance(body, bytes) else None
        if idle is not None:
            try:
                return self._ask(idle, method, address, lines, body, length)
            except ConnectionError:
                idle.close()  # closed by the server while it was idle: nothing was answered
            except (OSError, MalformedReplyError) as error:
                idle.close()
                raise UpstreamError(_cause(error)) from error
        connection = self._connect()
        with self._lock:
            self._busy.add(connection)
            if self._is_closed:
                connection.abort()
        try:
            return self._ask(connection, method, address, lines, body, length)
        except UpstreamError:
            connection.close()
            raise
        except (OSError, MalformedReplyError, ValueError) as error:
            connection.close()
            raise UpstreamError(f"{self.target.origin}: {_cause(error)}") from error

    def _ask(
        self,
        connection: Connection,
        method: str,
        address: str,
        headers: list[tuple[str, str]],
        body: bytes | Iterator[bytes],
        length: int | None,
    ) -> Answer:
        lines = [("Host", self.target.origin.partition("://")[2])]
        lines += [(name, value) for name, value in headers if name.lower() != "content-length"]
        chunked = not isinstance(body, bytes) and length is None
        if chunked:
            lines.append(("Transfer-Encoding", "chunked"))
        elif length is not None or body or method in ("POST", "PUT", "PATCH"):
            lines.append(("Content-Length", str(len(body) if isinstance(body, bytes) else length)))
        if isinstance(body, bytes):
            connection.send_head(method, address, lines, body)
        else:
            connection.send_head(method, address, lines)
            # A server that refuses a body may answer before it has read all of it.
            with suppress(BrokenPipeError, ConnectionResetError):
                for piece in body:
                    if piece:
                        connection.send(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                if chunked:
                    connection.send(b"0\r\n\r\n")
        return Answer(self, connection, connection.begin(method))

    def _connect(self) -> Connection:
        target = self.target
        link: socket.socket | None = None
        try:
            link = socket.create_connection((target.host, target.port), CONNECT_SECONDS)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is not None:
                link = self._context.wrap_socket(link, server_hostname=target.host)
            link.settimeout(self._timeout)
        except OSError as error:
            if link is not None:
                link.close()
            raise UpstreamError(f"{target.origin}: {_cause(error)}") from error
        return Connection(link)

    def _take(self) -> Connection | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def keep(self, connection: Connection) -> None:
        """Take back a connection whose answer was read."""
        with self._lock:
            if len(self._idle) < _IDLE and not self._is_closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close the connections that are kept, and let go the calls that still wait for an answer: they get none."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
            for connection in self._busy:
                connection.abort()
        for connection in idle:
            connection.close()


def _cause(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message}); --ca FILE names one that is"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason or error})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return f"no such host ({error.strerror})"
    if isinstance(error, ClosedConnectionError):
        return "the connection was closed without an answer"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there (connection refused)"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"not an HTTP answer ({str(error)[:100]})"
