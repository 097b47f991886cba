"""The admin API: calls listed, found, counted, waited for, verified and exported; and who may ask."""

import json
import re
import threading
import tracemalloc

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import JournalError
from mockso.exchange.call import Difference, NearMiss
from mockso.journal.journal import Journal, Subscription
from mockso.redaction.redaction import Redaction
from mockso.web.app import make_app
from tests.conftest import NOON, call
from tests.journal.entries import added, violation

SECRET = "hunter2-Sesame"


@pytest.fixture
def journal():
    return Journal(entries=200, body_limit=2_000, redaction=Redaction(key=b"test"))


@pytest.fixture
def make_client(tiny, journal):
    engines = []

    def make(settings=None):
        engines.append(Engine(settings or Settings(), [tiny], journal, clock=lambda: NOON))
        return make_app(engines[-1]).test_client()

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture
def client(make_client):
    return make_client()


def ids(answer):
    return [entry["id"] for entry in answer.json["requests"]]


def error(answer, status=400):
    assert answer.status_code == status, answer.text
    assert list(answer.json) == ["error"]
    assert "Traceback" not in answer.json["error"]
    return answer.json["error"]


# --- calls --------------------------------------------------------------------------------------


def test_health_says_what_runs(client, journal, tiny):
    added(journal, tiny)

    answer = client.get("/__mockso/health")

    assert answer.json["status"] == "ok"
    assert answer.json["contract"]["operations"] == len(tiny)
    assert answer.json["journal"] == {"store": "memory", "calls": 1, "dropped": 0}
    assert answer.json["tenants"] == ["Cust12345"]


def test_a_call_through_the_mock_is_in_the_journal(client):
    client.get(
        "/Cust12345/api/v1/Contact/17?fk=x", headers={"Authorization": f"Bearer 8A:Cust12345.{SECRET}"}
    )

    answer = client.get("/__mockso/requests")

    entry = answer.json["requests"][0]
    assert answer.json["total"] == 1
    assert entry["operation"] == "getContact"
    assert entry["request"]["query"] == {"fk": "x"}
    assert entry["verdict"]["violations"][0]["where"] == "query fk"
    assert SECRET not in answer.text


def test_calls_come_in_pages(client, journal, tiny):
    all_ids = [added(journal, tiny) for _ in range(7)][::-1]

    first = client.get("/__mockso/requests?limit=3&tenant=Cust12345")
    second = client.get(first.json["next"])
    third = client.get(second.json["next"])

    assert ids(first) + ids(second) + ids(third) == all_ids
    assert first.json["total"] == 7
    assert third.json["next"] is None


def test_the_next_page_is_not_moved_by_new_calls(client, journal, tiny):
    for _ in range(4):
        added(journal, tiny)
    first = client.get("/__mockso/requests?limit=2")
    added(journal, tiny)

    assert ids(client.get(first.json["next"])) == ["2", "1"]


@pytest.mark.parametrize(
    "query",
    [
        "operation=put*",
        "status=4xx",
        "verdict=broken",
        "since=2026-01-01T00:00:05Z",
        "since=2026-01-01T01:00:05%2B01:00",
        f"since={NOON + 5}",
        "text=ACME",
        "jsonpath=$.Persons[?@.Firstname == 'Ann']",
        "method=PUT&path=/api/*",
        "step=limited",
        "direction=in&tenant=Cust2",
    ],
)
def test_calls_are_filtered(client, journal, tiny, query):
    added(journal, tiny, body={"Persons": []}, method="POST", path="/api/v1/Contact")
    wanted = added(
        journal,
        tiny,
        method="PUT",
        tenant="Cust2",
        body={"Name": "Acme", "Persons": [{"Firstname": "Ann"}]},
        status=400,
        violations=[violation()],
        at=NOON + 10,
        step="limited#2",
    )

    assert ids(client.get(f"/__mockso/requests?{query}")) == [wanted]
    assert client.get(f"/__mockso/requests/count?{query}").json == {"count": 1, "dropped": 0}
    assert [
        json.loads(line)["id"] for line in client.get(f"/__mockso/requests.jsonl?{query}").text.splitlines()
    ] == [wanted]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("statsu=404", "query statsu: there is no such argument here. Did you mean 'status'?"),
        ("x=1", "query x: there is no such argument here. Known: tenant,"),
        ("limit=0", "query limit: expected a whole number from 1 to 1000"),
        ("limit=1e9", "query limit: expected a whole number"),
        ("limit=²", "query limit: expected a whole number"),
        ("limit=1&limit=2", "query limit: it is there 2 times"),
        ("after=x", "query after: expected a whole number"),
        ("verdict=brokn", "'brokn' is not one of clean, warned, broken. Did you mean 'broken'?"),
        ("since=yesterday", "query since: expected a time"),
        ("since=nan", "query since: expected a time"),
        ("since=9e99", ""),
        ("status=abc", "'abc' is not a status"),
        ("jsonpath=$..[", "is not a JSONPath"),
        ("order=up", "'up' is not one of newest, oldest"),
    ],
)
def test_a_query_that_is_wrong_is_refused(client, query, message):
    answer = client.get(f"/__mockso/requests?{query}")

    if message:
        assert message in error(answer)
    else:
        assert answer.status_code == 200


def test_one_call_is_shown_and_deleted(client, journal, tiny):
    id = added(journal, tiny)

    assert client.get(f"/__mockso/requests/{id}").json["id"] == id
    assert client.delete(f"/__mockso/requests/{id}").json == {"deleted": 1}
    assert "There is no call '1' in the journal" in error(client.get(f"/__mockso/requests/{id}"), 404)
    assert error(client.delete(f"/__mockso/requests/{id}"), 404)


def test_the_calls_of_one_tenant_are_deleted(client, journal, tiny):
    for tenant in ("Cust1", "Cust2", "Cust2"):
        added(journal, tiny, tenant=tenant)

    assert client.delete("/__mockso/requests?tenant=Cust2").json == {"deleted": 2}
    assert client.delete("/__mockso/requests").json == {"deleted": 1}


def test_unmatched_calls_and_near_misses(client, journal, tiny):
    added(journal, tiny)
    miss = added(
        journal, tiny, near_misses=[NearMiss("limited", "limited#1", (Difference("query id", "1", "2"),))]
    )
    unknown = added(journal, tiny, path="/api/v1/Nothing")

    near = client.get("/__mockso/requests/near-misses").json["near_misses"]

    assert ids(client.get("/__mockso/requests/unmatched")) == [unknown, miss]
    assert [(item["request"]["id"], item["near_misses"][0]["step"]) for item in near] == [(miss, "limited#1")]
    assert near[0]["near_misses"][0]["differences"] == [{"field": "query id", "expected": "1", "actual": "2"}]


def test_near_misses_narrowed_by_a_jsonpath_have_no_total(client, journal, tiny):
    added(journal, tiny, near_misses=[NearMiss("limited", "limited#1", (Difference("query id", "1", "2"),))])

    narrowed = client.get("/__mockso/requests/near-misses?jsonpath=$.Name").json

    assert (narrowed["near_misses"], narrowed["count"], narrowed["total"]) == ([], 0, None)


def test_every_answer_says_how_many_calls_were_dropped(make_client, tiny, journal):
    client = make_client()
    for _ in range(203):
        added(journal, tiny)

    dropped = journal.count_dropped()
    answers = [
        client.get("/__mockso/requests"),
        client.get("/__mockso/requests/count"),
        client.get("/__mockso/requests/unmatched"),
        client.get("/__mockso/requests/near-misses"),
        client.post("/__mockso/requests/find", json={}),
        client.post("/__mockso/requests/wait", json={}),
        client.post("/__mockso/verify", json={"match": {}}),
    ]

    assert dropped >= 3
    assert [answer.json["dropped"] for answer in answers] == [dropped] * 7
    assert "older ones were dropped" in error(client.get("/__mockso/requests/1"), 404)


# --- find, wait, verify -------------------------------------------------------------------------


def test_calls_are_found_by_a_match(client, journal, tiny):
    added(journal, tiny)
    wanted = added(journal, tiny, method="PUT", body={"Name": "Acme", "Other": 1}, violations=[violation()])

    assert ids(
        client.post("/__mockso/requests/find", json={"operation": "put*", "body": {"name": "Acme"}})
    ) == [wanted]
    assert ids(client.post("/__mockso/requests/find", json={"body": {"Name": "Other"}})) == []
    assert ids(client.post("/__mockso/requests/find", json={"verdict": "broken"})) == [wanted]


def test_a_match_is_answered_in_pages(client, journal, tiny):
    made = [added(journal, tiny) for _ in range(5)]

    first = client.post("/__mockso/requests/find?limit=2&order=oldest", json={})
    second = client.post(first.json["next"], json={})
    third = client.post(second.json["next"], json={})

    assert ids(first) + ids(second) + ids(third) == made
    assert third.json["next"] is None


def test_a_secret_in_a_match_finds_its_fingerprint(client, journal, tiny):
    wanted = added(
        journal, tiny, method="PUT", body={"Password": SECRET}, authorization=f"Bearer 8A:Cust12345.{SECRET}"
    )
    added(journal, tiny, method="PUT", body={"Password": "other"}, authorization="Basic dTpw")

    for match in (
        {"headers": {"Authorization": f"Bearer 8A:Cust12345.{SECRET}"}},
        {"headers": {"Authorization": {"equalTo": f"Bearer 8A:Cust12345.{SECRET}"}}},
        {"body": {"Password": SECRET}},
        {"not": {"any": [{"headers": {"Authorization": "Basic dTpw"}}, {"body": {"Password": "other"}}]}},
    ):
        assert ids(client.post("/__mockso/requests/find", json=match)) == [wanted], match


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"operatoin": "x"}, "operatoin"),
        ({"body": {"a": {"matches": "("}}}, "regular expression"),
        ({"verdict": "bad"}, "bad"),
    ],
)
def test_a_match_that_is_wrong_is_refused(client, body, message):
    assert message in error(client.post("/__mockso/requests/find", json=body))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "body: it is not JSON"),
        (b"[]", "body: expected a JSON object, got []"),
        (b'{"match": NaN}', "NaN is not a JSON number"),
        (b"[" * 100_000, "body: it is nested too deep"),
        (b'{"match": {}, "cuont": 1}', "body.cuont: there is no such member here. Did you mean 'count'?"),
        (b'{"match": []}', "body.match: expected an object"),
        (b'{"match": {}, "count": true}', "body.count: expected a whole number"),
        (b'{"match": {}, "timeout": 1e9}', "body.timeout: expected seconds from 0 to 60"),
        (b"\xff", "body: it is not JSON"),
    ],
)
def test_a_body_that_is_wrong_is_refused(client, data, message):
    assert message in error(client.post("/__mockso/requests/wait", data=data))


def test_a_body_that_is_too_large_is_refused(client):
    error(client.post("/__mockso/requests/find", data=b" " * 5_000_000), 413)


def test_waiting_ends_when_enough_calls_match(client, journal, tiny):
    added(journal, tiny)
    timer = threading.Timer(0.05, lambda: [added(journal, tiny, method="PUT", body={}), added(journal, tiny)])
    timer.start()

    answer = client.post("/__mockso/requests/wait", json={"match": {"operation": "getContact"}, "count": 2})
    timer.join()

    assert answer.json["met"] is True
    assert answer.json["count"] == 2
    assert [request["id"] for request in answer.json["requests"]] == ["1", "3"]
    assert journal.listeners == 0


def test_waiting_ends_when_the_time_is_over(client, journal, tiny):
    added(journal, tiny)

    answer = client.post("/__mockso/requests/wait", json={"count": 2, "timeout": 0.01})

    assert answer.json == {**answer.json, "met": False, "count": 1}


def test_waiting_starts_anew_when_the_journal_is_cleared(client, journal, tiny):
    added(journal, tiny)
    timer = threading.Timer(0.05, lambda: [journal.clear(), added(journal, tiny)])
    timer.start()

    answer = client.post("/__mockso/requests/wait", json={"count": 2, "timeout": 0.3})
    timer.join()

    assert answer.json["count"] == 1


@pytest.mark.parametrize(
    ("wanted", "result"),
    [
        ({}, "yes"),
        ({"exactly": 2}, "yes"),
        ({"exactly": 1}, "no"),
        ({"exactly": 3}, "no"),
        ({"atLeast": 2}, "yes"),
        ({"atLeast": 3}, "no"),
        ({"atMost": 2}, "yes"),
        ({"atMost": 1}, "no"),
        ({"never": True}, "no"),
        ({"never": False}, "yes"),
    ],
)
def test_calls_are_verified(client, journal, tiny, wanted, result):
    added(journal, tiny, method="PUT", body={})
    for _ in range(2):
        added(journal, tiny)

    answer = client.post("/__mockso/verify", json={"match": {"operation": "getContact"}, **wanted})

    assert answer.json["result"] == result
    assert answer.json["count"] == 2


def test_a_failed_verification_shows_the_nearest_calls(client, journal, tiny):
    added(journal, tiny, path="/api/v1/Nothing")
    near = added(journal, tiny, query=[("fk", "true")])

    answer = client.post(
        "/__mockso/verify", json={"match": {"operation": "getContact", "query": {"fk": "false"}}}
    )

    assert answer.json["result"] == "no"
    assert answer.json["message"] == "0 calls match, at least 1 wanted."
    assert answer.json["nearest"][0]["request"]["id"] == near
    assert answer.json["nearest"][0]["differences"] == [
        {"field": "query fk", "expected": "false", "actual": "true"}
    ]


@pytest.mark.parametrize(
    ("wanted", "result", "certain", "told"),
    [
        ({"atLeast": 300}, "unknown", "unknown", ""),
        ({"exactly": 201}, "unknown", "unknown", ""),
        ({"atMost": 201}, "unknown", "unknown", ""),
        ({"atLeast": 1}, "yes", "yes", ""),
        ({"atMost": 250}, "yes", "yes", ""),
        ({"atLeast": 1_000_000}, "unknown", "no", "All of them would be too few in any case."),
        ({"atMost": 1}, "unknown", "no", "Those that were kept break it in any case."),
        ({"never": True}, "unknown", "no", "Those that were kept break it in any case."),
    ],
)
def test_where_calls_were_dropped_it_is_yes_or_unknown_and_never_no(
    make_client, journal, tiny, wanted, result, certain, told
):
    for _ in range(230):
        added(journal, tiny)
    client = make_client()
    if wanted == {"atLeast": 300}:
        wanted = {"atLeast": journal.count() + 1}
    if wanted == {"exactly": 201}:
        wanted = {"exactly": journal.count()}

    answer = client.post("/__mockso/verify", json={"match": {"operation": "getContact"}, **wanted})

    assert (answer.json["result"], answer.json["certain"]) == (result, certain)
    dropped = f"{journal.count_dropped()} calls were dropped from the journal"
    assert (dropped in answer.json["message"]) is (result == "unknown")
    assert answer.json["message"].endswith(told)


@pytest.mark.parametrize(
    "path",
    [
        *("requests", "requests/count", "requests/unmatched", "requests/near-misses", "requests.har"),
        *("requests.jsonl", "requests/ID", "requests/ID/curl", "requests/ID/why", "events"),
    ],
)
def test_every_answer_about_calls_says_how_many_were_dropped(make_client, journal, tiny, path):
    for _ in range(230):
        last = added(journal, tiny)

    answer = make_client().get(f"/__mockso/{path.replace('ID', last)}")

    assert answer.status_code == 200
    assert int(answer.headers["X-Mockso-Dropped"]) == journal.count_dropped() > 0
    answer.close()


def test_an_order_over_dropped_calls_is_unknown(make_client, journal, tiny):
    for _ in range(230):
        added(journal, tiny)

    answer = make_client().post("/__mockso/verify", json={"order": [{"method": "GET"}, {"method": "PUT"}]})

    assert (answer.json["result"], answer.json["certain"]) == ("unknown", "unknown")
    assert f"{journal.count_dropped()} calls were dropped" in answer.json["message"]


def test_a_wait_over_dropped_calls_is_unknown(make_client, journal, tiny):
    for _ in range(230):
        added(journal, tiny)

    answer = make_client().post("/__mockso/requests/wait", json={"match": {"method": "PUT"}, "timeout": 0})

    assert (answer.json["met"], answer.json["result"]) == (False, "unknown")
    assert answer.json["dropped"] == journal.count_dropped()


def test_a_body_that_was_cut_leaves_it_open(client, journal, tiny):
    added(journal, tiny, method="PUT", body={"Name": "x" * 3_000})

    answer = client.post("/__mockso/verify", json={"match": {"body": {"Name": {"contains": "y"}}}})

    assert answer.json["result"] == "unknown"
    assert answer.json["undecided"] == 1


def test_a_body_that_was_cut_leaves_the_order_open(client, journal, tiny):
    added(journal, tiny, method="PUT", body={"Name": "x" * 3_000})

    answer = client.post("/__mockso/verify", json={"order": [{"body": {"Name": {"contains": "y"}}}]})

    assert answer.json["result"] == "unknown"
    assert answer.json["message"] == "No call matches order[0]. It may have been a call whose body was cut."


def test_the_order_of_calls_is_verified(client, journal, tiny):
    for method in ("GET", "PUT", "GET", "DELETE"):
        added(journal, tiny, method=method, body={} if method == "PUT" else None)
    get, put, delete = ({"method": method} for method in ("GET", "PUT", "DELETE"))

    good = client.post("/__mockso/verify", json={"order": [get, put, delete]})
    bad = client.post("/__mockso/verify", json={"order": [put, delete, get]})

    assert good.json == {
        "result": "yes",
        "certain": "yes",
        "found": ["1", "2", "4"],
        "dropped": 0,
        "message": good.json["message"],
    }
    assert (bad.json["result"], bad.json["message"]) == ("no", "No call matches order[2] after call 4.")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "'match' is missing"),
        (
            {"match": {}, "exactly": 1, "atLeast": 1},
            "exactly and atLeast are too many numbers. Give one of them.",
        ),
        ({"order": [{}], "exactly": 1}, "'order' stands alone"),
        ({"order": []}, "expected a list with something in it"),
        ({"order": [1]}, "body.order[0]: expected an object"),
        ({"match": {}, "never": 1}, "body.never: expected true or false"),
    ],
)
def test_a_verification_that_is_wrong_is_refused(client, body, message):
    assert message in error(client.post("/__mockso/verify", json=body))


@pytest.mark.parametrize(("name", "status"), [("Cst12345", 400), ("Cust4711", 200), ("", 200)])
def test_that_a_tenant_was_never_called_is_not_said_of_a_misspelt_one(client, name, status):
    answer = client.post(f"/__mockso/verify?tenant={name}", json={"match": {}, "never": True})

    assert answer.status_code == status
    if status == 400:
        assert "there is no tenant 'Cst12345'. Did you mean 'Cust12345'?" in error(answer)


# --- exports ------------------------------------------------------------------------------------


def test_a_call_is_given_as_a_command_line(client, journal, tiny):
    id = added(
        journal,
        tiny,
        method="PUT",
        body={"Name": "it's $(x)"},
        headers=[("Host", "localhost"), ("X-Empty", "")],
    )

    answer = client.get(f"/__mockso/requests/{id}/curl")

    assert answer.mimetype == "text/plain"
    assert answer.text == (
        "# Credentials were replaced by fingerprints (#...): put in your own.\n"
        "curl --globoff --include http://localhost/Cust12345/api/v1/Contact/17 --request PUT \\\n"
        f"  --header 'Authorization: Bearer 8A:Cust12345.{journal.redaction.fingerprint('abc')}' \\\n"
        "  --header 'Content-Type: application/json' \\\n"
        "  --header 'X-Empty;' \\\n"
        """  --data-raw '{"Name": "it'"'"'s $(x)"}'\n"""
    )


def test_a_body_that_is_no_text_is_piped_into_the_command(client, journal, tiny):
    id = added(journal, tiny, method="PUT", body=b"\xff\x00\x1b[31m", authorization="")

    text = client.get(f"/__mockso/requests/{id}/curl").text

    assert text.startswith("printf %s /wAbWzMxbQ== | base64 --decode |\ncurl ")
    assert "--data-binary @-" in text


def test_the_har_has_all_calls(client, journal, tiny):
    added(journal, tiny)
    added(journal, tiny, method="PUT", body={"Name": "Acme"}, reply=b"{}", status=200)

    answer = client.get("/__mockso/requests.har")

    assert [entry["_mockso"]["id"] for entry in answer.json["log"]["entries"]] == ["1", "2"]
    assert "attachment" in answer.headers["Content-Disposition"]


def test_no_export_has_a_secret(client, journal, tiny):
    id = added(
        journal,
        tiny,
        method="PUT",
        body={"Password": SECRET},
        authorization=f"Bearer 8A:Cust12345.{SECRET}",
        headers=[("Cookie", f"a={SECRET}"), ("SO-AppToken", SECRET)],
        reply=json.dumps({"refresh_token": SECRET}).encode(),
        reply_headers=[("Set-Cookie", f"x={SECRET}")],
        violations=[violation(got=SECRET, message=f"got {SECRET}")],
        near_misses=[
            NearMiss("a", "a#1", (Difference("header Authorization", {"equalTo": SECRET}, SECRET),))
        ],
    )

    for path in (
        "requests",
        f"requests/{id}",
        f"requests/{id}/curl",
        "requests.har",
        "requests.jsonl",
        "requests/near-misses",
    ):
        answer = client.get(f"/__mockso/{path}")
        assert answer.status_code == 200
        assert SECRET not in answer.text, path
    assert SECRET not in client.post("/__mockso/requests/find", json={}).text
    assert SECRET not in client.post("/__mockso/verify", json={"match": {"method": "X"}}).text
    assert SECRET not in client.post("/__admin/requests/find", json={}).text
    assert SECRET not in client.get("/__admin/requests").text


# --- events -------------------------------------------------------------------------------------


def test_calls_are_told_as_they_come(client, journal, tiny):
    answer = client.get("/__mockso/events", buffered=False)
    chunks = iter(answer.response)
    first = next(chunks)
    waiting = journal.arrive(call())
    told = [next(chunks)]
    id = added(journal, tiny)
    told.append(next(chunks))
    journal.clear()
    told.append(next(chunks))
    answer.close()

    assert answer.mimetype == "text/event-stream"
    assert first == b"retry: 1000\n\n"
    assert told[0].startswith(b"event: arrived\n")
    assert json.loads(told[0].partition(b"data: ")[2])["id"] == waiting
    assert b"event: answered\n" in told[1]
    assert told[1].startswith(f"id: {id}\n".encode())
    assert json.loads(told[1].partition(b"data: ")[2])["operation"] == "getContact"
    assert told[2].startswith(b"event: cleared\n")
    assert journal.listeners == 0


def test_a_listener_that_comes_back_is_told_what_he_missed(client, journal, tiny):
    for _ in range(3):
        added(journal, tiny)

    answer = client.get("/__mockso/events", headers={"Last-Event-ID": "1"}, buffered=False)
    chunks = iter(answer.response)
    told = [next(chunks) for _ in range(3)][1:]
    answer.close()

    assert [chunk.partition(b"\n")[0] for chunk in told] == [b"id: 2", b"id: 3"]


def test_a_listener_too_many_is_sent_away(client, journal):
    with journal.subscribe():
        answer = client.get("/__mockso/events")

    assert "keeps a thread" in error(answer, 503)
    assert answer.headers["Retry-After"] == "1"


def test_asking_for_the_headers_of_the_events_is_no_listening(client, journal):
    answer = client.head("/__mockso/events")
    answer.close()

    assert answer.status_code == 200
    assert journal.listeners == 0


def test_listening_ends_when_the_server_stops(client, journal):
    answer = client.get("/__mockso/events", buffered=False)
    chunks = iter(answer.response)
    next(chunks)

    journal.release()

    assert list(chunks) == []


# --- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["localhost:8585", "127.0.0.1", "127.1.2.3:1", "[::1]:8585", "mock.localhost", "LOCALHOST"]
)
def test_the_mock_is_called_by_a_name_of_its_machine(client, host):
    assert client.get("/__mockso/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "10.0.0.1:8585", "127.0.0.1.nip.io", "[", "1270.0.0.1"]
)
def test_another_name_is_refused(client, host):
    message = error(client.get("/__mockso/health", headers={"Host": host}), 403)

    assert "is not a name of this mock" in message
    assert "--set hosts=NAME" in message


def test_a_name_can_be_allowed(make_client):
    client = make_client(Settings(hosts=("mock.test",)))

    assert client.get("/__mockso/health", headers={"Host": "mock.test:80"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    ],
)
def test_the_page_of_another_site_is_refused(client, journal, tiny, headers):
    added(journal, tiny)

    assert "another site" in error(client.delete("/__mockso/requests", headers=headers), 403)
    assert journal.count() == 1


def test_the_mocks_own_page_and_a_link_to_it_are_not_refused(client):
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}

    assert client.delete("/__mockso/requests", headers=own).status_code == 200
    assert client.get("/__mockso/health", headers=link).status_code == 200


def test_nothing_is_allowed_to_another_origin(client):
    answer = client.options("/__mockso/requests", headers={"Access-Control-Request-Method": "DELETE"})

    assert answer.status_code == 405
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_token_is_demanded_when_one_is_set(make_client):
    client = make_client(Settings(admin_token="s3cret"))

    answer = client.get("/__mockso/health")

    assert "X-Mockso-Admin: TOKEN" in error(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    for headers in (
        {"X-Mockso-Admin": "wrong"},
        {"Authorization": "Bearer s3cre"},
        {"Authorization": "Basic !!"},
        {"X-Mockso-Admin": "s3cret", "Origin": "https://evil.example"},
    ):
        assert client.get("/__mockso/health", headers=headers).status_code in (401, 403)
    for headers in (
        {"X-Mockso-Admin": "s3cret"},
        {"Authorization": "Bearer s3cret"},
        {"X-Mockso-Admin": "s3cret", "Host": "mockso:8585"},
    ):
        assert client.get("/__mockso/health", headers=headers).status_code == 200
    assert client.get("/__mockso/health", auth=("any", "s3cret")).status_code == 200


# --- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["requests/1%0A", "requests%0A/x"])
def test_an_address_with_a_line_end_is_refused_like_any_other(client, path):
    assert error(client.get(f"/__mockso/{path}"), 404)


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("request", "/__mockso/requests?"),
        ("requests/conut", "/__mockso/requests/count?"),
        ("zzz", "lists all"),
    ],
)
def test_an_unknown_address_says_the_nearest(client, path, near):
    answer = client.get(f"/__mockso/{path}")

    if path == "requests/conut":
        assert "There is no call 'conut'" in error(answer, 404)
    else:
        assert near in error(answer, 404)


def test_a_method_that_an_address_does_not_take_is_refused(client):
    answer = client.put("/__mockso/requests")

    assert error(answer, 405) == "PUT /__mockso/requests: this address takes DELETE, GET."
    assert answer.headers["Allow"] == "DELETE, GET"
    assert error(client.open("/__mockso/requests", method="BREW"), 405)


@pytest.mark.parametrize("bug", [ZeroDivisionError(), ValueError("list.remove(x): x not in list")])
def test_a_bug_of_ours_is_a_500_with_its_trace_in_the_journal(client, journal, monkeypatch, capsys, bug):
    def fail(**_):
        raise bug

    monkeypatch.setattr(journal, "count", fail)

    said = error(client.get("/__mockso/requests"), 500)

    entry = journal.get("1")
    assert said.startswith(f"a bug in mockso: {type(bug).__name__}")
    assert f"Call {entry['id']} of the journal has the trace." in said
    assert "Traceback" in entry["note"]
    assert entry["reply"]["status"] == 500
    line, *more = capsys.readouterr().err.splitlines()
    assert line.startswith("mockso: the admin API, GET /__mockso/requests: a bug in mockso: ")
    assert more == []


def test_a_bug_in_the_midst_of_an_export_breaks_it_off_and_is_written_down(
    client, journal, tiny, monkeypatch, capsys
):
    added(journal, tiny)

    def each(**_):
        yield journal.get("1")
        raise ZeroDivisionError("half way")

    monkeypatch.setattr(journal, "each", each)

    with pytest.raises(ConnectionAbortedError):
        _ = client.get("/__mockso/requests.jsonl").data

    assert "broke off, GET /__mockso/requests.jsonl: a bug in mockso" in capsys.readouterr().err
    assert "ZeroDivisionError" in journal.get("2")["note"]


def test_who_waits_for_calls_holds_no_bodies(client, journal, tiny, monkeypatch):
    for number in range(200):
        added(journal, tiny, method="PUT", body={"Name": "x" * 20_000, "ContactId": number})
    held = []

    def take(self, timeout):
        held.append(tracemalloc.get_traced_memory()[0])
        self._journal.release()

    monkeypatch.setattr(Subscription, "take", take)
    client.post("/__mockso/requests/wait", json={"timeout": 0})
    tracemalloc.start()
    try:
        answer = client.post("/__mockso/requests/wait", json={"count": 300, "timeout": 5})
    finally:
        tracemalloc.stop()

    assert answer.json["count"] == 200
    assert len(answer.json["requests"]) == 100
    assert held[0] < 1_500_000


def test_a_stream_tells_what_was_missed_in_pages(client, journal, tiny, monkeypatch):
    monkeypatch.setattr("mockso.web.admin.verify._PAGE", 5)
    for _ in range(23):
        added(journal, tiny)
    journal.release()

    text = client.get("/__mockso/events", headers={"Last-Event-ID": "3"}).text

    assert re.findall(r"^id: (\d+)$", text, re.MULTILINE) == [str(number) for number in range(4, 24)]


def test_a_journal_that_cannot_be_read_is_no_fault_of_the_callers(client, journal, monkeypatch):
    def fail(**_):
        raise JournalError("the disk is full")

    monkeypatch.setattr(journal, "count", fail)

    assert error(client.get("/__mockso/requests"), 503) == "the disk is full"


def test_an_operation_is_named_by_method_and_path_in_a_filter_too(client, journal, tiny):
    added(journal, tiny)
    added(journal, tiny, method="PUT", body={})

    assert client.get("/__mockso/requests/count?operation=GET+Contact/17").json["count"] == 1
    assert "no operation 'GET Contatc'" in error(client.get("/__mockso/requests?operation=GET+Contatc"))
