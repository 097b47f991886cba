"""Load by wrk: one POST over and over on some keep-alive connections, from a core of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from call import Call
from process import pinned

SCRIPT = Path(__file__).with_name("load.lua")
CLIENT_CORE = 1


class LoadFailed(Exception):
    """wrk could not run, or got answers that were not the expected ones."""


@dataclass(frozen=True)
class Load:
    """What one run of wrk saw; times are seconds."""

    calls: int
    seconds: float
    p50: float
    p99: float
    refused: int
    broken: int

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.calls / self.seconds


def available() -> bool:
    """wrk is installed."""
    return shutil.which("wrk") is not None


def put(call: Call, port: int, *, connections: int, seconds: int, calls: int = 0) -> Load:
    """Load a server for some seconds, or until it has answered `calls`, whichever is first."""
    headers = [f"{name}: {value}" for name, value in call.headers.items()]
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(SCRIPT)]
    command += [f"http://127.0.0.1:{port}", "--", call.path, call.body, str(calls), *headers]
    done = subprocess.run(
        pinned(command, CLIENT_CORE), capture_output=True, text=True, timeout=seconds + 60, check=False
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith("{")), "")
    if not line:
        raise LoadFailed(f"wrk said: {(done.stderr or done.stdout).strip()[-300:]}")
    load = Load(**json.loads(line))
    if load.refused or not load.calls:
        raise LoadFailed(f"{load.refused} of {load.calls} answers were refusals")
    return load
