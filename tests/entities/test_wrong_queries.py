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


WRONG = [
    ("$filter=nam is 'a'", "character 1: SimpleContact has no column 'nam'", "Did you mean 'name'?"),
    (
        "$filter=zzzzzz is 'a'",
        "character 1: SimpleContact has no column 'zzzzzz'",
        "mockso contract show SimpleContact",
    ),
    (
        "$filter=name is 'a' and contct/name is 'b'",
        "character 17: SimpleContact has no column 'contct/name'",
        "",
    ),
    (
        "$filter=name beginz 'a'",
        "character 6: unknown operator 'beginz'",
        "Did you mean 'begins'? Of 'name': is,",
    ),
    ("$filter=name like 'a'", "character 6: unknown operator 'like'", "Write contains."),
    ("$filter=contactId > 5", "character 11: unknown operator '>'", "Write gt."),
    (
        "$filter=contactId>=5",
        "character 1: 'contactId>=' cannot be the name of a column",
        "Write contactId ge",
    ),
    ("$filter=contactId >= 5", "character 11: unknown operator '>='", "Write ge."),
    ("$filter=name <> 'a'", "character 6: unknown operator '<>'", "Write ne."),
    ("$filter=name notEnds 'a'", "character 6: unknown operator 'notEnds'", "Write notContains"),
    ("$filter=not (name is 'a')", "character 1: there is no 'not'", "use ne, isNot"),
    (
        "$filter=contains(name,'a')",
        "character 1: expected a column, found the operator 'contains'",
        "name contains",
    ),
    (
        "$filter=startsWit(name,'a')",
        "character 1: unknown function 'startsWit'",
        "Did you mean 'startswith'?",
    ),
    (
        "$filter=startswith(name)",
        "character 1: 'startswith' takes other arguments",
        "startswith(column, 'text')",
    ),
    (
        "$filter=this(registeredDate, fortnight)",
        "character 22: unknown period 'fortnight'",
        "day, week, month",
    ),
    ("$filter=previous(registeredDate, x, day)", "character 26: 'x' is not a number of periods", ""),
    ("$filter=name gt 'a'", "character 6: 'gt' does not fit 'name', which is stringorPK", "Use is, isNot"),
    ("$filter=mainContact is 'a'", "'mainContact' cannot be restricted", "it is only shown"),
    ("$filter=contactId eq x", "character 14: 'x' is not a number, which 'contactId' (int) compares", ""),
    (
        "$filter=category eq 'Customer'",
        "character 13: 'Customer' is not an id",
        "Write the number of the item",
    ),
    ("$filter=associateId eq 'KAB'", "character 16: 'KAB' is not an id", "or the operator currentAssociate"),
    (
        "$filter=registeredDate after x",
        "character 22: 'x' is not a date",
        "Write 2026-01-31 or 2026-01-31T10",
    ),
    (
        "$filter=registeredDate after 2020-01-01 10:00",
        "character 33: expected 'and', 'or' or the end",
        "stands in quotes",
    ),
    ("$filter=registeredDate gt datetime'2020-01-01'", "found '2020-01-01'", "write '2020-01-01'"),
    ("$filter=contactId between 5", "character 11: 'between' takes two values, (a, b), not 1", ""),
    ("$filter=name is ('a','b')", "character 14: 'is' takes one value, not 2", ""),
    (
        "$filter=name in 'a','b'",
        "character 12: expected 'and', 'or' or the end, found ','",
        "Lists stand in brackets",
    ),
    ("$filter=name", "character 5: expected an operator behind 'name', found the end", ""),
    ("$filter=name is", "character 8: expected a value behind 'is', found the end", ""),
    ("$filter=(name is 'a'", "character 1: a '(' has no ')'", ""),
    ("$filter=name is 'a')", "character 12: a ')' has no '('", ""),
    ("$filter=name is 'a", "character 9: a text in quotes has no end", ""),
    ("$filter=name is 'a' or", "character 15: expected a column, found the end", ""),
    ("$filter=name is a b", "character 11: expected 'and', 'or' or the end, found 'b'", "stands in quotes"),
    ("$orderby=name descending", "character 6: unknown direction 'descending'", "asc or desc"),
    ("$select=Count(name", "character 6: a '(' has no ')'", ""),
]


@pytest.mark.parametrize(("query", "place_and_cause", "cure"), WRONG)
def test_a_wrong_query_tells_place_cause_and_cure(nordlys, query, place_and_cause, cure):
    status, body = nordlys.call("GET", f"Contact?{query}")

    assert (status, body["ErrorType"]) == (400, "ArgumentException")
    option = query.partition("=")[0].replace("$orderby", "$orderBy")
    assert body["Message"].startswith(f"Invalid value of {option}: ")
    assert place_and_cause in body["Message"]
    assert cure in body["Message"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (
            "$filter=name eq null",
            "character 9: 'null' is compared as it stands: there is no null, an empty text is ''",
        ),
        (
            '$filter=name is "a"',
            "character 9: '\"a\"' is compared as it stands: a text stands in single quotes",
        ),
        (
            "$select=*",
            "has no column '*', it is left out. Without $select a row has all columns without a slash.",
        ),
        ("$orderby=zzzzzz", "it sorts nothing. They are listed by: mockso contract show SimpleContact"),
    ],
)
def test_what_means_something_else_in_other_languages_is_told(nordlys, query, told):
    reply = nordlys.reply("GET", f"Contact?{query}")

    assert reply.status == 200
    assert told in dict(reply.headers)["X-Mockso-Warning"]


def test_the_vendors_own_date_is_one(nordlys):
    path = "Contact?$select=name&$filter=registeredDate {} '2009-1-1'"

    assert nordlys.get(path.format("before"))["value"] == []
    assert len(nordlys.get(path.format("after"))["value"]) == 30


@pytest.mark.parametrize(
    ("operator", "cure"),
    [(">", "Write gt."), (">=", "Write ge."), ("!=", "Write ne."), ("like", "Write contains.")],
)
def test_an_operator_of_another_language_is_led_to_its_own_in_a_restriction_too(nordlys, operator, cure):
    restriction = {"Name": "contactId", "Operator": operator, "Values": ["5"]}
    body = {"ProviderName": "Contact", "Columns": ["name"], "Restriction": [restriction]}

    status, answer = nordlys.call("POST", "Agents/Archive/GetArchiveListByColumns", body)

    assert status == 400
    assert f"[0]: unknown operator '{operator}'. {cure} Of 'contactId': eq, " in answer["Message"]


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
