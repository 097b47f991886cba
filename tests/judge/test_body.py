"""From the bytes of a body to a value, and the faults on the way."""

import json

import pytest

from mockso.config import Settings
from mockso.contract.model import NOTHING
from mockso.engine import Engine
from mockso.journal.journal import Journal
from tests.conftest import call
from tests.judge.verdicts import faults, judge_by


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
    verdict = judge_by(engine, request)

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
        (b'{"Name":"\\ud800"}', "lone-surrogate"),
        (b'{"Name":' + b"[" * 100_000 + b"}", "too-deep"),
        (b'{"Extra":' * 65 + b"{}" + b"}" * 65, "too-deep"),
        (b'{"ContactId":' + b"9" * 5000 + b"}", "broken-json"),
    ],
)
def test_hostile_json_is_a_decoding_error(engine, body, rule):
    request = call("POST", "/api/v1/Contact", body)

    verdict = judge_by(engine, request)

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


def test_a_number_as_text_in_json_is_not_a_type_error_in_a_form(engine):
    form = call(
        "POST",
        "/api/v1/Contact",
        b"ContactId=12&Active=true&Persons[0].Firstname=Ann",
        content_type="application/x-www-form-urlencoded",
    )
    verdict = judge_by(engine, form)

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
    verdict = judge_by(engine, call("POST", "/api/v1/Contact", body))

    assert [(v.severity, v.rule.id) for v in verdict.violations] == [("warning", "json-syntax")]
    assert words in verdict.violations[0].message
    assert verdict.body == {"Name": "x"}


def test_almost_json_can_be_refused(tiny):
    strict = Engine(Settings(json_syntax="strict"), [tiny], Journal())

    verdict = judge_by(strict, call("POST", "/api/v1/Contact", b'{"Name": "x",}'))

    assert [v.rule.id for v in verdict.errors] == ["broken-json"]
