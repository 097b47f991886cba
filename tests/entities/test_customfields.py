"""Custom fields live. Source: study of entities, section a1, rule 12; the pages of UdefLayout."""

import pytest

LAYOUT = "Contact/UdefLayout"


@pytest.fixture
def field(client):
    return client.post(f"{LAYOUT}?udefFieldType=Number")


def labels(client, path):
    return [one["FieldLabel"] for one in client.get(path)]


def test_a_field_is_published_with_its_layout(client, field):
    assert (field["FieldType"], field["Type"]) == ("Number", "Contact")
    assert client.get(LAYOUT) == [field]
    assert client.get(f"{LAYOUT}/Published") == []
    assert client.get(f"{LAYOUT}/Changed") is True

    client.post(f"{LAYOUT}/Publish")

    assert client.get(f"{LAYOUT}/Changed") is False
    assert client.get(f"{LAYOUT}/Published/{field['ProgId']}")["HasBeenPublished"] is True
    assert client.get("Person/UdefLayout/Published") == []


def test_a_change_shows_when_it_is_published(client, field):
    client.post(f"{LAYOUT}/Publish")

    client.call("PUT", LAYOUT, [{**field, "FieldLabel": "Cars"}])

    assert (labels(client, LAYOUT), labels(client, f"{LAYOUT}/Published")) == (
        ["Cars"],
        [field["FieldLabel"]],
    )
    client.post(f"{LAYOUT}/Publish")
    assert labels(client, f"{LAYOUT}/Published") == ["Cars"]


def test_changes_are_reverted(client, field):
    client.post(f"{LAYOUT}/Publish")
    client.post(f"{LAYOUT}?udefFieldType=Date")
    assert client.call("DELETE", f"{LAYOUT}/{field['ProgId']}")[0] == 204
    assert client.call("GET", f"{LAYOUT}/{field['ProgId']}")[0] == 404
    assert labels(client, f"{LAYOUT}/Published") == [field["FieldLabel"]]

    client.post(f"{LAYOUT}/Revert")

    assert labels(client, LAYOUT) == [field["FieldLabel"]]
    assert client.get(f"{LAYOUT}/Changed") is False


def test_a_field_gets_another_type(client, field):
    changed = client.post(f"{LAYOUT}/{field['ProgId']}/ChangeTo/Decimal?isIndexed=true")

    assert (changed["FieldType"], changed["IsIndexed"]) == ("Decimal", True)


def test_agents_see_the_same_fields(client, field):
    owner = {"OwnerType": "Contact"}
    agent = "UserDefinedFieldInfo"
    key = field["UDefFieldId"]

    assert client.agent(f"{agent}/GetUserDefinedFieldList", owner) == [field]
    assert client.agent(f"{agent}/GetUserDefinedFieldInfo?userDefinedFieldInfoId={key}") == field
    assert client.agent(f"{agent}/DetectUnpublishedChanges", owner) is True
    client.agent(f"{agent}/SaveUserDefinedFieldInfo", {**field, "FieldLabel": "Cars"})
    client.agent(f"{agent}/Publish", owner)
    ask = {**owner, "FieldLabel": "cars"}
    assert client.agent(f"{agent}/GetPublishedUserDefinedFieldFromFieldLabel", ask)["UDefFieldId"] == key
    client.agent(f"{agent}/DeleteUserDefinedFieldInfo?userDefinedFieldInfoId={key}")
    assert client.agent(f"{agent}/GetUserDefinedFieldInfo?userDefinedFieldInfoId={key}") is None


def test_fields_of_the_first_page(client, field):
    owner, agent = {"OwnerType": "Contact", "UserGroupId": 0}, "UserDefinedFieldInfo"
    line = {**owner, "UdefFieldId": field["UDefFieldId"], "FieldLineNo": 2}

    client.agent(f"{agent}/SetUserDefinedPageOneField", line)

    assert client.agent(f"{agent}/GetUserDefinedPageOneFields", owner)[0]["Page1LineNo"] == 2
    assert client.agent(f"{agent}/GetChangedPageOneFields", owner) == [True]


def test_clients_learn_of_published_fields(client, field):
    assert client.get("Contact/CustomField") == []
    client.post(f"{LAYOUT}/Publish")

    info = client.get(f"Contact/CustomField/{field['ProgId']}")

    assert (info["FieldType"], info["DisplayName"]) == ("Integer", field["FieldLabel"])
    assert client.get("Contact/CustomField") == [info]
    assert client.call("GET", "Contact/CustomField/none")[0] == 404
