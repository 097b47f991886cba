"""Rights blocks. Source: recorded answers (behaviour, section 11.3)."""

import json

import pytest

from mockso.contract.catalogue import Contract
from mockso.entities.rights import Rights

CONTACT = "SuperOffice.CRM.Services.ContactEntity"


@pytest.fixture(scope="module")
def rights():
    return Contract.open().derive(Rights)


def test_each_property_has_its_right_type_and_length(rights):
    properties = rights.of(CONTACT)

    assert properties["Department"]["FieldRight"] == {"Mask": "Update", "Reason": ""}
    assert properties["Department"]["FieldType"] == "System.String"
    assert properties["ContactId"]["FieldLength"] == 4
    assert properties["UpdatedDate"]["FieldLength"] == 16
    assert properties["Phones"]["FieldType"] == "SuperOffice.CRM.Services.EntityElement[]"
    assert properties["Phones"]["FieldLength"] == 0
    assert "TableRight" not in properties


def test_a_name_is_mandatory(rights):
    assert rights.of(CONTACT)["Name"]["FieldRight"] == {
        "Mask": "Update, UIHintMandatory",
        "Reason": "[SR_MANDATORY_FIELD_1]",
    }


def test_they_are_made_once_and_stand_at_their_place_in_the_answer(client, rights):
    reply = client.reply("POST", "Contact", {"Name": "A"})

    body = json.loads(reply.body)
    names = list(body)
    assert names[-3:] == ["TableRight", "FieldProperties", "_Links"]
    assert body["FieldProperties"] == rights.of(
        "SuperOffice.WebApi.v1.Carriers.ContactCarriers.ContactEntityWithLinks"
    )
    assert rights.of(CONTACT) is rights.of(CONTACT)


def test_a_referenced_carrier_has_none(client):
    contact = client.post("Contact", {"Name": "A"})["ContactId"]

    person = client.post("Person", {"Lastname": "B", "Contact": {"ContactId": contact}})

    assert (person["Contact"]["TableRight"], person["Contact"]["FieldProperties"]) == (None, {})


def test_they_are_written_in_xml_too(client):
    key = client.post("Contact", {"Name": "A"})["ContactId"]

    reply = client.reply("GET", f"Contact/{key}", Accept="application/xml")

    assert b"System.String" in reply.body
