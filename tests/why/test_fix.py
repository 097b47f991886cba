"""`mockso why --fix`: a scenario's file is changed where it must be, and nowhere else."""

from __future__ import annotations

import codecs
import difflib
import json
import os
import sys

import pytest

from mockso.contract.paths import join_pointer
from mockso.errors import ScenarioError
from mockso.scenario.library import shipped_scenarios
from mockso.scenario.load import ScenarioFilesError
from mockso.scenario.yaml import read_yaml
from mockso.why.fix import fix, patch_document, splice
from tests.making import tiny

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


def test_a_link_stays_a_link_and_a_file_keeps_its_mode(file, tmp_path):
    file.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(file)

    fix(link, [{"op": "replace", "path": "/steps/0/times", "value": 3}], tiny())

    assert link.is_symlink()
    assert "times: 3" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_file_that_cannot_be_written_is_said(file, monkeypatch):
    def fail(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)

    with pytest.raises(ScenarioError, match=r"limited\.yaml: cannot be written \(No space left on device\)"):
        fix(file, [{"op": "replace", "path": "/steps/0/times", "value": 3}], tiny())

    assert file.read_text() == FILE


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
        ({"op": "add", "path": "/steps/0/match/query/fk", "value": "true"}, "'5'}", "'5', fk: 'true'}"),
        ({"op": "remove", "path": "/steps/0/times"}, "    times: 2\n", ""),
        (
            {"op": "add", "path": "/steps/1/match/verdict", "value": "any"},
            "_PutContactEntity}",
            "_PutContactEntity, verdict: any}",
        ),
    ],
)
def test_a_patch_is_applied_as_the_file_is_written(patch, before, after):
    assert patch_document(FILE, [patch]) == FILE.replace(before, after)


@pytest.mark.parametrize("path", ["/steps/0/times", "/steps/0/match/headers"])
def test_comments_below_what_is_removed_stay(path):
    text = FILE.replace("    times: 2\n\n", "    # how often\n    times: 2  # twice\n\n  # then\n")

    changed = patch_document(text, [{"op": "remove", "path": path}])

    assert "    # how often\n" in changed
    assert "\n\n  # then\n  - match:" in changed


@pytest.mark.parametrize("offset", [0, 2, 4])
def test_lists_stay_indented_as_they_are(offset):
    text = f"name: x\nsteps:\n{' ' * offset}- times: 1\n{' ' * offset}- times: 2\n"

    changed = patch_document(text, [{"op": "replace", "path": "/steps/1/times", "value": 3}])

    assert changed == text.replace("times: 2", "times: 3")


def test_a_file_that_would_be_broken_stays_as_it_is(file):
    with pytest.raises(ScenarioFilesError, match="the contract has no operation 'v1Nothing'"):
        fix(file, [{"op": "replace", "path": "/steps/0/match/operation", "value": "v1Nothing"}], tiny())

    assert file.read_text() == FILE
    assert [path.name for path in file.parent.iterdir()] == ["limited.yaml"]


def test_a_shipped_scenario_is_not_changed():
    with pytest.raises(ScenarioError, match=r"mockso scenarios show throttled > throttled\.yaml"):
        fix(shipped_scenarios()["throttled"], [], tiny())


def test_a_file_that_is_elsewhere_is_told(tmp_path):
    with pytest.raises(ScenarioError, match="Run this where the mock was started"):
        fix(tmp_path / "gone.yaml", [], tiny())


# --- all else stays as it is ----------------------------------------------------------------------

ODD = """\
---
# at the top
name:   limited        # far off
"description": 'It''s "limited"'
steps:   [ {times:  2,   match: { operation :  "v1*" , query: {$top:   '5',} } } ,
           {match: {body: {"Name":Acme, Ids: [1,2,   3]}}, reply: {status: 0x1F}}]
"""
BLOCK = """\
name: limited
steps:
- name: one   # the first
  # about the match
  match:
    query:
        $top: "5"      # five
        # between
        fk: 'true'

    headers: {X-A:  a ,  X-B: "b"}

  times:    2
  reply:
    text: |
      two # no comment

      lines
    # below the text
    headers:
        X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbb
-   match: {operation: x,
            method:    [GET,
                        PUT]}   # both
    times: 3
    # the end
- delay:
  name: last
"""
ANCHORS = """\
name: limited
steps:
- match: &all {verdict:  any}   # kept
  times: 1
- match:   *all
  times:   2
- match: {query: {$top: &five  '5', a: *five}}
  times: 3
"""
TEXTS = {
    "odd": ODD,
    "block": BLOCK,
    "anchors": ANCHORS,
    "CRLF": BLOCK.replace("\n", "\r\n"),
    "no final newline": BLOCK.removesuffix("\n"),
    "no final newline, in brackets": ODD.removesuffix("\n"),
}


def places(value, way=()):
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*way, key)
            yield from places(item, (*way, key))


def changes():
    for name, text in TEXTS.items():
        value = read_yaml(text).value
        for place in places(value):
            inner = value
            for part in place[:-1]:
                inner = inner[part]
            yield name, "replace", place, 7
            yield name, "replace", place, "it's 'new': {a}, \"b\" # x"
            yield name, "replace", place, {"equalTo": ["a", None, 1.5, True]}
            if isinstance(inner, dict):
                yield name, "remove", place, None
            if isinstance(inner[place[-1]], dict):
                yield name, "add", (*place, "added"), "new"


def pointer(place):
    return join_pointer(place)


@pytest.mark.parametrize(
    ("name", "op", "place", "value"),
    [pytest.param(*one, id=f"{one[0]}-{one[1]}-{pointer(one[2])}-{n}") for n, one in enumerate(changes())],
)
def test_a_change_is_made_and_no_line_elsewhere_is_touched(name, op, place, value):
    text = TEXTS[name]
    wanted = json.loads(json.dumps(read_yaml(text).value))
    inner = wanted
    for part in place[:-1]:
        inner = inner[part]
    if op == "remove":
        del inner[place[-1]]
    else:
        inner[place[-1]] = value

    change = [{"op": op, "path": pointer(place), "value": value}]
    anchor = place in (("steps", 0, "match"), ("steps", 2, "match", "query", "$top"))
    if name == "anchors" and (place[:4] == ("steps", 0, "match", place[-1]) or (anchor and op == "remove")):
        with pytest.raises(ScenarioError, match="by an anchor"):
            patch_document(text, change)
        return
    made = patch_document(text, change)

    assert read_yaml(made).value == wanted
    assert ("\r\n" in made) is ("\r\n" in text)
    assert made.count("\n") == made.count("\r\n") or "\r\n" not in text
    if len(place) > 2 and name != "anchors":
        assert made.endswith("\n") is text.endswith("\n")
        before, after = text.split("\n"), made.split("\n")
        touched = [
            opcode
            for opcode in difflib.SequenceMatcher(None, before, after, False).get_opcodes()
            if opcode[0] != "equal"
        ]
        # Comments below a first key that goes move above the dash.
        assert len(touched) == 1 + (op == "remove" and place == ("steps", 0, "name")), made
        _, low, high, first, last = touched[0]
        node = read_yaml(text).position(place if op != "add" else place[:-1], key=True)[0] - 1
        assert low <= len(before)
        assert last - first <= 1, made
        assert all("#" not in line or "#" in "".join(after) for line in before[low:high])
        assert low >= node or op == "remove" or before[low:high] == []


def test_comments_all_stay_but_those_inside_of_what_goes():
    made = patch_document(BLOCK, [{"op": "remove", "path": "/steps/0/match/query/fk"}])
    assert made == BLOCK.replace("        fk: 'true'\n", "")

    made = patch_document(BLOCK, [{"op": "replace", "path": "/steps/0/match", "value": {}}])
    assert "  match: {}\n" in made
    assert "# about the match\n" in made
    assert "# below the text\n" in made


@pytest.mark.parametrize(
    ("place", "value", "before", "after"),
    [
        ("/steps/0/match/query/$top", "6", '"5" ', '"6" '),
        ("/steps/0/match/query/fk", "false", "'true'", "'false'"),
        ("/steps/0/match/headers/X-A", "no", ":  a ,", ":  no ,"),
        ("/steps/0/match/headers/X-A", "7", ":  a ,", ":  '7' ,"),
        ("/steps/0/match/headers/X-A", "x: y", ":  a ,", ":  'x: y' ,"),
        ("/steps/0/match/headers/X-B", "\u2028", '"b"', '"\\u2028"'),
        ("/steps/0/reply/text", "one", "|\n      two # no comment\n\n      lines\n", "one\n"),
        ("/steps/2/delay", 2, "delay:\n", "delay: 2\n"),
        ("/steps/1/match/method/1", "POST", "PUT]", "POST]"),
    ],
)
def test_a_value_is_written_as_the_one_before_it(place, value, before, after):
    made = patch_document(BLOCK, [{"op": "replace", "path": place, "value": value}])

    assert made == BLOCK.replace(before, after)


def test_a_file_keeps_its_byte_order_mark_and_its_line_ends(file):
    whole = codecs.BOM_UTF8 + FILE.replace("\n", "\r\n").encode()
    file.write_bytes(whole)

    fix(file, [{"op": "replace", "path": "/steps/0/times", "value": 3}], tiny())

    assert file.read_bytes() == whole.replace(b"times: 2", b"times: 3")


def test_what_an_alias_stands_for_is_written_out_where_it_changes():
    made = patch_document(ANCHORS, [{"op": "add", "path": "/steps/1/match/method", "value": "GET"}])

    assert made == ANCHORS.replace("  *all\n", "  {verdict: any, method: GET}\n")


def test_what_cannot_be_changed_alone_needs_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "ruamel.yaml", None)

    with pytest.raises(ScenarioError, match=r"pip install 'mockso\[fix\]'"):
        patch_document(BLOCK, [{"op": "replace", "path": "/steps/0", "value": {"times": 1}}])


def test_lines_that_were_only_written_otherwise_stay():
    text = "a:   1\nb: {c:  2}\nd: 3\n"

    assert splice(text, "a: 1\nb: {c: 2}\nd: 3\n", "a: 1\nb: {c: 2}\nd: 4\n") == "a:   1\nb: {c:  2}\nd: 4\n"
