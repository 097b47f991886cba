"""The files that the README shows of a test suite, put together and run; its tables are complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mockso.pytest_plugin import pytest_addoption
from tests.test_readme import options_of, told

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("\n## In a test suite\n")[2].partition("\n## In any language\n")[0]


class Recorder:
    """Stands for pytest's parser: the names of all options and ini keys."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def getgroup(self, *_: str) -> Recorder:
        return self

    def addoption(self, name: str, **_: object) -> None:
        self.names.append(name)

    def addini(self, name: str, *_: str, **__: object) -> None:
        self.names.append(name)


def test_the_files_of_the_readme_are_a_green_suite(pytester: pytest.Pytester):
    files = re.findall(r"```python\n# ([\w.]+)\n(.*?)```", SECTION, re.DOTALL)
    for name, text in files:
        (pytester.path / name).write_text(text)

    result = pytester.runpytest_subprocess("-W", "error", "-p", "no:randomly", "--strict-markers")

    assert {name for name, _ in files} >= {"test_contacts.py", "conftest.py"}
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed"}, result.stdout.str()


def test_every_option_and_ini_key_of_the_plugin_is_in_the_readme():
    recorder = Recorder()
    pytest_addoption(recorder)  # type: ignore[arg-type]

    assert [name for name in recorder.names if not told(name, SECTION)] == []


def test_every_option_of_exec_is_in_the_readme():
    text = README.partition("\n## In any language\n")[2].partition("\n## ")[0]

    assert [option for option in options_of("mockso.commands.exec") if not told(option, text)] == []
