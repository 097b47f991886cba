"""Warnings of the judge about references to rows that are not there."""

import pytest


@pytest.fixture
def warnings(client):
    def ask(path, body):
        client.post(path, body)
        (entry,) = client.engine.journal.find(tenant=client.tenant, order="newest", limit=1)
        found = client.engine.journal.get(entry["id"])["verdict"]["violations"]
        return [(fault["where"], fault["message"], fault["severity"]) for fault in found]

    return ask


@pytest.fixture
def company(client):
    return client.post("Contact", {"Name": "A"})["ContactId"]


def test_a_reference_to_no_row_is_a_warning(warnings, company):
    (warning,) = warnings("Person", {"Lastname": "B", "Contact": {"ContactId": 77}})

    assert warning == ("body.Contact.ContactId", "77 is not a key of Contact in this tenant", "warning")


@pytest.mark.parametrize("contact", [None, {"ContactId": 0}, {"Name": ""}, {}])
def test_a_reference_to_nothing_is_none(warnings, company, contact):
    assert warnings("Person", {"Lastname": "B", "Contact": contact}) == []


def test_a_reference_to_a_row_is_none(warnings, company):
    assert warnings("Person", {"Lastname": "B", "Contact": {"ContactId": company}}) == []


def test_a_number_that_names_a_row_counts_too(warnings, company):
    (warning,) = warnings("ProjectMember", {"ContactId": 77})

    assert warning[:2] == ("body.ContactId", "77 is not a key of Contact in this tenant")


def test_kinds_without_rows_are_passed_over(warnings):
    assert warnings("Person", {"Lastname": "B", "Contact": {"ContactId": 77}}) == []


def test_a_reference_by_another_property_than_the_key_is_a_warning(warnings, company):
    (warning,) = warnings("Person", {"Lastname": "B", "Contact": {"name": "A"}})

    assert warning[0] == "body.Contact"
    assert warning[1].startswith("only ContactId says which Contact is meant")
