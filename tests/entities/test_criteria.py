"""Criteria that are kept: groups of restrictions of the Find agent, and those of dynamic selections."""

import pytest

STORE = {"StorageType": "Criteria", "ProviderName": "FindContact", "StorageKey": "k1"}


def restriction(name, operator, *values, join="None"):
    return {
        "Name": name,
        "Operator": operator,
        "Values": list(values),
        "IsActive": True,
        "InterOperator": join,
    }


def find(client, **more):
    body = {**STORE, "DesiredColumns": ["name"], **more}
    return [row["PrimaryKey"] for row in client.agent("Find/FindWithColumns", body)["ArchiveRows"]]


def group(name, *restrictions, rank=0):
    return {"Name": name, "Description": "", "Rank": rank, "Restrictions": list(restrictions)}


def test_groups_are_kept_by_rank_and_a_row_passes_one_of_them(nordlys):
    first = group(
        "First", restriction("contactId", "gt", "1", join="And"), restriction("contactId", "lt", "4")
    )
    second = group("Second", restriction("contactId", "=", "9"))

    assert nordlys.agent("Find/CreateRestrictionGroup", STORE)["Rank"] == 1
    kept = nordlys.agent("Find/SaveRestrictionGroups", {**STORE, "RestrictionGroups": [first, second]})
    assert [(one["Name"], one["Rank"]) for one in kept] == [("First", 1), ("Second", 2)]
    assert find(nordlys) == [2, 3, 9]

    changed = group("Third", restriction("contactId", "=", "7"), rank=2)
    nordlys.agent("Find/SaveRestrictionGroup", {**STORE, "RestrictionGroup": changed})
    assert nordlys.agent("Find/GetRestrictionGroup", {**STORE, "Rank": 2})["Name"] == "Third"
    assert nordlys.agent("Find/GetRestrictionGroup", {**STORE, "Rank": 5})["Restrictions"] == []
    assert nordlys.agent("Find/CreateRestrictionGroup", STORE)["Rank"] == 3

    nordlys.agent("Find/DeleteRestrictionGroup", {**STORE, "Rank": 1})
    assert [one["Name"] for one in nordlys.agent("Find/GetRestrictionGroups", STORE)] == ["Third"]
    assert find(nordlys) == [7]


def test_further_restrictions_hold_for_all_that_was_saved(nordlys):
    nordlys.agent(
        "Find/SaveRestrictions2", {**STORE, "Restrictions": "contactId=2 or contactId=3 or contactId=9"}
    )
    body = {
        **STORE,
        "DesiredColumns": "name",
        "OrderBy": "",
        "ExtraRestrictions": "contactId=2 or contactId gt 8",
    }

    found = nordlys.agent("Find/FindWithExtraRestrictions2", body)["ArchiveRows"]

    assert [row["PrimaryKey"] for row in found] == [2, 9]


def test_restrictions_are_populated_with_their_column(nordlys):
    body = {
        "ProviderName": "FindContact",
        "Restrictions": [{"Name": "NAME", "Operator": "Begins", "Values": ["N"]}],
    }

    (one,) = nordlys.agent("Find/PopulateRestrictions", body)
    (other,) = nordlys.agent("Find/PopulateRestrictionValues", {"Restrictions": body["Restrictions"]})

    assert (one["Name"], one["Operator"], one["DisplayValues"], one["IsActive"]) == (
        "name",
        "begins",
        ["N"],
        True,
    )
    assert one["ColumnInfo"]["RestrictionType"] == "stringorPK"
    assert (other["Values"], other["DisplayValues"], other["InterOperator"]) == (["N"], ["N"], "None")


@pytest.fixture
def selection(nordlys):
    body = {"Name": "Dynamic ones", "TargetTableName": "contact", "SelectionType": "Dynamic"}
    return nordlys.post("Selection", body)["SelectionId"]


def members(client, selection):
    return [
        row["contactId"] for row in client.get(f"Selection/{selection}/Members?$select=contactId")["value"]
    ]


def test_a_dynamic_selection_has_the_rows_that_pass_its_criteria(nordlys, selection):
    assert members(nordlys, selection) == []

    body = [restriction("name", "begins", "Nord")]
    kept = nordlys.call("PUT", f"Selection/{selection}/Criteria", body)[1]
    assert [(one["Name"], one["Values"]) for one in kept] == [("name", ["Nord"])]
    assert members(nordlys, selection) == [1]

    made = nordlys.post("Contact", {"Name": "Nordic AS"})["ContactId"]
    assert members(nordlys, selection) == [1, made]
    path = "Archive/ContactDynamicSelection?$select=name&$filter=selectionId={} and contactId gt 1"
    assert [row["PrimaryKey"] for row in nordlys.get(path.format(selection))["value"]] == [str(made)]


def test_criteria_are_sent_as_objects_or_text_or_groups(nordlys, selection):
    by_text = {"SelectionId": selection, "Filter": "contactId in (2, 3) and name is ''  or contactId = 5"}
    nordlys.agent("Selection/SetDynamicSelectionCriteria2", by_text)
    assert members(nordlys, selection) == [5]

    groups = [group("A", restriction("contactId", "=", "2")), group("B", restriction("contactId", "=", "3"))]
    nordlys.call("PUT", f"Selection/{selection}/CriteriaGroups", groups)
    assert [one["Name"] for one in nordlys.get(f"Selection/{selection}/CriteriaGroups")] == ["A", "B"]
    body = {"SelectionId": selection}
    assert [one["Rank"] for one in nordlys.agent("Selection/GetDynamicSelectionCriteriaGroups", body)] == [
        1,
        2,
    ]
    assert len(nordlys.get(f"Selection/{selection}/Criteria")) == 2
    assert members(nordlys, selection) == [2, 3]


def test_wrong_criteria_are_400_and_keep_nothing(nordlys, selection):
    wrong = {"SelectionId": selection, "Criteria": [restriction("nam", "is", "a")]}

    status, body = nordlys.call("POST", "Agents/Selection/SetDynamicSelectionCriteria", wrong)

    assert (status, body["ErrorType"]) == (400, "ArgumentException")
    assert "[0]: FindContact has no column 'nam'" in body["Message"]
    assert body["Message"].startswith("Invalid value of Criteria: ")
    assert nordlys.get(f"Selection/{selection}/Criteria") == []
    by_group = {**STORE, "RestrictionGroup": group("A", restriction("name", "beginz", "a"))}
    status, body = nordlys.call("POST", "Agents/Find/SaveRestrictionGroup", by_group)
    assert status == 400
    assert "unknown operator 'beginz'. Did you mean 'begins'?" in body["Message"]


def test_criteria_of_a_selection_that_is_not_there_are_404(nordlys):
    assert nordlys.call("GET", "Selection/99999/Criteria")[0] == 404


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("$filter=nam is 'a'", "$filter: character 1: FindContact has no column 'nam'"),
        ("$orderby=name up", "$orderBy: character 6: unknown direction 'up'"),
        ("$select=x)", "$select: character 2: a ')' has no '('"),
    ],
)
def test_a_wrong_query_of_members_is_400(nordlys, selection, query, told):
    status, body = nordlys.call("GET", f"Selection/{selection}/Members?{query}")

    assert (status, body["ErrorType"]) == (400, "ArgumentException")
    assert told in body["Message"]


def test_an_empty_restriction_says_nothing(nordlys, selection):
    assert (
        nordlys.call("PUT", f"Selection/{selection}/Criteria", [{}, restriction("contactId", "=", "4")])[0]
        == 200
    )
    assert members(nordlys, selection) == [4]


def test_a_temporary_selection_has_rows_of_any_table(nordlys):
    body = {"Ids": [3, 5], "TargetTableNumber": 6}

    made = nordlys.agent("Selection/CreateTemporarySelectionFromIds", body)

    assert (made["TargetTableName"], made["MemberCount"]) == ("person", 2)
    found = nordlys.get(f"Selection/{made['SelectionId']}/Members?$select=personId")["value"]
    assert [row["personId"] for row in found] == [3, 5]
