"""Servers as processes: start one, wait for its first correct answer, weigh it, stop it by its id."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from call import Call, status_of

READY_WITHIN = 120.0
STOPPED_WITHIN = 10.0
POLL_EVERY = 0.002


class NotReady(Exception):
    """A server ended, or gave no correct answer in time; the text has the end of its output."""


def environment() -> dict[str, str]:
    """The environment of everything measured: an installed package has its bytecode, so may these."""
    unlike_a_user = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    return {name: value for name, value in os.environ.items() if name not in unlike_a_user}


def free_port() -> int:
    """A port nobody listens on now.

    Below the ports the system hands out: there, one of our own many polls could hold it as its
    sender's port at the moment the server wants it.
    """
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def pinned(command: Sequence[str], core: int) -> list[str]:
    """The command bound to one core, unchanged where that cannot be done."""
    return ["taskset", "-c", str(core), *command] if can_pin() else list(command)


def can_pin() -> bool:
    """Server and load can have a core each."""
    return shutil.which("taskset") is not None and (os.cpu_count() or 1) > 1


class Server:
    """A started process, its time to the first correct answer, and the means to end it.

    A context manager: the process is gone afterwards, whatever happened.
    """

    def __init__(self, command: Sequence[str], port: int, call: Call, log: Path) -> None:
        self.port = port
        self.call = call
        self._log = log
        self._command = " ".join(command)
        self._started = time.perf_counter()
        with log.open("wb") as output:
            # A session of its own, so that its children can be ended with it.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment(),
                start_new_session=True,
            )

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait(self) -> float:
        """Seconds from the start of the process to its first correct answer."""
        status = 0
        while time.perf_counter() - self._started < READY_WITHIN:
            status = status_of(self.call, self.port)
            if status == self.call.status:
                return time.perf_counter() - self._started
            if self._process.poll() is not None:
                break
            time.sleep(POLL_EVERY)
        raise NotReady(
            f"no answer {self.call.status} but {status or 'none'}; its last line: {self._last_line()}"
        )

    def stop(self) -> float:
        """Seconds from SIGTERM to the end of the process; what does not end in time is killed."""
        began = time.perf_counter()
        # Popen.wait(timeout) sleeps up to 50 ms between looks; without a timeout it is exact.
        watchdog = threading.Timer(STOPPED_WITHIN, self._kill)
        watchdog.start()
        self._process.terminate()
        self._process.wait()
        took = time.perf_counter() - began
        watchdog.cancel()
        if took >= STOPPED_WITHIN:
            # A median over rounds would hide it.
            print(
                f"  killed: no end within {STOPPED_WITHIN:.0f} s of SIGTERM: {self._command}", file=sys.stderr
            )
        self._kill()
        return took

    def resident_mb(self) -> float:
        """Resident memory of the process and its children, in MB."""
        family = ",".join(map(str, self._family()))
        sizes = subprocess.check_output(["ps", "-o", "rss=", "-p", family], text=True)
        return sum(map(int, sizes.split())) / 1024

    def processor_seconds(self) -> float:
        """What the process and its children have used of processors so far; NaN where /proc is not there."""
        ticks = 0
        for process in self._family():
            stat = Path(f"/proc/{process}/stat")
            if not stat.exists():
                return float("nan")
            # After the name, which may have spaces: user and system time are the 12th and 13th.
            ticks += sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def _family(self) -> set[int]:
        listed = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid="], text=True).splitlines()
        parents = dict(map(int, line.split()) for line in listed)
        family = {self._process.pid}
        while more := {child for child, parent in parents.items() if parent in family} - family:
            family |= more
        return family

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _last_line(self) -> str:
        return self._log.read_text(errors="replace").strip().rpartition("\n")[2][-300:] or "(nothing)"
