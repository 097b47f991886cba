"""schemathesis finds nothing: what the admin API answers is what its own OpenAPI document says.

It brings pytest plugins of its own, so it is run as a program: TEST_SCHEMATHESIS names it, else it is
looked for beside this Python and on the path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from mockso.testing.mock import serve

BESIDE = Path(sys.executable).with_name("schemathesis")
INSTALLED = str(BESIDE) if BESIDE.exists() else shutil.which("schemathesis") or ""
PROGRAM = os.environ.get("TEST_SCHEMATHESIS") or INSTALLED

CONFIG = Path(__file__).with_name("schemathesis.toml")
# A call is waited for; that it never comes is no news.
WAITING = "/__mockso/requests/wait"
# Which kinds and properties a data file may have is more than a schema says: tests/entities/test_seed.py has it.
DATA_FILE = "/__mockso/entities/import"
# Every way to get a `match` wrong is thirty thousand requests: --full makes them.
LONG = ("/__mockso/requests/find", "/__mockso/verify")


@pytest.fixture
def mock():
    with serve(scenarios=["throttled"]) as mock:
        token = {"Authorization": f"Bearer {mock.token()}"}
        for number in range(3):
            requests.get(f"{mock.base()}/Contact/{number}", headers=token, timeout=20)
        requests.get(f"{mock.base()}/Nothing", timeout=20)
        requests.put(f"{mock.base()}/Contact/5", json={"ContactId": "x"}, headers=token, timeout=20)
        yield mock


@pytest.mark.skipif(not PROGRAM, reason="no schemathesis, and TEST_SCHEMATHESIS names none")
@pytest.mark.parametrize("phase", ["examples,coverage", "fuzzing"])
def test_schemathesis_finds_nothing(mock, tmp_path, request, phase):
    full = request.config.getoption("--full")
    command = [
        PROGRAM,
        "--config-file",
        str(CONFIG),
        "run",
        f"{mock.url}/__mockso/openapi.json",
        "--phases",
        phase,
    ]
    command += ["--seed", "1", "--max-examples", "100" if full else "10", "--generation-database", "none"]
    command += ["--no-color", "--exclude-path", WAITING, "--exclude-path", DATA_FILE]
    if phase != "fuzzing" and not full:
        command += [part for path in LONG for part in ("--exclude-path", path)]

    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=1200, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
