"""The line by which rows tell why they answered so."""

import pytest


@pytest.fixture
def note(client):
    def ask(method, path, body=None):
        client.call(method, path, body)
        (entry,) = client.engine.journal.find(tenant=client.tenant, order="newest", limit=1)
        return client.engine.journal.get(entry["id"])["note"]

    return ask


def test_a_list_tells_its_rule_its_filter_and_how_many_rows(client, note):
    key = client.post("Contact", {"Name": "A"})["ContactId"]
    for contact in (key, key, 0):
        client.post("Person", {"Lastname": "B", "Contact": {"ContactId": contact}})

    text = note("POST", "Agents/Person/GetPersonsFromContact", {"ContactId": key})

    assert text == f"by entities: rule 7 list, Person where Contact = {key}: 2 of 3 rows"


def test_an_act_tells_its_operation(note):
    text = note("POST", "Agents/Sale/SetAsSold", {"SaleIds": []})

    assert text == "by entities: v1SaleAgent_SetAsSold, Sale"


def test_an_archive_tells_its_provider(client, note):
    client.post("Contact", {"Name": "A"})

    key = client.post("Contact", {"Name": "B"})["ContactId"]

    assert note("GET", "Contact?$top=1") == "by entities: rule 8 archive, SimpleContact: 1 rows"
    assert note("GET", "Archive/person?$filter=firstName is 'x'") == (
        "by entities: rule 8 archive, person where firstName is 'x': 0 rows"
    )
    assert note("GET", f"Contact/{key}/Persons") == (
        f"by entities: rule 8 archive, Person below Contact {key}: 0 rows"
    )


def test_an_argument_that_does_nothing_is_named(note):
    text = note("POST", "Agents/List/GetAllInDomain", {"Domain": "Dashboards", "Children": True})

    assert text.endswith("; Children does nothing here")


def test_a_promise_of_a_name_is_told_as_a_condition(note):
    body = {"PersonId": 1, "IncludeProjectAppointments": True, "StartTime": "2026-01-01T00:00:00"}

    assert "the person = 1 or its projects (IncludeProjectAppointments)" in note(
        "POST", "Agents/Appointment/GetPersonAppointments", body
    )
    assert "Status = Open" in note("POST", "Agents/Sale/GetOpenSalesForContact", {"ContactId": 1})


def test_a_read_by_key_tells_nothing_beside_its_call(client, note):
    key = client.post("Contact", {"Name": "A"})["ContactId"]

    assert not note("GET", f"Contact/{key}")
