"""Queries over a tenant's rows: checks 35 to 51 of the study of entities (behaviour, section 14)."""

import json
from urllib.parse import unquote

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from tests.entities.conftest import Client

NORD = "name begins 'Nord'"


def rows(client, path):
    return client.get(path)["value"]


def names(client, path, column="name"):
    return [row[column] for row in rows(client, path)]


def hint(reply):
    return dict(reply.headers).get("X-Mockso-Hint", "")


def warning(reply):
    return dict(reply.headers).get("X-Mockso-Warning", "")


@pytest.fixture
def four(client):
    for name, number, day in (("Beta", 2, 1), ("alpha", 3, 2), ("Gamma", 1, 3), ("Beta", 1, 4)):
        client.at += 86400
        client.post("Contact", {"Name": name, "Number1": str(number), "Department": f"D{day}"})
    return client


def test_check_35_only_the_rows_that_pass_with_their_kind_and_types(nordlys):
    found = rows(nordlys, f"Contact?$select=contactId,name&$filter={NORD}")

    assert found == [
        {"PrimaryKey": "1", "EntityName": "contact", "contactId": 1, "name": "Nordlys Energi AS"}
    ]


def test_check_36_without_select_the_columns_without_a_slash(nordlys):
    row = rows(nordlys, "Project?$top=1")[0]

    assert {"name", "registeredDate"} <= set(row)
    assert not [name for name in row if "/" in name or name in ("getAllRows", "getNoRows")]
    assert len(row) == 2 + 47


def test_check_37_nothing_found_is_an_empty_list(nordlys):
    assert nordlys.call("GET", "Contact?$filter=name is 'Nobody'")[1]["value"] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name is 'Beta' and department is 'D1' or name is 'Gamma'", ["Beta", "Gamma"]),
        ("name is 'Gamma' or name is 'Beta' and department is 'D1'", ["Beta", "Gamma"]),
        ("(name is 'Gamma' or name is 'Beta') and department is 'D1'", ["Beta"]),
    ],
)
def test_check_39_and_binds_tighter_than_or(four, text, expected):
    assert names(four, f"Contact?$select=name&$filter={text}") == expected


@pytest.mark.parametrize("text", ["name contains 'L\\'Or'", "contactId=1", "contactId = 1", "name begins L"])
def test_check_40_the_spellings_of_real_clients(client, text):
    client.post("Contact", {"Name": "L'Oréal"})
    client.post("Contact", {"Name": "Other"})

    assert names(client, f"Contact?$select=name&$filter={text}") == ["L'Oréal"]


def test_check_41_orders_by_several_columns(four):
    path = "Contact?$select=name,department&$orderby=name desc,department asc"

    assert names(four, path, "department") == ["D3", "D1", "D4", "D2"]
    assert names(four, "Contact?$select=name&$orderBy=name&$top=2") == ["alpha", "Beta"]
    assert names(four, "Contact?$select=department&$orderBy=name&$skip=1&$top=2", "department") == [
        "D1",
        "D4",
    ]


def test_check_41_an_unknown_column_sorts_nothing_and_is_told(four):
    reply = four.reply("GET", "Contact?$select=name&$orderBy=nonsense")

    assert [row["name"] for row in json.loads(reply.body)["value"]] == ["Beta", "alpha", "Gamma", "Beta"]
    assert "SimpleContact has no column 'nonsense', it sorts nothing." in warning(reply)


def test_check_42_pages_until_empty_have_every_row_once(nordlys):
    found, skip = [], 0
    while page := rows(nordlys, f"Person?$select=personId&$orderby=lastName&$top=20&$skip={skip}"):
        found += [row["personId"] for row in page]
        skip += 20

    assert sorted(found) == list(range(1, 61))
    assert skip == 60


def test_check_43_an_unknown_column_in_a_filter_is_400_with_the_nearest(nordlys):
    status, body = nordlys.call("GET", "Contact?$filter=nam begins 'N'")

    assert (status, body["ErrorType"]) == (400, "ArgumentException")
    assert "character 1: SimpleContact has no column 'nam'" in body["Message"]
    assert body["Message"].endswith("Did you mean 'name'?")


def test_check_43_an_unknown_column_in_select_is_left_out_and_told(nordlys):
    reply = nordlys.reply("GET", "Contact?$select=name,nam&$top=1")

    assert list(json.loads(reply.body)["value"][0]) == ["PrimaryKey", "EntityName", "name"]
    assert "SimpleContact has no column 'nam', it is left out. Did you mean 'name'?" in warning(reply)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("Contact?$filter=name gt 'a'", "'gt' does not fit 'name', which is stringorPK. Use is, isNot"),
        (
            "Contact?$filter=registeredDate begins 'a'",
            "'begins' does not fit 'registeredDate', which is date",
        ),
        ("Contact?$filter=mainContact is 'a'", "'mainContact' cannot be restricted"),
        ("Contact?$filter=name beginz 'a'", "Did you mean 'begins'? Of 'name': is, isNot"),
        ("Contact?$filter=contactId eq x", "'x' is not a number, which 'contactId' (int) compares"),
    ],
)
def test_check_44_what_does_not_fit_is_400(nordlys, path, told):
    status, body = nordlys.call("GET", path)

    assert (status, body["ErrorType"]) == (400, "ArgumentException")
    assert told in body["Message"]


def test_check_45_periods_follow_the_tenants_clock(client):
    client.post("Contact", {"Name": "A"})
    today = "Contact?$select=name&$filter=registeredDate today"
    week = "Contact?$select=name&$filter=registeredDate lastWeek"

    assert (names(client, today), names(client, week)) == (["A"], [])
    client.engine.tenants.of("Cust1").set_clock(lambda ahead, standing: (ahead + 7 * 86400, standing))
    assert (names(client, today), names(client, week)) == ([], ["A"])


def test_check_46_the_current_associate_is_the_tokens(nordlys):
    path = "Sale?$select=saleId,associateId&$filter=associateId currentAssociate"
    mine = {row["associateId"] for row in rows(nordlys, path)}
    nordlys.token = "8A:Cust1.user-INS"
    others = {row["associateId"] for row in rows(nordlys, path)}

    assert (mine, others) == ({"KAB"}, {"INS"})


def test_check_47_columns_lead_over_references(nordlys):
    nordlys.call("PATCH", "Person/1", {"UserDefinedFields": {"SuperOffice:1": "blue"}})
    select = "personUdef/SuperOffice:1,email/emailAddress,contact/name,personAssociate/fullName"
    person = rows(nordlys, f"Person?$select={select}&$filter=personId eq 1")[0]
    appointment = rows(nordlys, "Appointment?$select=contact/name,associate/fullName,contactId&$top=1")[0]

    assert person["personUdef/SuperOffice:1"] == "blue"
    assert person["email/emailAddress"] == "kari.aas.bakke@nordlys.example"
    assert person["contact/name"] == "Nordlys Energi AS"
    assert person["personAssociate/fullName"] == "Kari Aas Bakke"
    whole = nordlys.get(f"Appointment/{appointment['PrimaryKey']}")
    assert appointment["contactId"] == whole["Contact"]["ContactId"]
    assert appointment["contact/name"] == whole["Contact"]["Name"]
    assert appointment["associate/fullName"] == whole["Associate"]["FullName"]
    assert names(
        nordlys, "Person?$select=fullName&$filter=personUdef/SuperOffice:1 is 'blue'", "fullName"
    ) == ["Kari Aas Bakke"]


def test_check_48_an_agent_takes_objects_or_texts(nordlys):
    objects = nordlys.agent(
        "Archive/GetArchiveListByColumns",
        {
            "ProviderName": "FindContact",
            "Columns": ["contactId", "name"],
            "SortOrder": [{"Name": "name", "Direction": "DESC"}],
            "Restriction": [
                {
                    "Name": "name",
                    "Operator": "begins",
                    "Values": ["Nord"],
                    "IsActive": True,
                    "InterOperator": "Or",
                },
                {"Name": "contactId", "Operator": "in", "Values": ["[I:2]", "3"], "IsActive": True},
            ],
            "Page": 0,
            "PageSize": 10,
        },
    )
    texts = nordlys.agent(
        "Archive/GetArchiveListByColumns2",
        {
            "ProviderName": "FindContact",
            "Columns": "contactId,name",
            "SortOrder": "name desc",
            "Restrictions": "name begins 'Nord' or contactId in (2, 3)",
            "Page": 0,
            "PageSize": 10,
        },
    )

    assert objects == texts
    assert sorted(row["PrimaryKey"] for row in objects) == [1, 2, 3]
    assert objects[-1]["EntityName"] == "contact"
    assert {row["ColumnData"]["contactId"]["DisplayValue"] for row in objects} == {"[I:1]", "[I:2]", "[I:3]"}
    assert "Nordlys Energi AS" in {row["ColumnData"]["name"]["DisplayValue"] for row in objects}


def test_brackets_of_restriction_objects_group(four):
    def restriction(name, value, join="None", brackets=0):
        return {
            "Name": name,
            "Operator": "is",
            "Values": [value],
            "IsActive": True,
            "InterOperator": join,
            "InterParenthesis": brackets,
        }

    body = {
        "ProviderName": "FindContact",
        "Columns": ["department"],
        "Restriction": [
            restriction("name", "Gamma", "Or", 1),
            restriction("name", "Beta", "And", -1),
            restriction("department", "D1"),
        ],
    }

    found = four.agent("Archive/GetArchiveListByColumns", body)

    assert [row["ColumnData"]["department"]["DisplayValue"] for row in found] == ["D1"]


def test_a_list_with_header_counts_all_rows_and_pages_from_zero(nordlys):
    body = {"ProviderName": "Person", "Columns": ["personId"], "Page": 2, "PageSize": 25}

    result = nordlys.agent("Archive/GetArchiveListByColumnsWithHeader", body)

    assert result["RowCount"] == 60
    assert [row["PrimaryKey"] for row in result["Rows"]] == list(range(51, 61))


def test_check_49_columns_and_providers_are_described(nordlys):
    metadata = nordlys.get("Archive/FindContact/$metadata")
    same = nordlys.get("Archive/FindContact?$metadata=true")
    by_agent = nordlys.agent("Archive/GetAvailableColumns", {"ProviderName": "FindContact"})
    providers = [row["name"] for row in nordlys.get("Archive")["value"]]

    assert metadata == same == {column["Name"]: column for column in by_agent}
    assert len(metadata) == 730
    assert (metadata["contactId"]["RestrictionType"], metadata["contactId"]["CanOrderBy"]) == ("int", True)
    assert nordlys.agent("Archive/GetProviderNames") == providers
    assert len(providers) == 371


def test_check_50_a_query_sees_what_was_saved_and_deleted(client):
    path = "Contact?$select=name&$filter=name is 'New' and updatedDate ge 2026-03-01T11:59:00"
    changed = [names(client, path)]
    key = client.post("Contact", {"Name": "New"})["ContactId"]
    changed.append(names(client, path))
    client.call("DELETE", f"Contact/{key}")
    changed.append(names(client, path))

    assert changed == [[], ["New"], []]


def test_a_changed_value_is_found_and_the_old_one_is_not(client):
    key = client.post("Contact", {"Name": "Old"})["ContactId"]
    client.call("PATCH", f"Contact/{key}", {"Name": "Now"})

    assert names(client, "Contact?$select=name&$filter=name is 'Old'") == []
    assert names(client, "Contact?$select=name&$filter=name is 'Now'") == ["Now"]


@pytest.mark.parametrize("path", ["Archive/Persn", "Archive/Persn/$metadata"], ids=["rows", "metadata"])
def test_an_unknown_provider_is_404_with_the_nearest(nordlys, path):
    reply = nordlys.reply("GET", path)

    assert (reply.status, hint(reply)) == (404, "Person")


def test_an_unknown_provider_is_404_over_agents_too(nordlys):
    reply = nordlys.reply(
        "POST", "Agents/Archive/GetArchiveListByColumns2", {"ProviderName": "Persn", "Columns": "x"}
    )

    assert (reply.status, hint(reply)) == (404, "Person")


def test_a_wrong_restriction_is_400_over_agents_too(nordlys):
    body = {"ProviderName": "Person", "Columns": "personId", "Restrictions": "firstName gt 'a'"}

    reply = nordlys.reply("POST", "Agents/Archive/GetArchiveListByColumns2", body)

    assert reply.status == 400
    assert (
        "body.Restrictions: character 11: 'gt' does not fit 'firstName'"
        in dict(reply.headers)["X-Mockso-Reason"]
    )


def test_a_column_without_data_is_empty_by_its_type_and_told_once(nordlys):
    reply = nordlys.reply("GET", "Contact?$select=name,NumberOfSales,LastSale,forceCompany&$top=2")
    found = json.loads(reply.body)["value"]

    assert [row["NumberOfSales"] for row in found] == [0, 0]
    assert found[0]["LastSale"] == "0001-01-01T00:00:00"
    assert found[0]["forceCompany"] is False
    assert (
        hint(reply)
        == "no data in mockso for the columns forceCompany, NumberOfSales, LastSale: they are empty"
    )
    assert dict(reply.headers)["X-Mockso-Fidelity"] == "assumed"


def test_without_select_nobody_asked_for_the_empty_columns(nordlys):
    assert hint(nordlys.reply("GET", "Contact?$top=1")) == ""


def test_entities_choose_the_kinds_of_rows(nordlys):
    path = "Contact/2/Activities?$select=date"
    every = {row["EntityName"] for row in rows(nordlys, path)}
    some = {row["EntityName"] for row in rows(nordlys, f"{path}&$entities=document")}

    assert (every, some) == ({"appointment", "document", "sale"}, {"document"})


def test_rows_of_two_kinds_are_sorted_together(nordlys):
    dates = names(nordlys, "Contact/2/Activities?$select=date&$orderby=date desc", "date")

    assert dates == sorted(dates, reverse=True)
    assert len(set(dates)) > 3


def test_full_mode_has_raw_and_shown_values(nordlys):
    row = rows(nordlys, "Contact?$select=category&$mode=Full&$top=1")[0]

    assert (row["PrimaryKey"], row["LinkHint"]) == (1, "nav=contact&contact_id=1")
    assert row["Column"]["category"]["DisplayValue"] == "Own company"
    assert type(row["Column"]["category"]["RawValue"]) is int


def test_a_page_that_is_not_the_last_leads_to_the_next_where_that_is_set():
    engine = Engine.open(Settings(world="closed", odata_next_link="on"))
    client, path, found = Client(engine), "Person?$select=personId&$filter=personId gt 4&$top=25", []
    try:
        while path:
            body = client.get(path)
            found += [row["personId"] for row in body["value"]]
            path = unquote((body["odata.nextLink"] or "").rpartition("/api/v1/")[2])
    finally:
        engine.close()

    assert found == list(range(5, 61))


def test_safe_names_and_a_count(nordlys):
    body = nordlys.get("Archive/Person?$select=contact/name&$jsonSafe=true&$top=1&$inlineCount=AllPages")

    assert "contact_name" in body["value"][0]
    assert body["odata.count"] == "60"


def test_a_collection_ignores_the_count_as_its_warning_says(nordlys):
    path = "Person?$select=personId&$top=1&$inlineCount=AllPages"

    assert "the server ignores it" in warning(nordlys.reply("GET", path))
    assert "odata.count" not in nordlys.get(path)


@pytest.mark.parametrize(
    ("kind", "body"),
    [("Appointment", {"Description": "x"}), ("Sale", {"Heading": "x"}), ("Document", {"Header": "x"})],
)
def test_an_id_of_nothing_is_the_number_0(nordlys, kind, body):
    key = nordlys.post(kind, body)[f"{kind}Id"]

    columns = ["contactId", "personId", "projectId", "associate/associateDbId"]
    [row] = nordlys.get(f"{kind}?$filter={kind}Id eq {key}&$select={','.join(columns)}")["value"]
    found = nordlys.get(f"{kind}?$filter=projectId lt 1 and {kind}Id eq {key}")["value"]

    assert [row[name] for name in columns] == [0, 0, 0, 1]
    assert len(found) == 1


def test_an_associate_of_nothing_is_the_number_0(nordlys):
    key = nordlys.post("Person", {"Lastname": "x"})["PersonId"]

    column = "contact/contactAssociate/associateDbId"
    [row] = nordlys.get(f"Person?$filter=personId eq {key}&$select={column}")["value"]

    assert row[column] == 0


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("Count(contactId)", [{"Count(contactId)": 4}]),
        ("CountAll(contactId)", [{"CountAll(contactId)": 4}]),
        (
            "GroupBy(name),Count(contactId)",
            [
                {"GroupBy(name)": "Beta", "Count(contactId)": 2},
                {"GroupBy(name)": "alpha", "Count(contactId)": 1},
                {"GroupBy(name)": "Gamma", "Count(contactId)": 1},
            ],
        ),
        ("Sum(contactId)", [{"Sum(contactId)": 10}]),
    ],
)
def test_aggregates_at_the_top(four, select, expected):
    found = rows(four, f"Contact?$select={select}")

    assert [{name: row[name] for name in row if "(" in name} for row in found] == expected


def test_a_total_stands_behind_the_rows(four):
    found = rows(four, "Contact?$select=name,Count(name):Footer&$filter=name is 'Beta'")

    assert [row.get("name") for row in found] == ["Beta", "Beta", None]
    assert (found[-1]["EntityName"], found[-1]["Count(name):Footer"]) == ("footer", 2)


def test_the_pseudo_columns_ask_for_all_and_for_none(four):
    assert len(rows(four, "Contact?$filter=getAllRows = true")) == 4
    assert rows(four, "Contact?$filter=getNoRows = true") == []
    assert len(rows(four, "Contact?$filter=getNoRows = false")) == 4


def test_members_of_a_static_selection_by_its_provider(client):
    contacts = [client.post("Contact", {"Name": name})["ContactId"] for name in "abc"]
    selection = client.post("Selection", {"Name": "S", "TargetTableName": "contact"})["SelectionId"]
    client.post(f"Selection/{selection}/Members/Add", contacts[:2])

    path = f"Archive/ContactStaticSelection?$select=name&$filter=selectionId={selection}"
    assert names(client, path) == ["a", "b"]
    assert names(client, f"{path} or name is 'c'") == ["a", "b", "c"]
    assert names(client, f"{path} and name is 'c'") == []
    assert names(client, f"Selection/{selection}/Members?$select=name&$filter=name is 'b'") == ["b"]


def test_a_recycle_bin_has_the_deleted_rows(client):
    key = client.post("Contact", {"Name": "Gone"})["ContactId"]
    client.post("Contact", {"Name": "Here"})
    client.call("DELETE", f"Contact/{key}")

    assert names(client, "Archive/RecycleContact?$select=name") == ["Gone"]


def test_users_are_told_by_their_type(nordlys):
    every = names(nordlys, "Archive/AllUsers?$select=userName", "userName")

    assert names(nordlys, "Archive/InternalUsers?$select=userName", "userName") == every
    assert rows(nordlys, "Archive/ExternalUsers") == []
    assert {row["EntityName"] for row in rows(nordlys, "User")} == {"all"}
    assert rows(nordlys, "Archive/Mailings") == rows(nordlys, "Archive/TimeZones") == []


def test_retired_persons_are_chosen_as_an_entity(client):
    client.post("Person", {"Lastname": "A", "Retired": True})
    client.post("Person", {"Lastname": "B"})

    assert names(client, "Person?$select=lastName", "lastName") == ["A", "B"]
    assert names(client, "Person?$select=lastName&$entities=person", "lastName") == ["B"]


def test_dates_are_in_the_zone_that_was_asked_for(client):
    client.post("Appointment", {"Title": "A", "StartDate": "2026-07-01T10:00:00"})

    row = client.get("Appointment?$select=date,registeredDate", SO_TimeZone="NO")["value"][0]

    assert (row["date"], row["registeredDate"]) == ("2026-07-01T12:00:00", "2026-03-01T12:00:00")


def test_chosen_columns_of_a_view_are_shown(nordlys):
    view = {"GuiName": "Mine", "ProviderName": "Person"}
    nordlys.agent("Archive/SetChosenColumns", {**view, "ChosenColumns": ["lastName", "personId"]})

    row = nordlys.agent("Archive/GetArchiveList2", {**view, "PageSize": 1})[0]
    columns = nordlys.agent("Archive/GetArchiveConfiguration", view)["ArchiveColumnInfo"]

    assert set(row["ColumnData"]) == {"lastName", "personId"}
    assert {column["Name"] for column in columns if column["IsVisible"]} == {"lastName", "personId"}


def test_saved_criteria_find_rows(nordlys):
    store = {"StorageType": "Criteria", "ProviderName": "FindContact", "StorageKey": "k1"}
    nordlys.agent("Find/SaveRestrictions2", {**store, "Restrictions": "name begins 'Nord' or contactId=2"})

    found = nordlys.agent("Find/FindWithColumns", {**store, "DesiredColumns": ["name"]})
    saved = nordlys.agent("Find/GetCriteriaInformation", store)["Restrictions"]

    assert [row["PrimaryKey"] for row in found["ArchiveRows"]] == [1, 2]
    assert (found["RowCount"], [column["Name"] for column in found["ArchiveColumns"]]) == (2, ["name"])
    assert [(one["Name"], one["Operator"], one["InterOperator"]) for one in saved] == [
        ("name", "begins", "Or"),
        ("contactId", "=", "None"),
    ]
