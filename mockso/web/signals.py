"""The signals that end a command, wherever and whenever they strike.

Python runs a signal's handler in the main thread, some time later. The number that the interpreter writes to a
socket, in the moment of the signal and from whatever thread it reached, wakes who waits here at once.
"""

from __future__ import annotations

import contextlib
import select
import signal
import socket
from types import FrameType

_NAMES = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")


class Ending:
    """From its making on, signals end nothing but `wait`. Make it in the main thread, once in a process. `others` are
    names of further signals to hear of.

    A signal that was ignored from the start, as `nohup` does with SIGHUP, stays so; but not SIGINT, which shells
    ignore for all commands in a script's background.
    """

    def __init__(self, *others: str) -> None:
        self._ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        self._theirs = theirs
        signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        for name in (*_NAMES, *others):
            number = getattr(signal, name, None)
            if number is None:
                continue
            if signal.getsignal(number) is not signal.SIG_IGN or name == "SIGINT":
                signal.signal(number, _do_nothing)

    def wait(self, *others: int) -> None:
        """Return at the first signal, also one that came before, or when one of other files can be read."""
        if others:
            select.select([self._ours.fileno(), *others], [], [])
        else:
            self._ours.recv(1)

    @property
    def number(self) -> int:
        """The file that can be read when a signal has come."""
        return self._ours.fileno()

    def take(self) -> int:
        """The number of the next signal."""
        return self._ours.recv(1)[0]

    def wake(self) -> None:
        """Let `wait` return without a signal."""
        with contextlib.suppress(OSError):
            self._theirs.send(b"\0")


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """The socket was told already."""
