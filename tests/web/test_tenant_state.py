"""The state of a tenant: asked as clients do, and changed by the scenarios that are about it."""

from __future__ import annotations

import json

import pytest
import requests

from mockso.config import Settings
from mockso.engine import Engine
from mockso.journal.journal import Journal
from mockso.testing.mock import serve
from mockso.web.app import make_app
from tests.conftest import NOON
from tests.web.recorded import recording, send

TOKEN = {"Authorization": "Bearer 8A:Cust12345.x"}
READ = "/Cust12345/api/v1/Contact/17"


@pytest.fixture
def engine(shipped):
    engine = Engine(Settings(), [shipped], Journal(), clock=lambda: NOON)
    yield engine
    engine.close()


@pytest.fixture
def client(engine):
    return make_app(engine).test_client()


def play(client, name, query=""):
    assert client.post(f"/__mockso/scenarios/play{query}", json={"name": name}).status_code == 200


def state(client, tenant="Cust12345"):
    return client.get(f"/api/state/{tenant}").json


def test_the_state_of_a_tenant_needs_no_credential(client):
    reply = client.get("/api/state/Cust12345")

    assert reply.status_code == 200
    assert reply.json == {
        "ContextIdentifier": "Cust12345",
        "Endpoint": "http://localhost/Cust12345",
        "State": "Running",
        "IsRunning": True,
        "ValidUntil": "2026-01-01T01:00:00.0000000Z",
        "Api": "http://localhost/Cust12345/api",
        "Version": "Release_11.9_2026.01.15-01",
    }


@pytest.mark.parametrize(
    "path", ["/API/State/Cust12345/", "/api//state/Cust12345?x=1", "/api/state/%43ust12345"]
)
def test_the_address_may_be_spelt_otherwise(client, path):
    assert client.get(path).json["ContextIdentifier"] == "Cust12345"


def test_a_tenant_that_nobody_has_is_unknown(client):
    reply = client.get("/api/state/nobody")

    assert reply.status_code == 200
    assert (reply.json["State"], reply.json["IsRunning"], reply.json["Api"]) == ("Unknown", False, "")
    assert reply.headers["X-Mockso-Fidelity"] == "assumed"


def test_another_method_is_refused(client):
    reply = client.post("/api/state/Cust12345")

    assert (reply.status_code, reply.headers["Allow"]) == (405, "GET")


def test_below_a_tenant_there_is_no_such_address(client):
    assert client.get("/Cust12345/api/state/Cust12345", headers=TOKEN).status_code == 404


def test_onsite_there_is_none(shipped):
    engine = Engine(Settings(profile="onsite"), [shipped], Journal())

    assert make_app(engine).test_client().get("/api/state/Cust12345").status_code == 404
    engine.close()


def test_the_call_belongs_to_the_tenant_that_is_asked_about(client, engine):
    state(client)

    assert engine.journal.find()[0]["tenant"] == "Cust12345"
    assert engine.journal.find()[0]["operation"] == "mockso_TenantState"


# --- scenarios ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status", "shown"), [("maintenance", 503, "OfflineMaintenance"), ("suspended", 403, "Suspended")]
)
def test_the_state_changes_while_the_scenario_is_played(client, name, status, shown):
    play(client, name)

    assert client.get(READ, headers=TOKEN).status_code == status
    assert (state(client)["State"], state(client)["IsRunning"]) == (shown, False)

    client.post("/__mockso/scenarios/stop", json={"name": name})

    assert client.get(READ, headers=TOKEN).status_code == 200
    assert (state(client)["State"], state(client)["IsRunning"]) == ("Running", True)


def test_a_client_that_is_misdirected_asks_the_state_and_calls_the_new_address():
    with serve(scenarios=["misdirected"]) as mock:
        old = f"{mock.url}/Cust12345/api"
        assert requests.get(f"{old}/v1/Contact/17", headers=TOKEN, timeout=9).status_code == 421

        new = requests.get(f"{mock.url}/api/state/Cust12345", timeout=9).json()["Api"]
        moved = requests.get(f"{new}/v1/Contact/17", headers=TOKEN, timeout=9)

        assert new == f"{mock.url}/moved/Cust12345/api"
        assert moved.json()["ContactId"] == 17
        assert (
            requests.get(new, timeout=9, headers={"Accept": "application/json"}).json()["v1"] == f"{new}/v1/"
        )
        assert requests.get(f"{new}/v1/Contact/x", headers=TOKEN, timeout=9).status_code == 400
        assert requests.get(f"{old}/v1/Contact/17", headers=TOKEN, timeout=9).status_code == 421
        journal = mock.engine.journal
        assert [
            (e["step"], len(e["near_misses"])) for e in journal.find(limit=1, status="200", order="oldest")
        ] == [(None, 0)]


def test_nobody_lives_at_the_new_address_who_was_not_moved(client):
    play(client, "misdirected", "?tenant=Cust12345")

    assert client.get(f"/moved{READ}", headers=TOKEN).status_code == 200
    other = client.get("/moved/Cust2/api/v1/Contact/17", headers={"Authorization": "Bearer 8A:Cust2.x"})
    assert other.status_code == 421
    assert "Cust2 did not move" in other.headers["X-Mockso-Reason"]
    assert state(client, "Cust2")["Endpoint"] == "http://localhost/Cust2"

    client.delete("/__mockso/scenarios")

    assert client.get(f"/moved{READ}", headers=TOKEN).status_code == 421
    assert client.get(READ, headers=TOKEN).status_code == 200


def test_a_virtual_directory_may_be_called_moved(client):
    assert (
        client.get("/moved/api/v1/Contact/17", headers={"Authorization": "SOTicket 7T:x"}).status_code == 200
    )


def test_a_scenario_may_name_the_new_address(client):
    text = "name: away\ntenant: {endpoint: 'http://sod3.localhost:81/'}\nsteps: [{match: {verdict: any}, reply: {error: misdirected}}]"
    client.post("/__mockso/scenarios/play", data=text)

    assert state(client)["Api"] == "http://sod3.localhost:81/Cust12345/api"
    assert client.get(READ, headers=TOKEN).status_code == 421
    assert client.get(READ, headers=TOKEN, base_url="http://sod3.localhost:81").status_code == 200


@pytest.mark.parametrize(
    "match", ["path: /api/state/*", "path: '/api/state/{tenant}'", "operation: mockso_TenantState"]
)
def test_the_state_is_answered_by_steps_that_name_it_only(client, engine, match):
    play(client, "unauthorized")
    assert client.get("/api/state/Cust12345").status_code == 200
    assert engine.journal.count(unmatched=True) == 0

    text = f"name: lost\nsteps: [{{match: {{{match}}}, reply: {{status: 500, body: x}}}}]"
    assert client.post("/__mockso/scenarios/play", data=text).status_code == 200

    assert client.get("/api/state/Cust12345").status_code == 500


def test_a_request_may_name_the_scenario_itself(client):
    reply = client.get("/api/state/Cust12345", headers={"X-Mockso-Scenario": "suspended"})

    assert reply.json["State"] == "Suspended"
    assert state(client)["State"] == "Running"


def test_tenants_are_listed_with_their_states(client):
    play(client, "misdirected", "?tenant=Cust1")
    play(client, "maintenance", "?tenant=Cust2")
    client.get("/Cust3/api/v1/Contact/17")

    rows = client.get("/__mockso/tenants").json["tenants"]

    assert [(row["name"], row["state"], row["endpoint"], row["scenarios"], row["calls"]) for row in rows] == [
        ("Cust1", "Running", "http://localhost/moved/Cust1", ["misdirected"], 0),
        ("Cust2", "OfflineMaintenance", "", ["maintenance"], 0),
        ("Cust3", "Running", "", [], 1),
    ]
    page = client.get("/__mockso/page/tenants").text
    assert "OfflineMaintenance" in page
    assert "http://localhost/moved/Cust1" in page


def test_a_world_sees_what_its_scenario_says():
    with serve() as mock, mock.world() as world:
        world.play("misdirected")
        client = world.client()

        assert client.get("Contact/17").status_code == 421
        new = client.get(f"{world.mock.address}/api/state/{world.tenant}").json()["Api"]
        assert client.get(f"{new}/v1/Contact/17").json()["ContactId"] == 17
        world.play("suspended")
        assert world.state == "Suspended"
        assert world.findings() == []


def test_a_client_can_be_held_to_asking_for_the_state(client):
    state(client)

    for match in ({"operation": "mockso_TenantState"}, {"path": "/api/state/*"}):
        assert client.post("/__mockso/verify", json={"match": match, "exactly": 1}).json["result"] == "yes"
    assert "mockso_TenantState, which is not an operation" in client.get("/__mockso/page/calls/1").text


def test_the_state_is_recorded_with_the_address_of_whoever_plays_it(tmp_path):
    made = tmp_path / "r.yaml"
    with serve() as real, recording(f"{real.url}/Cust12345") as recorder:
        answer = send(recorder.url, "GET", "/api/state/Cust12345")
        send(recorder.url, "GET", READ)
        assert json.loads(answer.body)["Api"] == f"{recorder.url}/Cust12345/api"
        recorder.write(made)

    with serve(scenarios=[str(made)]) as mock:
        api = json.loads(send(mock.url, "GET", "/api/state/Cust12345").body)["Api"]
        last = mock.engine.journal.find(limit=1)[0]

    assert api == f"{mock.url}/Cust12345/api"
    assert last["step"]
