"""Calls as public clients, curl and the vendor's own examples send them: each reads as the server would read it, or
is refused with the cure. Each row of the table stands for a kind; the siblings that were looked for are among them.
"""

import json

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.journal.journal import Journal
from tests.conftest import call
from tests.judge.verdicts import judge_by


@pytest.fixture
def server(shipped):
    server = Engine(Settings(world="open"), [shipped], Journal())
    yield server
    server.close()


def lines(engine, request):
    return [f"{v.rule.id} {v.where}: {v.message}" for v in judge_by(engine, request).violations]


def headers_of(reply):
    return dict(reply.headers)


@pytest.mark.parametrize(
    ("body", "values", "where", "words"),
    [
        (
            b'{"contactId":0,"name":"A","name":"B"}',
            {"name": "B"},
            "body",
            "line 1 column 16 is given again at line 1",
        ),
        (
            b'{"business":{"Id":1},"Business":{"Id":3}}',
            {"Business": {"Id": 3}},
            "body.Business",
            "'business' and 'Business' are one property",
        ),
        (
            b'{"Name":"A","Persons":[{"Firstname":"x","firstname":"y"}]}',
            {},
            "body.Persons[0].firstname",
            "last counts",
        ),
        (b'{Name:"A",Name:"B"}', {"Name": "B"}, "body", "'Name' at line 1 column 2"),
    ],
)
def test_the_last_of_two_properties_counts_with_a_warning(server, body, values, where, words):
    verdict = judge_by(server, call("POST", "/api/v1/Agents/Contact/SaveContactEntity", body))

    repeated = [v for v in verdict.violations if v.rule.id == "duplicate-name"]
    assert verdict.accepted
    assert [(v.where, v.severity) for v in repeated] == [(where, "warning")]
    assert words in repeated[0].message
    assert {name: verdict.body[name] for name in values} == values


def test_the_last_spelling_of_a_name_is_the_one_that_is_corrected(engine):
    verdict = judge_by(engine, call("POST", "/api/v1/Contact", b'{"ContactId":"x","contactId":"7"}'))

    assert verdict.body["contactId"] == 7


def test_a_merge_patch_with_two_spellings_is_told_too(server):
    request = call("PATCH", "/api/v1/Contact/17", b'{"Name":"a","name":"b"}')

    assert [line.partition(":")[0] for line in lines(server, request)] == ["duplicate-name body.name"]


@pytest.mark.parametrize("syntax", ["strict", "lenient"])
def test_a_repeated_name_is_no_question_of_syntax(tiny, syntax):
    engine = Engine(Settings(json_syntax=syntax), [tiny], Journal())

    verdict = judge_by(engine, call("POST", "/api/v1/Contact", b'{"Name":"a","Name":"b"}'))

    assert (verdict.accepted, verdict.body) == (True, {"Name": "b"})


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/v1/Contact", [("$top", ""), ("$skip", "")]),
        ("/api/v1/MDOList/category", [("flat", "")]),
        ("/api/v1/Contact", [("$filter", ""), ("$orderBy", "")]),
        ("/api/v1/Contact", [("$top", ""), ("$top", "5")]),
    ],
)
def test_an_empty_argument_counts_as_not_given(server, path, query):
    verdict = judge_by(server, call("GET", path, query=query))

    assert verdict.clean
    assert verdict.arguments.get("$top", 5) == 5


def test_an_empty_argument_that_is_required_is_missing(engine):
    assert lines(engine, call("GET", "/api/v1/Filter", query=[("flag", "")])) == [
        "missing-parameter query flag: a required parameter is missing; add ?flag=..."
    ]


@pytest.mark.parametrize(
    ("tenant", "path", "meant"),
    [
        ("", "/api/v1/Cust12345/Contact/17", "/Cust12345/api/v1/Contact/17"),
        ("", "/api/Cust12345/v1/Contact/17", "/Cust12345/api/v1/Contact/17"),
        ("Cust12345", "/api/v1/api/v1/Contact/17", "/Cust12345/api/v1/Contact/17"),
        ("Cust12345", "/api/v1/Cust12345/Contact/17", "/Cust12345/api/v1/Contact/17"),
        ("Cust12345", "/api/Contact/17", "/Cust12345/api/v1/Contact/17"),
        ("", "/api/Contact/17", "/api/v1/Contact/17"),
        (
            "",
            "/api/v1/Cust12345/api/v1/Agents/Contact/GetContactEntity",
            "/Cust12345/api/v1/Agents/Contact/GetContactEntity",
        ),
        ("Cust12345", "/api/v1/Contcat/17", "/api/v1/Contact"),
    ],
)
def test_the_hint_gives_the_address_that_was_meant(server, tenant, path, meant):
    reply = server.handle(call("GET", path, tenant=tenant))

    assert reply.status == 404
    assert headers_of(reply)["X-Mockso-Hint"].startswith(meant)


def test_a_missing_comma_has_the_place_of_the_reader_that_forgives_most(server):
    body = b"""[ { op: 'replace', path: 'Department', value: 'bar' },
 { op: 'replace' path: 'Category/Id', value: 123 } ]"""

    (line,) = lines(server, call("PATCH", "/api/v1/Contact/17", body))

    assert line.startswith(
        "broken-json body: line 2 column 18: a comma or '}' is missing before \"path: 'Cat"
    )


@pytest.mark.parametrize(
    ("body", "cure"),
    [
        (b'{"Name":"Acme"}', "this looks like JSON: send Content-Type: application/json"),
        (b'{"Name":"Acme=x&y"}', "this looks like JSON: send Content-Type: application/json"),
        (b"[1,2]", "this looks like JSON: send Content-Type: application/json"),
        (b"<Contact><Name>x=1</Name></Contact>", "this looks like XML: send Content-Type: application/xml"),
    ],
)
def test_a_body_that_curl_calls_a_form_is_told_the_right_type(server, body, cure):
    request = call("POST", "/api/v1/Contact", body, content_type="application/x-www-form-urlencoded")

    assert lines(server, request) == [f"broken-form body: {cure}"]


def test_a_raw_line_break_in_a_text_is_read_with_a_warning(server):
    request = call("POST", "/api/v1/Contact", b'{"Name":"a","Source":"line1\nline2"}')
    verdict = judge_by(server, request)

    assert [v.rule.id for v in verdict.violations if v.where == "body"] == ["json-syntax"]
    assert verdict.body["Source"] == "line1\nline2"


def test_advice_is_not_redacted_and_what_came_in_is(server):
    server.handle(call(authorization=""))
    server.handle(call(authorization="Bearer 8A:Cust12345.mockso"))
    server.handle(call(authorization="N0nsense-9f8e"))

    nothing, default, nonsense = server.journal.find(order="oldest")
    assert "Bearer 8A:Cust12345.mockso" in json.dumps(nothing)
    assert "Bearer 8A:Cust12345.mockso" in json.dumps(nonsense)
    assert "N0nsense" not in json.dumps(nonsense)
    assert "8A:Cust12345.#" in json.dumps(default)
    assert "8A:Cust12345.mockso" not in json.dumps(default)


def test_a_get_of_an_agent_method_says_that_post_runs_it(server):
    reply = server.handle(call("GET", "/api/v1/Agents/Contact/GetContactEntity"))

    assert reply.status == 200
    assert "POST runs v1ContactAgent_GetContactEntity" in headers_of(reply)["X-Mockso-Hint"]


@pytest.mark.parametrize("text", ["Nmae", "name, Nmae", "Nmae/Id"])
def test_a_column_is_quoted_as_it_was_typed(server, text):
    (line,) = lines(server, call("GET", "/api/v1/Contact/17", query=[("$select", text)]))

    assert "no property 'Nmae'" in line
    assert "Did you mean 'Name'?" in line


def test_a_body_without_a_type_gets_the_text_of_the_framework(server):
    reply = server.handle(call("POST", "/api/v1/Contact", {"Name": "x"}, content_type=""))

    assert reply.status == 415
    assert json.loads(reply.body)["Message"] == (
        "The request contains an entity body but no Content-Type header. The inferred media type "
        "'application/octet-stream' is not supported for this resource."
    )
