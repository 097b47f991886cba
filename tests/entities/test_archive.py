"""Rows of collections and archives: behaviour, section 14."""

import json

import pytest


@pytest.fixture
def company(client):
    body = {"Name": "Acme AS", "Department": "Oslo", "Address": {"Street": {"City": "Oslo"}}}
    return client.post("Contact", body)["ContactId"]


@pytest.fixture
def persons(client, company):
    def person(name):
        body = {"Firstname": name, "Lastname": "Berg", "Contact": {"ContactId": company}}
        return client.post("Person", {**body, "Emails": [{"Value": f"{name}@a.example"}]})["PersonId"]

    return [person("Ann"), person("Bo")]


def rows(client, path):
    return client.get(path)["value"]


def test_a_collection_lists_the_rows_of_its_kind(client, company):
    client.post("Contact", {"Name": "B"})

    body = client.get("Contact?$select=contactId,name,nameDepartment,registeredDate")

    assert list(body) == ["odata.metadata", "odata.nextLink", "value"]
    assert body["value"][0] == {
        "PrimaryKey": str(company),
        "EntityName": "contact",
        "contactId": company,
        "name": "Acme AS",
        "nameDepartment": "Acme AS, Oslo",
        "registeredDate": "2026-03-01T12:00:00",
    }
    assert [row["name"] for row in body["value"]] == ["Acme AS", "B"]


def test_check_37_nothing_found_is_an_empty_list(client):
    assert rows(client, "Contact") == []


def test_check_19_all_four_lists_of_a_companys_persons_are_equal(client, company, persons):
    client.post("Person", {"Lastname": "Elsewhere"})

    by_list = client.agent("Person/GetPersonsFromContact", {"ContactId": company})
    by_agent = client.agent(f"Contact/GetContactEntity?contactEntityId={company}")["Persons"]
    by_collection = rows(client, f"Contact/{company}/Persons?$select=personId")
    by_entity = client.get(f"Contact/{company}")["Persons"]

    for found in (by_list, by_agent, by_entity):
        assert [person["PersonId"] for person in found] == persons
    assert [row["personId"] for row in by_collection] == persons
    assert {row["EntityName"] for row in by_collection} == {"person"}


def test_check_51_a_missing_parent_is_404(client):
    assert client.call("GET", "Contact/4711/Persons")[0] == 404


def test_columns_lead_over_references(client, persons, company):
    row = rows(
        client,
        "Person?$select=fullName,contact/name,contactId,email/emailAddress,contact/streetAddress/city",
    )[0]

    assert row == {
        "PrimaryKey": str(persons[0]),
        "EntityName": "person",
        "fullName": "Ann Berg",
        "contact/name": "Acme AS",
        "contactId": company,
        "email/emailAddress": "Ann@a.example",
        "contact/streetAddress/city": "Oslo",
    }


def test_pages_have_every_row_once(client):
    for number in range(5):
        client.post("Contact", {"Name": str(number)})

    pages = [rows(client, f"Contact?$select=name&$top=2&$skip={skip}") for skip in (0, 2, 4, 6)]

    assert [[row["name"] for row in page] for page in pages] == [["0", "1"], ["2", "3"], ["4"], []]


def test_an_archive_by_its_provider_and_by_post(client, persons):
    by_get = rows(client, "Archive/Person?$select=lastName")
    status, body = client.call("POST", "Archive/FindContact?$select=name&$top=1")

    assert [row["lastName"] for row in by_get] == ["Berg", "Berg"]
    assert status == 200
    assert body["value"] == [{"PrimaryKey": "1", "EntityName": "contact", "name": "Acme AS"}]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("name begins 'ac'", ["Acme AS"]),
        ("name contains 'e A' and department = 'Oslo'", ["Acme AS"]),
        ("contactId eq 1", ["Acme AS"]),
        ("contactId=2", ["Other"]),
        ("name is 'L\\'Or'", []),
        ("getAllRows = true", ["Acme AS", "Other"]),
    ],
)
def test_tests_of_a_filter_joined_by_and(client, company, text, names):
    client.post("Contact", {"Name": "Other"})

    reply = client.reply("GET", f"Contact?$select=name&$filter={text}")

    assert "X-Mockso-Hint" not in dict(reply.headers)
    assert [row["name"] for row in json.loads(reply.body)["value"]] == names


def test_projects_of_a_company_are_those_its_persons_are_members_of(client, company, persons):
    project = client.post("Project", {"Name": "Roof"})["ProjectId"]
    client.agent(
        "Project/AddProjectMembers",
        {"ProjectEntityId": project, "ProjectMembers": [{"PersonId": persons[0]}]},
    )

    assert [row["name"] for row in rows(client, f"Contact/{company}/Projects?$select=name")] == ["Roof"]
    members = rows(client, f"Project/{project}/Members?$select=personId,projectId")
    assert [(row["personId"], row["EntityName"]) for row in members] == [(persons[0], "projectMember")]
    assert [row["name"] for row in rows(client, f"Project/{project}/Contacts?$select=name")] == ["Acme AS"]


def test_members_of_a_selection_are_rows_of_its_kind(client, company):
    selection = client.post("Selection", {"Name": "S", "TargetTableName": "contact"})["SelectionId"]
    client.post(f"Selection/{selection}/Members/Add", [company])

    assert [row["PrimaryKey"] for row in rows(client, f"Selection/{selection}/Members")] == [str(company)]


def test_activities_are_appointments_documents_and_sales(client, company):
    there = {"Contact": {"ContactId": company}}
    client.post("Appointment", {"Title": "A", **there})
    client.post("Sale", {"Heading": "S", **there})

    names = [row["EntityName"] for row in rows(client, f"Contact/{company}/Activities")]

    assert names == ["appointment", "sale"]


def test_every_collection_answers(client, engine):
    for operation in engine.contract.operations():
        if operation.archive and operation.method == "GET" and "{" not in operation.path:
            status, body = client.call("GET", operation.path.removeprefix("/api/v1/"))
            assert (status, body["value"]) == (200, []), operation.id
