"""Wrong queries through every door and of every kind of provider: a fault of the caller, never one of ours."""

import json

import pytest

PROVIDERS = [
    "Contact",
    "Dynamic",
    "CustomObject",
    "CustomObject:y_car",
    "CustomObject:y_nobody",
    "CustomObject:contact",
    "CustomObject:",
    "CustomObjectStaticSelectionV2:y_car",
    "Contact:y_car",
    "$metadata",
    "",
    ":",
]
COLUMNS = [
    "nosuch",
    "x_name",
    "id",
    "contact.name",
    "contact.nosuch",
    "y_car.x_name",
    "y_tyre/x_size",
    "x_contact/name",
    "a/b",
    "..",
    "",
    "name[",
    "contact.(x->y).z",
    "contact.(->).x",
    "Count(nosuch)",
    "getAllRows",
]
TESTS = ["= 1", "gt 'x'", "begins 'a'", "zap 3", "in ()", "between (1)", "today", "currentAssociate", ""]


@pytest.fixture
def cars(client):
    body = {
        "TableName": "y_car",
        "Columns": ["x_name", "brand"],
        "Data": [["Van", "[I:3]"], ["Bike", "[I:5]"]],
    }
    client.agent("DatabaseTable/Insert", body)
    return client


def statuses(client, provider):
    """The statuses of wrong and odd queries of a provider, with the call that had each."""
    for column in COLUMNS:
        for test in TESTS:
            yield (
                f"$filter={column} {test}",
                client.reply("GET", f"Archive/{provider}?$filter={column} {test}"),
            )
        for option in ("$select", "$orderby"):
            yield f"{option}={column}", client.reply("GET", f"Archive/{provider}?{option}={column}")
            yield f"body {option}={column}", client.reply("POST", f"Archive/{provider}", {option: column})
        objects = {
            "ProviderName": provider,
            "Columns": [column],
            "DesiredColumns": [column],
            "SortOrder": [{"Name": column, "Direction": "ASC"}],
        }
        restriction = [{"Name": column, "Operator": "=", "Values": ["1"], "IsActive": True}]
        texts = {**objects, "Columns": column, "DesiredColumns": column, "SortOrder": column}
        for name in ("Archive/GetArchiveListByColumns", "Find/FindFromRestrictionsColumns"):
            for ending, body, filter in (("", objects, restriction), ("2", texts, f"{column} is 1")):
                call = {**body, "Restriction": filter, "Restrictions": filter}
                yield f"{name}{ending} {column}", client.reply("POST", f"Agents/{name}{ending}", call)
                yield f"{name}{ending} {column}", client.reply("POST", f"Agents/{name}{ending}", body)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_wrong_query_is_a_fault_of_ours(cars, provider):
    found = {call: reply.status for call, reply in statuses(cars, provider)}

    assert {status for status in found.values() if status not in (200, 400, 404, 405)} == set(), found


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"Columns": ["name"], "Data": [None]}, "differs"),
        ({"Data": [["1"]]}, "a row has 1 cells, Columns names 0 fields"),
        ({"Columns": ["nam"], "Data": [["1"]]}, "unknown field 'nam' of contact. Did you mean 'name'?"),
    ],
)
def test_rows_of_a_mass_operation_that_do_not_fit_are_refused(client, body, told):
    status, answer = client.call("POST", "Agents/DatabaseTable/Insert", {"TableName": "contact", **body})

    assert (status, answer["ErrorType"]) == (400, "SoMassOperationException")
    assert told in answer["Message"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (
            "CustomObject:y_car?$filter=brnd = 1",
            "character 1: unknown field 'brnd' of y_car. Did you mean 'brand'?",
        ),
        ("CustomObject:y_car?$filter=zzz = 1", "unknown field 'zzz' of y_car. Its rows have x_name, brand."),
        (
            "CustomObject:y_nobody?$filter=zzz = 1",
            "unknown field 'zzz' of y_nobody. Its own fields begin with x_.",
        ),
        (
            "CustomObject:y_car?$filter=x_name is 'a' and id begins 'b'",
            "'begins' does not fit 'id', which is int",
        ),
        ("Dynamic?$select=y_car.brnd", "character 7: unknown field 'brnd' of y_car. Did you mean 'brand'?"),
        ("CustomObject:y_car?$filter=y_tyre/y_car.x is 1", "character 8: y_tyre.y_car leads to no table"),
    ],
)
def test_a_wrong_field_of_a_custom_table_is_400_in_a_filter(cars, query, told):
    status, body = cars.call("GET", f"Archive/{query}")

    assert (status, body["ErrorType"]) == (400, "ArgumentException")
    assert told in body["Message"]


def test_a_wrong_field_of_a_custom_table_is_left_out_elsewhere_and_told(cars):
    reply = cars.reply("GET", "Archive/CustomObject:y_car?$select=id,nosuch,x_new&$orderby=nosuch,x_name")
    by_agent = cars.agent(
        "Archive/GetArchiveListByColumns",
        {
            "ProviderName": "CustomObject:y_car",
            "Columns": ["id", "nosuch"],
            "SortOrder": [{"Name": "a/b", "Direction": "ASC"}, {"Name": "x_name", "Direction": "ASC"}],
        },
    )

    rows = json.loads(reply.body)["value"]
    assert [list(row)[2:] for row in rows] == [["id", "x_new"]] * 2
    assert [row["id"] for row in rows] == [2, 1]
    warning = dict(reply.headers)["X-Mockso-Warning"]
    assert "query $select: character 4: unknown field 'nosuch' of y_car." in warning
    assert [(row["PrimaryKey"], list(row["ColumnData"])) for row in by_agent] == [(2, ["id"]), (1, ["id"])]


def test_a_step_over_a_slash_leads_to_another_custom_table(cars):
    tyre = {"TableName": "y_tyre", "Columns": ["x_size", "y_car"], "Data": [["19", "2"]]}
    cars.agent("DatabaseTable/Insert", tyre)

    row = cars.get("Archive/CustomObject:y_tyre?$select=x_size,y_car/x_name")["value"][0]

    assert (row["x_size"], row["y_car/x_name"]) == ("19", "Bike")


def test_a_number_in_a_column_of_unknown_type_is_no_time(cars):
    assert cars.get("Archive/CustomObject:y_car?$filter=brand today")["value"] == []


@pytest.mark.parametrize("path", ["Archive/GetArchiveListByColumns", "Find/FindFromRestrictionsColumns"])
def test_a_list_of_no_provider_is_404(client, path):
    reply = client.reply("POST", f"Agents/{path}", {"Columns": ["name"], "DesiredColumns": ["name"]})

    assert reply.status == 404
    assert "no archive provider is named: ProviderName says which" in dict(reply.headers)["X-Mockso-Reason"]


def test_an_agent_is_told_the_member_that_is_wrong(client):
    body = {"ProviderName": "Contact", "Restriction": [{"Name": "nam", "Operator": "is", "Values": ["a"]}]}

    status, answer = client.call("POST", "Agents/Archive/GetArchiveListByColumns", body)

    assert status == 400
    assert answer["Message"].startswith("Invalid value of Restriction: [0]: Contact has no column 'nam'")
