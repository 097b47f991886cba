"""mockso's commands as processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Running:
    """A command that serves, and after its block what it said."""

    url: str
    process: subprocess.Popen[str]
    out: str = ""
    error: str = ""
    status: int = 0


@contextmanager
def running(
    *arguments: Any,
    end: int = signal.SIGTERM,
    cwd: Path | None = None,
    seconds: float = 60,
    **variables: str,
) -> Iterator[Running]:
    """A command on a free port until the block ends, but no longer than so many seconds; then it gets the signal `end`."""
    command = [sys.executable, "-m", "mockso.cli", *map(str, arguments), "--port", "0", "--quiet"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**os.environ, **variables},
        # A Ctrl-C is for it alone.
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        made = Running(process.stdout.readline().rpartition(" ")[2].strip(), process)
        try:
            yield made
        finally:
            process.send_signal(end)
            made.out, made.error = process.communicate(timeout=30)
            made.status = process.returncode
            timer.cancel()


def run(*arguments: Any, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "mockso.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=cwd,
        env={**os.environ, **variables},
    )
