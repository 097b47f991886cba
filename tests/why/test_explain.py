"""Why a call was answered as it was, and the smallest change that makes a step answer it."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from mockso.contract.paths import split_pointer
from mockso.engine import Engine
from mockso.errors import ScenarioError
from mockso.exchange.message import Reply
from mockso.journal.entry import call_of
from mockso.matching.match import Match
from mockso.scenario.check import Checker
from mockso.scenario.load import read_scenario
from mockso.scenario.scenario import Scenario, Step
from mockso.why.explain import explain
from tests.conftest import call


def scenario(*steps: dict, name: str = "s") -> Scenario:
    """A scenario as its file would have it; every step answers 418."""
    text = json.dumps({"name": name, "steps": [{"reply": {"status": 418}, **step} for step in steps]})
    return read_scenario(text, f"{name}.yaml", Checker(None))


def why(engine: Engine, *played: Scenario, label: str = "", **asked):
    """What is said of a call made while scenarios, the last asked first, are played."""
    tenant = engine.tenants.of("Cust12345")
    for each in played:
        tenant.play(each)
    request = call(**asked)
    if len(request.query):
        request = replace(request, target=f"{request.target}?{urlencode(request.query.pairs)}")
    reply = engine.handle(request)
    entry = engine.journal.get(reply.header("X-Mockso-Call"))
    return explain(entry, engine.contract, tenant.scenarios, engine.journal.redaction, label)


def said(told, stage: str) -> str:
    return next(item["said"] for item in told["trace"] if item["stage"] == stage)


def test_a_date_at_the_end_of_time_is_explained_too(engine):
    told = why(
        engine,
        scenario({"match": {"query": {"since": {"after": "9999-12-31"}}}}),
        query=[("since", "2026-01-01")],
    )

    (edit,) = told["change"]["request"]["patch"]
    assert edit["value"] == "9999-12-31T23:59:59Z"


# --- the way ------------------------------------------------------------------------------------


def test_the_way_of_a_call_goes_from_its_address_to_the_answer(engine):
    told = why(engine, scenario({"match": {"operation": "getContact"}}))

    assert [item["stage"] for item in told["trace"]] == [
        "arrival",
        "address",
        "verdict",
        "scenarios",
        "answer",
    ]
    assert said(told, "address") == "reaches getContact"
    assert said(told, "scenarios") == "s#1 answers"
    assert said(told, "answer") == "418 by the scenario (assumed)"
    assert told["change"] is None


def test_faults_are_told_in_the_order_the_server_meets_them(engine):
    told = why(engine, method="PUT", body={"ContactId": "x"}, authorization="")

    stages = [item["stage"] for item in told["trace"]]
    assert stages.index("credential") < stages.index("body") < stages.index("verdict")
    assert said(told, "body").startswith("refused for body.ContactId: expected")
    assert "refuses such a call" in said(told, "answer")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"path": "/api/v1/Contcat"}, "is none of the contract; the nearest is /api/v1/Contact"),
        ({"method": "POST"}, "is known, the method is not: it takes DELETE, GET, PATCH, PUT"),
    ],
)
def test_an_address_that_is_none_is_told(engine, asked, words):
    assert said(why(engine, **asked), "address") == words


def test_the_steps_asked_before_the_one_that_answered_are_told_in_order(engine):
    told = why(
        engine,
        scenario({"match": {"operation": "getContact"}}, name="below"),
        scenario({"match": {"query": {"fk": "true"}}}, {"match": {"method": "PUT"}}, name="above"),
    )

    assert [(step["step"], step["answered"]) for step in told["steps"]] == [
        ("above#1", False),
        ("above#2", False),
        ("below#1", True),
    ]
    assert told["steps"][0]["differences"] == [
        {"field": "query fk", "expected": "true", "actual": {"absent": True}}
    ]
    assert said(told, "scenarios") == "below#1 answers, after 2 steps did not"


def test_a_step_that_matches_but_did_not_answer_was_not_live(engine):
    once = {"match": {"operation": "getContact"}, "times": 1}
    why(engine, scenario(once, {"match": {"operation": "getContact"}}))
    told = why(engine)

    assert [d["field"] for d in told["steps"][0]["differences"]] == ["times, after, chance or rate"]
    assert told["steps"][1]["answered"]


@pytest.mark.parametrize(
    ("key", "value", "patch", "words"),
    [
        ("chance", 1e-9, {"op": "replace", "path": "/steps/0/chance", "value": 1}, "until it is drawn"),
        (
            "rate",
            {"calls": 9, "per": 60},
            {"op": "remove", "path": "/steps/0/rate"},
            "send more in that time",
        ),
    ],
)
def test_a_step_that_answers_only_some_calls_says_what_would_let_it(engine, key, value, patch, words):
    told = why(engine, scenario({"match": {"operation": "getContact"}, key: value}))

    assert [d["field"] for d in told["steps"][0]["differences"]] == [key]
    assert told["change"]["scenario"]["patch"] == [patch]
    assert words in told["change"]["request"]["words"][0]


def test_steps_of_other_operations_are_counted_only(engine):
    others = [{"match": {"operation": "putContact"}, "times": 1} for i in range(50)]

    told = why(engine, scenario(*others, {"match": {"operation": "getContact", "query": {"fk": "true"}}}))

    assert [step["step"] for step in told["steps"]] == ["s#51"]
    assert told["steps_elsewhere"] == 50


def test_a_call_that_waits_has_no_answer_yet(engine):
    id = engine.journal.arrive(call())

    told = explain(engine.journal.get(id), engine.contract, (), engine.journal.redaction)

    assert said(told, "answer") == "there is none yet: the call waits"


def test_a_fault_in_mockso_or_a_template_is_told_with_its_note(engine):
    broken = {"match": {"operation": "getContact"}, "reply": {"text": "{{ request.query.nope }}"}}
    told = why(engine, scenario(broken))

    assert "there is no 'nope' in it" in said(told, "note")


# --- the change ---------------------------------------------------------------------------------

CONTACT = {"Name": "Acme", "Persons": [{"Firstname": "Ann"}]}
GET = {"operation": "getContact"}
POST = {"operation": "postContact"}
CHANGES = [
    # match, request, patch of the step, patch of the request (None: words only)
    ({"operation": "putContact"}, {}, ["replace /match/operation"], ["replace /method"]),
    ({"operation": "put*"}, {}, ["replace /match/operation"], ["replace /method"]),
    ({"method": "PUT"}, {}, ["replace /match/method"], ["replace /method"]),
    ({"path": "/api/v1/Contact/18"}, {}, ["replace /match/path"], ["replace /path"]),
    ({"agent": "Contact"}, {}, ["remove /match"], None),
    ({"restricted": True}, {}, ["replace /match/restricted"], None),
    ({**GET, "query": {"fk": "true"}}, {}, ["remove /match/query"], ["add /query/fk"]),
    (
        {**GET, "query": {"fk": "true", "$select": {"matches": "N.*"}}},
        {"query": [("fk", "false"), ("$select", "Name")]},
        ["replace /match/query/fk"],
        ["replace /query/fk"],
    ),
    (
        {**GET, "query": {"fk": {"absent": True}}},
        {"query": [("fk", "true")]},
        ["replace /match/query/fk"],
        ["remove /query/fk"],
    ),
    (
        {**GET, "headers": {"X-Team": {"contains": "red"}}},
        {},
        ["remove /match/headers"],
        ["add /headers/X-Team"],
    ),
    (
        {**GET, "headers": {"X-Team": {"contains": "red"}}},
        {"headers": [("x-team", "blue")]},
        ["replace /match/headers/X-Team"],
        ["replace /headers/x-team"],
    ),
    ({**GET, "headers": {"Authorization": "Bearer 8A:Cust12345.other"}}, {}, ["remove /match/headers"], None),
    ({**GET, "credential": {"scheme": "basic"}}, {}, ["replace /match/credential/scheme"], None),
    ({**GET, "verdict": "broken"}, {}, ["replace /match/verdict"], None),
    (GET, {"query": [("fk", "perhaps")]}, ["add /match/verdict"], None),
    ({**GET, "not": {"method": "GET"}}, {}, ["remove /match/not"], None),
    (
        {"any": [{"method": "PUT"}, {**GET, "query": {"fk": "true"}}]},
        {},
        ["replace /match/any/0/method"],
        None,
    ),
    ({**POST, "body": {"Name": "Beta"}}, {}, ["replace /match/body/Name"], ["replace /value/Name"]),
    (
        {**POST, "body": {"persons": [{"firstname": {"contains": "Bo"}}]}},
        {},
        ["replace /match/body/persons/0/firstname"],
        None,
    ),
    (
        {**POST, "body": {"Persons": [{"Firstname": {"contains": "Bo"}}]}},
        {},
        ["replace /match/body/Persons/0/Firstname"],
        ["replace /value/Persons/0/Firstname"],
    ),
    ({**POST, "body": {"Persons": []}}, {}, ["replace /match/body/Persons"], ["replace /value/Persons"]),
    ({**POST, "body": {"ContactId": 5}}, {}, ["remove /match/body"], ["add /value/ContactId"]),
    (
        {**POST, "body": {"equalToJson": {"Name": "Acme"}}},
        {},
        ["add /match/body/equalToJson/Persons"],
        ["remove /value/Persons"],
    ),
    (
        {**POST, "body": {"equalToJson": '{"Name": "Acme"}'}},
        {},
        ["replace /match/body"],
        ["remove /value/Persons"],
    ),
    ({**POST, "body": {"matchesJsonPath": "$.Nothing"}}, {}, ["replace /match/body"], None),
    ({**POST, "body": {"contains": "Beta"}}, {}, ["replace /match/body"], None),
]


def operations(change) -> list[str] | None:
    """A patch in short."""
    if change["patch"] is None:
        return None
    return [
        f"{op['op']} {op['path'].removeprefix('/steps/0').removeprefix('/request')}" for op in change["patch"]
    ]


@pytest.mark.parametrize(("match", "asked", "of_step", "of_request"), CHANGES)
def test_the_smallest_change_is_told_as_patches(engine, match, asked, of_step, of_request):
    posts = match.get("operation") == "postContact"
    usual = {"method": "POST", "path": "/api/v1/Contact", "body": CONTACT} if posts else {}

    told = why(engine, scenario({"match": match}), **{**usual, **asked})

    change = told["change"]
    assert operations(change["scenario"]) == of_step
    assert operations(change["request"]) == of_request
    assert change["scenario"]["words"]
    assert change["request"]["words"]


@pytest.mark.parametrize(("match", "asked"), [change[:2] for change in CHANGES])
def test_each_patch_makes_the_step_answer(engine, match, asked):
    posts = match.get("operation") == "postContact"
    asked = {**({"method": "POST", "path": "/api/v1/Contact", "body": CONTACT} if posts else {}), **asked}
    told = why(engine, scenario({"match": match}), **asked)
    engine.tenants.of("Cust12345").scenarios.clear()

    changed = patched({"steps": [{"match": match}]}, told["change"]["scenario"]["patch"])
    replayed = why(engine, scenario(*changed["steps"]), **asked)

    assert replayed["steps"][0]["answered"]
    if told["change"]["request"]["patch"]:
        entry = engine.journal.get(told["id"])
        entry = patched(entry, told["change"]["request"]["patch"])
        again = call_of(entry, engine.contract)
        lookup = engine.contract.find(again.request.method, again.request.path)
        assert scenario({"match": match}).steps[0].matcher.matches(replace(again, lookup=lookup))


def patched(document, patch):
    """A document with a JSON Patch of add, replace and remove applied."""
    document = copy.deepcopy(document)
    for operation in patch:
        *way, last = split_pointer(operation["path"])
        inner = document
        for part in way:
            inner = inner[int(part) if isinstance(inner, list) else part]
        key = int(last) if isinstance(inner, list) else last
        if operation["op"] == "remove":
            del inner[key]
        else:
            inner[key] = operation["value"]
    return document


def test_a_used_up_step_is_told_how_often_it_would_have_to_answer(engine):
    once = scenario({"match": GET, "times": 1})
    why(engine, once)
    told = explain_again(engine, once)

    assert operations(told["change"]["scenario"]) == ["replace /times"]
    assert told["change"]["scenario"]["patch"][0]["value"] == 2
    assert told["change"]["request"]["words"] == [
        "come before s#1 is used up, or start its scenario again (POST /__mockso/scenarios/reset)"
    ]


def test_a_step_that_waits_for_another_is_told_for_which(engine):
    waiting = scenario(
        {"match": {"operation": "putContact"}, "name": "saved"}, {"match": GET, "after": "saved"}
    )
    told = why(engine, waiting)

    assert told["change"]["step"] == "s#2"
    assert told["change"]["scenario"]["patch"] == [{"op": "remove", "path": "/steps/1/after"}]
    assert told["change"]["request"]["words"] == ["come after a call that step 'saved' answers"]


def explain_again(engine, played):
    reply = engine.handle(call())
    entry = engine.journal.get(reply.header("X-Mockso-Call"))
    return explain(entry, engine.contract, [played], engine.journal.redaction)


def test_what_is_wrong_with_a_broken_call_is_its_change(engine):
    told = why(engine, scenario({"match": GET}), query=[("fk", "perhaps")])

    assert told["change"]["request"]["patch"] is None
    assert told["change"]["request"]["words"][0].startswith("correct what is wrong with it: query fk:")


def test_a_secret_of_the_journal_is_never_told_as_a_value_for_a_file(engine):
    told = why(
        engine,
        scenario({"match": {"operation": "saveCredentials", "verdict": "any", "body": {"Password": "x"}}}),
        method="POST",
        path="/api/v1/Agents/User/SaveCredentials",
        body={"Type": "y", "Password": "hunter2-Sesame"},
    )

    assert operations(told["change"]["scenario"]) == ["remove /match/body"]
    assert "hunter2" not in str(told)


def test_a_step_with_a_secret_that_the_call_had_is_no_difference(engine):
    match = {
        "operation": "getContact",
        "headers": {"Authorization": "Bearer 8A:Cust12345.abc"},
        "method": "PUT",
    }

    told = why(engine, scenario({"match": match}))

    assert [d["field"] for d in told["steps"][0]["differences"]] == ["method"]


def test_another_step_can_be_compared(engine):
    played = [
        scenario({"match": {"operation": "getContact"}}, name="above"),
        scenario({"match": {"operation": "getContact", "query": {"fk": "true"}}}, name="wanted"),
    ]

    told = why(engine, *played, label="wanted#1")

    assert told["change"]["step"] == "wanted#1"
    assert operations(told["change"]["scenario"]) == ["remove /match/query"]


def test_a_step_that_is_none_is_refused_with_the_nearest(engine):
    with pytest.raises(ScenarioError, match=r"no step 's#2' is played\. Did you mean 's#1'\?"):
        why(engine, scenario({"match": {"operation": "getContact"}}), label="s#2")


def test_a_step_of_python_can_be_explained_too(engine):
    told = why(engine, Scenario("py", steps=(Step(Match(method="PUT"), Reply(204)),)))

    assert operations(told["change"]["scenario"]) == ["replace /match/method"]
    assert told["change"]["file"] == ""
