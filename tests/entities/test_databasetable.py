"""Operations on whole tables, custom objects and related data: behaviour, section 17, rule 13 of the study."""

import pytest


def insert(client, table, columns, *data):
    body = {"TableName": table, "Columns": columns, "Data": [list(row) for row in data]}
    return client.agent("DatabaseTable/Insert", body)


def counts(result):
    return result["Inserts"], result["Updates"], result["Deletes"]


@pytest.fixture
def open_client(client):
    client.engine.tenants.of("Cust1").grant("*")
    return client


@pytest.fixture
def cars(open_client):
    insert(open_client, "y_car", ["x_name", "x_wheels"], ("Van", "4"), ("Bike", "2"))
    return open_client


def test_rows_of_a_main_table_are_entities(open_client):
    columns = ["name", "department", "category_idx", "xstop", "registered"]
    result = insert(
        open_client,
        "contact",
        columns,
        ("Acme", "Oslo", "1", "1", "[D:01/31/2026]"),
        ("Beta", "", "0", "0", ""),
    )

    assert (result["Success"], counts(result)) == (True, (2, 0, 0))
    acme = open_client.get("Contact/1")
    assert (acme["Name"], acme["Department"], acme["Xstop"]) == ("Acme", "Oslo", True)
    assert acme["CreatedDate"] == "2026-01-31T00:00:00"
    found = open_client.get("Contact?$select=name&$filter=name begins 'B'")["value"]
    assert [row["name"] for row in found] == ["Beta"]


def test_an_enum_is_written_by_its_number(open_client):
    insert(open_client, "sale", ["heading", "status", "amount"], ("Deal", "2", "12.5"))

    sale = open_client.get("Sale/1")
    assert (sale["Heading"], sale["Status"], sale["Amount"]) == ("Deal", "Sold", 12.5)


@pytest.mark.parametrize(
    ("action", "expected", "left"),
    [
        ("NoChange", (1, 1, 0), [("Van", 6), ("Bike", 2), ("Cart", 3)]),
        ("ZeroColumns", (1, 2, 0), [("Van", 6), ("Bike", ""), ("Cart", 3)]),
        ("DeleteRow", (1, 1, 1), [("Van", 6), ("Cart", 3)]),
    ],
)
def test_an_upsert_changes_what_matches_and_adds_the_rest(cars, action, expected, left):
    body = {
        "TableName": "y_car",
        "Columns": ["x_name", "x_wheels"],
        "Keys": ["x_name"],
        "NomatchAction": action,
    }
    body |= {"Data": [["van", "[I:6]"], ["Cart", "[I:3]"]], "ReturnRowStatus": True}

    result = cars.agent("DatabaseTable/Upsert", body)

    assert counts(result) == expected
    assert [status["Action"] for status in result["RowStatus"]][:2] == ["Updated", "Inserted"]
    rows = cars.get("Archive/CustomObject:y_car?$select=x_name,x_wheels")["value"]
    names = [(row["x_name"].capitalize(), row["x_wheels"]) for row in rows]
    assert [(name, int(wheels) if str(wheels).isdigit() else wheels) for name, wheels in names] == left


def test_an_upsert_that_changes_nothing_says_so(cars):
    body = {
        "TableName": "y_car",
        "Columns": ["x_name", "x_wheels"],
        "Keys": ["x_name"],
        "Data": [["Van", "4"]],
    }
    result = cars.agent(
        "DatabaseTable/Upsert", {**body, "NomatchAction": "NoChange", "ReturnRowStatus": True}
    )

    assert counts(result) == (0, 0, 0)
    assert [(one["PrimaryKey"], one["Action"]) for one in result["RowStatus"]] == [(1, "NoUpdateNeeded")]


def test_deleted_and_truncated_rows_count_only_what_was_there(cars):
    assert counts(cars.agent("DatabaseTable/Delete", {"TableName": "y_car", "IDs": [1, 1, 99]})) == (0, 0, 1)
    assert counts(cars.agent("DatabaseTable/Truncate", {"TableName": "y_car"})) == (0, 0, 1)
    assert cars.get("Archive/CustomObject:y_car")["value"] == []


def test_single_rows_by_agent_and_by_rest(open_client):
    first = open_client.agent("DatabaseTable/InsertRow", {"TableName": "y_car", "Values": {"x_name": "Van"}})
    second = open_client.post("Table/y_car", {"x_name": "Bike"})
    open_client.agent(
        "DatabaseTable/UpdateRow", {"TableName": "y_car", "Id": first, "Values": {"x_name": "Bus"}}
    )
    status, _ = open_client.call("PUT", f"Table/y_car/{second}", {"x_name": "Trike"})

    assert (first, second, status) == (1, 2, 204)
    by_agent = open_client.agent("DatabaseTable/ReadRow", {"TableName": "y_car", "Id": first})["Values"]
    by_rest = open_client.get(f"Table/y_car/{second}")["Values"]
    assert (by_agent["x_name"], by_rest["x_name"], by_rest["id"]) == ("Bus", "Trike", "[I:2]")
    assert open_client.call("DELETE", f"Table/y_car/{second}")[0] == 204
    assert open_client.call("GET", f"Table/y_car/{second}")[0] == 404


def test_a_row_of_a_main_table_is_read_by_its_fields(nordlys):
    values = nordlys.get("Table/contact/1")["Values"]

    assert (values["contact_id"], values["name"], values["associate_id"]) == (
        "[I:1]",
        "Nordlys Energi AS",
        "[I:1]",
    )
    assert values["registered"].startswith("[DT:01/07/2025")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"TableName": "contct", "Columns": ["name"], "Data": [["A"]]}, "unknown table 'contct'"),
        (
            {"TableName": "contact", "Columns": ["nam"], "Data": [["A"]]},
            "unknown field 'nam' of contact. Did you mean 'name'?",
        ),
        ({"TableName": "contact", "Columns": ["registered"], "Data": [["soon"]]}, "'soon' is not a date"),
        ({"TableName": "sale", "Columns": ["amount"], "Data": [["much"]]}, "'much' is not a number"),
        (
            {"TableName": "contact", "Columns": ["country_id"], "Data": [["Norway"]]},
            "'Norway' is not a number",
        ),
    ],
)
def test_what_cannot_be_written_is_400_and_writes_nothing(open_client, body, told):
    reply = open_client.reply("POST", "Agents/DatabaseTable/Insert", body)

    assert reply.status == 400
    assert told in dict(reply.headers)["X-Mockso-Hint"]
    assert open_client.get("Contact")["value"] == []


def test_a_custom_object_lives(open_client):
    saved = open_client.call("PUT", "CustomObject/y_car", {"Values": {"x_name": "Van"}})[1]

    assert (saved["DefinitionName"], saved["Id"], saved["Values"]["x_name"]) == ("y_car", 1, "Van")
    changed = {"Id": 1, "Values": {**saved["Values"], "x_name": "Bus"}}
    assert open_client.call("PUT", "CustomObject/y_car", changed)[1]["Values"]["x_name"] == "Bus"
    assert open_client.get("CustomObject/y_car/1")["Values"]["x_name"] == "Bus"
    assert open_client.call("DELETE", "CustomObject/y_car/1")[0] in (200, 204)
    assert open_client.call("GET", "CustomObject/y_car/1")[0] == 404


def test_a_custom_table_is_queried_by_its_provider_and_by_dotted_names(cars):
    bare = cars.get("Archive/CustomObject:y_car?$filter=x_name is 'bike'")["value"]
    dotted = cars.get("Archive/Dynamic?$select=y_car.x_name&$filter=y_car.x_name is 'bike'")["value"]

    assert bare == [{"PrimaryKey": "2", "EntityName": "y_car", "id": 2, "x_name": "Bike", "x_wheels": "2"}]
    assert dotted == [{"PrimaryKey": "2", "EntityName": "y_car", "y_car.x_name": "Bike"}]


def test_related_data_are_fields_of_one_row(nordlys):
    body = {"Table": "person", "RecordId": 1, "Fields": ["firstname", "contact_id"]}

    by_list = nordlys.agent("Archive/GetRelatedData", body)
    by_text = nordlys.agent("Archive/GetRelatedData2", {**body, "Fields": "firstname, contact_id"})

    assert by_list == by_text
    assert [(one["Field"], one["FieldValue"]["DisplayValue"]) for one in by_list] == [
        ("firstname", "Kari"),
        ("contact_id", "[I:1]"),
    ]


def test_related_data_are_dotted_names_of_one_row(nordlys):
    names = [
        "contact_id.name",
        "contact_id.associate_id.name",
        "contact_id.category_idx",
        "contact_id:category_idx.name",
        "contact_id.text_id.text",
    ]
    body = {"Table": "person", "RecordId": 1, "Fields": names}

    found = nordlys.agent("Archive/GetRelatedData", body)

    assert [(one["Field"], one["FieldValue"]["DisplayValue"]) for one in found] == [
        ("contact_id.name", "Nordlys Energi AS"),
        ("contact_id.associate_id.name", "KAB"),
        ("contact_id.category_idx", "[I:7]"),
        ("contact_id:category_idx.name", "Own company"),
        ("contact_id.text_id.text", nordlys.get("Contact/1")["Description"]),
    ]
    backward = {"Table": "contact", "RecordId": 1, "Fields": ["(person->contact_id).person_id"]}
    assert nordlys.agent("Archive/GetRelatedData", backward)[0]["FieldValue"]["DisplayValue"] == "[I:1]"


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("firstnam", "Fields[1], character 1: unknown field 'firstnam' of person. Did you mean 'firstname'?"),
        ("contact_id.nam", "Fields[1], character 12: unknown field 'nam' of contact. Did you mean 'name'?"),
        ("firstname.name", "Fields[1], character 1: person.firstname leads to no table"),
        ("contact_id.", "Fields[1], character 11: '.' cannot follow"),
        (
            "contact_id.(persn->contact_id).firstname",
            "character 13: unknown table 'persn'. Did you mean 'person'?",
        ),
    ],
)
def test_a_wrong_dotted_name_tells_its_place_and_the_nearest(nordlys, field, told):
    body = {"Table": "person", "RecordId": 1, "Fields": ["firstname", field]}

    status, answer = nordlys.call("POST", "Agents/Archive/GetRelatedData", body)

    assert (status, answer["ErrorType"]) == (400, "ArgumentException")
    assert told in answer["Message"]
