"""Answers of archives: the envelope, rows in all their forms, columns and providers."""

import pytest

from mockso.archive.columns import provider_of
from mockso.archive.envelope import (
    agent_row,
    asks_for_columns,
    describe_columns,
    encode,
    full_row,
    list_providers,
    rows_envelope,
    safe_names,
    slim_row,
)
from mockso.exchange.call import Call
from tests.conftest import call
from tests.judge.verdicts import judge_by


def collection(engine, path: str = "/api/v1/Contact", query=()) -> Call:
    request = call(path=path, query=query)
    return Call(request, engine.find(request), judge_by(engine, request))


@pytest.mark.parametrize(("online", "end"), [(True, "Archive//$metadata"), (False, "Archive/$metadata")])
def test_the_address_of_the_metadata_has_two_slashes_in_online(engine, online, end):
    one = collection(engine)

    assert rows_envelope((), one.request, online)["odata.metadata"].endswith(end)
    assert list_providers(one.lookup.contract, one.request, online)["odata.metadata"].endswith(end)


def test_the_list_of_providers_leaves_out_the_metadata_of_all(engine):
    one = collection(engine)

    names = [row["name"] for row in list_providers(one.lookup.contract, one.request, True)["value"]]

    assert "FindContact" in names
    assert not any(name.startswith("$") for name in names)


def test_a_collection_is_not_asked_for_its_columns(engine):
    one = collection(engine, query=[("$metadata", "true")])

    assert not asks_for_columns(one, one.lookup.operation)


def test_a_count_stands_behind_the_metadata():
    request = call(path="/api/v1/Contact")

    assert list(rows_envelope((), request, True, 3)) == [
        "odata.metadata",
        "odata.count",
        "odata.nextLink",
        "value",
    ]
    assert rows_envelope((), request, True, 3)["odata.count"] == "3"


def test_a_slim_row_has_its_key_as_a_text():
    assert slim_row(12, "person", {"fullName": "Ann"}) == {
        "PrimaryKey": "12",
        "EntityName": "person",
        "fullName": "Ann",
    }


def test_a_full_row_has_its_key_as_a_number_and_both_values_of_a_column():
    assert full_row(12, "contact", {"category": (5, "Customer")}) == {
        "PrimaryKey": 12,
        "EntityName": "contact",
        "StyleHint": "",
        "LinkHint": "nav=contact&contact_id=12",
        "TableRight": {"Mask": 1, "Reason": ""},
        "Column": {
            "category": {"RawValue": 5, "DisplayValue": "Customer", "LinkHint": "", "TooltipHint": ""}
        },
    }


def test_an_agents_row_has_only_texts():
    row = agent_row(12, "contact", {"contactId": 12, "name": "A"})

    assert row["PrimaryKey"] == 12
    assert {name: cell["DisplayValue"] for name, cell in row["ColumnData"].items()} == {
        "contactId": "[I:12]",
        "name": "A",
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "[I:5]"),
        (1.5, "[F:1.5]"),
        (1000000.25, "[F:1000000.25]"),
        (250000.0, "[F:250000]"),
        (True, "[B:True]"),
        ("2026-01-31T10:20:30", "[DT:01/31/2026 10:20:30.0000000]"),
        ("2026-01-31", "2026-01-31"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_a_value_is_encoded(value, text):
    assert encode(value) == text


def test_safe_names_have_no_signs():
    assert safe_names({"contact/name": 1, "Udef/SuperOffice:1": 2, "x_y": 3}) == {
        "contact_name": 1,
        "Udef_SuperOffice_1": 2,
        "x_y": 3,
    }


def test_columns_are_described_with_type_and_order(shipped):
    columns = {column["Name"]: column for column in describe_columns(provider_of("FindContact", shipped))}

    assert len(columns) == 730
    assert (columns["contactId"]["RestrictionType"], columns["contactId"]["CanOrderBy"]) == ("int", True)
    assert (columns["getAllRows"]["DisplayType"], columns["getAllRows"]["IsVisible"]) == ("Checkbox", False)
    assert (columns["mainContact"]["CanRestrictBy"], columns["mainContact"]["RestrictionType"]) == (False, "")
    assert columns["contactAssociate/fullName"]["IsVisible"] is False
