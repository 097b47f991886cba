"""Warnings of the judge about references to rows that are not there."""

import pytest


@pytest.fixture
def warnings(client):
    def ask(path, body, method="POST"):
        client.call(method, path, body)
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


def test_a_key_that_is_not_that_of_the_address_is_a_warning(warnings, company):
    (warning,) = warnings(f"Contact/{company}", {"ContactId": 77, "Name": "A"}, "PUT")

    assert warning[:2] == ("body.ContactId", f"77 is not the key of the address, which counts: {company}")
    assert warnings(f"Contact/{company}", {"ContactId": company, "Name": "A"}, "PUT") == []


def test_a_list_of_other_rows_that_a_save_cannot_change_is_a_warning(warnings, client, company):
    person = client.post("Person", {"Lastname": "B", "Contact": {"ContactId": company}})["PersonId"]

    (warning,) = warnings(f"Contact/{company}", {"Name": "A", "Persons": [{"PersonId": 77}]}, "PUT")

    assert warning[0] == "body.Persons"
    assert "follows from Contact of each Person" in warning[1]
    assert warnings(f"Contact/{company}", {"Name": "A", "Persons": [{"PersonId": person}]}, "PUT") == []
    assert len(warnings("Contact", {"Name": "A", "Persons": [{"PersonId": person}]})) == 1


def test_the_number_of_no_value_is_not_said_to_be_accepted(warnings):
    (unknown,) = warnings("Appointment", {"Private": 99})
    (known,) = warnings("Appointment", {"Private": 1})

    assert unknown[1].endswith("got the number 99, which no value has, so it is ignored")
    assert known[1].endswith("got the number 1, which the server accepts")
