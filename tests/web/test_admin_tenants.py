"""Tenants over HTTP: made, steered and dropped, as a Python test does with its world."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric import rsa

from mockso.config import Settings
from mockso.engine import Engine
from mockso.journal.journal import Journal
from mockso.login.keys import sign_system_token
from mockso.web.app import make_app
from tests.conftest import NOON
from tests.login.flows import Flow, json_of, text_of

ROOT = "/__mockso/tenants"


@pytest.fixture
def engine(shipped):
    engine = Engine(Settings(), [shipped], Journal(), clock=lambda: NOON)
    yield engine
    engine.close()


@pytest.fixture
def client(engine):
    return make_app(engine).test_client()


def make(client, **body):
    answer = client.post(ROOT, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json


def steer(client, act, tenant="Cust7", **body):
    answer = client.post(f"{ROOT}/{tenant}/{act}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json


def error(answer, status):
    assert answer.status_code == status, answer.text
    return answer.json["error"]


def status(client, tenant, path="Contact/1", method="GET", **options):
    headers = {"Authorization": f"Bearer 8A:{tenant}.mockso"}
    return client.open(f"/{tenant}/api/v1/{path}", method=method, headers=headers, **options).status_code


def test_a_tenant_is_made_with_all_that_a_test_needs(client):
    rows = {"Contact": {"acme": {"Name": "Acme"}}}

    made = make(
        client,
        name="Cust7",
        world="open",
        grants=["webhook"],
        data=["none"],
        rows=rows,
        time="2030-01-01T00:00:00Z",
    )

    assert made == {
        "name": "Cust7",
        "profile": "online",
        "world": "open",
        "state": "Running",
        "time": "2030-01-01T00:00:00+00:00",
        "grants": ["webhook"],
        "url": "http://localhost/Cust7/api/v1",
        "token": "8A:Cust7.mockso",
        "app_token": "mockso-app-token",
        "login": {
            "url": "http://localhost/login",
            "client_id": "mockso-client.Cust7",
            "client_secret": "secret",
            "system_token": made["login"]["system_token"],
        },
        "snapshots": [],
    }
    assert client.get("/__mockso/entities/Contact?tenant=Cust7").json["entities"][0]["name"] == "Acme"
    assert client.get(f"{ROOT}/Cust7").json == made


def test_a_tenant_without_a_name_is_one_that_nobody_had(client):
    names = [make(client)["name"] for _ in range(3)]
    onsite = make(client, profile="onsite")

    assert len({*names}) == 3
    assert all(name.startswith("Cust200") for name in names)
    assert onsite["name"].startswith("Site")
    assert onsite["profile"] == "onsite"


def test_a_name_that_is_there_or_cannot_be_is_refused(client):
    make(client, name="Cust7")

    assert "there is a tenant 'Cust7'" in error(client.post(ROOT, json={"name": "Cust7"}), 409)
    for name in ("a/b", "login", "api", "v1", "__mockso", "a b", "é"):
        assert "cannot stand for a tenant" in error(client.post(ROOT, json={"name": name}), 400)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"grants": ["Webhok"]}, "Did you mean 'Webhook'"),
        ({"grant": ["Webhook"]}, "Did you mean 'grants'"),
        ({"world": "ajar"}, "not one of closed, open"),
        ({"data": ["missing.yaml"]}, "missing.yaml"),
        ({"rows": {"Contct": {}}}, "Did you mean 'Contact'"),
        ({"time": "noon"}, "expected a time"),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_is_made(client, body, message):
    assert message in error(client.post(ROOT, json={"name": "Cust7", **body}), 400)
    assert client.get(f"{ROOT}/Cust7").status_code == 404


def test_agents_are_granted_and_revoked(client):
    make(client, name="Cust7")

    assert status(client, "Cust7", "Webhook") == 403
    assert steer(client, "grant", agents=["Webhook", "User"])["grants"] == ["User", "Webhook"]
    assert status(client, "Cust7", "Webhook") == 200
    assert steer(client, "revoke", agents=["Webhook"])["grants"] == ["User"]
    assert steer(client, "revoke")["grants"] == []
    wrong = client.post(f"{ROOT}/Cust7/grant", json={"agents": ["Usr"]})
    assert "Did you mean 'User'" in error(wrong, 400)


def test_tokens_expire(client, engine):
    make(client, name="Cust7")
    flow = Flow(engine, "Cust7")
    first, second = flow.log_in()["access_token"], flow.log_in()["access_token"]

    steer(client, "expire", token=first)
    assert (flow.works(first), flow.works(second), status(client, "Cust7")) == (False, True, 200)
    steer(client, "expire")
    assert (flow.works(second), status(client, "Cust7")) == (False, 401)


def test_the_state_changes(client):
    make(client, name="Cust7")

    assert steer(client, "state", state="OfflineMaintenance")["state"] == "OfflineMaintenance"
    assert status(client, "Cust7") == 503
    assert client.get("/api/state/Cust7").json["IsRunning"] is False
    wrong = client.post(f"{ROOT}/Cust7/state", json={"state": "Paused"})
    assert "not one of Running" in error(wrong, 400)


def test_the_clock_is_moved_stopped_and_let_go(client):
    make(client, name="Cust7")

    assert steer(client, "clock", advance=3600)["time"] == "2026-01-01T01:00:00+00:00"
    assert steer(client, "clock", advance=-7200)["time"] == "2025-12-31T23:00:00+00:00"
    assert steer(client, "clock", stopped=True, time="2027-01-01")["time"] == "2027-01-01T00:00:00+00:00"
    assert steer(client, "clock", stopped=False)["time"] == "2027-01-01T00:00:00+00:00"
    assert "say one of" in error(client.post(f"{ROOT}/Cust7/clock", json={}), 400)


def test_a_clock_is_moved_and_stopped_in_one_call(client):
    make(client, name="Cust7")

    assert steer(client, "clock", stopped=True, advance=60)["time"] == "2026-01-01T00:01:00+00:00"
    assert steer(client, "clock", advance=60)["time"] == "2026-01-01T00:02:00+00:00"
    assert steer(client, "clock", time="2027-01-01", advance=60)["time"] == "2027-01-01T00:01:00+00:00"
    assert steer(client, "clock", stopped=False, advance=60)["time"] == "2027-01-01T00:02:00+00:00"
    assert steer(client, "clock", stopped=False)["time"] == "2027-01-01T00:02:00+00:00"


@pytest.mark.parametrize(
    "body",
    [
        '{"time": 1e30}',
        '{"time": "1e30"}',
        '{"time": 1e999}',
        '{"time": NaN}',
        '{"time": Infinity}',
        '{"time": -1}',
        '{"time": 253370764800}',
        '{"time": "9999-01-01"}',
        '{"time": "0001-01-01"}',
        f'{{"time": {10**400}}}',
        '{"time": "2026-01-01", "advance": 3e9, "stopped": true, "x": 1}',
        '{"advance": -2900000000}',
        '{"time": 253370764799, "advance": 1, "stopped": true}',
        '{"time": "\\ud800"}',
    ],
)
def test_a_time_out_of_reach_is_refused_and_the_clock_stays(client, body):
    make(client, name="Cust7")

    answer = client.post(f"{ROOT}/Cust7/clock", data=body, content_type="application/json")

    error(answer, 400)
    assert client.get(f"{ROOT}/Cust7").json["time"] == "2026-01-01T00:00:00+00:00"


def test_a_tenant_with_a_time_out_of_reach_is_not_made(client):
    error(client.post(ROOT, json={"name": "Cust7", "time": 1e30}), 400)

    assert client.get(f"{ROOT}/Cust7").status_code == 404


def test_snapshot_restore_reset_and_drop(client):
    make(client, name="Cust7")
    status(client, "Cust7", "Contact", "POST", json={"Name": "Acme"})
    count = lambda: client.get("/__mockso/entities/Contact?tenant=Cust7").json["total"]  # noqa: E731  # of four lines
    before = count()

    assert steer(client, "snapshot", name="one") == {"tenant": "Cust7", "snapshots": ["one"]}
    steer(client, "reset")
    assert count() == before - 1
    steer(client, "restore", name="one")
    assert count() == before
    assert client.delete(f"{ROOT}/Cust7").json == {"deleted": 1}
    assert "there is no tenant 'Cust7'" in error(client.get(f"{ROOT}/Cust7"), 404)


def test_the_tenant_onsite_without_a_name(client):
    client.get("/api/v1/Contact/1")

    assert client.get(f"{ROOT}/-").json["url"] == "http://localhost/api/v1"
    assert steer(client, "grant", "-", agents=["User"])["name"] == ""


# --- applications -----------------------------------------------------------------------------------


def put(client, id="mine", **body):
    return client.put(f"{ROOT}/Cust7/applications/{id}", json=body)


def test_an_application_is_registered_and_logs_in(client, engine):
    make(client, name="Cust7")
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())

    answer = put(
        client,
        secret="s3cret",
        redirects=["https://app.example/cb"],
        grants=["Webhook"],
        public_key=public.decode(),
        system_token="My App-1234567890",
    )
    flow = Flow(engine, "Cust7")
    client_of_it = {"client_id": "mine", "redirect_uri": "https://app.example/cb", "acr_values": ""}
    code = flow.code(**client_of_it)
    token = json_of(flow.exchange(code, client_secret="s3cret", **client_of_it))["access_token"]

    assert answer.json["applications"][1] == {
        "id": "mine",
        "name": "mine",
        "redirects": ["https://app.example/cb"],
        "grants": ["Webhook"],
        "system_token": "My App-1234567890",
        "approved": True,
        "own_key": True,
    }
    assert "s3cret" not in answer.text
    assert flow.api("Webhook", token).status == 200  # by the grants of its own
    assert flow.api("Webhook", "8A:Cust7.mockso").status == 403
    assert flow.authorize(**{**client_of_it, "redirect_uri": "http://localhost/"}).status == 400
    signed = sign_system_token("My App-1234567890", NOON, private)
    request = {"SignedSystemToken": signed, "ApplicationToken": "s3cret", "ContextIdentifier": "Cust7"}
    reply = client.post("/login/api/PartnerSystemUser/Authenticate", json=request)
    assert reply.json["IsSuccessful"], reply.json


@pytest.mark.parametrize("key", ["x", "-----BEGIN PUBLIC KEY-----", "locked"])
def test_a_key_that_is_none_is_refused(client, key):
    make(client, name="Cust7")
    lock = forms.BestAvailableEncryption(b"password")
    locked = rsa.generate_private_key(65537, 2048).private_bytes(
        forms.Encoding.PEM, forms.PrivateFormat.PKCS8, lock
    )

    answer = put(client, secret="s", public_key=locked.decode() if key == "locked" else key)

    assert "public_key: " in error(answer, 400)


def test_an_application_is_changed_and_removed(client, engine):
    make(client, name="Cust7")
    flow = Flow(engine, "Cust7")

    assert put(client, "mockso-client", approved=False).json["applications"][0]["approved"] is False
    assert "NeedsReapproval" in text_of(flow.authorize())
    assert client.delete(f"{ROOT}/Cust7/applications/mockso-client").json == {"deleted": 1}
    assert "Denied" in text_of(flow.authorize())
    assert "no application 'mockso-client'" in error(
        client.delete(f"{ROOT}/Cust7/applications/mockso-client"), 404
    )
    assert client.get(f"{ROOT}/Cust7/applications").json["applications"] == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "body.secret: it is missing"),
        ({"secret": "s", "grants": ["Webhok"]}, "Did you mean 'Webhook'"),
        ({"secret": "s", "public_key": "none"}, "body: "),
        ({"secrt": "s"}, "Did you mean 'secret'"),
    ],
)
def test_an_application_that_cannot_be_is_refused(client, body, message):
    make(client, name="Cust7")

    assert message in error(put(client, **body), 400)
    assert len(client.get(f"{ROOT}/Cust7/applications").json["applications"]) == 1


@pytest.mark.parametrize("key", [0, 3_000_000_000])
def test_an_entity_is_put_only_under_an_id_that_clients_can_read(client, key):
    make(client, name="Cust7")

    answer = client.put(f"/__mockso/entities/Contact/{key}?tenant=Cust7", json={"Name": "A"})

    assert answer.status_code == 400
    assert answer.json["error"] == f"an id is a whole number from 1 to 2147483647, not {key}."
