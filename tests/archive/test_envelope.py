"""The answers of archives, as they are before a request for XML or another page changes them."""

import pytest

from mockso.archive.envelope import asks_for_columns, columns, envelope, providers
from mockso.exchange.call import Call
from tests.conftest import call
from tests.judge.verdicts import judge_by


def collection(engine, path: str = "/api/v1/Contact", query=()) -> Call:
    request = call(path=path, query=query)
    return Call(request, engine.find(request), judge_by(engine, request))


def test_a_row_has_the_columns_of_select_and_numbers_for_ids(engine):
    one = collection(engine, query=[("$select", "name, contact/contactId, paid")])

    assert envelope(one, one.lookup.operation, True)["value"] == [
        {
            "PrimaryKey": "1",
            "EntityName": "simplecontact",
            "name": "name",
            "contact/contactId": 1,
            "paid": "paid",
        }
    ]


@pytest.mark.parametrize(("online", "end"), [(True, "Archive//$metadata"), (False, "Archive/$metadata")])
def test_the_address_of_the_metadata_has_two_slashes_in_online(engine, online, end):
    one = collection(engine)

    assert envelope(one, one.lookup.operation, online)["odata.metadata"].endswith(end)
    assert providers(one.lookup.contract, one.request, online)["odata.metadata"].endswith(end)


def test_the_list_of_providers_leaves_out_the_metadata_of_all(engine):
    one = collection(engine)

    names = [row["name"] for row in providers(one.lookup.contract, one.request, True)["value"]]

    assert "FindContact" in names
    assert not any(name.startswith("$") for name in names)


def test_a_collection_is_not_asked_for_its_columns(engine):
    one = collection(engine, query=[("$metadata", "true")])

    assert not asks_for_columns(one, one.lookup.operation)
    assert set(columns()) == {"getAllRows", "getNoRows"}
