"""What is found wrong with a call, where, and how severe."""

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.journal.journal import Journal
from tests.conftest import call
from tests.judge.verdicts import faults, judge_by


def contact(engine: Engine, **properties) -> list[tuple[str, str, str]]:
    return faults(engine, call("POST", "/api/v1/Contact", properties))


def test_a_good_call_is_clean(engine):
    verdict = judge_by(engine, call("PUT", body={"Name": "Acme", "Persons": [{"Firstname": "Ann"}]}))

    assert verdict.clean
    assert verdict.arguments == {"id": 17}
    assert verdict.body == {"Name": "Acme", "Persons": [{"Firstname": "Ann"}]}
    assert verdict.caller == "Bearer"


def test_all_faults_of_a_call_are_found_together(engine):
    request = call(
        "POST",
        "/api/v1/Agents/User/SaveCredentials",
        {"Typ": "x", "Credentials": {"PersonId": "many"}},
        authorization="",
        query=[("$slect", "Type")],
    )

    assert faults(engine, request) == [
        ("no-credential", "error", "header Authorization"),
        ("online-restricted", "error", "operation"),
        ("unknown-parameter", "warning", "query $slect"),
        ("body-type", "error", "body.Credentials.PersonId"),
        ("unknown-property", "warning", "body.Typ"),
    ]


def test_a_fault_cites_the_place_in_the_documentation(engine):
    request = call("POST", "/api/v1/Contact", {"Persons": [{"PersonId": True}]})

    (violation,) = judge_by(engine, request).violations

    assert violation.where == "body.Persons[0].PersonId"
    assert violation.source == "tiny.json#/definitions/So.Person/properties/PersonId"
    assert violation.expected == "a whole number (int32)"
    assert violation.got == "true"


def test_a_misspelt_property_names_the_nearest(engine):
    (violation,) = judge_by(engine, call("POST", "/api/v1/Contact", {"Nmae": "Acme"})).violations

    assert (violation.severity, violation.nearest) == ("warning", "Name")
    assert "Did you mean 'Name'?" in violation.message


def test_unknown_properties_can_be_refused(tiny):
    engine = Engine(Settings(unknown_properties="reject"), [tiny], Journal())

    assert contact(engine, Colour=1) == [("unknown-property", "error", "body.Colour")]


def test_camel_case_as_the_official_client_sends_it_is_clean(engine):
    assert contact(engine, contactId=1, name="Acme", persons=[{"firstname": "Ann"}]) == []


def test_other_letter_case_is_a_warning(engine):
    assert contact(engine, CONTACTID=1) == [("property-case", "warning", "body.CONTACTID")]


def test_what_the_server_computes_may_come_back(engine):
    assert contact(engine, TableRight={"Mask": 3}, FieldProperties={"a": 1}, _Links={"Self": "x"}) == []


def test_open_carriers_take_any_property(engine):
    assert faults(engine, call("POST", "/api/v1/Schema", {"FieldType": "x", "Anything": 1})) == []


@pytest.mark.parametrize(
    ("name", "value", "rule", "read"),
    [
        ("ContactId", "12", "coerced", 12),
        ("ContactId", 12.0, "coerced", 12),
        ("ContactId", 12.5, "rounded", 12),
        ("Name", 12, "coerced", "12"),
        ("Name", True, "coerced", "true"),
        ("Active", "True", "coerced", True),
        ("Active", 0, "coerced", False),
        ("Turnover", "1.5", "coerced", 1.5),
        ("Kind", "company", "enum-case", "Company"),
        ("Kind", 1, "enum-number", 1),
        ("Kind", "Company, Person", "enum-list", "Company, Person"),
        ("Rights", "read, write", "enum-case", "Read, Write"),
        ("Name", "x" * 21, "too-long", "x" * 21),
    ],
)
def test_what_the_server_forgives_is_a_warning_and_read_as_the_server_does(engine, name, value, rule, read):
    verdict = judge_by(engine, call("POST", "/api/v1/Contact", {name: value}))

    assert [(v.rule.id, v.severity) for v in verdict.violations] == [(rule, "warning")]
    assert verdict.body == {name: read}


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("ContactId", "many", "body-type"),
        ("ContactId", True, "body-type"),
        ("ContactId", [], "body-type"),
        ("ContactId", 2**31, "out-of-range"),
        ("ContactId", "2147483648", "out-of-range"),
        ("Big", 2**63, "out-of-range"),
        ("Name", {}, "body-type"),
        ("Active", "yes", "body-type"),
        ("Active", 2, "body-type"),
        ("Turnover", "1,5", "body-type"),
        ("Turnover", 10**400, "out-of-range"),
        ("UpdatedDate", "yesterday", "date"),
        ("UpdatedDate", "2026-02-29T00:00:00", "date"),
        ("UpdatedDate", 5, "body-type"),
        ("Kind", "Compny", "enum-value"),
        ("Kind", [], "body-type"),
        ("Rights", "Read, Fly", "enum-value"),
        ("Picture", "not base64!", "base64"),
        ("Persons", {}, "body-type"),
        ("Parent", "x", "body-type"),
        ("Extra", [], "body-type"),
    ],
)
def test_what_the_server_cannot_read_is_an_error(engine, name, value, rule):
    assert contact(engine, **{name: value}) == [(rule, "error", f"body.{name}")]


@pytest.mark.parametrize(
    "value",
    [
        {"ContactId": -(2**31), "Big": 2**63 - 1, "Turnover": 3, "Active": False},
        {"UpdatedDate": "0001-01-01T00:00:00", "Rights": "Read, Write", "Extra": {"x": "y"}},
        {"UpdatedDate": "2024-02-29T23:59:59.9999999+05:30", "Kind": "Unknown", "Picture": "AAEC"},
        {"UpdatedDate": "2026-01-31"},
        {"ContactId": None, "Name": None, "Persons": None, "Parent": None, "Kind": None},
        {"Parent": {"Parent": {"Parent": {"Name": "deep"}}}},
    ],
)
def test_plain_values_are_clean(engine, value):
    assert contact(engine, **value) == []


def test_places_inside_maps_and_lists_are_named(engine):
    value = {"Extra": {"a key": ["no"]}, "Persons": [{}, {"Firstname": []}]}

    assert contact(engine, **value) == [
        ("body-type", "error", "body.Persons[1].Firstname"),
        ("body-type", "error", "body.Extra.a key"),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"Name": "Acme"}, []),
        ({"Name": []}, [("body-type", "error", "body.Name")]),
        ([{"op": "replace", "path": "/Name", "value": "Acme"}], []),
        ([{"op": "add", "path": "persons/-", "value": {"Firstname": "Ann"}}], []),
        ([{"op": "test", "path": "/Extra/x_size", "value": "5"}], []),
        ([{"op": "remove", "path": "/Parent/name"}], []),
        ([{"op": "move", "path": "/Name"}], [("patch-operation", "error", "body[0].op")]),
        ([{"op": "replace", "path": "/Nmae", "value": 1}], [("patch-path", "error", "body[0].path")]),
        ([{"op": "replace", "path": "/Persons/x", "value": 1}], [("patch-path", "error", "body[0].path")]),
        ([{"op": "replace", "path": "/Name/x", "value": 1}], [("patch-path", "error", "body[0].path")]),
        ([{"op": "replace", "path": "/", "value": 1}], [("patch-path", "error", "body[0].path")]),
        ([{"op": "replace", "path": "/Name"}], [("patch-operation", "error", "body[0].value")]),
        ([{"op": "add", "path": "/ContactId", "value": []}], [("body-type", "error", "body[0].value")]),
        (["x"], [("body-type", "error", "body[0]")]),
        ("x", [("body-type", "error", "body")]),
    ],
)
def test_a_patch(engine, body, expected):
    assert faults(engine, call("PATCH", body=body)) == expected
