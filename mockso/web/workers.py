"""Several processes behind one address: a parent that starts them, starts those that die again, and ends all.

The parent answers nothing. It is the one that gets the signals; what its workers have to be told, it tells them. A
worker ends at a signal, or when its parent is gone.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable

from mockso.errors import MocksoError, SettingError
from mockso.timing import monotonic
from mockso.web.server import BACKLOG, listen
from mockso.web.signals import Ending

MOST = 64
PAUSE = 1.0  # seconds before a worker is started again that died as soon as it lived
STOP_SECONDS = 3.0  # for workers that were told to end
_SIGNALS = (
    {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD} if hasattr(signal, "SIGHUP") else set()
)


class Listener:
    """The address of all workers. On Linux each has a socket of its own, and the kernel spreads the clients over
    them; elsewhere they share one.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        first = listen(host, port)
        self.port = int(first.getsockname()[1])
        self._shared: socket.socket | None = first
        if sys.platform == "linux":
            # A first look without sharing finds out whether somebody else has the port.
            first.close()
            self._shared = None
            self._place = listen(host, self.port, shared=True, backlog=0)

    def socket(self) -> socket.socket:
        """The socket for one worker to listen on."""
        if self._shared is not None:
            return self._shared
        return listen(self.host, self.port, shared=True, backlog=BACKLOG)


Work = Callable[[int, socket.socket, "Life"], int]
"""What a worker does: by its number, its socket and its life; its exit status."""


class Life:
    """A worker's ties to its parent."""

    def __init__(self, ready: int, parent: int) -> None:
        self._ready, self._parent = ready, parent
        self._ending = Ending()

    def tell_ready(self) -> None:
        """Tell the parent that calls are answered."""
        with contextlib.suppress(OSError):
            os.write(self._ready, b"\1")

    def wait(self) -> None:
        """Return when the worker is to end."""
        self._ending.wait(self._parent)


class Workers:
    """Processes of one mock. Make it before any thread is started, in the main thread."""

    def __init__(self, count: int, listener: Listener, work: Work) -> None:
        if not hasattr(os, "fork"):
            raise SettingError("--workers: this system has no fork. Start several mocksos with one --state.")
        self._count, self._listener, self._work = count, listener, work
        self._ending = Ending("SIGCHLD")
        self._numbers: dict[int, tuple[int, float]] = {}  # of each process: its number, when it began
        self._due: dict[int, float] = {}
        self._ready, self._ready_end = os.pipe()
        self._life, self._life_end = os.pipe()

    def start(self) -> int:
        """Start all; the status of one that could not, or 0 once all answer calls."""
        for number in range(self._count):
            self._fork(number)
        waiting = self._count
        while waiting:
            for source in self._wait(self._ready):
                if source == self._ready:
                    waiting -= len(os.read(self._ready, waiting))
                elif self._next_signal() != signal.SIGCHLD:
                    self._stop()
                    return 130
                for _, _, status in self._bury():
                    self._stop()
                    return status or 2
        return 0

    def watch(self) -> int:
        """Keep all alive until a signal comes; then end them. The exit status."""
        while True:
            if self._wait() and self._next_signal() != signal.SIGCHLD:
                self._stop()
                return 0
            now = monotonic()
            for number, began, status in self._bury():
                pause = PAUSE if now - began < PAUSE else 0.0
                self._due[number] = now + pause
                sys.stderr.write(
                    f"mockso: worker {number + 1} ended ({_cause(status)}); it is started again.\n"
                )
            for number in [number for number, due in self._due.items() if due <= now]:
                del self._due[number]
                self._fork(number)

    def _wait(self, *sources: int) -> list[int]:
        timeout = max(0.0, min(self._due.values()) - monotonic()) if self._due else None
        ready: list[int] = select.select([self._ending.number, *sources], [], [], timeout)[0]
        return ready

    def _next_signal(self) -> int:
        return self._ending.take()

    def _bury(self) -> list[tuple[int, float, int]]:
        """The workers that ended since the last look: number, when it began, exit status (negative: a signal)."""
        ended = []
        for process in list(self._numbers):
            gone, status = os.waitpid(process, os.WNOHANG)
            if gone:
                ended.append((*self._numbers.pop(process), os.waitstatus_to_exitcode(status)))
        return ended

    def _fork(self, number: int) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        # A signal between the fork and the worker's own handlers would be told to the parent.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            process = os.fork()
            if process == 0:
                self._live(number)
            self._numbers[process] = number, monotonic()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    def _live(self, number: int) -> None:
        """Be a worker; never returns."""
        status = 2
        try:
            os.close(self._ready)
            os.close(self._life_end)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            life = Life(self._ready_end, self._life)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            status = self._work(number, self._listener.socket(), life)
        except MocksoError as error:
            sys.stderr.write(f"mockso serve: {error}\n")
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def _stop(self) -> None:
        """Tell all to end, and see that they do."""
        for process in self._numbers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
        end = monotonic() + STOP_SECONDS
        self._due = {}
        while self._numbers and (rest := end - monotonic()) > 0:
            self._bury()
            if self._numbers and select.select([self._ending.number], [], [], rest)[0]:
                self._next_signal()
        for process in self._numbers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _cause(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"
