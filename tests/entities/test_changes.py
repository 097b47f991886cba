"""Webhooks of what was saved: behaviour, section 16, and check 24 of the study of entities."""

import pytest

from mockso.entities.changes import messages
from mockso.entities.fields import TABLES
from mockso.exchange.message import Reply
from mockso.matching.match import Match
from mockso.scenario.scenario import Scenario, Step
from mockso.state.rows import Event
from mockso.testing.mock import open_mock
from tests.contract.build.sources import CORPUS, needs_corpus


@pytest.fixture(scope="module")
def mock():
    mock = open_mock(world="closed", data=("none",))
    yield mock
    mock.close()


@pytest.fixture
def world(mock):
    with mock.world(grants=["Webhook"]) as world:
        world.play(Scenario("target", steps=(Step(Match(webhook="*"), Reply(200)),)))
        yield world


def listen(world, *events):
    body = {"Name": "mine", "Events": list(events), "TargetUrl": "https://target.example/"}
    assert world.client().post("Webhook", json=body).status_code == 200


def sent(world):
    world.flush()
    return [call.json for call in world.calls(webhook="*")]


def test_a_save_a_change_and_a_delete_are_told_once(world):
    listen(world, "contact.created", "contact.changed", "contact.deleted")
    client = world.client()

    key = client.post("Contact", json={"Name": "Acme"}).json()["ContactId"]
    client.patch(f"Contact/{key}", json=[{"op": "replace", "path": "/Department", "value": "Oslo"}])
    client.delete(f"Contact/{key}")

    created, changed, deleted = sent(world)
    assert (created["Event"], created["PrimaryKey"], created["Entity"]) == ("contact.created", key, "contact")
    assert {"contact_id", "department", "updated"} <= set(changed["Changes"])
    assert "name" not in changed["Changes"]
    assert (deleted["Event"], deleted["Changes"], deleted["Values"]) == (
        "contact.deleted",
        [],
        {"contact_id": key},
    )


def test_check_24_a_sold_sale_is_told_once(world):
    listen(world, "sale.sold")
    client = world.client()
    key = client.post("Sale", json={"Heading": "Roof"}).json()["SaleId"]

    client.post("Agents/Sale/SetAsSold", json={"SaleIds": [key]})

    assert client.post(f"Agents/Sale/GetSaleEntity?saleEntityId={key}").json()["Status"] == "Sold"
    assert [(body["Event"], body["PrimaryKey"]) for body in sent(world)] == [("sale.sold", key)]


def test_nothing_is_told_of_a_save_that_was_refused(world):
    listen(world, "contact.changed")
    client = world.client()
    key = client.post("Contact", json={"Name": "Acme"}).json()["ContactId"]

    patch = [{"op": "replace", "path": "/Name", "value": "B"}, {"op": "test", "path": "/Name", "value": "C"}]
    answer = client.patch(f"Contact/{key}", json=patch)

    assert (answer.status_code, sent(world)) == (409, [])


def test_a_saved_company_tells_which_fields_changed():
    before = {"Name": "A", "Associate": 2}
    after = {"Name": "B", "Associate": 2, "UpdatedBy": 3, "CreatedBy": 2}
    event = Event("changed", "Contact", 5, ("Name", "Phones", "UpdatedBy"), before, after)

    (message,) = messages(event)

    assert (message.name, message.key, message.associate) == ("contact.changed", 5, 3)
    assert message.changes == ("contact_id", "name", "updated_associate_id", "updated", "updatedCount")
    assert message.fields == {"contact_id": 5, "updated_associate_id": 3}


def test_a_deleted_person_tells_its_relatives_and_no_changes():
    event = Event("deleted", "Person", 7, (), {"Contact": 5, "Lastname": "Berg"}, None)

    soft, hard = messages(event)

    assert (soft.name, hard.name) == ("person.softdeleted", "person.deleted")
    assert soft.changes == ()
    assert soft.values == {"person_id": 7, "contact_id": 5}


@pytest.mark.parametrize(
    "event", [Event("created", "Role", 1), Event("deleted", "Ticket", 1), Event("x", "Sale", 1)]
)
def test_what_has_no_documented_event_tells_nothing(event):
    assert messages(event) == []


def test_an_item_of_a_list_is_an_event_of_the_list():
    assert [message.name for message in messages(Event("created", "list:contint", 3))] == [
        "list.contint.created"
    ]


def test_properties_of_fields_are_those_of_the_carriers(engine):
    for name, table in TABLES.items():
        kind = engine.contract.kinds.get(name)
        assert set(table.fields) <= set(engine.contract.type(kind.carrier).by_name), name


@needs_corpus
def test_fields_are_those_of_the_dictionary():
    known = {}
    for line in (CORPUS / "database" / "fields.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        table, _, field, *_ = line.split("\t")
        known.setdefault(table, set()).add(field)

    wrong = {table.name: {table.key, *table.fields.values()} - known[table.name] for table in TABLES.values()}

    assert not any(wrong.values()), wrong


def test_mass_operations_are_told_row_by_row(world):
    listen(world, "contact.created", "contact.changed", "contact.deleted")
    client = world.client()

    def act(name, **body):
        reply = client.post(f"Agents/DatabaseTable/{name}", json={"TableName": "contact", **body})
        assert reply.status_code == 200, reply.text

    act("Insert", Columns=["name", "orgNr"], Data=[["A", "1"], ["B", "2"]])
    upsert = {"Columns": ["orgNr", "name"], "Keys": ["orgNr"], "NomatchAction": "NoChange"}
    act("Upsert", **upsert, Data=[["1", "A"], ["2", "Bee"], ["3", "C"]])
    act("Delete", IDs=[1, 99])
    act("Truncate")

    told = [(one["Event"], one["PrimaryKey"]) for one in sent(world)]
    assert told == [
        *(("contact.created", 1), ("contact.created", 2)),
        *(("contact.changed", 2), ("contact.created", 3), ("contact.deleted", 1)),
    ]
    changed = next(one for one in sent(world) if one["Event"] == "contact.changed")
    assert "name" in changed["Changes"]
    assert "orgNr" not in changed["Changes"]


def test_rows_of_custom_tables_are_told_with_encoded_values(world):
    listen(world, "y_car.created", "y_car.changed", "y_car.deleted")
    client = world.client()

    client.put("CustomObject/y_car", json={"Values": {"x_name": "Van", "x_wheels": "[I:4]"}})
    client.put("CustomObject/y_car", json={"Id": 1, "Values": {"x_name": "Bus"}})
    client.delete("CustomObject/y_car/1")

    created, changed, deleted = sent(world)
    assert (created["Event"], created["Entity"], created["PrimaryKey"]) == ("y_car.created", "y_car", 1)
    assert created["FieldValues"] == {"id": "[I:1]", "x_name": "Van", "x_wheels": "[I:4]"}
    assert changed["Changes"] == ["id", "x_name"]
    assert (deleted["Changes"], deleted["Values"]) == ([], {"id": 1})
