"""What is found wrong with a call, where, and how severe."""

import json

import pytest

from mockso.config import Settings
from mockso.contract.model import NOTHING
from mockso.engine import Engine
from mockso.exchange.call import Verdict
from mockso.journal.journal import Journal
from tests.conftest import call


def judged(engine: Engine, request) -> Verdict:
    return engine.judge.judge(request, engine.find(request), engine.tenants.of(request.tenant))


def faults(engine: Engine, request) -> list[tuple[str, str, str]]:
    return [(v.rule.id, v.severity, v.where) for v in judged(engine, request).violations]


def contact(engine: Engine, **properties) -> list[tuple[str, str, str]]:
    return faults(engine, call("POST", "/api/v1/Contact", properties))


def test_a_good_call_is_clean(engine):
    verdict = judged(engine, call("PUT", body={"Name": "Acme", "Persons": [{"Firstname": "Ann"}]}))

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

    (violation,) = judged(engine, request).violations

    assert violation.where == "body.Persons[0].PersonId"
    assert violation.source == "tiny.json#/definitions/So.Person/properties/PersonId"
    assert violation.expected == "a whole number (int32)"
    assert violation.got == "true"


def test_a_misspelt_property_names_the_nearest(engine):
    (violation,) = judged(engine, call("POST", "/api/v1/Contact", {"Nmae": "Acme"})).violations

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
    verdict = judged(engine, call("POST", "/api/v1/Contact", {name: value}))

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


# --- parameters


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ([("flag", "true")], []),
        ([("FLAG", "TRUE")], []),
        ([], [("missing-parameter", "error", "query flag")]),
        ([("flag", "")], [("missing-parameter", "error", "query flag")]),
        ([("flag", "perhaps")], [("parameter-type", "error", "query flag")]),
        ([("flag", "true"), ("since", "soon")], [("parameter-type", "error", "query since")]),
        ([("flag", "true"), ("kind", "two")], []),
        ([("flag", "true"), ("kind", "Three")], [("parameter-type", "error", "query kind")]),
        ([("flag", "true"), ("ids", "1"), ("ids", "2")], []),
        ([("flag", "true"), ("ids", "1"), ("ids", "x")], [("parameter-type", "error", "query ids")]),
        ([("flag", "true"), ("flag", "false")], [("repeated-parameter", "warning", "query flag")]),
        ([("flag", "true"), ("$format", "json")], []),
        ([("flag", "true"), ("flg", "1")], [("unknown-parameter", "warning", "query flg")]),
    ],
)
def test_query_arguments(engine, query, expected):
    assert faults(engine, call("GET", "/api/v1/Filter", query=query)) == expected


def test_arguments_are_read_as_their_types(engine):
    query = [("flag", "True"), ("ids", "1"), ("ids", "2"), ("kind", "two")]

    assert judged(engine, call("GET", "/api/v1/Filter", query=query)).arguments == {
        "flag": True,
        "ids": [1, 2],
        "kind": "Two",
    }


@pytest.mark.parametrize("text", ["abc", "1_0", "2147483648", "1.5", "0x1"])
def test_an_int32_in_the_address(engine, text):
    assert faults(engine, call("GET", f"/api/v1/Contact/{text}")) == [("parameter-type", "error", "path id")]


def test_a_name_in_select_that_the_answer_lacks_is_a_warning(engine):
    (violation,) = judged(engine, call(query=[("$select", "name, Persns/firstname")])).violations

    assert (violation.rule.id, violation.severity, violation.where) == (
        "unknown-column",
        "warning",
        "query $select",
    )
    assert violation.nearest == "Persons"


def test_columns_of_an_archive_are_not_judged(engine):
    assert faults(engine, call(path="/api/v1/Contact", query=[("$select", "anything")])) == []


# --- media types and bodies


def test_a_body_without_media_type_is_refused(engine):
    request = call("POST", "/api/v1/Contact", {"Name": "x"}, content_type="")

    assert faults(engine, request) == [("no-media-type", "error", "header Content-Type")]


def test_a_media_type_that_is_not_listed_is_refused(engine):
    request = call("POST", "/api/v1/Contact", b"x", content_type="text/plain; charset=utf-8")

    assert faults(engine, request) == [("unsupported-media-type", "error", "header Content-Type")]


def test_media_types_compare_without_case_and_parameters(engine):
    request = call(
        "POST", "/api/v1/Contact", {"Name": "x"}, content_type="Application/JSON; charset=UTF-8; v=1"
    )

    assert faults(engine, request) == []


def test_a_missing_body_and_a_null_are_refused(engine):
    assert faults(engine, call("POST", "/api/v1/Contact")) == [("missing-body", "error", "body")]
    assert faults(engine, call("POST", "/api/v1/Contact", b"null")) == [("missing-body", "error", "body")]


def test_a_null_where_the_ids_stand_in_the_query_is_clean(engine):
    request = call(
        "POST", "/api/v1/Agents/Contact/GetContactEntity", b"null", query=[("contactEntityId", "5")]
    )

    assert faults(engine, request) == []


def test_a_body_nobody_asked_for_is_a_warning(engine):
    assert faults(engine, call("GET", body={"a": 1})) == [("unexpected-body", "warning", "body")]


def test_raw_bytes_pass_as_they_are(engine):
    request = call("PUT", "/api/v1/Document/3/Content", b"\x00\xff", content_type="application/octet-stream")
    verdict = judged(engine, request)

    assert verdict.clean
    assert verdict.body == b"\x00\xff"


def test_a_body_over_the_limit_is_too_large(tiny):
    engine = Engine(Settings(body_limit=10), [tiny], Journal())
    request = call("POST", "/api/v1/Contact", b'{"Name":"longer"}')

    assert faults(engine, request) == [("too-large", "error", "body")]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b'{"Name":', "broken-json"),
        (b"{'Name':1", "broken-json"),
        (b'{"Name":1,', "broken-json"),
        (b"\xff\xfe", "broken-json"),
        (b"\xff{}", "broken-encoding"),
        (b'{"Turnover":NaN}', "not-finite"),
        (b'{"Turnover":-Infinity}', "not-finite"),
        (b'{"Name":"a","Name":"b"}', "duplicate-name"),
        (b'{"Name":"\\ud800"}', "lone-surrogate"),
        (b'{"Name":' + b"[" * 100_000 + b"}", "too-deep"),
        (b'{"Extra":' * 65 + b"{}" + b"}" * 65, "too-deep"),
        (b'{"ContactId":' + b"9" * 5000 + b"}", "broken-json"),
    ],
)
def test_hostile_json_is_a_decoding_error(engine, body, rule):
    request = call("POST", "/api/v1/Contact", body)

    verdict = judged(engine, request)

    assert [(v.stage, v.rule.id) for v in verdict.violations] == [("decoding", rule)]
    assert verdict.body is NOTHING


def test_an_unknown_charset_is_a_decoding_error(engine):
    for charset in ("klingon", "zip", "rot13"):
        request = call("POST", "/api/v1/Contact", b"{}", content_type=f"application/json; charset={charset}")
        assert faults(engine, request) == [("broken-encoding", "error", "body")]


def test_a_long_list_is_judged_whole(engine):
    ids = list(range(100_000))

    assert faults(engine, call("POST", "/api/v1/Agents/Contact/GetContactList", ids)) == []
    assert faults(engine, call("POST", "/api/v1/Agents/Contact/GetContactList", [*ids, "x"])) == [
        ("body-type", "error", "body[100000]")
    ]


def test_a_number_of_a_thousand_digits_is_out_of_range(engine):
    body = b'{"ContactId":' + b"9" * 1000 + b"}"

    assert faults(engine, call("POST", "/api/v1/Contact", body)) == [
        ("out-of-range", "error", "body.ContactId")
    ]


# --- PATCH


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


def test_a_number_as_text_in_json_is_not_a_type_error_in_a_form(engine):
    form = call(
        "POST",
        "/api/v1/Contact",
        b"ContactId=12&Active=true&Persons[0].Firstname=Ann",
        content_type="application/x-www-form-urlencoded",
    )
    verdict = judged(engine, form)

    assert verdict.clean
    assert verdict.body == {"ContactId": 12, "Active": True, "Persons": [{"Firstname": "Ann"}]}


def test_the_verdict_of_the_three_formats_is_the_same(engine):
    json_body = json.dumps({"ContactId": "many", "Nmae": "x"}).encode()
    xml_body = b"<C><ContactId>many</ContactId><Nmae>x</Nmae></C>"
    form_body = b"ContactId=many&Nmae=x"

    found = {
        kind: sorted(faults(engine, call("POST", "/api/v1/Contact", body, content_type=kind)))
        for kind, body in [
            ("application/json", json_body),
            ("text/xml", xml_body),
            ("application/x-www-form-urlencoded", form_body),
        ]
    }

    assert found["application/json"] == [
        ("body-type", "error", "body.ContactId"),
        ("unknown-property", "warning", "body.Nmae"),
    ]
    assert found["application/x-www-form-urlencoded"] == found["application/json"]
    assert found["text/xml"] == [
        ("body-type", "error", "body/ContactEntity/ContactId"),
        ("unknown-property", "warning", "body/ContactEntity/Nmae"),
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{'Name': 'x'}", "line 1 column 2: text in single quotes"),
        (b'{"Name": "x",}', "line 1 column 13: a comma before the closing bracket"),
        (b'{Name: "x"}', "line 1 column 2: a property name without quotes"),
    ],
)
def test_almost_json_is_read_with_a_warning(engine, body, words):
    verdict = judged(engine, call("POST", "/api/v1/Contact", body))

    assert [(v.severity, v.rule.id) for v in verdict.violations] == [("warning", "json-syntax")]
    assert words in verdict.violations[0].message
    assert verdict.body == {"Name": "x"}


def test_almost_json_can_be_refused(tiny):
    strict = Engine(Settings(json_syntax="strict"), [tiny], Journal())

    verdict = judged(strict, call("POST", "/api/v1/Contact", b'{"Name": "x",}'))

    assert [v.rule.id for v in verdict.errors] == ["broken-json"]
