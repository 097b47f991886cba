"""The journal as WireMock's client libraries ask for it."""

from uuid import UUID

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.exchange.call import NearMiss
from mockso.journal.journal import Journal
from mockso.web.app import make_app
from tests.conftest import NOON
from tests.journal.entries import added


@pytest.fixture
def journal(tiny):
    made = Journal()
    added(made, tiny, query=[("fk", "true")])
    added(
        made,
        tiny,
        method="PUT",
        path="/api/v1/Contact/18",
        body={"Name": "Acme", "Ids": [1, 2]},
        headers=[("X-A", "one"), ("Cookie", "s=1")],
        at=NOON + 5,
        authorization="Basic dTpw",
    )
    added(made, tiny, path="/api/v1/Nothing", status=404, near_misses=[NearMiss("a", "a#1", ())])
    return made


@pytest.fixture
def client(tiny, journal):
    engine = Engine(Settings(), [tiny], journal, clock=lambda: NOON)
    yield make_app(engine).test_client()
    engine.close()


@pytest.mark.parametrize(
    ("pattern", "numbers"),
    [
        ({}, [1, 2, 3]),
        ({"method": "ANY"}, [1, 2, 3]),
        ({"method": "PUT"}, [2]),
        ({"url": "/Cust12345/api/v1/Contact/17?fk=true"}, [1]),
        ({"urlPath": "/Cust12345/api/v1/Contact/17"}, [1]),
        ({"urlPattern": "/.*/Contact/1[78].*"}, [1, 2]),
        ({"urlPathPattern": ".*/Nothing"}, [3]),
        ({"urlPathTemplate": "/{tenant}/api/v1/Contact/{id}"}, [1, 2]),
        ({"queryParameters": {"fk": {"equalTo": "true"}}}, [1]),
        ({"queryParameters": {"fk": {"absent": True}}}, [2, 3]),
        ({"headers": {"x-a": {"contains": "on"}}}, [2]),
        ({"headers": {"Authorization": {"equalTo": "Basic dTpw"}}}, [2]),
        ({"basicAuthCredentials": {"username": "u", "password": "p"}}, [2]),
        ({"cookies": {"s": {"matches": "#.*"}}}, [2]),
        ({"bodyPatterns": [{"equalToJson": '{"Name": "Acme"}', "ignoreExtraElements": True}]}, [2]),
        ({"bodyPatterns": [{"equalToJson": {"Name": "Acme"}}]}, []),
        ({"bodyPatterns": [{"matchesJsonPath": "$.Ids[?@ > 1]"}]}, [2]),
        ({"bodyPatterns": [{"contains": "Acme"}, {"doesNotMatch": ".*Beta.*"}]}, [2]),
        ({"host": {"equalTo": "localhost"}, "scheme": "http", "port": 80}, [1, 2, 3]),
        ({"host": {"contains": "local"}}, [1, 2, 3]),
    ],
)
def test_requests_are_found_and_counted(client, pattern, numbers):
    found = client.post("/__admin/requests/find", json=pattern).json["requests"]
    counted = client.post("/__admin/requests/count", json=pattern).json

    assert [UUID(request["id"]).int for request in found] == numbers
    assert counted == {"count": len(numbers), "requestJournalDisabled": False}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ({"metod": "GET"}, "body.metod: this criterion is not known here. Did you mean 'method'?"),
        ({"urlPattern": "("}, "is not a regular expression"),
        ({"url": 1}, "body.url: expected a text"),
        ({"headers": []}, "expected an object of names"),
        ({"headers": {"a": {"equalsTo": "x"}}}, "no operator 'equalsTo'. Did you mean 'equalTo'?"),
        ({"bodyPatterns": {}}, "expected a list"),
        ({"basicAuthCredentials": "u:p"}, "body.basicAuthCredentials: expected an object"),
        ({"method": {"equalTo": "GET"}}, "body.method: expected a text"),
        ({"host": {"equalsTo": "x"}}, "no operator 'equalsTo'"),
        ({"urlPattern": "(" * 5000}, "nested too deep"),
        ({"bodyPatterns": [{"matchesXPath": "/a"}]}, "matchesXPath"),
    ],
)
def test_a_criterion_that_is_not_known_is_refused(client, pattern, message):
    answer = client.post("/__admin/requests/count", json=pattern)

    assert answer.status_code in (400, 422)
    assert message in answer.json["error"]


def test_a_request_is_logged_as_wiremock_logs_it(client):
    logged = client.post("/__admin/requests/find", json={"method": "PUT"}).json["requests"][0]

    assert logged["url"] == "/Cust12345/api/v1/Contact/18"
    assert logged["absoluteUrl"] == "http://localhost/Cust12345/api/v1/Contact/18"
    assert logged["body"] == '{"Name": "Acme", "Ids": [1, 2]}'
    assert logged["loggedDate"] == (NOON + 5) * 1000
    assert logged["headers"]["X-A"] == "one"


def test_unmatched_requests_are_those_that_nobody_foresaw(client):
    requests = client.get("/__admin/requests/unmatched").json["requests"]

    assert [request["url"] for request in requests] == ["/Cust12345/api/v1/Nothing"]


def test_all_requests_come_with_their_answers(client):
    answer = client.get("/__admin/requests?limit=2").json
    id = answer["requests"][0]["id"]

    assert [event["wasMatched"] for event in answer["requests"]] == [False, True]
    assert answer["meta"] == {"total": 3}
    assert client.get(f"/__admin/requests/{id}").json["response"]["status"] == 404
    assert client.get("/__admin/requests?since=2026-01-01T00:00:04Z").json["meta"]["total"] == 1


def test_requests_are_deleted(client, journal):
    id = client.post("/__admin/requests/find", json={"method": "PUT"}).json["requests"][0]["id"]

    client.delete(f"/__admin/requests/{id}")
    removed = client.post("/__admin/requests/remove", json={"urlPathPattern": ".*Nothing"}).json
    assert journal.count() == 1
    client.delete("/__admin/requests")

    assert len(removed["serveEvents"]) == 1
    assert journal.count() == 0
    assert client.get(f"/__admin/requests/{id}").status_code == 404


def test_over_dropped_calls_a_verification_is_impossible_and_not_false(tiny):
    journal = Journal(entries=1)
    engine = Engine(Settings(), [tiny], journal)
    client = make_app(engine).test_client()
    added(journal, tiny)
    added(journal, tiny)

    counted = client.post("/__admin/requests/count", json={"method": "PUT"})

    assert counted.json == {"count": 0, "requestJournalDisabled": True}
    for path in ("requests/count", "requests/find"):
        assert client.post(f"/__admin/{path}", json={}).headers["X-Mockso-Dropped"] == "1"
    for path in ("requests", "requests/unmatched"):
        assert client.get(f"/__admin/{path}").headers["X-Mockso-Dropped"] == "1"
    engine.close()
