"""New carriers with presets, and who is written down: checks 22 and 23 of the study of entities."""

import pytest


def test_check_22_a_default_by_company_has_it_filled(client):
    key = client.post("Contact", {"Name": "Acme AS"})["ContactId"]

    person = client.agent("Person/CreateDefaultByContactId", {"ContactId": key})

    assert person["PersonId"] == 0
    assert person["Contact"]["Name"] == "Acme AS"


def test_check_22_a_default_of_a_missing_company_has_none(client):
    person = client.agent("Person/CreateDefaultByContactId", {"ContactId": 4711})

    assert person["Contact"] is None


@pytest.mark.parametrize("kind", ["Contact", "Project"])
def test_check_23_another_user_is_the_updater(client, kind):
    client.put("Associate", 1, {"Name": "KAB"})
    client.put("Associate", 2, {"Name": "RJ"})
    client.put("tenant", "me", {"associate": 1})
    key = client.post(kind, {"Name": "A"})[f"{kind}Id"]

    client.token = "8A:Cust1.user-RJ"
    client.call("PUT", f"{kind}/{key}", {"Name": "B"})

    entity = client.get(f"{kind}/{key}")
    assert (entity["CreatedBy"]["Name"], entity["UpdatedBy"]["Name"]) == ("KAB", "RJ")


def test_appointments_by_their_type(client):
    key = client.post("Contact", {"Name": "A"})["ContactId"]
    for type in ("inDiary", "inChecklist"):
        client.post("Appointment", {"Title": type, "Type": type, "Contact": {"ContactId": key}})

    found = client.agent(
        "Appointment/GetContactAppointmentsByType",
        {"ContactId": key, "AppointmentType": "inChecklist", "Count": 9},
    )

    assert [row["Type"] for row in found] == ["inChecklist"]


def test_check_11_and_12_an_object_keeps_siblings_and_adds_to_a_list(client):
    address = {"Street": {"City": "Oslo", "Zipcode": "0150"}}
    body = {"Name": "A", "Address": address, "Phones": [{"Value": "1"}]}
    key = client.post("Contact", body)["ContactId"]

    client.call("PATCH", f"Contact/{key}", {"Address": {"Street": {"City": "Bergen"}}})
    client.call("PATCH", f"Contact/{key}", {"Phones": {"Value": "2"}})

    entity = client.get(f"Contact/{key}")
    assert (entity["Address"]["Street"]["City"], entity["Address"]["Street"]["Zipcode"]) == ("Bergen", "0150")
    assert [phone["Value"] for phone in entity["Phones"]] == ["1", "2"]
    assert entity["Name"] == "A"
