"""The journal as HTTP Archive 1.2, by the members that the specification demands."""

import json

import pytest

from mockso.journal.har import har_entry, har_text
from mockso.journal.journal import Journal
from tests.conftest import call
from tests.journal.entries import added, violation

REQUEST = {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"}
RESPONSE = {
    *("status", "statusText", "httpVersion", "cookies", "headers", "content"),
    *("redirectURL", "headersSize", "bodySize"),
}


@pytest.fixture
def journal():
    made = Journal(body_limit=200)
    yield made
    made.close()


def entry(journal, tiny, **parts):
    return har_entry(journal.get(added(journal, tiny, **parts)))


def test_an_archive_has_all_that_the_specification_demands(journal, tiny):
    added(journal, tiny)
    added(journal, tiny, method="PUT", body={"Name": "Acme"}, reply=b'{"a":1}')

    log = json.loads("".join(har_text(journal.each(order="oldest"))))["log"]

    assert log["version"] == "1.2"
    assert log["creator"]["name"] == "mockso"
    assert len(log["entries"]) == 2
    for item in log["entries"]:
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(item)
        assert set(item["request"]) >= REQUEST
        assert set(item["response"]) == RESPONSE
        assert {"send", "wait", "receive"} <= set(item["timings"])


def test_an_archive_of_nothing_is_valid_too(journal):
    assert json.loads("".join(har_text(journal.each())))["log"]["entries"] == []


def test_a_request_is_whole(journal, tiny):
    request = entry(
        journal,
        tiny,
        method="PUT",
        body={"Name": "Acme"},
        query=[("a", "1"), ("a", "ø")],
        headers=[("Host", "x")],
    )["request"]

    assert request["url"] == "http://localhost/Cust12345/api/v1/Contact/17?a=1&a=%C3%B8"
    assert request["queryString"] == [{"name": "a", "value": "1"}, {"name": "a", "value": "ø"}]
    assert request["postData"] == {"mimeType": "application/json", "params": [], "text": '{"Name": "Acme"}'}
    assert request["bodySize"] == 16


def test_a_form_has_its_parameters(journal, tiny):
    made = entry(
        journal, tiny, method="PUT", body=b"a=1&b=", content_type="application/x-www-form-urlencoded"
    )

    assert made["request"]["postData"]["params"] == [{"name": "a", "value": "1"}, {"name": "b", "value": ""}]


def test_a_body_that_is_no_text_is_encoded(journal, tiny):
    made = entry(journal, tiny, method="PUT", body=b"\xff\x00", reply=b"\xfe\xff", content_type="image/png")

    assert made["response"]["content"]["encoding"] == "base64"
    assert made["request"]["postData"]["text"] == "\xff\x00"


def test_a_body_that_was_cut_says_so(journal, tiny):
    made = entry(journal, tiny, method="PUT", body=b"x" * 300, reply=b"y" * 300)

    assert made["request"]["bodySize"] == made["response"]["content"]["size"] == 300
    assert "cut" in made["request"]["postData"]["comment"]
    assert "cut" in made["response"]["content"]["comment"]


def test_cookies_and_redirects_have_their_places(journal, tiny):
    made = entry(
        journal,
        tiny,
        status=302,
        headers=[("Cookie", "a=1; b=2")],
        reply_headers=[("Set-Cookie", "c=3; Path=/; HttpOnly; Secure"), ("Location", "https://a.test/")],
    )

    assert [cookie["name"] for cookie in made["request"]["cookies"]] == ["a", "b"]
    assert made["response"]["cookies"][0] | {"value": ""} == {
        **{"name": "c", "value": "", "path": "/"},
        **{"httpOnly": True, "secure": True},
    }
    assert made["response"]["redirectURL"] == "https://a.test/"
    assert made["response"]["statusText"] == "Found"


def test_what_mockso_knows_more_stands_beside(journal, tiny):
    made = entry(journal, tiny, violations=[violation()], step="limited#1")

    assert made["_mockso"]["verdict"] == "broken"
    assert made["_mockso"]["step"] == "limited#1"
    assert made["_mockso"]["violations"][0]["where"] == "body.Name"


def test_a_call_without_an_answer_has_status_0(journal):
    id = journal.arrive(call())

    assert har_entry(journal.get(id))["response"]["status"] == 0
