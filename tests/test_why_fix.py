"""`mockso why --fix`: a scenario's file is changed where it must be, and nowhere else."""

from __future__ import annotations

import pytest

from mockso.errors import ScenarioError
from mockso.scenario_yaml import ScenarioFilesError, shipped
from mockso.why_fix import fix, patched
from tests.making import tiny

pytest.importorskip("ruamel.yaml", reason="extra 'fix' is not installed")

FILE = """\
# yaml-language-server: $schema=scenario.schema.json
name: limited

# Two reads are refused.
steps:
  - name: refused   # by the limit
    match:
      operation: v1ContactEntity_GetContactEntity
      query: {$top: '5'}   # only this
      headers:
        X-Team: "red"
    times: 2

  - match: {operation: v1ContactEntity_PutContactEntity}  # a save
    reply:
      text: |
        two
        lines
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "limited.yaml"
    path.write_text(FILE)
    return path


def test_only_the_place_that_changes_changes(file):
    told = fix(file, [{"op": "replace", "path": "/steps/0/times", "value": 3}], tiny())

    assert file.read_text() == FILE.replace("times: 2", "times: 3")
    assert "-    times: 2\n+    times: 3\n" in told


@pytest.mark.parametrize(
    ("patch", "before", "after"),
    [
        (
            {"op": "replace", "path": "/steps/0/match/headers/X-Team", "value": "blue"},
            'X-Team: "red"',
            'X-Team: "blue"',
        ),
        ({"op": "add", "path": "/steps/0/match/query/fk", "value": "true"}, "'5'}   #", "'5', fk: 'true'} #"),
        ({"op": "remove", "path": "/steps/0/times"}, "    times: 2\n", ""),
        (
            {"op": "add", "path": "/steps/1/match/verdict", "value": "any"},
            "_PutContactEntity}  #",
            "_PutContactEntity, verdict: any} #",
        ),
    ],
)
def test_a_patch_is_applied_as_the_file_is_written(patch, before, after):
    assert patched(FILE, [patch]) == FILE.replace(before, after)


@pytest.mark.parametrize("path", ["/steps/0/times", "/steps/0/match/headers"])
def test_comments_below_what_is_removed_stay(path):
    text = FILE.replace("    times: 2\n\n", "    # how often\n    times: 2  # twice\n\n  # then\n")

    changed = patched(text, [{"op": "remove", "path": path}])

    assert "    # how often\n" in changed
    assert "\n\n  # then\n  - match:" in changed


@pytest.mark.parametrize("offset", [0, 2, 4])
def test_lists_stay_indented_as_they_are(offset):
    text = f"name: x\nsteps:\n{' ' * offset}- times: 1\n{' ' * offset}- times: 2\n"

    changed = patched(text, [{"op": "replace", "path": "/steps/1/times", "value": 3}])

    assert changed == text.replace("times: 2", "times: 3")


def test_a_file_that_would_be_broken_stays_as_it_is(file):
    with pytest.raises(ScenarioFilesError, match="the contract has no operation 'v1Nothing'"):
        fix(file, [{"op": "replace", "path": "/steps/0/match/operation", "value": "v1Nothing"}], tiny())

    assert file.read_text() == FILE
    assert [path.name for path in file.parent.iterdir()] == ["limited.yaml"]


def test_a_shipped_scenario_is_not_changed():
    with pytest.raises(ScenarioError, match=r"mockso scenarios show throttled > throttled\.yaml"):
        fix(shipped()["throttled"], [], tiny())


def test_a_file_that_is_elsewhere_is_told(tmp_path):
    with pytest.raises(ScenarioError, match="Run this where the mock was started"):
        fix(tmp_path / "gone.yaml", [], tiny())
