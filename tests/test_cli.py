"""The command line, as far as no command is concerned."""

import pytest

from mockso import cli
from mockso.commands import rules as rules_command


def test_ctrl_c_ends_a_command_without_a_traceback(monkeypatch: pytest.MonkeyPatch, capsys):
    def interrupted(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(rules_command, "run", interrupted)

    assert cli.main(["rules"]) == 130
    assert capsys.readouterr() == ("", "")
