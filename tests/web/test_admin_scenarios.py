"""Scenarios are played, counted, stopped and started again over HTTP, for all tenants or for one."""

import pytest

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.engine import Engine
from mockso.journal.journal import Journal
from mockso.web.app import make_app
from tests.conftest import NOON

OUTAGE = "name: outage\nsteps:\n  - reply: {status: 503}\n    times: 1\n"


@pytest.fixture
def client(shipped: Contract):
    engine = Engine(Settings(), [shipped], Journal(), clock=lambda: NOON)
    yield make_app(engine).test_client()
    engine.close()


def status(client, tenant="Cust1"):
    headers = {"Authorization": f"Bearer 8A:{tenant}.abc"}
    return client.get(f"/{tenant}/api/v1/Contact/17", headers=headers).status_code


def names(answer):
    return [(item["tenant"], item["name"]) for item in answer.json["playing"]]


def test_a_scenario_is_played_for_all_tenants_and_those_to_come(client):
    assert status(client) == 200

    answer = client.post("/__mockso/scenarios/play", json={"name": "server-error"})

    assert names(answer) == [("Cust1", "server-error")]
    assert status(client) == status(client, "Cust2") == 500


def test_a_scenario_is_played_for_one_tenant(client):
    status(client)

    client.post("/__mockso/scenarios/play?tenant=Cust2", json={"name": "server_error"})

    assert status(client) == 200
    assert status(client, "Cust2") == 500


@pytest.mark.parametrize("sent", [{"data": OUTAGE}, {"json": {"yaml": OUTAGE}}])
def test_a_scenario_file_is_played_and_counted(client, sent):
    client.post("/__mockso/scenarios/play?tenant=Cust1", **sent)
    statuses = [status(client), status(client)]

    step = client.get("/__mockso/scenarios").json["playing"][0]["steps"][0]

    assert statuses == [503, 200]
    assert (step["uses"], step["times"], step["left"]) == (1, 1, 0)


def test_scenarios_are_started_again_and_stopped(client):
    client.post("/__mockso/scenarios/play?tenant=Cust1", data=OUTAGE)
    status(client)

    client.post("/__mockso/scenarios/reset")
    again = status(client)
    client.post("/__mockso/scenarios/reset")
    stopped = client.post("/__mockso/scenarios/stop", json={"name": "outage"})

    assert again == 503
    assert names(stopped) == []
    assert status(client) == 200


def test_all_scenarios_are_stopped_for_tenants_to_come_too(client):
    client.post("/__mockso/scenarios/play", json={"name": "server-error"})
    client.post("/__mockso/scenarios/stop")

    assert status(client, "Cust9") == 200


def test_delete_stops_all(client):
    client.post("/__mockso/scenarios/play", json={"name": "server-error"})
    status(client)

    answer = client.delete("/__mockso/scenarios")

    assert names(answer) == []
    assert status(client) == status(client, "Cust9") == 200


def test_each_fault_of_a_scenario_is_told_with_its_place(client):
    answer = client.post("/__mockso/scenarios/play", data="name: x\nsteps:\n  - times: 0\n    tims: 1\n")

    assert answer.status_code == 400
    assert [(fault["file"], fault["line"], fault["column"]) for fault in answer.json["faults"]] == [
        ("body", 3, 12),
        ("body", 4, 5),
    ]
    assert answer.json["faults"][0]["message"] == "steps[0].times: expected a whole number from 1, got 0."


def test_what_can_be_played_is_listed(client):
    available = client.get("/__mockso/scenarios").json["available"]

    assert "throttled" in [item["name"] for item in available]
    assert all(item["description"] for item in available)


@pytest.mark.parametrize(
    ("path", "sent", "code", "message"),
    [
        ("play", {"json": {"name": "throtled"}}, 404, "Did you mean 'throttled'?"),
        ("play", {"json": {"name": "../../etc/passwd"}}, 404, "There is no scenario"),
        ("play", {"json": {"nam": "x"}}, 400, "expected"),
        ("play", {"json": {"name": 1}}, 400, "expected"),
        ("play", {"data": b""}, 400, "it is empty"),
        ("play", {"data": b"\xff"}, 400, "it is not UTF-8"),
        ("play", {"data": b"nam: x"}, 400, "body:1:1: nam: no such key. Did you mean 'name'?"),
        ("play", {"data": b"name: x\nsteps: [{reply: {body_file: /etc/passwd}}]"}, 400, "body"),
        ("stop", {"json": {"name": "throttled"}}, 404, "is played"),
    ],
)
def test_what_cannot_be_played_is_refused(client, path, sent, code, message):
    answer = client.post(f"/__mockso/scenarios/{path}", **sent)

    assert answer.status_code == code
    assert message in answer.json["error"]
    assert "root:" not in answer.text


def test_a_tenant_has_the_profile_of_what_it_plays_and_its_own_again_after(client):
    def profile() -> str:
        return next(item["profile"] for item in client.get("/__mockso/tenants").json["tenants"])

    for name, where in (("on-premises", "onsite"), ("hosted", "online")):
        text = f"name: {name}\nprofile: {where}\nsteps:\n  - match: {{path: /api/v1/Sale/1}}\n"
        assert client.post("/__mockso/scenarios/play?tenant=Cust1", data=text).status_code == 200
    seen = [profile()]
    for name in ("hosted", "on-premises"):
        client.post("/__mockso/scenarios/stop?tenant=Cust1", json={"name": name})
        seen.append(profile())

    assert seen == ["online", "onsite", "online"]
