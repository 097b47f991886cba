"""Acts on members, people, quotes and requests: study of entities, section a2."""

import pytest


@pytest.fixture
def company(client):
    return client.post("Contact", {"Name": "Acme AS", "Emails": [{"Value": "post@acme.example"}]})[
        "ContactId"
    ]


@pytest.fixture
def person(client, company):
    body = {
        "Firstname": "Ann",
        "Lastname": "Berg",
        "Contact": {"ContactId": company},
        "Emails": [{"Value": "ann@acme.example"}],
        "MobilePhones": [{"Value": "+47 911"}],
    }
    return client.post("Person", body)["PersonId"]


def test_check_25_a_project_member_is_in_both_lists(client, company, person):
    project = client.post("Project", {"Name": "Roof"})["ProjectId"]

    client.agent(
        "Project/AddProjectMembers",
        {"ProjectEntityId": project, "ProjectMembers": [{"PersonId": person, "ContactId": company}]},
    )

    entity = client.agent(f"Project/GetProjectEntity?projectEntityId={project}")
    (member,) = entity["ProjectMembers"]
    assert (member["PersonId"], member["ContactId"], member["ProjectId"]) == (person, company, project)
    assert [
        one["PersonId"] for one in client.agent("Person/GetPersonsFromProject", {"ProjectId": project})
    ] == [person]
    assert [
        one["ProjectId"] for one in client.agent("Project/GetProjectsFromPerson", {"PersonId": person})
    ] == [project]

    client.agent("Project/DeleteProjectMembers", {"ProjectEntityId": project, "MemberIds": [person]})
    assert client.agent("Project/GetProjectMembers", {"ProjectId": project}) == []


def test_stakeholders_of_a_sale(client, company, person):
    sale = client.post("Sale", {"Heading": "Roof"})["SaleId"]

    client.agent("Sale/AddSaleStakeholders", {"SaleId": sale, "SaleStakeholders": [{"PersonId": person}]})

    (stakeholder,) = client.agent(f"Sale/GetSaleEntity?saleEntityId={sale}")["SaleStakeholders"]
    assert (stakeholder["PersonId"], stakeholder["ContactId"]) == (person, company)
    client.agent("Sale/DeleteSaleStakeholders", {"SaleStakeholderIds": [stakeholder["SaleStakeholderId"]]})
    assert client.agent("Sale/GetSaleStakeholders", {"SaleId": sale}) == []


def test_members_of_a_selection_are_added_once_and_removed(client, company):
    selection = client.post("Selection", {"Name": "All", "TargetTableName": "contact"})["SelectionId"]

    added = client.agent(
        "Selection/AddSelectionMembers", {"SelectionId": selection, "Ids": [company, company]}
    )
    again = client.post(f"Selection/{selection}/Members/Add", [company])

    assert (added, again) == (1, 0)
    assert client.get(f"Selection/{selection}")["MemberCount"] == 1
    client.agent("Selection/RemoveSelectionMembersById", {"SelectionId": selection, "Ids": [company]})
    assert client.get(f"Selection/{selection}")["MemberCount"] == 0


def test_persons_of_companies_in_a_selection(client, company, person):
    selection = client.post("Selection", {"Name": "All"})["SelectionId"]
    pairs = [{"ContactId": company, "PersonId": person}]

    client.agent(
        "Selection/AddContactSelectionMembers", {"SelectionId": selection, "ContactPersonIds": pairs}
    )
    copy = client.agent("Selection/CreateSelectionFromSelection", {"SelectionId": selection, "Name": "Copy"})
    client.agent(
        "Selection/RemoveContactSelectionMembers", {"SelectionId": selection, "ContactPersonIds": pairs}
    )

    assert (copy["Name"], client.get(f"Selection/{copy['SelectionId']}")["MemberCount"]) == ("Copy", 1)
    assert client.get(f"Selection/{selection}")["MemberCount"] == 0


@pytest.mark.parametrize("kind", ["Contact", "Person"])
def test_check_14_what_was_deleted_is_brought_back(client, company, person, kind):
    key = {"Contact": company, "Person": person}[kind]

    deleted = client.call("DELETE", f"{kind}/{key}")[0]
    missing = client.call("GET", f"{kind}/{key}")[0]
    again = client.call("DELETE", f"{kind}/{key}")[0]
    restored = client.call("POST", f"Agents/{kind}/Undelete", {"Id": key})[0]

    assert (deleted, missing, again, restored) == (204, 404, 204, 204)
    assert client.call("GET", f"{kind}/{key}")[0] == 200


def test_a_person_moves_and_a_new_one_comes(client, company, person):
    other = client.post("Contact", {"Name": "Other"})["ContactId"]

    client.post(f"Person/{person}/MoveTo/{other}?moveAfterDate=2026-01-01T00:00:00")
    new = client.agent("Contact/AddPerson", {"ContactId": company, "NewPersonEntity": {"Lastname": "Dahl"}})

    assert client.get(f"Person/{person}")["Contact"]["Name"] == "Other"
    assert (new["Contact"]["ContactId"], new["Lastname"]) == (company, "Dahl")


def test_one_more_address_becomes_the_main_one(client, person):
    body = {"PersonId": person, "EmailAddress": "b@acme.example", "SetAsPrimaryEmail": True}

    client.agent("Person/AddEmailAddressToPerson", body)

    values = [item["Value"] for item in client.get(f"Person/{person}")["Emails"]]
    assert values == ["b@acme.example", "ann@acme.example"]


def test_duplicates_by_name_and_domain(client, company):
    by_name = client.agent("Contact/GetDuplicates", {"Name": "acme as"})
    by_rest = client.get("Contact/Duplicates/Acme%20AS?department=")
    by_domain = client.agent("Contact/GetDomainDuplicates", {"Domain": "acme.example"})
    none = client.agent("Contact/GetNameDepartmentDuplicates", {"Name": "Acme AS", "Department": "Oslo"})

    assert [row["SoPrimaryKey"] for row in by_name] == [company]
    assert [row["SoPrimaryKey"] for row in by_domain] == [company]
    assert none == []
    assert isinstance(by_rest, list)


def test_a_number_is_valid_while_nobody_has_it(client):
    key = client.post("Contact", {"Name": "A", "Number2": "500"})["ContactId"]

    assert client.agent("Contact/IsNumberValid", {"ContactId": 0, "Number": "500"}) is False
    assert client.agent("Contact/IsNumberValid", {"ContactId": key, "Number": "500"}) is True
    assert client.agent("Contact/IsNumberValid", {"ContactId": 0, "Number": "501"}) is True


def test_a_summary_has_the_latest_of_each(client, company):
    client.post("Sale", {"Heading": "Roof", "Contact": {"ContactId": company}, "Amount": 5.0})

    summary = client.agent("Contact/GetContactSummary", {"ContactId": company, "Limit": 5})

    assert summary["Contact"]["Name"] == "Acme AS"
    assert [sale["Heading"] for sale in summary["Sales"]] == ["Roof"]
    assert summary["Tickets"] == []


def test_the_address_of_a_person_is_that_of_the_company_where_it_has_none(client):
    address = {"Street": {"City": "Oslo"}}
    company = client.post("Contact", {"Name": "A", "Address": address})["ContactId"]
    person = client.put("Person", 5, {"Lastname": "B", "Contact": company}) or 5

    assert client.agent("Person/GetAddress", {"PersonId": person})["Street"]["City"] == "Oslo"


@pytest.mark.parametrize("text", ["ann", "Berg", "acme", "+47 911"])
def test_phones_are_searched_by_name_company_and_number(client, person, text):
    (item,) = client.agent("PhoneList/Search", {"SearchString": text})

    assert (item["Id"], item["PersonCellPhone"], item["Name"]) == (person, "+47 911", "Ann Berg")


def test_a_quote_of_a_sale_has_a_version_an_alternative_and_lines(client):
    client.put("QuoteConnection", 1, {"DisplayName": "Price lists"})
    client.put(
        "Product", 1, {"ERPProductKey": "P-1", "Name": "Panel", "UnitListPrice": 100.0, "UnitCost": 60.0}
    )
    sale = client.post("Sale", {"Heading": "Roof"})["SaleId"]

    quote = client.agent(
        "Quote/CreateAndSaveQuote", {"SaleId": sale, "ConnectionId": 1, "FirstAlternativeName": "Basic"}
    )
    (version,) = quote["QuoteVersions"]
    (alternative,) = version["QuoteAlternatives"]
    line = client.agent(
        "Quote/CreateQuoteLine",
        {"QuoteAlternativeId": alternative["QuoteAlternativeId"], "ERPProductKey": "P-1"},
    )
    found = client.agent("Quote/GetQuoteFromSaleId", {"SaleId": sale})

    assert (version["Number"], version["State"], alternative["Name"]) == ("1", "Draft", "Basic")
    assert (line["Name"], line["TotalPrice"], line["EarningPercent"]) == ("Panel", 100.0, 40.0)
    assert (found["QuoteId"], found["ActiveQuoteVersionId"]) == (quote["QuoteId"], version["QuoteVersionId"])


def test_the_next_version_of_a_quote_has_the_lines_of_the_last(client):
    client.put("QuoteConnection", 1, {"DisplayName": "Price lists"})
    sale = client.post("Sale", {"Heading": "Roof"})["SaleId"]
    quote = client.agent("Quote/CreateAndSaveQuote", {"SaleId": sale, "ConnectionId": 1})
    (first,) = quote["QuoteVersions"]
    key = first["QuoteAlternatives"][0]["QuoteAlternativeId"]
    client.agent("Quote/CreateQuoteLine", {"QuoteAlternativeId": key, "ERPProductKey": "P-1"})

    second = client.agent("Quote/CreateAndSaveQuoteVersion", {"QuoteVersionId": first["QuoteVersionId"]})

    (copy,) = second["QuoteAlternatives"]
    lines = client.rows.find("QuoteLine", "QuoteAlternativeId", copy["QuoteAlternativeId"])
    assert (second["Number"], len(lines)) == ("2", 1)
    assert second["LikelyQuoteAlternativeId"] == copy["QuoteAlternativeId"]
    assert client.rows.get("QuoteVersion", first["QuoteVersionId"])["State"] == "Archived"


def test_tickets_are_taken_over_read_and_merged(client):
    client.put("tenant", "me", {"associate": 4})
    client.put("Associate", 4, {"Name": "KAB"})
    one, two = (client.post("Ticket", {"Title": title})["TicketId"] for title in "AB")
    message = client.post("TicketMessage", {"Ticket": {"TicketId": two}, "Body": "Hi"})["EjMessageId"]

    client.agent("Ticket/AcceptTickets", {"TicketIds": [one]})
    client.agent(
        "Ticket/MergeTickets",
        {"MergedTicketEntity": {"TicketId": one, "Title": "A"}, "SecondaryTicketIds": [two]},
    )

    assert client.rows.get("TicketMessage", message)["Ticket"] == one
    assert client.rows.get("Ticket", two)["BaseStatus"] == "Merged"


def test_chat_messages_after_one(client):
    session = client.put("ChatSession", 3, {"TopicId": 1}) or 3
    first, second = (
        client.post(f"ChatSession/{session}/Messages", {"Message": text}) for text in ("Hi", "Ho")
    )

    messages = client.get(f"ChatSession/{session}/Messages?after={first['ChatMessageId']}")

    assert [message["Message"] for message in messages] == ["Ho"]
    assert second["ChatSessionId"] == session


def test_members_and_stakeholders_have_the_names_of_their_person_and_company(client):
    client.put("Contact", 1, {"Name": "Acme AS", "Department": "Oslo", "Country": 578})
    client.put(
        "Person", 1, {"Firstname": "Ada", "Lastname": "Moe", "Emails": [{"Value": "ada@acme.example"}]}
    )
    client.put("Project", 1, {"Name": "Roof"})
    client.put("list:pmembtype", 3, {"Name": "Leader"})
    client.put("list:stakeholderrole", 4, {"Name": "Buyer"})
    client.put("ProjectMember", 1, {"ProjectId": 1, "PersonId": 1, "ContactId": 1, "ProjectMemberTypeId": 3})
    client.put("SaleStakeholder", 1, {"SaleId": 1, "PersonId": 1, "ContactId": 1, "StakeholderRoleId": 4})

    member, stakeholder = client.get("ProjectMember/1"), client.get("SaleStakeholder/1")

    assert (member["FullName"], member["ContactName"], member["ContactDepartment"]) == (
        "Ada Moe",
        "Acme AS",
        "Oslo",
    )
    assert (member["ProjectName"], member["ProjectMemberTypeName"]) == ("Roof", "Leader")
    assert (member["EmailAddress"], member["CountryId"]) == ("ada@acme.example", 578)
    assert (stakeholder["Lastname"], stakeholder["ContactName"]) == ("Moe", "Acme AS")
    assert stakeholder["StakeholderRoleName"] == "Buyer"
