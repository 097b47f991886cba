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


def test_a_preset_is_the_default_of_its_list_or_else_its_first(client):
    client.put("TicketPriority", 1, {"Name": "Low"})
    client.put("TicketPriority", 2, {"Name": "Medium", "Flags": "Default"})
    client.put("Source", 1, {"Value": "Campaign", "Rank": 2})
    client.put("Source", 2, {"Value": "Website", "Rank": 1})

    assert client.get("Ticket/default")["Priority"]["Name"] == "Medium"
    assert client.get("Sale/default")["Source"]["Value"] == "Website"


def test_a_sale_begins_with_the_currency_of_the_first_country(client):
    client.put("Currency", 17, {"Name": "CAD"})
    client.put("Currency", 62, {"Name": "NOK"})
    client.put("Country", 578, {"Name": "Norway", "CurrencyId": 62})

    assert client.get("Sale/default")["Currency"]["Value"] == "NOK"


def test_a_default_by_type_has_the_first_task_of_that_type(client):
    client.put("TaskListItem", 1, {"Value": "Meeting", "Type": "Appointment"})
    client.put("TaskListItem", 2, {"Value": "Call", "Type": "Phone"})

    call = client.agent("Appointment/CreateDefaultAppointmentEntityByType", {"Type": "Phone"})

    assert call["Task"]["Value"] == "Call"


def test_a_default_user_is_of_the_type_that_was_asked_for(client):
    client.engine.tenants.of("Cust1").grant("User")

    user = client.agent("User/CreateDefaultUserFromUserType", {"UserType": "ExternalAssociate"})

    assert user["Type"] == "ExternalAssociate"


def test_the_base_status_of_a_request_follows_its_status(client):
    client.put("TicketStatus", 1, {"Name": "Open", "Status": "Active", "IsDefault": True})
    client.put("TicketStatus", 2, {"Name": "Done", "Status": "Closed"})

    ticket = client.post("Ticket", {"Title": "A"})
    assert ticket["BaseStatus"] == "Active"

    client.call("PUT", f"Ticket/{ticket['TicketId']}", {**ticket, "Status": {"TicketStatusId": 2}})
    assert client.get(f"Ticket/{ticket['TicketId']}")["BaseStatus"] == "Closed"


def test_a_new_item_of_a_list_stands_last(client):
    first, second = (client.agent("List/SaveProjectTypeEntity", {"Name": name}) for name in "AB")

    items = client.agent("MDO/GetSimpleList", {"Name": "projtype"})

    assert [item["Id"] for item in items] == [first["ProjTypeId"], second["ProjTypeId"]]
    assert [item["Rank"] for item in items] == [1, 2]


def test_a_selection_knows_its_table_by_name_and_number(client):
    named = client.agent("Selection/SaveSelectionEntity", {"Name": "A", "TargetTableName": "sale"})
    numbered = client.agent("Selection/SaveSelectionEntity", {"Name": "A", "TargetTableNumber": 5})

    assert (named["TargetTableNumber"], numbered["TargetTableName"]) == (13, "contact")
