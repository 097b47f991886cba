"""Everything that has a name stands on exactly one page: in a row of a table of its kind, or as a heading."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import fields

import pytest
from marshmallow import Schema

from mockso import cli, pytest_plugin
from mockso.config import Settings
from mockso.judge.rules import RULES
from mockso.matching import keys as match_keys
from mockso.matching import operators
from mockso.scenario import schema
from mockso.testing.world import World
from mockso.web.admin.app import PREFIXES
from tests.docs import generate
from tests.docs.pages import ROOT, TEXTS, anchors, rows, stands
from tests.test_layers import modules, room_of


class Names:
    """Stands for pytest's parser: the names of all options and ini keys."""

    def __init__(self) -> None:
        self.options: list[str] = []
        self.ini_keys: list[str] = []

    def getgroup(self, *_: str) -> Names:
        return self

    def addoption(self, name: str, **_: object) -> None:
        self.options.append(name)

    def addini(self, name: str, *_: object, **__: object) -> None:
        self.ini_keys.append(name)


def plugin() -> Names:
    names = Names()
    pytest_plugin.pytest_addoption(names)  # type: ignore[arg-type]
    return names


def options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The long options of a command, those of its actions included."""
    for action in parser._actions:
        yield from (option for option in action.option_strings if option.startswith("--"))
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from options(inner)


def options_of(command: str) -> set[str]:
    parser = argparse.ArgumentParser(add_help=False)
    cli.module_of(command).configure(parser)
    return set(options(parser)) - {"--help"}


def keys(kind: type[Schema]) -> set[str]:
    return set(kind().declared_fields)


def markers() -> set[str]:
    lines: list[str] = []

    class Config:
        def addinivalue_line(self, _: str, line: str) -> None:
            lines.append(line.partition("(")[0])

        def __getattr__(self, _: str) -> object:
            raise StopIteration

    with pytest.raises(StopIteration):
        pytest_plugin.pytest_configure(Config())  # type: ignore[arg-type]
    return set(lines)


def fixtures() -> set[str]:
    return {
        name
        for name, value in vars(pytest_plugin).items()
        if type(value).__name__ == "FixtureFunctionDefinition"
    }


TABLES = {
    "command": set(cli.COMMANDS),
    **{f"option of {name}": options_of(name) for name in cli.COMMANDS},
    "option of pytest": set(plugin().options),
    "ini key": set(plugin().ini_keys),
    "marker": markers(),
    "fixture": fixtures(),
    "setting": {field.name for field in fields(Settings)},
    "key of a file": keys(schema.ScenarioKeys),
    "key of a step": keys(schema.StepKeys),
    "key of `match`": keys(match_keys.MatchKeys),
    "key of `credential`": keys(match_keys.CredentialKeys),
    "key of `reply`": keys(schema.ReplyKeys),
    "key of `delay`": keys(schema.DelayKeys),
    "key of `lognormal`": keys(schema.LognormalKeys),
    "key of `rate`": keys(schema.RateKeys),
    "key of `dribble`": keys(schema.DribbleKeys),
    "key of `tenant`": keys(schema.TenantKeys),
    "key of `recorded`": keys(schema.RecordedKeys),
    "operator": set(operators.JSON_KEYS),
    "room": {room_of(module) for module in modules()},
}


@pytest.mark.parametrize("kind", TABLES)
def test_every_name_has_one_row_in_the_tables_of_its_kind(kind: str):
    assert sorted(stands(kind)) == sorted(TABLES[kind])


def test_every_table_of_options_and_keys_is_one_that_is_compared():
    heads = {head for text in TEXTS.values() for head, _, _ in rows(text)}

    assert {head for head in heads if head.startswith(("option", "key of"))} <= set(TABLES)


def test_every_address_has_one_row():
    known = sorted(
        f"{route.method} {prefix}/{route.path}" for prefix, routes in PREFIXES.items() for route in routes
    )

    assert sorted(stands("address", whole=True)) == known


def test_every_rule_has_one_heading():
    assert [anchor for anchor in anchors("rules") if anchor in RULES] == list(RULES)


def test_every_setting_says_what_it_means():
    meanings = [cells[-1] for text in TEXTS.values() for head, _, cells in rows(text) if head == "setting"]

    assert all(meanings)


def test_every_member_of_a_world_and_of_a_call_is_told_or_left_out_on_purpose():
    told = {name for names in generate.WORLD.values() for name in names.split()}

    new = {*generate.public(World)} - told - generate.INNER
    assert not new, f"name {new} in WORLD or in INNER of tests/docs/generate.py, then rebuild world.md"
    assert not told & generate.INNER
    for head, cell, cells in (row for row in rows(TEXTS["world"]) if row[0].startswith("member")):
        assert cells[0], f"{head}: {cell} has no words"


def test_every_shipped_scenario_is_in_the_list_beside_them():
    text = (ROOT / "scenarios" / "README.md").read_text(encoding="utf-8")
    listed = [name for _, _, cells in rows(text) for name in cells[0].strip("`").split("`, `")]

    assert sorted(listed) == sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))
