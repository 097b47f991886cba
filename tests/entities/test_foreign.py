"""Foreign keys live: check 30 of the study of entities, section h."""

import pytest

WHERE = {"ApplicationName": "Shop", "DeviceName": "web", "DeviceIdentifier": "1"}


@pytest.fixture
def company(client):
    return client.post("Contact", {"Name": "Acme"})["ContactId"]


def add(client, company, value="A-17", **key):
    sent = {"Key": "customer", "Value": value, "TableName": "contact", "RecordId": company, **key}
    return client.agent("ForeignSystem/AddForeignKey", {**WHERE, "ForeignKey": sent})


def test_check_30_a_key_is_found_by_its_value_and_with_its_row(client, company):
    add(client, company)

    ask = {**WHERE, "KeyName": "customer", "KeyValue": "A-17", "TableName": "contact"}
    assert client.agent("ForeignSystem/GetKeyByValue", ask)["RecordId"] == company
    assert client.get(f"Contact/{company}/ForeignKey") == {"Shop.web.customer": "A-17"}
    body = {"EntityType": "Contact", "EntityId": company}
    assert client.agent("ForeignSystem/GetAllForeignKeysOnEntity", body) == {"Shop.web.customer": "A-17"}
    assert client.agent("ForeignSystem/GetKeyByValue", {**ask, "KeyValue": "B"}) is None


def test_rest_reads_what_an_agent_wrote(client, company):
    add(client, company)

    assert client.get("ForeignApp/Shop")["Devices"][0]["Name"] == "web"
    assert client.get("ForeignApp/shop/web/1")["DeviceIdentifier"] == "1"
    assert client.get(f"ForeignApp/Shop/web/Key/customer/contact/{company}/Value") == "A-17"
    assert client.get("ForeignApp/Shop/web/1/Key/customer/contact?value=A-17")["RecordId"] == company
    assert client.call("GET", "ForeignApp/Shop/web/2")[0] == 404
    assert client.call("GET", "ForeignApp/Other")[0] == 404


def test_a_key_of_the_same_place_is_replaced(client, company):
    add(client, company)
    add(client, company, "B")

    keys = client.agent("ForeignSystem/GetApplicationKeys", {"ApplicationName": "Shop"})

    assert [key["Value"] for key in keys] == ["B"]


def test_keys_are_deleted_by_name_and_with_their_device(client, company):
    add(client, company)
    add(client, company, Key="other")
    path = "ForeignApp/Shop/web/1"

    assert client.call("DELETE", f"{path}/Key/customer/contact/{company}")[0] == 204
    assert list(client.get(f"Contact/{company}/ForeignKey")) == ["Shop.web.other"]
    assert client.call("DELETE", path)[0] == 204
    assert client.get(f"Contact/{company}/ForeignKey") == {}


def test_an_application_and_its_devices_are_made(client):
    app = client.post("ForeignApp/Shop")
    device = client.post("ForeignApp/Shop/web/1")

    assert (app["Name"], device["ForeignAppId"]) == ("Shop", app["ForeignAppId"])
    assert [one["Name"] for one in client.get("ForeignApp/Shop/Devices")] == ["web"]
    body = {"ApplicationName": "Shop", "ForeignDevice": {"Name": "till"}}
    assert client.agent("ForeignSystem/SaveForeignDevice", body)["Name"] == "till"
    assert len(client.get("ForeignApp/Shop/Devices")) == 2
    client.agent("ForeignSystem/DeleteForeignDevice", body)
    assert len(client.get("ForeignApp/Shop/Devices")) == 1
