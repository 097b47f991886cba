"""Shells complete commands, values and files, each where it is installed."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time

import pytest

from mockso import cli
from mockso.commands.completion import SHELLS

pytest.importorskip("shtab", reason="shtab is not installed")


def needs(shell: str):
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


@pytest.fixture
def script(tmp_path, capsys):
    """The file of a shell's script, beside a scenario that its name can complete."""

    def write(shell: str) -> str:
        assert cli.main(["completion", shell]) == 0
        (tmp_path / "lonely.yaml").touch()
        (tmp_path / "script").write_text(capsys.readouterr().out)
        return str(tmp_path / "script")

    return write


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_has_commands_and_options(shell, script):
    with open(script(shell), encoding="utf-8") as file:
        text = file.read()

    assert "only-scenarios" in text
    assert "contract" in text


# What is typed, and what stands there after a tab.
TYPED = [
    ("mockso ser", "mockso serve"),
    ("mockso import h", "mockso import har"),
    ("mockso tenant snap", "mockso tenant snapshot"),
    ("mockso serve --only", "mockso serve --only-scenarios"),
    ("mockso serve --world cl", "mockso serve --world closed"),
    ("mockso serve --profile aut", "mockso serve --profile auto"),
    ("mockso lint lone", "mockso lint lonely.yaml"),
    ("mockso import har lone", "mockso import har lonely.yaml"),
    ("mockso serve --scenario lone", "mockso serve --scenario lonely.yaml"),
]

BASH = """
source ./script
COMP_WORDS=($1) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_shtab_mockso mockso "${COMP_WORDS[COMP_CWORD]}" 2>/dev/null
echo "${COMPREPLY[*]}"
"""


@needs("bash")
@pytest.mark.parametrize(("typed", "completed"), TYPED)
def test_bash_completes(typed, completed, script, tmp_path):
    script("bash")

    run = subprocess.run(["bash", "-c", BASH, "bash", typed], capture_output=True, text=True, cwd=tmp_path)

    assert run.stdout.split() == [completed.rpartition(" ")[2]]


@needs("fish")
@pytest.mark.parametrize(("typed", "completed"), TYPED)
def test_fish_completes(typed, completed, script, tmp_path):
    script("fish")

    run = subprocess.run(
        ["fish", "--no-config", "-c", "source script; complete -C $argv[1]", typed],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
    )

    assert run.stdout.split()[0] == completed.rpartition(" ")[2]


@needs("zsh")
def test_zsh_takes_the_script(script, tmp_path):
    script("zsh")

    program = 'autoload -U compinit; compinit -D; eval "$(<script)"; print $_comps[mockso]'
    run = subprocess.run(["zsh", "-fc", program], capture_output=True, text=True, cwd=tmp_path)

    assert (run.stdout.strip(), run.stderr) == ("_shtab_mockso", "")


class Terminal:
    """A tcsh in a terminal of its own; it has no other way to complete."""

    def __init__(self, folder: str) -> None:
        self.terminal, inside = pty.openpty()
        self.process = subprocess.Popen(
            ["setsid", "--ctty", "tcsh", "-f"],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            cwd=folder,
            env={**os.environ, "TERM": "xterm"},
        )
        os.close(inside)

    def type(self, text: str, until: str, seconds: float = 10.0) -> str:
        """What the terminal shows from now on, until it has a text or the time is over."""
        os.write(self.terminal, text.encode())
        end, shown = time.monotonic() + seconds, ""
        while until not in shown and time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.1)[0]:
                shown += os.read(self.terminal, 65536).decode(errors="replace")
        return shown

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)


@needs("tcsh")
@pytest.mark.parametrize(("typed", "completed"), TYPED)
def test_tcsh_completes(typed, completed, script, tmp_path):
    script("tcsh")
    terminal = Terminal(str(tmp_path))

    try:
        terminal.type("set prompt='' ; source script; echo re''ady\n", "ready\r\n")
        shown = terminal.type(f"{typed}\t", completed)
    finally:
        terminal.close()

    assert completed in shown
