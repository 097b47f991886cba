"""The JSON Schema of a scenario accepts and rejects what the loader does."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockso.answer.refuse import DOCUMENTED
from mockso.cli import main
from mockso.matching import operators
from mockso.scenario.json_schema import scenario_json_schema
from mockso.scenario.library import shipped_scenarios
from mockso.scenario.schema import ERRORS, ScenarioKeys, scenario_faults
from mockso.scenario.yaml import read_yaml

SCHEMA = scenario_json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

# What a schema cannot ask: is it a regular expression, a date, a JSONPath, JSON, and is 1 less than 2.
BEYOND = (" is not a regular", " is not a date", " is not a JSONPath", " is not JSON", "; swap them.")

JUNK = st.sampled_from(
    [
        *(None, True, False, 0, 1, -1, 7, 1.0, 1.5, 99999, "", "x", "/x", "now", "a b"),
        *([], ["x"], [1, 2], [2], [None], {}, {"x": 1}, {"equalTo": 1}, {"contains": ""}),
        *({"caseInsensitive": True}, {"absent": True}),
    ]
)
TEXT = st.sampled_from(["x", "v1*", "now", "$.Name", "GET"])
NUMBER = st.sampled_from([0, 1, 2, 0.5, 3600])


def some(required: dict[str, st.SearchStrategy], **optional: st.SearchStrategy) -> st.SearchStrategy:
    return st.fixed_dictionaries(required, optional=optional)


def one_of_keys(**keys: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(*(some({name: value}) for name, value in keys.items()))


def joined(*parts: st.SearchStrategy) -> st.SearchStrategy:
    return st.tuples(*parts).map(lambda made: {key: value for part in made for key, value in part.items()})


def listed(item: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(item, min_size=1, max_size=2)


def mapped(names: list[str], item: st.SearchStrategy) -> st.SearchStrategy:
    return st.dictionaries(st.sampled_from(names), item, min_size=1, max_size=2)


TEXT_OPERATORS = joined(
    one_of_keys(equalTo=TEXT | NUMBER, contains=TEXT, matches=TEXT, absent=st.booleans()),
    some({}, doesNotContain=TEXT, doesNotMatch=TEXT, before=st.just("now"), caseInsensitive=st.booleans()),
)
TEXT_VALUE = TEXT | NUMBER | st.booleans() | TEXT_OPERATORS
JSON_OPERATORS = TEXT_OPERATORS | joined(
    some(
        {"equalToJson": st.sampled_from([1, None, {"A": [1]}, [], "[1]"])},
        ignoreExtraElements=st.booleans(),
        ignoreArrayOrder=st.booleans(),
    ),
    some(
        {},
        matchesJsonPath=st.just("$.Name")
        | some({"expression": st.just("$.A")}, contains=TEXT, equalTo=NUMBER),
        after=st.just("now -3 days"),
    ),
)
BODY = st.recursive(
    TEXT | NUMBER | st.none() | st.booleans() | JSON_OPERATORS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["Name", "Id"]), inner, max_size=2)
    ),
    max_leaves=4,
)
NAMES = TEXT | listed(TEXT)
MATCH: st.SearchStrategy = st.deferred(
    lambda: some(
        {},
        operation=NAMES,
        agent=NAMES,
        method=NAMES,
        path=st.sampled_from(["/x", "*y"]) | TEXT_OPERATORS,
        query=mapped(["$top", "x"], TEXT_VALUE),
        headers=mapped(["X-A", "x"], TEXT_VALUE),
        body=BODY,
        credential=joined(one_of_keys(scheme=TEXT_VALUE, tenant=TEXT_VALUE), some({}, app_token=TEXT_VALUE)),
        restricted=st.booleans(),
        verdict=st.sampled_from(["accepted", "broken", "any"]),
        webhook=NAMES,
        any=listed(MATCH),
        **{"not": MATCH},
    )
)
DELAY = (
    NUMBER
    | joined(
        one_of_keys(uniform=st.just([1, 2]), lognormal=some({"median": NUMBER, "sigma": st.just(1)})),
        some({}, seed=st.integers(0, 3)),
    )
    | some({"threshold": st.just(1.5)})
)
CONTENT = one_of_keys(
    body=BODY,
    body_file=TEXT,
    text=TEXT | st.just(""),
    base64=st.sampled_from(["", "YQ=="]),
    error=st.sampled_from(["throttled", "not-found", "not_found"]),
    like=st.just("success"),
)
REPLY = joined(
    CONTENT,
    some(
        {},
        status=st.sampled_from([200, 429, 200.0]),
        headers=mapped(["X-A", "Set-Cookie"], TEXT | listed(TEXT) | NUMBER | st.booleans()),
        contract=st.just("broken"),
    ),
) | some({"like": st.just("success")}, set=mapped(["/Name", "/A/0"], TEXT | NUMBER), delay=DELAY)
STEP = some(
    {"times": st.sampled_from([1, 2.0])},
    name=TEXT,
    match=MATCH,
    reply=REPLY,
    after=TEXT,
    dribble=some({"chunks": st.integers(1, 3), "over": NUMBER}),
    fault=st.sampled_from(["reset", "cut"]),
) | some({"delay": DELAY}, match=MATCH, reply=some({"status": st.just(200)}))
SCENARIO = some(
    {"name": st.sampled_from(["x", "a-b"]), "steps": listed(STEP)},
    description=TEXT,
    profile=st.just("online"),
    tenant=some(
        {},
        state=st.sampled_from(["Suspended", "Deleted"]),
        endpoint=st.sampled_from(["elsewhere", "http://a:1"]),
    ),
    only=st.booleans(),
)


@st.composite
def documents(draw: st.DrawFn) -> object:
    """A scenario, mostly with one place in it replaced, removed or added."""
    made = draw(SCENARIO)
    if draw(st.integers(0, 3)) == 0:
        return made
    places: list[tuple[object, object]] = []

    def collect(value: object) -> None:
        if isinstance(value, dict | list):
            for key, item in value.items() if isinstance(value, dict) else enumerate(value):
                places.append((value, key))
                collect(item)

    # Made of JSON, so that no two places share an object.
    made = json.loads(json.dumps(made))
    collect(made)
    inside, key = draw(st.sampled_from(places))
    action = draw(st.sampled_from(["replace", "remove", "add"]))
    if action == "replace":
        inside[key] = draw(JUNK)  # type: ignore[index]
    elif action == "remove":
        del inside[key]  # type: ignore[attr-defined]
    elif isinstance(inside, dict):
        key = draw(st.sampled_from(["extra", "text", "body", "seed", "delay", "set", "uniform", "absent"]))
        inside[key] = draw(JUNK)
    return made


def loader_accepts(value: object) -> bool:
    return not [fault for fault in scenario_faults(value) if not any(b in fault.message for b in BEYOND)]


@settings(max_examples=250, deadline=None)
@given(documents())
def test_the_schema_accepts_and_rejects_what_the_loader_does(value):
    assert VALIDATOR.is_valid(value) is loader_accepts(value), (
        [error.message for error in VALIDATOR.iter_errors(value)],
        [fault.line() for fault in scenario_faults(value)],
    )


@settings(max_examples=100, deadline=None)
@given(documents())
def test_the_quick_look_and_marshmallow_agree(value):
    if isinstance(value, dict):
        assert ScenarioKeys().plainly_good(value) is not bool(ScenarioKeys().validate(value))


@pytest.mark.parametrize("value", [None, [], "x", 1, {}, {"name": "x", "steps": [{"times": 1}]}])
def test_the_schema_and_the_loader_agree_about_what_is_no_scenario(value):
    assert VALIDATOR.is_valid(value) is loader_accepts(value)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_key_and_operator_of_the_language_is_in_the_schema():
    text = json.dumps(SCHEMA)

    assert all(f'"{name}"' in text for name in operators.JSON_KEYS)
    assert set(SCHEMA["properties"]) == {
        *("name", "description", "data", "profile", "world", "tenant", "only", "steps", "recorded"),
        *("max_age", "on_expiry"),
    }


def test_the_errors_a_scenario_can_name_are_those_that_are_documented():
    assert set(ERRORS) == set(DOCUMENTED)


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_a_shipped_scenario_validates(name):
    VALIDATOR.validate(read_yaml(shipped_scenarios()[name].read_bytes()).value)


def test_the_command_prints_the_schema_with_the_names_of_the_contract(capsys, shipped):
    assert main(["schema", "scenario"]) == 0

    assert json.loads(capsys.readouterr().out) == scenario_json_schema(shipped)


# --- what an editor offers ----------------------------------------------------------------------


def objects(value):
    """Every object schema, and where it stands."""
    if isinstance(value, dict):
        if value.get("type") == "object" and "properties" in value:
            yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def test_every_key_says_what_it_is_for():
    silent = [
        name
        for one in objects(SCHEMA)
        for name, value in one["properties"].items()
        if not value.get("description")
    ]

    assert silent == []
    assert "](" not in json.dumps(SCHEMA)


def test_operations_agents_and_resources_are_offered_and_others_taken(shipped):
    schema = scenario_json_schema(shipped)
    validator = jsonschema.Draft202012Validator(schema)

    offered = {key: schema["$defs"][key]["anyOf"][1]["enum"] for key in ("operation", "agent", "resource")}

    assert len(offered["operation"]) == len(shipped)
    assert "v1ContactEntity_GetContactEntity" in offered["operation"]
    assert {"Contact", "User"} <= set(offered["agent"])
    assert "Contact" in offered["resource"]
    for operation in ("v1Contact*", "GET Contact/17", ["GET Contact", "v1UserAgent_*"]):
        validator.validate({"name": "x", "steps": [{"match": {"operation": operation}}]})
    assert not validator.is_valid({"name": "x", "steps": [{"match": {"operation": ""}}]})


def test_each_error_is_offered_once():
    names = SCHEMA["properties"]["steps"]["items"]["properties"]["reply"]["properties"]["error"]["anyOf"][0][
        "enum"
    ]

    assert len({name.replace("-", "_") for name in names}) == len(names) == len(ERRORS)
