"""An open world: a key that nobody seeded or saved is answered by the same invented row everywhere (checks 33, 34)."""

import json
import subprocess
import sys

import pytest

from mockso.config import Settings
from mockso.contract.plausible import EPOCH
from mockso.engine import Engine
from mockso.entities.invent import Inventor
from mockso.entities.miss import describe_miss
from mockso.entities.seed import load_shipped
from mockso.state.rows import Rows, Seed
from tests.entities.conftest import Client

SCRIPT = """
import json, sys
from mockso.config import Settings
from mockso.engine import Engine
from tests.entities.conftest import Client
client = Client(Engine.open(Settings(world="open")))
bodies = {path: client.get(path) for path in sys.argv[1:]}
print(json.dumps(bodies, sort_keys=True))
"""
PATHS = ("Contact/4711", "Person/4711", "Appointment/4711", "Contact/4712")


@pytest.fixture(scope="module")
def open_engine():
    engine = Engine.open(Settings(world="open"))
    yield engine
    engine.close()


@pytest.fixture
def client(open_engine):
    open_engine.tenants.drop("Cust1")
    return Client(open_engine)


def references(contract, kind, row):
    for name, target in (*kind.references.items(), *kind.numbers.items()):
        if name in row:
            yield target, row[name]


def test_an_invented_row_is_the_same_in_two_processes_and_orders(client):
    """Check 33 of the study."""
    outputs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT, *paths], capture_output=True, encoding="utf-8", check=True
        ).stdout
        for paths in (PATHS, PATHS[::-1])
    ]

    here = {path: client.get(path) for path in PATHS}
    assert outputs[0] == outputs[1]
    assert json.loads(outputs[0]) == json.loads(json.dumps(here))


def test_what_an_invented_row_refers_to_exists(client):
    """Check 33 of the study."""
    person = client.get("Person/4711")

    assert 1 <= person["Contact"]["ContactId"] <= 30
    assert client.get(f"Contact/{person['Contact']['ContactId']}")["Name"] == person["Contact"]["Name"]


def test_every_kind_refers_to_rows_of_the_seed(open_engine):
    seed = open_engine.seeds.of(())
    inventor = open_engine.contract.derive(Inventor)
    checked = 0
    for kind in open_engine.contract.kinds:
        row = inventor.row(seed, kind.name, 4711)
        for target, key in references(open_engine.contract, kind, row or {}):
            assert key in seed.tables[target], (kind.name, target)
            checked += 1

    assert checked > 50


def test_references_are_unset_where_nothing_can_be_referred_to(open_engine):
    row = open_engine.contract.derive(Inventor).row(Seed(), "Contact", 4711)

    assert row["Name"]
    assert not {"Associate", "Category", "Country"} & row.keys()


def test_what_was_deleted_is_not_invented_again(client):
    """Check 34 of the study."""
    assert client.call("GET", "Contact/4711")[0] == 200
    assert client.call("DELETE", "Contact/4711")[0] == 204
    assert client.call("GET", "Contact/4711")[0] == 404


def test_what_was_saved_wins(client):
    invented = client.get("Contact/4711")
    saved = client.call("PATCH", "Contact/4711", [{"op": "replace", "path": "/Department", "value": "Oslo"}])[
        1
    ]

    assert saved["Department"] == "Oslo"
    assert client.get("Contact/4711")["Department"] == "Oslo"
    assert client.get("Contact/4711")["Name"] == invented["Name"]


def test_a_seeded_row_wins(client):
    assert client.get("Contact/17")["Name"] == load_shipped().tables["Contact"][17]["Name"]


def test_several_rows_are_invented_by_their_ids(client):
    rows = client.agent("Contact/GetContactList", [4711, 4712])

    assert [row["ContactId"] for row in rows] == [4711, 4712]
    assert rows[0]["Name"] != rows[1]["Name"]


def test_a_new_row_gets_an_id_that_was_not_invented(client):
    status, created = client.call("POST", "Contact", {"Name": "Acme"})
    listed, own = client.call("POST", "List", {"Name": "Regions"})

    assert (status, created["ContactId"]) == (200, 31)
    assert (listed, own["Name"]) == (200, "Regions")


def test_lists_have_no_invented_rows(client):
    client.get("Person/4711")

    persons = client.agent("Person/GetPersonsFromContact", {"ContactId": 1})

    assert 4711 not in [person["PersonId"] for person in persons]


def test_nothing_of_an_invented_row_is_later_than_the_seed(client):
    contact = client.get("Contact/4711")

    assert contact["CreatedDate"] < contact["UpdatedDate"] < EPOCH.isoformat()


def test_no_row_stands_for_no_key(open_engine):
    inventor, seed = open_engine.contract.derive(Inventor), Seed()

    assert inventor.row(seed, "Contact", 0) is None
    assert inventor.row(seed, "Contact", -1) is None
    assert inventor.row(seed, "Contact", "seventeen") is None
    assert inventor.row(seed, "Unheard", 1) is None


@pytest.mark.parametrize(
    ("kind", "keys", "stock"),
    [
        ("Contact", range(1, 31), "30 contacts: 1 to 30"),
        ("Contact", (), "no contacts"),
        ("Category", (5,), "1 category: 5"),
        ("SaleStakeholder", (1, 2, 7), "3 sale stakeholders: 1 to 2, 7"),
        ("TicketStatus", (1, 3, 5, 7), "4 ticket statuses: 1, 3, 5, ..."),
        ("list:contint", ("a",), "1 contint item"),
    ],
)
def test_a_miss_tells_the_ids_there_are_and_the_cures(kind, keys, stock):
    rows = Rows(Seed({kind: {key: {} for key in keys}}))

    hint = describe_miss(kind, 42, rows)

    assert hint.endswith(
        f" 42 is not in this tenant ({stock}). Save it, seed it (--data), or set world=open."
    )
