"""`mockso record` as a process."""

from __future__ import annotations

import subprocess
import sys
import threading

import mockso
from mockso.contract.catalogue import Contract
from mockso.scenario_yaml import load_scenarios
from tests.web.recorded import send

V1 = "/Cust12345/api/v1"


def test_the_command_writes_what_was_recorded_when_it_is_ended(tmp_path):
    file = tmp_path / "from-command.yaml"

    with mockso.serve() as real:
        command = [sys.executable, "-m", "mockso.cli", "record", "--target", real.url, "--port", "0"]
        with subprocess.Popen(
            [*command, "--out", str(file), "--quiet"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            timer = threading.Timer(30, process.kill)
            timer.start()
            url = process.stdout.readline().split()[1]
            assert send(url, "GET", f"{V1}/Contact/17").status == 200
            process.terminate()
            out, error = process.communicate(timeout=20)
            timer.cancel()

    assert (process.returncode, error) == (0, "")
    assert "1 steps of 1 calls" in out
    assert load_scenarios([str(file)], Contract.open())
