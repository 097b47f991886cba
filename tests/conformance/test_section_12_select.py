"""Section 12 of the behaviour page: $select on entities."""

import pytest


@pytest.mark.parametrize(
    "names", ["name,ContactId", "NAME, contactid", "Name,,ContactId", "%24nonsense,Name,ContactId"]
)
def test_what_is_not_selected_is_null(server, names):
    """Section 12, assumed: names in any letter case, blanks allowed; the keys stay and hold null."""
    answer = server.get(f"Contact/17?$select={names}")
    filled = {name for name, value in answer.json.items() if value is not None}
    assert filled == {"Name", "ContactId", "_Links"}
    assert answer.fidelity == "assumed"


def test_a_member_of_a_nested_carrier(server):
    """Section 12, firm: category/id addresses a member of a nested carrier."""
    got = server.get("Contact/17?$select=country/countryid,address/street/city").json
    assert {name for name, value in got["Country"].items() if value is not None} == {"CountryId"}
    assert {name for name, value in got["Address"]["Street"].items() if value is not None} == {"City"}


def test_what_is_not_selected_can_be_absent(serve):
    """Section 12, assumed: select_mode omit leaves the rest out."""
    assert set(serve(select_mode="omit").get("Contact/17?$select=name").json) == {"Name", "_Links"}


@pytest.mark.parametrize("query", ["", "?$select="])
def test_an_empty_select_is_everything(server, query):
    """Section 12, firm: empty or missing is the whole entity."""
    assert server.get(f"Contact/17{query}").json["Department"] is not None


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "Contact"), ("PUT", "Contact/17"), ("PATCH", "Contact/17")]
)
def test_it_works_on_changes(server, method, path):
    """Section 12, firm: it works on POST, PUT and PATCH by id."""
    got = server.call(method, f"{path}?$select=name", {"Name": "Acme"}).json
    assert (got["Name"], got["Department"]) == ("Acme", None)


def test_it_works_on_agents_and_item_by_item(server):
    """Section 12, firm: on agent calls that return carriers, on each item of an array."""
    got = server.call("POST", "Agents/Contact/GetContactList?$select=contactId", [4, 9]).json
    assert [(one["ContactId"], one["Name"]) for one in got] == [(4, None), (9, None)]


def test_unknown_names_are_ignored_and_told(server):
    """Section 12, assumed: unknown names are ignored and journaled."""
    answer = server.get("Contact/17?$select=name,nmae")
    assert (answer.status, "nmae" in answer.header("X-Mockso-Warning")) == (200, True)


def test_on_collections_it_names_columns(server):
    """Section 12, firm: on collections it means archive columns."""
    row = server.get("Contact?$select=name,contact/country").json["value"][0]
    assert {"name", "contact/country"} <= set(row)
