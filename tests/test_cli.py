"""The command line, as far as no command is concerned."""

import os
import subprocess
import sys

import pytest

from mockso import __main__ as whole
from mockso import cli
from mockso.commands import rules as rules_command
from mockso.commands import serve


def test_ctrl_c_ends_a_command_without_a_traceback(monkeypatch: pytest.MonkeyPatch, capsys):
    def interrupted(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(rules_command, "run", interrupted)

    assert cli.main(["rules"]) == 130
    assert capsys.readouterr() == ("", "")


def test_ctrl_c_while_a_command_is_imported_is_as_quiet(monkeypatch: pytest.MonkeyPatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "module_of", interrupted)
    assert cli.main(["rules"]) == 130

    def interrupted_class(*_):
        raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()

    for each in (interrupted, interrupted_class):
        monkeypatch.setattr(cli, "main", each)
        assert whole.main() == 130
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


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_the_help_of_each_command_has_its_exit_status(command, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])

    said = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    assert "exit status: 0 done" in said
    assert cli.STATUSES.get(command, "130 interrupted") in said


def test_so_has_that_of_a_command_of_a_command(capsys):
    with pytest.raises(SystemExit):
        cli.main(["journal", "wait", "--help"])

    assert "3 calls were dropped" in " ".join(capsys.readouterr().out.split())


def test_completion_without_its_library_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "shtab", None)

    assert cli.main(["completion", "bash"]) == 2
    assert "pip install 'mockso[completion]'" in capsys.readouterr().err


def test_a_page_is_opened_or_its_address_told(monkeypatch, capsys):
    pages = []
    monkeypatch.setattr("webbrowser.open", lambda url: bool(pages.append(url)))
    monkeypatch.setattr("threading.Thread.start", lambda thread: thread.run())

    serve.open_page("http://127.0.0.1:8585/__mockso/")

    assert pages == ["http://127.0.0.1:8585/__mockso/"]
    assert "the page is http://127.0.0.1:8585/__mockso/" in capsys.readouterr().err
