"""The Dynamic provider over a tenant's rows (behaviour, section 14.7)."""

import pytest


def rows(client, select, more=""):
    return client.get(f"Archive/dynamic?$select={select}{more}")["value"]


def cells(client, select, more=""):
    names = select.split(",")
    return [[row[name] for name in names] for row in rows(client, select, more)]


@pytest.fixture
def two(client):
    for name, persons in (("A", ("Ann", "Bo")), ("B", ())):
        contact = client.post("Contact", {"Name": name, "Emails": [{"Value": f"{name}@x.example"}]})[
            "ContactId"
        ]
        for person in persons:
            client.post("Person", {"Firstname": person, "Contact": {"ContactId": contact}})
    return client


def test_fields_lead_over_keys_to_other_tables(nordlys):
    select = "contact.name,contact.category_idx,contact.category_idx.name,contact.associate_id.name"
    row = rows(nordlys, select, "&$top=1")[0]

    assert row == {
        "PrimaryKey": "1",
        "EntityName": "contact",
        "contact.name": "Nordlys Energi AS",
        "contact.category_idx": 7,
        "contact.category_idx.name": "Own company",
        "contact.associate_id.name": "KAB",
    }


def test_a_join_back_gives_a_row_for_each_that_refers(two):
    select = "contact.name,contact.(person->contact_id).firstname"

    assert cells(two, select) == [["A", "Ann"], ["A", "Bo"], ["B", ""]]
    assert cells(two, select, "&$filter=contact.(person->contact_id).firstname is 'Bo'") == [["A", "Bo"]]


def test_an_inner_join_leaves_out_rows_without_a_target(two):
    two.post("Person", {"Firstname": "Cy"})

    assert cells(two, "person.firstname,person.contact_id.name") == [["Ann", "A"], ["Bo", "A"], ["Cy", ""]]
    assert cells(two, "person.firstname,person:contact_id.name") == [["Ann", "A"], ["Bo", "A"]]


def test_mail_addresses_and_texts_are_rows_of_their_own_tables(two):
    two.call("PATCH", "Contact/1", {"Description": "Nice"})

    select = "contact.(email->contact_id).email_address,contact.text_id.text"
    assert cells(two, select) == [["A@x.example", "Nice"], ["B@x.example", ""]]


def test_enums_are_numbers_and_orders_and_pages_count(client):
    for heading, status in (("A", "Sold"), ("B", "Open"), ("C", "Lost")):
        client.post("Sale", {"Heading": heading, "Status": status})

    found = cells(client, "sale.heading,sale.status", "&$orderby=sale.status desc&$top=2")
    assert found == [["C", 3], ["A", 2]]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("$select=contact.nam", "character 9: unknown field 'nam' of contact. Did you mean 'name'?"),
        (
            "$select=contact.name,person.firstname",
            "'person.firstname' begins at person, the columns before at contact",
        ),
        ("$select=contact.name&$filter=contact.nam is 'x'", "character 9: unknown field 'nam'"),
        (
            "$select=contact.name&$filter=contact.name gt 1",
            "'gt' does not fit 'contact.name', which is string",
        ),
        ("$select=contact.name&$orderby=contct.name", "unknown table 'contct'"),
    ],
)
def test_a_wrong_name_is_400(client, query, told):
    status, body = client.call("GET", f"Archive/Dynamic?{query}")

    assert (status, body["ErrorType"]) == (400, "ArgumentException")
    assert told in body["Message"]


def test_the_agent_takes_dotted_names_too(nordlys):
    body = {"ProviderName": "Dynamic", "Columns": "ticket.title,ticket.cust_id.firstname", "PageSize": 1}

    row = nordlys.agent("Archive/GetArchiveListByColumns2", body)[0]

    assert (row["EntityName"], row["PrimaryKey"]) == ("ticket", 1)
    assert row["ColumnData"]["ticket.title"]["DisplayValue"] == "App shows no production"


def test_without_a_column_there_are_no_rows(nordlys):
    assert nordlys.get("Archive/Dynamic")["value"] == []


def test_fields_of_a_tenants_own_are_those_of_the_entity(client):
    body = {"Name": "A", "ExtraFields": {"x_colour": "blue", "x_wheels": "[I:4]"}}
    key = client.post("Contact", body)["ContactId"]
    upsert = {"TableName": "contact", "Columns": ["name", "x_colour"], "Keys": ["name"]}
    client.agent("DatabaseTable/Upsert", {**upsert, "Data": [["A", "red"], ["B", "green"]]})

    select = "contact.name,contact.x_colour,contact.x_wheels"
    assert cells(client, select) == [["A", "red", 4], ["B", "green", ""]]
    assert cells(client, select, "&$filter=contact.x_wheels = 4") == [["A", "red", 4]]
    assert client.get(f"Contact/{key}")["ExtraFields"]["x_colour"] == "red"
    person = client.post("Person", {"Firstname": "Ann", "Contact": {"ContactId": key}})["PersonId"]
    related = {"Table": "person", "RecordId": person, "Fields": ["contact_id.x_colour"]}
    assert client.agent("Archive/GetRelatedData", related)[0]["FieldValue"]["DisplayValue"] == "red"


def test_a_custom_table_describes_the_fields_its_rows_have(client):
    body = {"TableName": "y_car", "Columns": ["x_name", "x_wheels"], "Data": [["Van", "[I:4]"]]}
    client.agent("DatabaseTable/Insert", body)

    by_rest = client.get("Archive/CustomObject:y_car/$metadata")
    by_agent = client.agent("Archive/GetAvailableColumns", {"ProviderName": "CustomObject:y_car"})

    sorts = {"id": "int", "x_name": "string", "x_wheels": "int"}
    assert {name: column["RestrictionType"] for name, column in by_rest.items()} == sorts
    assert [column["Name"] for column in by_agent] == list(sorts)
