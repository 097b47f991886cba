"""From a file to a scenario: what it becomes, where it is found. Broken ones are in test_lint.py."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockso.contract.model import NOTHING
from mockso.errors import ScenarioError
from mockso.matching.match import Match
from mockso.scenario.check import Checker
from mockso.scenario.delay import Lognormal, Threshold, Uniform
from mockso.scenario.library import find_scenario, load_scenarios, shipped_scenarios
from mockso.scenario.load import ScenarioFilesError, read_scenario
from mockso.scenario.reply import ReplyPlan
from mockso.scenario.scenario import Scenario, Step
from mockso.scenario.yaml import read_yaml
from tests.making import AGENT_GET, GET, SAVE, tiny

CHECKER = Checker(tiny())


def read(text: str, folder: Path | None = None) -> Scenario:
    return read_scenario(text, "x.yaml", CHECKER, folder)


def step(text: str, folder: Path | None = None) -> Step:
    return read(f"name: x\nsteps:\n{text}", folder).steps[0]


def plan(text: str, folder: Path | None = None) -> ReplyPlan:
    made = step(f"  - reply: {text}\n", folder).reply
    assert isinstance(made, ReplyPlan)
    return made


# --- what it becomes ----------------------------------------------------------------------------


def test_a_file_becomes_a_scenario():
    made = read(
        "name: life\ndescription: What the client sees.\nprofile: online\nonly: true\n"
        "steps:\n"
        f"  - match: {{operation: {GET}}}\n    times: 2\n    reply: {{error: throttled}}\n"
        f"  - name: saved\n    match: {{operation: {SAVE}}}\n    delay: 1.5\n"
        "  - after: saved\n    fault: cut\n    dribble: {chunks: 4, over: 2}\n"
    )

    assert made == Scenario(
        name="life",
        description="What the client sees.",
        profile="online",
        only=True,
        origin="x.yaml",
        steps=(
            Step(Match(operation=GET), ReplyPlan(error="throttled"), times=2, place="x.yaml:6"),
            Step(Match(operation=SAVE), name="saved", delay=1.5, place="x.yaml:9"),
            Step(after="saved", fault="cut", dribble=(4, 2.0), place="x.yaml:12"),
        ),
    )
    assert [one.label for one in made.steps] == ["life#1", "life#saved", "life#3"]


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("2", 2.0),
        ("{uniform: [0.1, 0.5], seed: 7}", Uniform(0.1, 0.5, 7)),
        ("{lognormal: {median: 0.3, sigma: 0.5}}", Lognormal(0.3, 0.5)),
        ("{threshold: 1.5}", Threshold(1.5)),
    ],
)
def test_a_delay_stands_at_the_step_or_in_the_reply(text, delay):
    assert step(f"  - delay: {text}\n").delay == delay
    assert plan(f"{{like: success, delay: {text}}}").delay == delay


def test_the_content_of_a_reply():
    assert plan("{body: {ContactId: 1}}").body == {"ContactId": 1}
    assert plan("{body: null}").body is None
    assert plan("{status: 204}").body is NOTHING
    assert (plan("{text: hello}").text, plan("{text: hello}").media_type) == (
        "hello",
        "text/plain; charset=utf-8",
    )
    assert (plan("{base64: YQ==}").content, plan("{base64: YQ==}").media_type) == (
        b"a",
        "application/octet-stream",
    )
    assert plan("{like: success, set: {/Name: x}}").overrides == {"/Name": "x"}
    assert plan("{error: not-found, contract: broken}").breaks_contract


def test_headers_are_texts_and_may_come_several_times():
    assert plan("{status: 200, headers: {Retry-After: 5, X-On: true, Set-Cookie: [a=1, b=2]}}").headers == (
        ("Retry-After", "5"),
        ("X-On", "true"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
    )


def test_a_body_file_is_read_from_beside_the_scenario(tmp_path):
    (tmp_path / "body.json").write_text('{"ContactId": 1}')
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")

    assert plan("{body_file: body.json}", tmp_path).body == {"ContactId": 1}
    picture = plan("{body_file: picture.png}", tmp_path)
    assert (picture.content, picture.media_type) == (b"\x89PNG", "image/png")


def test_a_folder_is_not_suggested_for_a_body_file(tmp_path):
    (tmp_path / "body.json").mkdir()

    with pytest.raises(ScenarioFilesError) as caught:
        plan("{body_file: body.json}", tmp_path)

    assert str(caught.value).endswith("'body.json' cannot be read: Is a directory.")


@pytest.mark.parametrize("depth", [101, 900, 200_000])
def test_a_body_file_may_be_nested_no_deeper_than_a_scenario(tmp_path, depth):
    (tmp_path / "deep.json").write_text("[" * depth + "]" * depth)

    with pytest.raises(ScenarioFilesError, match=r"'deep\.json' is nested more than 100 deep"):
        plan("{body_file: deep.json}", tmp_path)


def test_a_step_may_be_meant_for_more_calls_than_a_float_can_hold():
    assert step(f"  - times: 1{'0' * 350}\n").times == 10**350


def test_a_body_file_is_checked_like_a_body(tmp_path):
    (tmp_path / "body.json").write_text('{"ContactId": "x"}')
    (tmp_path / "broken.json").write_text("{")

    with pytest.raises(ScenarioFilesError, match=r"x\.yaml:5:.*expected a whole number"):
        read(
            f"name: x\nsteps:\n  - match: {{operation: {GET}}}\n    reply:\n      body_file: body.json\n",
            tmp_path,
        )
    with pytest.raises(ScenarioFilesError, match=r"'broken.json' is not JSON"):
        plan("{body_file: broken.json}", tmp_path)


def test_a_text_that_is_in_no_file_can_name_none():
    with pytest.raises(ScenarioFilesError, match="this scenario is not in a file"):
        plan("{body_file: body.json}")


# --- replies and their contract -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("match", "reply"),
    [
        (f"{{operation: {GET}}}", "{body: {ContactId: 1, Persons: [{PersonId: 2}]}}"),
        (f"{{operation: {GET}}}", "{body: null}"),
        (f"{{operation: {GET}}}", "{body: {ContactId: '{{ request.arguments.id }}'}}"),
        (f"{{operation: {GET}}}", "{body: {ContactId: x}, contract: broken}"),
        (f"{{operation: {GET}}}", "{status: 404, body: {Anything: 1}}"),
        (f"{{operation: {GET}}}", "{like: success, set: {/Persons/0/PersonId: 1, /Fields/x: y, /name: z}}"),
        (f"{{operation: {GET}}}", "{like: success, set: {/ContactId: '{{ count }}'}}"),
        ("{operation: v1Contact*}", "{body: {ContactId: 1}}"),
        ("{}", "{body: {Anything: 1}}"),
        ("{}", "{like: success, set: {/Anything: 1}}"),
    ],
)
def test_a_reply_that_keeps_its_contract_or_says_that_it_does_not_is_good(match, reply):
    read(f"name: x\nsteps:\n  - match: {match}\n    reply: {reply}\n")


@pytest.mark.parametrize(
    ("match", "reply", "says"),
    [
        ("{operation: v1ContactEntity_DeleteContactEntity}", "{body: {A: 1}}", "has no body with status 204"),
        ("{operation: v1ContactEntity_Del*}", "{like: success, set: {/A: 1}}", "has no body"),
        ("{operation: v1ContactEntity_G*}", "{body: {ContactId: x}}", "expected a whole number"),
        (f"{{operation: [{GET}, {AGENT_GET}]}}", "{body: {Kind: Custmer}}", "Did you mean 'Customer'?"),
        (f"{{operation: {GET}}}", "{like: success, set: {/ContactId: x}}", "expected a whole number"),
        (f"{{operation: {GET}}}", "{like: success, set: {/Name/x: 1}}", "which has no parts"),
    ],
)
def test_a_reply_that_breaks_its_contract_by_mistake_is_told(match, reply, says):
    with pytest.raises(ScenarioFilesError) as caught:
        read(f"name: x\nsteps:\n  - match: {match}\n    reply: {reply}\n")

    assert says in str(caught.value)


def test_without_a_contract_nothing_of_it_is_asked():
    made = read_scenario("name: x\nsteps:\n  - match: {operation: v1Nothing}\n", "x", Checker(None))

    assert made.steps[0].match.operation == "v1Nothing"


# --- steps that never answer --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wide", "narrow", "unreachable"),
    [
        ("{}", "{}", True),
        ("{}", f"{{operation: {GET}}}", True),
        ("{}", "{verdict: broken}", False),
        ("{verdict: any}", "{verdict: broken}", True),
        (f"{{operation: {GET}}}", "{}", False),
        ("{operation: v1Contact*}", f"{{operation: [{GET}, {SAVE}]}}", True),
        ("{operation: v1Contact*}", "{operation: v1*}", False),
        (f"{{operation: [{GET}, {SAVE}]}}", f"{{operation: {SAVE}}}", True),
        ("{query: {a: 1}}", "{query: {a: 1, b: 2}}", True),
        ("{query: {a: 1, b: 2}}", "{query: {a: 1}}", False),
        ("{query: {a: true}}", "{query: {a: 1}}", False),
        ("{query: {a: 1}}", "{query: {a: 1.0}}", False),
        ("{body: {A: 1}}", "{body: {A: true}}", False),
        (
            "{query: {a: {contains: x, caseInsensitive: true}}}",
            "{query: {a: {caseInsensitive: true, contains: x}}}",
            True,
        ),
        ("{body: {A: 1}}", "{body: {A: 1}, method: GET}", True),
        ("{not: {method: GET}}", "{method: PUT}", False),
    ],
)
def test_a_step_below_one_that_takes_every_call_is_unreachable(wide, narrow, unreachable):
    text = f"name: x\nsteps:\n  - match: {wide}\n    reply: {{status: 200}}\n  - match: {narrow}\n    fault: cut\n"

    if unreachable:
        with pytest.raises(ScenarioFilesError, match=r"x\.yaml:5:5: steps\[1\]: this step never answers"):
            read(text)
    else:
        read(text)


@pytest.mark.parametrize("first", ["times: 1", "after: b"])
def test_a_step_that_is_not_always_asked_hides_none(first):
    read(f"name: x\nsteps:\n  - {first}\n  - fault: cut\n    name: b\n")


# --- finding ------------------------------------------------------------------------------------


def test_a_scenario_is_found_by_name_file_or_folder(tmp_path):
    (tmp_path / "a.yaml").write_text("")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.yml").write_text("")

    assert (
        find_scenario("online-restricted")
        == find_scenario("online_restricted")
        == [shipped_scenarios()["online-restricted"]]
    )
    assert find_scenario(str(tmp_path / "a.yaml")) == [tmp_path / "a.yaml"]
    assert find_scenario(str(tmp_path)) == [tmp_path / "a.yaml", tmp_path / "deep" / "b.yml"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("online-restrictd", "Did you mean 'online-restricted'?"),
        ("x/online.yaml", "there is no such file"),
        ("zzz", "neither a shipped one nor a file"),
        ("a" * 300, "cannot be looked at (File name too long)"),
    ],
)
def test_a_name_that_means_nothing_gets_the_nearest(name, says):
    with pytest.raises(ScenarioError) as caught:
        find_scenario(name)

    assert says in str(caught.value)


def test_several_are_loaded_in_their_order_and_all_faults_are_told_at_once(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\nsteps: [{{fault: cut}}]\n")
        (tmp_path / f"{name}-broken.yaml").write_text(f"name: {name}\nsteps: [{{fault: {name}}}]\n")

    loaded = load_scenarios([str(tmp_path / "b.yaml"), str(tmp_path / "a.yaml")], tiny())
    assert [scenario.name for scenario in loaded] == ["b", "a"]
    with pytest.raises(ScenarioFilesError) as caught:
        load_scenarios([str(tmp_path)], tiny())
    assert [Path(fault.file).name for fault in caught.value.faults] == ["a-broken.yaml", "b-broken.yaml"]


# --- anything at all ----------------------------------------------------------------------------

KEYS = st.sampled_from(
    [
        "name",
        "steps",
        "match",
        "reply",
        "body",
        "set",
        "any",
        "not",
        "query",
        "operation",
        "like",
        "after",
        "times",
        "delay",
        "error",
        "text",
        "equalTo",
        "matchesJsonPath",
        "expression",
        "credential",
        "headers",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=3)
    | st.sampled_from([GET, "v1*", "{{ now }}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries(
        {"name": st.just("x"), "steps": st.lists(st.dictionaries(KEYS, VALUES), max_size=3)}
    )
)
def test_no_file_whatever_is_more_than_a_list_of_faults(value):
    with suppress(ScenarioFilesError):
        assert read(json.dumps(value)).steps


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_no_bytes_whatever_are_more_than_a_list_of_faults(data):
    with pytest.raises(ScenarioFilesError):
        read_scenario(data, "x.yaml", CHECKER)


def test_what_is_neither_a_file_nor_a_folder_is_not_called_missing(tmp_path):
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)

    with pytest.raises(ScenarioError, match=r"pipe\.yaml: is neither a file nor a folder"):
        find_scenario(str(pipe))


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("a: " + "[" * 5000, "put fewer brackets into each other"),
        ("%YAML 9.9\n---\na: 1", "remove the line with %YAML"),
    ],
)
def test_yaml_that_is_refused_by_its_reader_has_a_cure(text, cure):
    (fault,) = read_yaml(text).faults

    assert cure in fault.message
