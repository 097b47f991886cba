"""Acts on rows: study of entities, section a2."""

import pytest

from mockso.entities.acts import ACTS


@pytest.fixture
def appointment(client):
    body = {"StartDate": "2026-03-02T09:00:00", "EndDate": "2026-03-02T10:30:00", "Title": "Visit"}
    return client.post("Appointment", body)["AppointmentId"]


def test_every_act_is_an_operation_with_a_kind(engine):
    unknown = [id for id in ACTS if id not in set(engine.contract.ids())]
    homeless = [act.kind for act in ACTS.values() if engine.contract.kinds.get(act.kind) is None]

    assert (unknown, homeless) == ([], [])


@pytest.mark.parametrize(
    ("name", "status", "property"), [("SetAsSold", "Sold", "ReasonSold"), ("SetAsLost", "Lost", "Reason")]
)
def test_check_24_a_sale_is_sold_or_lost(client, name, status, property):
    key = client.post("Sale", {"Heading": "Roof", "Amount": 5.0})["SaleId"]

    client.agent(f"Sale/{name}WithReason", {"SaleIds": [key, 4711], "ReasonId": 3})

    sale = client.agent(f"Sale/GetSaleEntity?saleEntityId={key}")
    assert (sale["Status"], sale["Completed"]) == (status, "Completed")
    assert client.rows.get("Sale", key)[property] == 3


def test_sales_by_amount_and_date(client):
    for day, amount in (("2026-01-10", 10.0), ("2026-02-10", 20.0), ("2026-05-01", 30.0)):
        body = {"Heading": day, "Amount": amount, "Saledate": f"{day}T08:00:00", "Probability": 50}
        client.post("Sale", body)

    recent = client.agent("Sale/GetRecentSales", {"AmountLimit": 15, "Count": 5})
    upcoming = client.agent("Sale/GetUpcomingSales", {"WeightedAmountLimit": 5, "Count": 5})
    period = client.agent(
        "Sale/GetSalesByDate",
        {
            "FromDate": "2026-01-01T00:00:00",
            "ToDate": "2026-03-01T00:00:00",
            "AmountLimit": 0,
            "Status": "Open",
        },
    )

    assert [sale["Amount"] for sale in recent] == [20.0]
    assert [sale["Amount"] for sale in upcoming] == [30.0]
    assert [sale["Amount"] for sale in period] == [10.0, 20.0]


def test_a_moved_appointment_lasts_as_long(client, appointment):
    answer = client.agent(
        "Appointment/Move",
        {"AppointmentId": appointment, "NewStartTime": "2026-03-03T12:00:00", "UpdateMode": "OnlyThis"},
    )

    assert answer["StartDate"] == "2026-03-03T12:00:00"
    assert client.get(f"Appointment/{appointment}")["EndDate"] == "2026-03-03T13:30:00"


def test_an_appointment_is_toggled_and_set(client, appointment):
    toggled = client.agent("Appointment/ToggleAppointmentStatus", {"AppointmentId": appointment})
    again = client.agent("Appointment/ToggleAppointmentStatus", {"AppointmentId": appointment})
    client.agent(
        "Appointment/SetActivityStatus",
        {"ActivityIdentifier": [f"appointment_id={appointment}"], "ActivityStatus": "Started"},
    )

    assert (toggled, again) == ("Completed", "NotStarted")
    assert client.get(f"Appointment/{appointment}")["Completed"] == "Started"


def test_an_appointment_is_assigned_accepted_and_rejected(client, appointment):
    owner = 7
    client.put("Associate", owner, {"Name": "KAB"})

    assigned = client.agent(
        "Appointment/AssignTo", {"AppointmentId": appointment, "Participant": {"AssociateId": owner}}
    )
    client.agent("Appointment/Accept", {"AppointmentId": appointment, "UpdateMode": "OnlyThis"})
    accepted = client.get(f"Appointment/{appointment}")
    client.agent("Appointment/Reject", {"AppointmentId": appointment, "RejectReason": "busy"})
    rejected = client.get(f"Appointment/{appointment}")

    assert assigned["Associate"]["AssociateId"] == owner
    assert accepted["InvitationStatus"] == "Accepted"
    assert (rejected["InvitationStatus"], rejected["RejectReason"]) == ("Declined", "busy")


def test_an_act_on_a_missing_row_is_null_by_an_agent(client):
    assert client.agent("Appointment/Move", {"AppointmentId": 4711}) is None


RECURRENCES = [
    ({"Pattern": "Weekly", "WeekPattern": {"Weekdays": "Monday, Wednesday", "Cycle": 1}}, ["02", "04", "09"]),
    ({"Pattern": "Daily", "DayPattern": {"Pattern": "EveryCyclicDay", "Cycle": 3}}, ["02", "05", "08"]),
    ({"Pattern": "Daily", "DayPattern": {"Pattern": "EveryWorkday", "Cycle": 1}}, ["02", "03", "04"]),
]


@pytest.mark.parametrize(("rule", "days"), RECURRENCES)
def test_the_days_of_a_recurrence(client, rule, days):
    recurrence = {
        "StartDate": "2026-03-02T09:00:00",
        "RecurrenceEndType": "Counter",
        "RecurrenceCounter": 3,
        **rule,
    }

    answer = client.agent("Appointment/CalculateDays", {"AppointmentEntity": {"Recurrence": recurrence}})

    assert [date["Date"][8:10] for date in answer["Dates"]] == days
    assert answer["IsRecurrence"] is True


def test_the_last_weekday_of_each_month(client):
    recurrence = {
        "Pattern": "Monthly",
        "StartDate": "2026-03-01T09:00:00",
        "EndDate": "2026-05-31T09:00:00",
        "RecurrenceEndType": "EndDate",
        "MonthPattern": {"Pattern": "WeekdayOfMonth", "Cycle": 1, "Weekday": "Friday", "WeekOfMonth": "Last"},
    }

    answer = client.agent("Appointment/CalculateDays", {"AppointmentEntity": {"Recurrence": recurrence}})

    assert [date["Date"][:10] for date in answer["Dates"]] == ["2026-03-27", "2026-04-24", "2026-05-29"]


def test_a_new_recurrence_falls_on_its_first_weekday(client):
    answer = client.agent("Appointment/CreateDefaultRecurrenceByDate", {"StartDate": "2026-03-04T09:00:00"})

    assert answer["WeekPattern"]["Weekdays"] == "Wednesday"
    assert answer["StartDate"] == "2026-03-04T09:00:00"
