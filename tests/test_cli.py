"""The command line, as far as no command is concerned."""

import os
import subprocess
import sys

import pytest

from mockso import cli
from mockso.commands import rules as rules_command


def test_ctrl_c_ends_a_command_without_a_traceback(monkeypatch: pytest.MonkeyPatch, capsys):
    def interrupted(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(rules_command, "run", interrupted)

    assert cli.main(["rules"]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_disk_that_is_full_is_one_line():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mockso", "contract", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )

    assert done.returncode == 2
    assert done.stderr == "mockso contract: No space left on device\n"


@pytest.mark.parametrize("command", ["serve", "exec", "record"])
def test_a_misspelt_grant_is_refused_with_the_nearest(command, capsys, tmp_path):
    more = {
        "record": ["--target", "http://127.0.0.1:9", "--out", str(tmp_path / "r.yaml")],
        "exec": ["--", sys.executable, "-c", ""],
    }

    assert cli.main([command, "--grant", "Webhok", *more.get(command, [])]) == 2
    assert "Did you mean 'Webhook'" in capsys.readouterr().err
