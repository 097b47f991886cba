"""An editor with yaml-language-server checks, completes and explains a scenario file by the schema that mockso prints.

It comes from npm; TEST_YAML_SERVER names its program.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockso.contract.catalogue import Contract
from mockso.docs import meanings
from mockso.matching.keys import MatchKeys
from mockso.scenario.json_schema import scenario_json_schema
from mockso.scenario.library import shipped_scenarios
from tests.scenario.language_server import LanguageServer

PROGRAM = os.environ.get("TEST_YAML_SERVER", "")

pytestmark = pytest.mark.skipif(
    not PROGRAM, reason="no yaml-language-server (TEST_YAML_SERVER names its program)"
)

FIRST_LINE = "# yaml-language-server: $schema=scenario.schema.json\n"
STEP = f"{FIRST_LINE}name: x\nsteps:\n  - "


@pytest.fixture(scope="module")
def editor(shipped: Contract, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    folder = tmp_path_factory.mktemp("editor")
    schema = json.dumps(scenario_json_schema(shipped))
    (folder / "scenario.schema.json").write_text(schema, encoding="utf-8")
    server = LanguageServer([PROGRAM, "--stdio"], folder)
    yield server
    server.close()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{FIRST_LINE}name: x\nstep: []\n", "Property step is not allowed."),
        (f"{STEP}mach: {{}}\n", "Property mach is not allowed."),
        (f"{STEP}match: {{metod: GET}}\n", "Property metod is not allowed."),
        (f"{STEP}match: {{any: [{{metod: GET}}]}}\n", "Property metod is not allowed."),
        (f"{STEP}reply: {{statu: 200}}\n", "Property statu is not allowed."),
    ],
)
def test_a_wrong_key_is_a_fault(editor, text, message):
    assert message in editor.diagnostics(text)


@pytest.mark.parametrize("path", shipped_scenarios().values(), ids=lambda path: path.stem)
def test_a_scenario_that_ships_has_no_fault(editor, path: Path):
    text = path.read_text(encoding="utf-8")

    assert text.startswith(FIRST_LINE)
    assert editor.diagnostics(text) == []


@pytest.mark.parametrize("operation", ["v1ContactEntity_GetContactEntity", "v1Contact*", "GET Contact/17"])
def test_an_operation_may_be_any_way_to_name_it(editor, operation):
    assert editor.diagnostics(f"{STEP}match: {{operation: {operation!r}}}\n") == []


@pytest.mark.parametrize("key", ["operation", "agent", "resource"])
@pytest.mark.parametrize("value", ["5", "''", "[]", "[x, 5]", "{a: 1}"])
def test_a_fault_of_a_name_does_not_list_all_names(editor, key, value):
    faults = editor.diagnostics(f"{STEP}match: {{{key}: {value}}}\n")

    assert len(faults) == 1
    assert len(faults[0]) < 100
    assert "Valid values" not in faults[0]


@pytest.mark.parametrize(
    "before", ["match:\n      |", "match:\n      any:\n        - |", "match:\n      not:\n        |"]
)
def test_the_keys_of_a_match_are_offered_with_what_they_are_for(editor, before):
    offers = editor.completions(f"{STEP}{before}\n")

    assert set(offers) == set(MatchKeys().fields)
    assert all(offers.values())


@pytest.mark.parametrize("before", ["operation: |", "operation: v1Con|", "operation:\n        - |"])
def test_operations_are_offered(editor, shipped, before):
    offers = editor.completions(f"{STEP}match:\n      {before}\n")

    assert set(shipped.ids()) <= set(offers)


def test_agents_and_errors_are_offered(editor):
    assert {"Contact", "User"} <= set(editor.completions(f"{STEP}match:\n      agent: |\n"))
    assert {"throttled", "suspended"} <= set(editor.completions(f"{STEP}reply:\n      error: |\n"))


@pytest.mark.parametrize(
    ("text", "table", "key"),
    [
        ("ma|tch: {operation: x}", "key of a step", "match"),
        ("match: {pa|th: /x}", "key of `match`", "path"),
        ("match: {oper|ation: v1ContactEntity_GetContactEntity}", "key of `match`", "operation"),
        ("match: {ag|ent: [Contact]}", "key of `match`", "agent"),
        ("match: {any: [{meth|od: GET}]}", "key of `match`", "method"),
        ("match: {path: {cont|ains: x}}", "operator", "contains"),
        ("reply: {stat|us: 200}", "key of `reply`", "status"),
    ],
)
def test_a_key_is_explained(editor, text, table, key):
    explanation = editor.hover(f"{STEP}{text}\n").replace("\\", "")

    assert meanings("scenarios", table)[key] in explanation


def test_an_operation_is_not_explained_by_all_there_are(editor):
    text = "match: {operation: v1ContactEntity_GetContact|Entity}"

    assert len(editor.hover(f"{STEP}{text}\n")) < 300
