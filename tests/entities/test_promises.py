"""What the name of a list promises: hand check of rule 7."""

import pytest

PERIOD = {"StartTime": "2026-01-01T00:00:00", "EndTime": "2027-01-01T00:00:00", "Count": 9}


@pytest.fixture
def company(client):
    """Associate 1 is person 1 of company 1; person 2 is a customer and a member of project 1."""
    client.put("tenant", "me", {"associate": 1})
    client.put("Associate", 1, {"Name": "KAB", "Person": 1})
    client.put("Contact", 1, {"Name": "Nordlys", "Associate": 1})
    client.put("Contact", 2, {"Name": "Acme", "Associate": 1})
    client.put("Person", 1, {"Lastname": "Bakke", "Contact": 1})
    client.put("Person", 2, {"Lastname": "Moe", "Contact": 2, "Associate": 1})
    client.put("Project", 1, {"Name": "Roof", "Associate": 2})
    client.put("ProjectMember", 1, {"ProjectId": 1, "PersonId": 2})
    return client


def ids(rows, name):
    return [row[name] for row in rows]


def test_open_sales_are_open(company):
    for key, status in enumerate(("Open", "Sold"), 1):
        company.put("Sale", key, {"Status": status, "Contact": 2, "Associate": 1})

    assert ids(company.agent("Sale/GetOpenSalesForContact", {"ContactId": 2}), "SaleId") == [1]
    assert ids(company.agent("Sale/GetSalesFromContact", {"ContactId": 2}), "SaleId") == [1, 2]
    assert ids(
        company.agent("Sale/GetSalesFromContact", {"ContactId": 2, "OnlyOpenSales": True}), "SaleId"
    ) == [1]
    assert ids(company.agent("Sale/GetMyOpportunities", {"Count": 9}), "SaleId") == [1]


def test_a_diary_has_no_tasks_and_a_task_list_no_meetings(company):
    for key, type in enumerate(("inDiary", "inChecklist"), 1):
        company.put("Appointment", key, {"Type": type, "Associate": 1, "StartDate": "2026-03-02T09:00:00"})

    assert ids(company.agent("Appointment/GetMyDiary", PERIOD), "AppointmentId") == [1]
    assert ids(company.agent("Appointment/GetMyTasks", {"Count": 9}), "AppointmentId") == [2]
    assert ids(company.agent("Appointment/GetMyAppointments", PERIOD), "AppointmentId") == [1, 2]


@pytest.mark.parametrize(
    ("method", "kind", "key"),
    [
        ("Appointment/GetMyDiary", "Appointment", "AppointmentId"),
        ("Appointment/GetMyAppointments", "Appointment", "AppointmentId"),
        ("Contact/GetMyContacts", "Contact", "ContactId"),
        ("Sale/GetMyOpportunities", "Sale", "SaleId"),
    ],
)
def test_what_is_somebody_elses_is_not_mine(company, method, kind, key):
    row = {"StartDate": "2026-03-02T09:00:00", "Type": "inDiary", "Status": "Open"}
    company.put(kind, 7, {**row, "Associate": 1})
    company.put(kind, 8, {**row, "Associate": 2})

    found = ids(company.agent(method, PERIOD if kind == "Appointment" else {"Count": 9}), key)

    assert 7 in found
    assert 8 not in found


def test_what_is_not_published_is_not_in_a_published_list(company):
    company.put("Document", 1, {"Project": 1, "IsPublished": True})
    company.put("Document", 2, {"Project": 1})

    found = company.agent("Document/GetPublishedProjectDocuments", {"ProjectId": 1})

    assert ids(found, "DocumentId") == [1]


def test_appointments_of_a_person_of_its_associate_and_of_its_projects(company):
    day = "2026-03-02T09:00:00"
    company.put("Appointment", 1, {"Associate": 1, "StartDate": day})
    company.put("Appointment", 2, {"Person": 2, "Associate": 2, "StartDate": day})
    company.put("Appointment", 3, {"Project": 1, "Associate": 2, "StartDate": day})

    def found(method, **more):
        return ids(company.agent(f"Appointment/{method}", {**PERIOD, **more}), "AppointmentId")

    assert found("GetPersonAppointments", PersonId=1) == [1]
    assert found("GetPersonAppointments", PersonId=2) == [2]
    assert found("GetPersonAppointments", PersonId=2, IncludeProjectAppointments=True) == [2, 3]
    assert found("GetProjectMemberAppointments", PersonId=2) == [3]


def test_the_callers_own_person_company_colleagues_and_projects(company):
    assert company.agent("Person/GetMyPerson")["PersonId"] == 1
    assert company.agent("Contact/GetMyContact")["ContactId"] == 1
    assert ids(company.agent("Person/GetColleagues"), "PersonId") == [1]
    assert company.agent("Person/GetOwnerOnPersonId", {"PersonId": 2})["PersonId"] == 1
    company.put("ProjectMember", 2, {"ProjectId": 1, "PersonId": 1})
    assert company.agent("Project/GetMyProjects", {"IncludeMemberProjects": False}) == []
    assert ids(company.agent("Project/GetMyProjects", {"IncludeMemberProjects": True}), "ProjectId") == [1]


def test_the_next_milestone_is_the_first_one_ahead(company):
    for key, day in enumerate(("2026-02-01", "2026-05-01", "2026-04-01"), 1):
        company.put("Appointment", key, {"Project": 1, "IsMileStone": True, "StartDate": f"{day}T09:00:00"})

    assert company.agent("Project/GetNextMilestone", {"ProjectId": 1})["AppointmentId"] == 3
