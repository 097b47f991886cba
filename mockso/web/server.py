"""The default server: cheroot, for keep-alive and a quick stop, lending its connections for faults."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import socket
import threading
import time
from typing import Any

from cheroot import errors as cheroot_errors
from cheroot.workers.threadpool import ThreadPool, WorkerThread
from cheroot.wsgi import Server as CherootServer

from mockso.engine import Engine
from mockso.errors import SettingError
from mockso.web.gate import Gate
from mockso.web.wire import HEAD_LIMIT, Connection, Gateway

# Threads that wait for work cost memory, calls that wait for a thread cost time: few at first, one more
# whenever all are busy (a scenario's delay keeps one busy), up to a limit that a test never needs.
THREADS, MOST_THREADS = 4, 512


class _GrowingPool(ThreadPool):  # type: ignore[misc]  # cheroot is untyped here
    """Threads for as many connections as wait, so that no call waits for another's delay.

    cheroot's own count of idle threads lags behind: of two hundred connections that come at once, most
    would find threads that are about to be taken. Each thread that takes a connection counts again here.
    """

    def __init__(self, server: CherootServer) -> None:
        super().__init__(server, min=THREADS, max=MOST_THREADS)
        self._waiting = THREADS  # those that have not come yet too
        self._came: set[threading.Thread] = set()  # a thread is counted from its start on
        self._counting = threading.Lock()
        self._stopping = False
        self.get = self._take

    def start(self) -> None:
        # cheroot's own sleeps for a tenth of a second where a thread is not there at its first look.
        self._threads += [self._spawn_worker() for _ in range(THREADS)]

    def put(self, obj: Any) -> None:
        super().put(obj)
        self._grow()

    def stop(self, timeout: float | None = 5) -> None:
        self._stopping = True  # what is in the queue from here on asks threads to end
        super().stop(timeout)

    def _take(self) -> Any:
        if threading.current_thread() in self._came:
            with self._counting:
                self._waiting += 1
        else:
            self._came.add(threading.current_thread())
        connection = self._queue.get()
        with self._counting:
            self._waiting -= 1
        self._grow()
        return connection

    def _spawn_worker(self) -> WorkerThread:
        worker = WorkerThread(self.server)
        worker.daemon = True  # so that a program which forgets to stop its server can end
        worker.start()
        return worker

    def _grow(self) -> None:
        if self._queue.qsize() <= self._waiting or self._stopping:
            return
        with self._counting:
            missing = self._queue.qsize() - self._waiting
            for _ in range(min(missing, MOST_THREADS - len(self._threads))):
                self._waiting += 1
                self._threads.append(self._spawn_worker())


class Server:
    """A mock on a socket. `port` 0 takes a free one; the socket is bound when this returns.

    `gate` answers in place of the engine's own, such as a proxy's.

    Raises SettingError when the address cannot be bound.
    """

    def __init__(
        self, engine: Engine, host: str = "127.0.0.1", port: int = 0, gate: Gate | None = None
    ) -> None:
        self.engine = engine
        self.gate = gate or Gate(engine)
        self._server = CherootServer(
            (host, port), self.gate, numthreads=THREADS, server_name="mockso", timeout=60
        )
        # cheroot enters each server there for ever, and with it the engine and all its calls.
        logging.statistics.pop(f"Cheroot HTTPServer {id(self._server)}", None)  # type: ignore[attr-defined]
        self._server.gateway = Gateway
        self._server.ConnectionClass = Connection
        self._server.max_request_header_size = HEAD_LIMIT
        self._server.requests = _GrowingPool(self._server)
        self._server.keep_alive_conn_limit = 1000
        # cheroot's 5 makes the sixth of a burst of connections wait a second for its next try.
        self._server.request_queue_size = 1024
        self._server.expiration_interval = 0.01 if os.name == "nt" else 0.5
        self._server.error_log = self._note
        self._thread: threading.Thread | None = None
        try:
            self._server.prepare()
        except (OSError, cheroot_errors.NoSSLError) as error:
            cause = getattr(error, "strerror", None) or str(error)
            raise SettingError(
                f"cannot listen on {host}:{port}: {cause}. Is another mockso running? --port 0 takes a free port."
            ) from None
        self.host, self.port = host, self._server.bind_addr[1]

    def _note(self, message: str = "", level: int = 20, traceback: bool = False) -> None:
        """Drop cheroot's own messages, which are mostly about broken connections."""

    @property
    def url(self) -> str:
        """The address of the server, without path: "http://127.0.0.1:8585"."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def start(self) -> Server:
        """Answer calls in threads of its own."""
        self._thread = threading.Thread(target=self._server.serve, name="mockso", daemon=True)
        self._thread.start()
        atexit.register(self.stop)  # a stop after the interpreter's end would wait for threads that are gone
        return self

    def wait(self) -> None:
        """Return when the server has stopped, or be interrupted by Ctrl-C or a handler that raises SystemExit.

        An exception out of a signal's handler may leave a lock behind wherever it strikes: here it
        strikes a sleep. Handlers are for when the server has started.
        """
        while self._thread is not None and self._thread.is_alive():
            time.sleep(3600)

    def stop(self) -> None:
        """Stop answering, and release calls that wait. May be called twice."""
        atexit.unregister(self.stop)
        self.gate.edge.stopping.set()
        self.engine.release()
        self._server.shutdown_timeout = 1
        # cheroot looks for a stop every expiration_interval only; a connection wakes it at once.
        self._server._connections._stop_requested = True
        with contextlib.suppress(OSError):
            socket.create_connection((self.host, self.port), 1).close()
        self._server.stop()
        if self._thread is not None:
            self._thread.join(1)
            self._thread = None
