"""Every example of the README and the pages runs as it is written: files, commands, what they print."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import TEXTS, Block, blocks

# What only a fresh machine needs: the tests have their environment.
SET_UP = re.compile(r"python3 -m venv|(?:\S*/)?pip install|mkdir ")
PORT = "8585"


class Shell:
    """A folder in which the blocks of a page are run one after the other, on a free port in place of 8585."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        self.folder = folder
        self.servers: list[subprocess.Popen[str]] = []
        known = {
            name: value for name, value in os.environ.items() if not name.startswith(("MOCKSO_", "PYTEST_"))
        }
        self.environment = known | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "MOCKSO_PORT": self.port,
            "PYTHONDONTWRITEBYTECODE": "1",  # a file is written twice within a second
            "PYTEST_ADDOPTS": "-p no:randomly -p no:cacheprovider",
            "COLUMNS": "80",
        }

    def run(self, block: Block) -> None:
        text = block.text.replace(PORT, self.port)
        if block.file:
            path = self.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif block.kind == "console":
            for command, output in re.findall(r"^\$ ((?:.*\\\n)*.*\n)((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
                if not SET_UP.match(command):
                    self.command(command.strip(), output)

    def command(self, command: str, expected: str) -> None:
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            self.environment[name] = value
        elif command == "kill %1":
            self.stop()
        elif command.endswith("&"):
            self.serve(command.removesuffix("&").strip(), expected)
        else:
            ran = subprocess.run(
                ["bash", "-c", command],
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.PIPE,
                # Where it does not write to a terminal, curl shows its progress.
                stderr=subprocess.DEVNULL if command.startswith("curl") else subprocess.STDOUT,
                text=True,
                timeout=60,
                check=False,
            )
            if expected:
                assert_like(ran.stdout, expected, command)
            else:
                assert ran.returncode == 0, f"$ {command}\n{ran.stdout}"

    def serve(self, command: str, expected: str) -> None:
        server = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.servers.append(server)
        assert server.stdout is not None
        assert_like(server.stdout.readline(), expected, command)

    def stop(self) -> None:
        for server in self.servers:
            server.send_signal(signal.SIGTERM)
            server.wait(10)
            assert server.stdout is not None
            server.stdout.close()
        self.servers.clear()


def assert_like(output: str, expected: str, command: str) -> None:
    """That output is as a page has it: "..." is any text, alone on a line any lines."""
    pattern = "".join(
        r"(?:.*\n)*?"
        if line.strip() == "..."
        else ".*?".join(map(re.escape, line.rstrip().split("..."))) + r"\s*?\n"
        for line in expected.splitlines()
    )
    if re.fullmatch(pattern, output.rstrip() + "\n") is None:
        pytest.fail(f"$ {command}\n{output}\nis not as the page has it:\n{expected}", pytrace=False)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    yield shell
    shell.stop()


@pytest.mark.parametrize("name", TEXTS)
def test_the_examples_of_a_page_run(name: str, shell: Shell):
    for block in blocks(TEXTS[name]):
        shell.run(block)
    shell.stop()

    tests = sorted(shell.folder.glob("test_*.py"))
    if tests:
        shell.command("python -m pytest -q -W error --strict-markers", "...\n... passed in ...\n")


def test_the_test_of_the_first_screen_passes(shell: Shell):
    first = next(block for block in blocks(TEXTS["README"]) if block.kind == "python")
    (shell.folder / "test_first.py").write_text(first.text)

    shell.command("python -m pytest -q", "...\n1 passed in ...\n")


def test_the_files_of_the_suite_are_all_tried():
    written = {block.file for block in blocks(TEXTS["pytest"]) if block.kind == "python"}

    assert {"test_contacts.py", "conftest.py", "test_more.py", "test_unittest.py"} <= written


def test_commands_stand_in_a_block_that_is_run():
    # What cannot be run here stands in a block of another kind, beside words that say so.
    not_run = {
        line
        for text in TEXTS.values()
        for block in blocks(text)
        if block.kind == "sh"
        for line in block.text.splitlines()
    }

    assert not_run == {
        ".venv/bin/mockso serve",
        ".venv/bin/python -m pytest",
        "mockso record --target https://sod2.superoffice.com/Cust12345 --out recordings/contact-sync.yaml",
        "cd corpus",
        "mockso contract build swagger pages webapi archive-providers --dictionary database/fields.tsv "
        "--shipped --release 2026-07",
        "python tests/benchmarks/run.py",
    }


def test_pages_name_no_machine_and_no_registry():
    for name, text in TEXTS.items():
        assert not re.search(r"/work/|/root/|/home/|/tmp/|pypi\.org|npmjs", text), name
