"""A tenant's entities over HTTP: listed, read with the calls that made them, put, deleted, kept aside, begun anew."""

import json

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.journal.journal import Journal
from mockso.web.app import make_app

ROOT = "/__mockso/entities"
TOKEN = {"Authorization": "Bearer 8A:Cust1.abc"}


@pytest.fixture
def client(shipped):
    engine = Engine(Settings(world="closed", data=("none",)), [shipped], Journal())
    yield make_app(engine).test_client()
    engine.close()


def call(client, method, path, body=None):
    """One call of tenant Cust1; its id and the body of its answer."""
    answer = client.open(f"/Cust1/api/v1/{path}", method=method, json=body, headers=TOKEN)
    assert answer.status_code < 300, answer.text
    return answer.headers["X-Mockso-Call"], answer.json if answer.data else None


def save(client, **properties):
    """A saved contact: the call's id, and its key."""
    id, contact = call(client, "POST", "Contact", properties)
    return id, contact["ContactId"]


def error(answer, status):
    assert answer.status_code == status, answer.text
    return answer.json["error"]


def test_kinds_are_listed_with_their_counts(client):
    save(client, Name="Acme")
    save(client, Name="Bolt")

    answer = client.get(ROOT)

    assert answer.json == {"tenant": "Cust1", "kinds": [{"kind": "Contact", "count": 2}]}


def test_entities_of_a_kind_are_paged_and_found_by_text(client):
    for name in ("Acme", "Bolt", "Acorn"):
        save(client, Name=name)

    page = client.get(f"{ROOT}/contact?skip=1&top=1").json
    texts = client.get(f"{ROOT}/Contact?text=aC").json

    assert (page["kind"], page["total"]) == ("Contact", 3)
    assert [entity["name"] for entity in page["entities"]] == ["Bolt"]
    assert [entity["key"] for entity in texts["entities"]] == [1, 3]


def test_an_entity_tells_which_calls_made_and_changed_it(client):
    creation, key = save(client, Name="Acme")
    change, _ = call(client, "PUT", f"Contact/{key}", {"Name": "Acme AS"})

    entity = client.get(f"{ROOT}/Contact/{key}").json

    assert (entity["made_by"], entity["changed_by"]) == (creation, change)
    assert entity["row"]["Name"] == "Acme AS"
    assert entity["entity"]["Name"] == "Acme AS"
    assert "$" not in json.dumps(entity)


def test_what_made_a_row_reaches_no_answer(client):
    _, key = save(client, Name="Acme")
    _, person = call(client, "POST", "Person", {"Lastname": "Bo", "Contact": {"ContactId": key}})

    answers = [
        call(client, "GET", f"Contact/{key}")[1],
        call(client, "GET", f"Person/{person['PersonId']}")[1],
        call(client, "POST", f"Agents/Contact/GetContactEntity?contactEntityId={key}")[1],
    ]

    assert "$" not in json.dumps(answers)


def test_a_patch_keeps_the_call_that_made_a_row(client):
    creation, key = save(client, Name="Acme")
    change, _ = call(client, "PATCH", f"Contact/{key}", {"Department": "North"})

    entity = client.get(f"{ROOT}/Contact/{key}").json

    assert (entity["made_by"], entity["changed_by"]) == (creation, change)


def test_a_put_replaces_and_keeps_the_stamps(client):
    creation, key = save(client, Name="Acme", Department="North")
    before = client.get(f"{ROOT}/Contact/{key}").json["row"]

    answer = client.put(f"{ROOT}/Contact/{key}", json={"name": "Bolt"})

    row = answer.json["row"]
    assert row["Name"] == "Bolt"
    assert "Department" not in row
    assert row["CreatedDate"] == before["CreatedDate"]
    assert (answer.json["made_by"], answer.json["changed_by"]) == (creation, "admin")
    assert call(client, "GET", f"Contact/{key}")[1]["Name"] == "Bolt"


def test_a_put_makes_an_entity_and_later_ids_stay_clear_of_it(client):
    made = client.put(f"{ROOT}/Contact/1?tenant=Cust1", json={"Name": "Acme"})

    assert made.json["made_by"] == "admin"
    assert save(client, Name="Bolt")[1] == 2


def test_a_typo_in_a_body_is_refused_with_the_nearest_name(client):
    save(client, Name="Acme")

    answer = client.put(f"{ROOT}/Contact/1", json={"Nmae": "Bolt"})

    assert "body.Nmae" in error(answer, 400)
    assert "'Name'" in answer.json["error"]
    assert client.get(f"{ROOT}/Contact/1").json["row"]["Name"] == "Acme"


def test_a_deleted_entity_is_gone_for_clients(client):
    _, key = save(client, Name="Acme")

    assert client.delete(f"{ROOT}/Contact/{key}").json == {"deleted": 1}

    assert client.get(f"/Cust1/api/v1/Contact/{key}", headers=TOKEN).status_code == 404
    assert "Contact 1 is not in this tenant" in error(client.delete(f"{ROOT}/Contact/{key}"), 404)


def test_what_is_not_there_is_told_with_what_is_near(client):
    save(client, Name="Acme")
    deletion, _ = call(client, "DELETE", "Contact/1")
    save(client, Name="Bolt")

    assert "Did you mean 'Contact'?" in error(client.get(f"{ROOT}/Contat"), 404)
    assert "1 of them, 2. Did you mean '2'?" in error(client.get(f"{ROOT}/Contact/77"), 404)
    assert f"deleted by call {deletion}" in error(client.get(f"{ROOT}/Contact/1"), 404)
    assert "whole number" in error(client.get(f"{ROOT}/Contact/x"), 400)


def test_the_tenant_is_named_unless_there_is_only_one(client):
    save(client, Name="Acme")
    client.put(f"{ROOT}/Contact/5?tenant=Cust2", json={"Name": "Other"})

    assert "'Cust1', 'Cust2'" in error(client.get(ROOT), 409)
    assert client.get(f"{ROOT}?tenant=Cust2").json["kinds"] == [{"kind": "Contact", "count": 1}]


def test_an_export_has_what_changed_as_a_data_file(client):
    save(client, Name="Acme")
    save(client, Name="Bolt")
    call(client, "DELETE", "Contact/1")

    answer = client.get(f"{ROOT}/export").json

    assert list(answer) == ["Contact"]
    assert answer["Contact"]["1"] is None
    assert answer["Contact"]["2"]["Name"] == "Bolt"


def test_an_export_can_be_imported_by_another_tenant(client):
    _, key = save(client, Name="Acme", Emails=[{"Value": "a@b.no"}])
    call(client, "POST", "Person", {"Lastname": "Bo", "Contact": {"ContactId": key}})
    rows = client.get(f"{ROOT}/export").json

    answer = client.post(f"{ROOT}/import?tenant=Cust2", json=rows)

    assert answer.json == {"imported": 2}
    # Nobody made them in a tenant without associates, and a data file does not say so.
    expected = {kind: {"1": {**table["1"]}} for kind, table in rows.items()}
    for table in expected.values():
        assert table["1"].pop("CreatedBy") == 0
    assert client.get(f"{ROOT}/export?tenant=Cust2").json == expected
    person = client.get(f"{ROOT}/Person/1?tenant=Cust2").json
    assert (person["made_by"], person["entity"]["Contact"]["Name"]) == ("data", "Acme")


def test_a_fault_of_an_import_is_told_with_its_place_and_nothing_is_changed(client):
    answer = client.post(f"{ROOT}/import?tenant=Cust1", data="Contact:\n  acme: {Nmae: Acme}\n")

    assert "body:2:10: " in error(answer, 400)
    assert "Did you mean 'Name'?" in answer.json["error"]
    assert client.get(ROOT).json["kinds"] == []


def test_a_tenant_is_restored_to_a_snapshot(client):
    save(client, Name="Acme")
    client.post(f"{ROOT}/snapshot", json={"name": "one"})
    save(client, Name="Bolt")

    answer = client.post(f"{ROOT}/restore", json={"name": "one"})

    assert answer.json == {"tenant": "Cust1", "snapshots": ["one"]}
    assert client.get(ROOT).json["kinds"] == [{"kind": "Contact", "count": 1}]
    assert save(client, Name="Coil")[1] == 2
    assert "Did you mean 'one'?" in error(client.post(f"{ROOT}/restore", json={"name": "ones"}), 404)


def test_a_tenant_begins_anew(client):
    save(client, Name="Acme")

    client.post(f"{ROOT}/reset")

    assert client.get(ROOT).json["kinds"] == []
    assert save(client, Name="Bolt")[1] == 1
