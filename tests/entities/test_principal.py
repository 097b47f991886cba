"""Callers are told who they are by a tenant's rows. Source: behaviour, section 2.5."""

import pytest


@pytest.fixture
def person(client):
    client.put("Country", 578, {"Name": "Norway"})
    company = client.post("Contact", {"Name": "Nordlys", "Country": {"CountryId": 578}})["ContactId"]
    client.put("UserGroup", 3, {"Value": "Sales"})
    person = client.post(
        "Person",
        {
            "Firstname": "Kari",
            "Lastname": "Aas",
            "Contact": {"ContactId": company},
            "Emails": [{"Value": "kari@nordlys.example"}],
        },
    )
    client.put(
        "Associate",
        2,
        {"Name": "KAB", "UserName": "kari@nordlys.example", "Person": person["PersonId"], "UserGroup": 3},
    )
    client.token = "8A:Cust1.user-KAB"
    return person


def test_a_principal_is_made_of_its_associate_and_person(client, person):
    principal = client.get("User/currentPrincipal")

    expected = {
        "Associate": "KAB",
        "AssociateId": 2,
        "PersonId": person["PersonId"],
        "ContactId": person["Contact"]["ContactId"],
        "CountryId": 578,
        "GroupId": 3,
        "FullName": "Kari Aas",
        "EMailAddress": "kari@nordlys.example",
        "UserName": "kari@nordlys.example",
        "DatabaseContextIdentifier": "Cust1",
    }
    assert {name: principal[name] for name in expected} == expected


def test_the_current_associate_is_the_caller(client, person):
    associate = client.get("User/currentAssociate")

    assert (associate["AssociateId"], associate["FullName"]) == (2, "Kari Aas")


def test_a_tenant_without_associates_answers_with_an_example(client):
    assert client.get("User/currentPrincipal")["DatabaseContextIdentifier"] == "Cust1"
    assert client.get("User/currentToken") == "8A:Cust1.abc"
