"""The README names every command, option and setting, and its examples run."""

from __future__ import annotations

import argparse
import re
import shlex
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from mockso import cli
from mockso.config import Settings

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def options_of(module: str) -> set[str]:
    parser = argparse.ArgumentParser(add_help=False)
    import_module(module).configure(parser)
    return {
        option for action in parser._actions for option in action.option_strings if option.startswith("--")
    }


def told(name: str, text: str) -> bool:
    """Whether a name stands there itself, not only one that it begins."""
    return re.search(rf"`{re.escape(name)}(?![\w-])", text) is not None


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_is_in_the_readme(name):
    assert f"mockso {name}" in README


def test_every_option_of_serve_is_in_the_readme():
    missing = [option for option in options_of("mockso.commands.serve") if not told(option, README)]

    assert missing == []


def test_every_setting_is_in_the_readme():
    assert [field.name for field in fields(Settings) if f"`{field.name}`" not in README] == []


def test_no_setting_of_the_readme_is_unknown():
    table = README.partition("### Settings")[2].partition("\n## ")[0]
    named = {
        name
        for row in re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }

    assert named == {field.name for field in fields(Settings)}


def test_the_test_of_the_first_screen_passes(pytester):
    pytester.makepyfile(re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0])

    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def commands() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    lines = re.findall(r"^\$ ((?:.*\\\n)*.*)$", "\n".join(blocks), re.MULTILINE)
    return [
        line
        for line in lines
        if line.startswith("mockso ")
        and not line.endswith("&")
        and not re.search(r"\b(serve|record|exec|journal)\b(?!.*--help)", line)
    ]


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_readme_runs(command, capsys, monkeypatch):
    monkeypatch.chdir(Path(__file__).parent.parent)
    try:
        status = cli.main(shlex.split(command)[1:])
    except SystemExit as ended:  # --help
        status = ended.code

    assert status == 0, capsys.readouterr().err


def test_the_readme_names_no_machine_and_no_registry():
    assert not re.search(r"/work/|/root/|/home/|pypi\.org|npmjs", README)
