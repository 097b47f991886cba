"""The seed of tenants: the shipped company, data files with their faults, and rows that are generated."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.docs import FOLDER
from mockso.engine import Engine
from mockso.entities.data_file import read_data, read_mapping
from mockso.entities.export import data_of, to_yaml
from mockso.entities.seed import SHIPPED, Seeds, compile_file, load_shipped
from mockso.errors import SeedError
from mockso.state.rows import EMPTY, Rows
from tests.entities.conftest import Client

NORDLYS = Path(__file__).parents[2] / "fixtures" / "data" / "nordlys.yaml"


@pytest.fixture(scope="module")
def contract(engine):
    return engine.contract


@pytest.fixture(scope="module")
def seeded():
    engine = Engine.open(Settings(world="closed"))
    yield engine
    engine.close()


@pytest.fixture
def nordlys(seeded):
    seeded.tenants.drop("Cust1")
    return Client(seeded)


def read(text: str, contract: Contract, base: Rows | None = None):
    return read_data(text, contract, base if base is not None else Rows(load_shipped()), "my.yaml")


def faults(text: str, contract: Contract, base: Rows | None = None) -> list[str]:
    with pytest.raises(SeedError) as caught:
        read(text, contract, base)
    return str(caught.value).splitlines()


# --- the shipped company


def test_the_compiled_company_is_that_of_the_yaml(contract):
    assert SHIPPED.read_bytes() == compile_file(NORDLYS, contract, EMPTY), (
        "write it anew: mockso data compile --alone fixtures/data/nordlys.yaml --out mockso/entities/nordlys.jsonl"
    )


def test_the_shipped_company_has_low_ids_without_a_gap():
    tables = load_shipped().tables

    counts = {"Contact": 30, "Person": 60, "Associate": 8, "Project": 12, "Sale": 15, "Appointment": 40}
    counts |= {
        "Document": 20,
        "Ticket": 15,
        "TicketMessage": 40,
        "Product": 6,
        "PriceList": 1,
        "Selection": 3,
    }
    for kind, count in counts.items():
        assert sorted(tables[kind]) == list(range(1, count + 1)), kind


def test_every_list_that_a_property_names_has_items(contract):
    tables = load_shipped().tables
    kinds = ["Contact", "Person", "Sale", "Project", "Appointment", "Document", "Ticket", "Associate"]

    lists = {
        target
        for name in kinds
        for target in contract.kinds.get(name).references.values()
        if not contract.kinds.get(target).saved
    }

    assert lists
    assert not {name for name in lists if not tables.get(name)}


def test_all_mail_addresses_are_of_example():
    lines = SHIPPED.read_text(encoding="utf-8").split('"')

    assert {text.rpartition(".")[2] for text in lines if "@" in text and " " not in text} == {"example"}


def test_a_tenant_of_a_closed_world_has_the_company(nordlys):
    company, person = nordlys.get("Contact/17"), nordlys.get("Person/17")

    assert company["Name"] == "Birch & Brook AS"
    assert person["Contact"]["Name"] == company["Name"]
    assert [person["Firstname"] for person in company["Persons"]] == ["Ann", "Even", "Nora"]


def test_a_token_without_a_user_stands_for_me(nordlys):
    contact = nordlys.post("Contact", {"Name": "Acme AS"})

    assert contact["ContactId"] == 31
    assert contact["CreatedBy"]["FullName"] == "Kari Aas Bakke"


def test_the_seed_is_shared_and_read_at_the_first_look(seeded):
    seeded.tenants.drop("Cust2")
    first, second = seeded.tenants.of("Cust1"), seeded.tenants.of("Cust2")

    assert "seed" not in vars(second.store.rows)
    assert first.store.rows.seed is second.store.rows.seed is load_shipped()


def test_an_open_world_starts_with_the_same_rows():
    engine = Engine.open(Settings(world="open"))
    try:
        assert engine.tenants.of("Cust1").store.rows.seed is load_shipped()
    finally:
        engine.close()


# --- what a file may say


def test_rows_by_name_by_id_and_in_a_list(contract):
    layer = read(
        "Contact: {acme: {Name: Acme}, 77: {Name: Zeta}}\nPerson: [{Firstname: Ann}]", contract, Rows()
    )

    assert {key: row["Name"] for key, row in layer.rows["Contact"].items()} == {78: "Acme", 77: "Zeta"}
    assert layer.rows["Person"][1]["Firstname"] == "Ann"


def test_ids_left_out_follow_the_highest(contract):
    layer = read("Contact: [{Name: Acme}, {Name: Zeta}]", contract)

    assert list(layer.rows["Contact"]) == [31, 32]


def test_a_reference_is_a_name_an_id_or_a_text(contract):
    layer = read(
        "Contact: {acme: {Name: Acme}}\n"
        "Person:\n"
        "  - {Lastname: Berg, Contact: acme, Country: Norway, Position: Sales, Associate: KAB}\n"
        "  - {Lastname: Lie, Contact: 17, Country: 578, SupportAssociate: {AssociateId: 2}}\n"
        "ProjectMember: [{Project: Solar roof at the fish hall, Person: Ann Berg}]\n",
        contract,
    )

    first, second = layer.rows["Person"].values()
    assert (first["Contact"], first["Country"], first["Position"], first["Associate"]) == (31, 578, 2, 1)
    assert (second["Contact"], second["Country"], second["SupportAssociate"]) == (17, 578, 2)
    assert next(iter(layer.rows["ProjectMember"].values()))["PersonId"] == 17


def test_a_text_stands_for_an_entry_of_a_list(contract):
    layer = read(
        "Contact: [{Name: A, Phones: ['+47 1'], Emails: a@a.example, Interests: [Newsletter]}]", contract
    )

    row = layer.rows["Contact"][31]
    assert row["Phones"] == [{"Value": "+47 1"}]
    assert row["Emails"] == [{"Value": "a@a.example"}]
    assert row["Interests"] == [1]


def test_lists_by_the_name_that_the_api_has(contract):
    layer = read("Lists: {perspos: [Chef], contint: {9: Boats}, mine: [a]}\nBusiness: [Fishing]", contract)

    assert layer.rows["Position"] == {8: {"Value": "Chef"}}
    assert layer.rows["list:contint"] == {9: {"Name": "Boats"}}
    assert layer.rows["list:mine"] == {1: {"Name": "a"}}
    assert layer.rows["Business"] == {14: {"Value": "Fishing"}}


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("+3d 09:00", "2026-01-08T09:00:00"),
        ("-2w", "2025-12-22T00:00:00"),
        ("+1m", "2026-02-05T00:00:00"),
        ("-1y 10:30", "2025-01-05T10:30:00"),
        ("2026-05-17", "2026-05-17T00:00:00"),
        ("2026-05-17T12:00:00", "2026-05-17T12:00:00"),
    ],
)
def test_a_date_may_be_relative_to_now(contract, text, date):
    layer = read(f"now: 2026-01-05T08:00:00\nAppointment: [{{Title: T, StartDate: '{text}'}}]", contract)

    assert layer.rows["Appointment"][41]["StartDate"] == date


def test_a_row_that_is_null_is_taken_away(contract, tmp_path):
    (tmp_path / "less.yaml").write_text("Contact: {17: null, 16: {Name: Other}}")

    seed = Seeds(contract).of([str(tmp_path / "less.yaml")])

    assert 17 not in seed.tables["Contact"]
    assert seed.tables["Contact"][16]["Name"] == "Other"
    assert len(seed.tables["Contact"]) == 29
    assert seed.digest != load_shipped().digest


def test_none_is_a_tenant_without_rows(contract, tmp_path):
    (tmp_path / "a.yaml").write_text("Contact: [{Name: A}]")
    (tmp_path / "b.yaml").write_text("Person: [{Lastname: B, Contact: A}]")

    seed = Seeds(contract).of(["none", str(tmp_path)])

    assert sorted(seed.tables) == ["Contact", "Person"]
    assert seed.tables["Person"][1]["Contact"] == 1
    assert Seeds(contract).of(["none"]).tables == {}


# --- generated rows


def test_generated_rows_are_the_same_each_time(contract):
    text = "generate: {seed: 7, Contact: 20, Person: 50, Sale: 10, Project: 3, Appointment: 5, Document: 4, Ticket: 6}"

    first, second = read(text, contract), read(text, contract)

    assert first.rows == second.rows
    assert {kind: len(rows) for kind, rows in first.rows.items()} == {
        **{
            "Contact": 20,
            "Person": 50,
            "Sale": 10,
            "Project": 3,
            "Appointment": 5,
            "Document": 4,
            "Ticket": 6,
        }
    }
    assert min(first.rows["Contact"]) == 31
    assert any(row["Contact"] > 30 for row in first.rows["Person"].values())


# --- faults


def test_every_fault_is_told_with_its_place_and_the_nearest_name(contract):
    text = (
        "Contact:\n"
        "  acme: {ContactId: 40, Nam: Acme}\n"
        "  zeta: {ContactId: 40, Name: Zeta, Country: Norwey}\n"
        "Persn: {}\n"
    )

    assert faults(text, contract) == [
        "my.yaml:2:25: Contact.acme.Nam: ContactEntity has no such property. Did you mean 'Name'?",
        "my.yaml:3:3: Contact.zeta: Contact 40 is given twice, first as Contact.acme.",
        "my.yaml:3:46: Contact.zeta.Country: there is no Country 'Norwey'. Did you mean 'Norway'?",
        "my.yaml:4:1: Persn: there is no kind 'Persn'. Did you mean 'Person'?",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Sale: [{Amount: much}]", "1:17: Sale[0].Amount: expected a number, got 'much'."),
        ("Sale: [{Contact: 99}]", "1:18: Sale[0].Contact: there is no Contact 99."),
        ("Sale: [{Saledate: soon}]", "1:19: Sale[0].Saledate: 'soon' is not a date: write 2026-01-05, "),
        (
            "Sale: [{Status: Opn}]",
            "1:17: Sale[0].Status: 'Opn' is not one of its values. Did you mean 'Open'?",
        ),
        ("Sale: [{Heading: [a]}]", "1:18: Sale[0].Heading: expected a text, got ['a']."),
        ("Contact: [{Persons: []}]", "1:12: Contact[0].Persons: it follows from Person.Contact: write these"),
        ("Contact: [{Phones: [{Valu: 1}]}]", "1:22: Contact[0].Phones[0].Valu: EntityElement has no such"),
        ("Contact: [12]", "1:11: Contact[0]: expected a mapping of properties, got 12."),
        (
            "Contact: [{ContactId: no}]",
            "1:23: Contact[0].ContactId: an id is a whole number from 1 to 2147483647, not 'no'.",
        ),
        ("now: today", "1:6: now: 'today' is not a date and time, as 2026-01-05T08:00:00."),
        ("me: XYZ", "1:5: me: there is no Associate 'XYZ'."),
        (
            "generate: {Contac: 2}",
            "1:12: generate.Contac: rows of 'Contac' cannot be generated. Did you mean 'Contact'?",
        ),
        ("Contact: {a: {Name: A}, a: {Name: B}}", "1:25: key 'a' is given again, first in line 1; keep one"),
        ("Contact: [", "2:1: not YAML"),
        ("- 1", "1:1: the file: a data file is a mapping of kinds to rows"),
    ],
)
def test_a_fault(contract, text, fault):
    assert [line.removeprefix("my.yaml:")[: len(fault)] for line in faults(text, contract)] == [fault]


def test_a_mapping_names_places_without_lines(contract):
    with pytest.raises(SeedError) as caught:
        read_mapping({"Person": {"ann": {"Firstname": ["Ann"]}}}, contract, Rows())

    assert str(caught.value) == "seed.Person.ann.Firstname: expected a text, got ['Ann']."


def test_a_file_that_is_not_there(contract):
    with pytest.raises(SeedError, match=r"nordlis: there is no such data file\. Did you mean 'nordlys'\?"):
        Seeds(contract).of(["nordlis"])


def test_a_wrong_file_is_refused_at_the_start(tmp_path):
    (tmp_path / "bad.yaml").write_text("Contact: [{Nam: A}]")

    with pytest.raises(SeedError, match=r"bad\.yaml:1:12"):
        Engine.open(Settings(data=(str(tmp_path / "bad.yaml"),)))


def test_the_file_of_the_page_is_read(contract):
    text = (FOLDER / "data.md").read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]

    layer = read(text, contract)

    assert layer.rows["Person"][117]["Contact"] == layer.names["Contact"]["acme"] == 31
    assert len(layer.rows["Person"]) == 201


# --- the data of scenarios

PLAYED = """\
name: with-rows
data:
  Person:
    zoe: {PersonId: 99, Firstname: Zoe, Contact: Birch & Brook AS}
steps:
  - match: {operation: v1ContactAgent_GetContactEntity}
    reply: {error: throttled}
"""


def test_the_data_of_a_scenario_is_laid_when_it_is_played(seeded, nordlys):
    scenario = seeded.playlist.library.read_text(PLAYED, "with-rows.yaml")
    state = seeded.tenants.of("Cust1")

    assert nordlys.call("GET", "Person/99")[0] == 404
    seeded.playlist.play(scenario, state)
    seeded.playlist.stop("with-rows", state)

    assert nordlys.get("Person/99")["Contact"]["ContactId"] == 17


def test_a_scenario_whose_data_does_not_fit_is_not_played(seeded, nordlys):
    text = PLAYED.replace("Birch & Brook AS", "Birch & Broke AS")
    scenario = seeded.playlist.library.read_text(text, "with-rows.yaml")
    state = seeded.tenants.of("Cust1")

    with pytest.raises(SeedError) as caught:
        seeded.playlist.play(scenario, state)

    assert str(caught.value) == (
        "with-rows.yaml: data.Person.zoe.Contact: there is no Contact 'Birch & Broke AS'. "
        "Did you mean 'Birch & Brook AS'?"
    )
    assert not state.plays


def test_a_server_does_not_start_with_a_scenario_whose_data_does_not_fit(tmp_path):
    (tmp_path / "with-rows.yaml").write_text(PLAYED.replace("zoe: {PersonId: 99", "zoe: {PersonIt: 99"))

    with pytest.raises(
        SeedError, match=r"with-rows\.yaml: data\.Person\.zoe\.PersonIt: PersonEntity has no such"
    ):
        Engine.open(Settings(scenarios=(str(tmp_path),)))


def test_the_items_that_a_row_selects_are_selected_for_a_client(nordlys):
    contact = nordlys.get("Contact/17")

    assert [item["Name"] for item in contact["Interests"] if item["Selected"]] == [
        "Newsletter",
        "Key account",
    ]
    assert contact["ActiveInterests"] == 2


def test_selected_items_are_texts_ids_or_items_as_a_client_reads_them(contract, seeded):
    data = {
        "Contact": [
            {"Name": "a", "Interests": ["Newsletter", 3]},
            {"Name": "b", "Interests": [{"Id": 1, "Selected": False}, {"Id": 3, "Selected": True}]},
        ]
    }

    rows = read_mapping(data, contract, Rows(load_shipped())).rows["Contact"]

    assert [row["Interests"] for row in rows.values()] == [[1, 3], [3]]


def test_an_export_of_half_a_character_is_read_again(contract):
    text = '{"Contact": {"7": {"Name": "Smile \\ud83d\\ude00"}}}'

    assert read(text, contract).rows["Contact"][7]["Name"] == "Smile \U0001f600"


def test_a_json_file_keeps_its_lines_in_messages(contract):
    assert faults('{"Contact":\n {"7": {"Nam": "A"}}}', contract)[0].startswith("my.yaml:2:")


def test_the_shipped_selections_have_the_members_they_count():
    tables = load_shipped().tables
    counts = dict.fromkeys(tables["Selection"], 0)
    for member in tables["SelectionMember"].values():
        counts[member["Selection"]] += 1

    assert counts == {key: row["MemberCount"] for key, row in tables["Selection"].items()}
    assert min(counts.values()) > 0


def test_members_of_a_selection_in_a_file(contract):
    text = """
    Contact: {acme: {Name: Acme AS}}
    Person: {ada: {Firstname: Ada, Contact: acme}}
    Selection: {fair: {Name: Fair, TargetTableName: contact}, staff: {Name: S, TargetTableName: person}}
    SelectionMember:
      - {Selection: fair, Record: acme, Person: ada}
      - {Selection: staff, Record: Ada}
    """

    rows = read(text, contract).rows["SelectionMember"]

    assert [(row["Record"] > 0, row["Person"] > 0) for row in rows.values()] == [(True, True), (True, False)]
    assert (
        "there is no Contact 'ada'"
        in faults(text.replace("fair, Record: acme", "fair, Record: ada"), contract)[0]
    )
    assert "a member is a mapping" in faults("SelectionMember: [{Record: 1}]", contract)[0]


def test_an_export_with_members_is_read_again(nordlys, contract):
    nordlys.agent("Selection/AddSelectionMembers", {"SelectionId": 2, "Ids": [7]})
    own = {}
    for kind, key, row in nordlys.rows.own():
        own.setdefault(kind, {})[key] = {name: row[name] for name in row if not name.startswith("$")}

    again = read(to_yaml(data_of(own)), contract, nordlys.rows)

    assert again.rows["SelectionMember"] == own["SelectionMember"]


# --- custom tables


def test_rows_of_a_custom_table_are_numbered_and_read_back(contract):
    layer = read(
        "y_car:\n  - {x_name: Van, x_from: 2026-01-31}\n  - {id: 7, x_wheels: 2}\n  - {x_name: Cart}\n",
        contract,
    )

    assert layer.rows["table:y_car"] == {
        1: {"x_name": "Van", "x_from": "2026-01-31T00:00:00"},
        7: {"x_wheels": 2},
        8: {"x_name": "Cart"},
    }
    exported = to_yaml(data_of(layer.rows))
    assert read(exported, contract).rows["table:y_car"] == layer.rows["table:y_car"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "Contact: [{ContactId: 3000000000}]",
            "an id is a whole number from 1 to 2147483647, not 3000000000.",
        ),
        ("Contact: {3000000000: {Name: A}}", "an id is a whole number from 1 to 2147483647, not 3000000000."),
        ("y_car: {3000000000: {x_name: A}}", "an id is a whole number from 1 to 2147483647, not 3000000000."),
        ("Sale: [{Amount: '1e400'}]", "Sale[0].Amount: expected a number from -1e308 to 1e308, got '1e400'."),
        ("Sale: [{Probability: 3000000000}]", "expected a whole number from -2147483648 to 2147483647"),
    ],
)
def test_a_number_that_no_client_can_read_back_is_told(contract, text, told):
    (line,) = faults(text, contract)

    assert told in line


@pytest.mark.parametrize("number", [float("inf"), float("nan"), 10**400])
@pytest.mark.parametrize(("kind", "name"), [("Sale", "Amount"), ("y_car", "x_weight")])
def test_a_number_that_json_does_not_have_is_told(contract, kind, name, number):
    with pytest.raises(SeedError, match=rf"{name}: expected a number from -1e308 to 1e308, got"):
        read_mapping({kind: [{name: number}]}, contract, Rows(load_shipped()))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("y_car: 5\n", "my.yaml:1:8: y_car: expected rows, by id or in a list; got 5."),
        ("y_car:\n  van: {x: 1}\n", "stand under their ids, not under 'van'."),
        ("y_car:\n  - 5\n", "my.yaml:2:5: y_car[0]: expected a mapping of fields, got 5."),
        ("y_car:\n  - {id: 0}\n", "an id is a whole number from 1 to 2147483647, not 0."),
        ("y_car:\n  - {x: [1]}\n", "y_car[0].x: a field holds a text, a number or a date, not [1]."),
    ],
)
def test_a_wrong_row_of_a_custom_table_is_told(contract, text, told):
    (line,) = faults(text, contract)

    assert told in line


def test_a_custom_table_of_a_data_file_is_queried(tmp_path):
    file = tmp_path / "cars.yaml"
    file.write_text("y_car: [{x_name: Van}, {x_name: Bike}]\n", encoding="utf-8")
    engine = Engine.open(Settings(world="closed", data=(str(file),)))
    try:
        client = Client(engine)
        found = client.get("Archive/CustomObject:y_car?$filter=x_name is 'bike'")["value"]
        assert [(row["id"], row["x_name"]) for row in found] == [(2, "Bike")]
        assert client.get("CustomObject/y_car/1")["Values"]["x_name"] == "Van"
    finally:
        engine.close()
