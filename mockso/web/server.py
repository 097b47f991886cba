"""The server: an event loop in a thread of its own, its listening socket, and all connections of its clients."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import errno
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

from mockso.engine import Engine
from mockso.errors import SettingError, cause_of, tell
from mockso.exchange.message import Reply
from mockso.timing import monotonic
from mockso.web.beside import Threads
from mockso.web.connection import Connection
from mockso.web.gate import Gate
from mockso.web.intercept import Interception
from mockso.web.output import Output, date_line

BACKLOG = 1024  # connections of a burst that wait to be taken
SETTLE_SECONDS = 0.1  # for the answers to those who waited for a call, and are let go
STOP_SECONDS = 1.0  # for calls that are being answered beside the loop


class Server:
    """A mock on a socket. `port` 0 takes a free one; the socket listens when this returns.

    `gate` answers in place of the engine's own, such as a proxy's. `tls` makes it speak HTTPS; with an `interception` it
    is a proxy too. A `listener` is a socket that listens already. Raises SettingError when the address cannot be
    bound.
    """

    def __init__(
        self,
        engine: Engine,
        host: str = "127.0.0.1",
        port: int = 0,
        gate: Gate | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        interception: Interception | None = None,
        listener: socket.socket | None = None,
    ) -> None:
        self.engine = engine
        self.gate = gate or Gate(engine)
        self.body_limit = engine.settings.body_limit
        self.scheme = "http" if tls is None else "https"
        self.interception = interception
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self.connections: set[Output] = set()
        self.is_stopping = False
        self.now = 0
        self.date = ""
        self._socket = listener or listen(host, port)
        self.host, self.port = host, int(self._socket.getsockname()[1])
        self._threads = Threads()
        self._thread: threading.Thread | None = None
        self._is_listening = threading.Event()
        self._tick_timer: asyncio.TimerHandle | None = None
        self.loop: asyncio.AbstractEventLoop

    @property
    def url(self) -> str:
        """The address of the server, without path: "http://127.0.0.1:8585"."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def start(self) -> Server:
        """Answer calls, in a thread of its own."""
        self.loop = asyncio.new_event_loop()
        self.loop.time = monotonic  # type: ignore[method-assign]
        self.loop.set_exception_handler(_tell)
        self._thread = threading.Thread(target=self._run, name="mockso", daemon=True)
        self._thread.start()
        atexit.register(self.stop)  # a stop after the interpreter's end would wait for threads that are gone
        return self

    def _run(self) -> None:
        loop = self.loop
        asyncio.set_event_loop(loop)
        try:
            listening = loop.run_until_complete(
                loop.create_server(self._connect, sock=self._socket, backlog=BACKLOG, ssl=self._tls)
            )
            self._is_listening.set()
            loop.run_forever()
            listening.close()
            for task in self._tasks:
                task.cancel()
            for connection in tuple(self.connections):
                connection.abort()
            loop.call_soon(loop.stop)  # behind the ends of the connections
            loop.run_forever()
        finally:
            self._is_listening.set()
            loop.close()

    def _connect(self) -> Connection:
        if self._tick_timer is None:
            self._tick()
        return Connection(self)

    def _tick(self) -> None:
        """Count the seconds as long as there are connections, and look after those that keep us waiting."""
        self.now += 1
        self.date = date_line(time.time())
        if self._tick_timer is not None:
            for connection in tuple(self.connections):
                connection.look(self.now)
            if not self.connections:
                self._tick_timer = None
                return
        self._tick_timer = self.loop.call_later(1.0, self._tick)

    def beside(self, work: Callable[[], Reply], then: Callable[[Reply], None]) -> None:
        """Do what may take long in a thread, then go on with its reply on the loop."""

        def run() -> None:
            reply = work()
            with contextlib.suppress(RuntimeError):  # the server has stopped
                self.loop.call_soon_threadsafe(then, reply)

        self._threads.run(run)

    def run_beside(self, work: Callable[[], None]) -> None:
        """Do what may take long in a thread."""
        self._threads.run(work)

    def run_task(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine on the loop, until the server stops."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def refuse(self, status: int, cause: str) -> Reply:
        """The reply to what cannot be read as a request."""
        body = json.dumps({"Message": cause}).encode()
        return Reply(status, body, (("Content-Type", "application/json; charset=utf-8"),), by="refusal")

    def stop(self) -> None:
        """Stop answering, and release calls that wait. May be called twice."""
        atexit.unregister(self.stop)
        self.is_stopping = True
        self.gate.edge.stopping.set()
        self.engine.release()
        thread, self._thread = self._thread, None
        if thread is None:
            self._socket.close()
            return
        self._is_listening.wait(
            STOP_SECONDS
        )  # a stop right after the start would end the loop in its first step
        self._threads.settle(SETTLE_SECONDS)  # who waited gets an answer
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self.loop.stop)
        if thread is not threading.current_thread():
            thread.join(STOP_SECONDS)
        self._threads.stop(STOP_SECONDS)


def listen(host: str, port: int, *, shared: bool = False, backlog: int = BACKLOG) -> socket.socket:
    """A socket at an address; `shared` with others of this user that say so too, and without a `backlog` only bound."""
    listener = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            # There SO_REUSEADDR would let two servers share a port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined]
        if family == socket.AF_INET6 and host == "::":
            with contextlib.suppress(OSError):  # IPv4 too
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
        if backlog:
            listener.listen(backlog)
        listener.setblocking(False)
        return listener
    except ValueError:  # of a name that is too long, mostly
        raise SettingError(
            f"cannot listen on {host[:60]!r}: it is not the name of a host. Give an address of this machine, such as 127.0.0.1."
        ) from None
    except OSError as error:
        if listener is not None:
            listener.close()
        raise SettingError(
            f"cannot listen on {host}:{port}: {error.strerror or error}. {_cure_of(error)}"
        ) from None


def _cure_of(error: OSError) -> str:
    """The way out where an address cannot be listened on: another port, or another host."""
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return "Give an address of this machine, such as 127.0.0.1."
    hint = "Is another mockso running? " if error.errno == errno.EADDRINUSE else ""
    return f"{hint}--port 0 takes a free port."


def _tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Write down what went wrong on the loop, unless it is a client's connection."""
    error = context.get("exception")
    if isinstance(error, OSError):
        if error.errno in (errno.EMFILE, errno.ENFILE):
            tell("no more connections can be taken: too many open files (see ulimit -n).")
        return
    tell(f"{context.get('message')}" + (f": {cause_of(error)}" if error is not None else ""))
