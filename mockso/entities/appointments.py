"""Acts on appointments: moved, accepted, assigned, completed; and the days of a recurrence."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from mockso.entities import edits
from mockso.entities.edits import Act
from mockso.entities.verbs import Work, remove
from mockso.state.log import Value
from mockso.state.rows import Draft

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKS = ("First", "Second", "Third", "Fourth", "Last")

# How far a recurrence without an end is worked out (assumed).
_MOST_DAYS = 365
_FORMAT = "%Y-%m-%dT%H:%M:%S"

# The statuses of the older form of an update, which also tell of invitations.
_COMPLETED = {"NotStarted": "NotStarted", "Started": "Started", "Completed": "Completed"}


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value)[:19])
    except ValueError:
        return None
    return moment if moment.year > 1 else None


def _key(work: Work) -> int:
    return edits.number(work, "AppointmentId") or edits.number(work, "Id")


def move(work: Work, rows: Draft) -> Any:
    """Another beginning; it lasts as long as before."""
    data = work.argument("AppointmentMoveData")
    if isinstance(data, Mapping):
        arguments = {name.lower(): item for name, item in data.items()}
    else:
        arguments = dict(work.arguments)
    key = work.readers.number(arguments.get("appointmentid"))
    before = edits.get(rows, "Appointment", key)
    row = edits.row_of(work, "Appointment", {"StartDate": arguments.get("newstarttime")})
    start, end, new = (
        _moment(item) for item in (before.get("StartDate"), before.get("EndDate"), row.get("StartDate"))
    )
    if start and end and new:
        row["EndDate"] = (new + (end - start)).strftime(_FORMAT)
    edits.change(work, rows, "Appointment", key, row)
    return edits.answer(work, rows, key)


def assign(work: Work, rows: Draft) -> Any:
    """Another owner, who has not seen it yet."""
    key = _key(work)
    participant = work.argument("Participant")
    members = (
        {name.lower(): item for name, item in participant.items()} if isinstance(participant, Mapping) else {}
    )
    row = {
        "Associate": work.readers.number(members.get("associateid")) or None,
        "Person": work.readers.number(members.get("personid")) or None,
        "AssignedBy": work.caller,
        "AssignmentStatus": "Assigning",
    }
    edits.change(work, rows, "Appointment", key, {name: item for name, item in row.items() if item})
    return edits.answer(work, rows, key)


def reject(work: Work, rows: Draft) -> Any:
    """Declined, with the reason, and counted."""
    before = edits.get(rows, "Appointment", _key(work))
    row = {
        "InvitationStatus": "Declined",
        "RejectReason": edits.text(work, "RejectReason"),
        "RejectCounter": int(before.get("RejectCounter", 0)) + 1,
    }
    if before.get("AssignedBy"):
        row["AssignmentStatus"] = "Declined"
    edits.change(work, rows, "Appointment", _key(work), row)
    return None


def toggle(work: Work, rows: Draft) -> Any:
    """Completed where it was not, else not started; the new status."""
    before = edits.get(rows, "Appointment", _key(work))
    status = "NotStarted" if before.get("Completed") == "Completed" else "Completed"
    edits.change(work, rows, "Appointment", _key(work), {"Completed": status})
    return status


def set_status(work: Work, rows: Draft) -> Any:
    """One status for activities, named "appointment_id=5", "5" or "document_id=5" (the form is assumed)."""
    status = edits.values(work, "Appointment", Completed="ActivityStatus")
    identifiers = work.argument("ActivityIdentifier")
    for identifier in identifiers if isinstance(identifiers, list) else ():
        name, _, digits = str(identifier).rpartition("=")
        kind = "Document" if "document" in name.lower() else "Appointment"
        key = work.readers.number(digits)
        if type(key) is int and rows.get(kind, key) is not None:
            edits.change(work, rows, kind, key, status)
    return None


def update(work: Work, rows: Draft) -> Any:
    """Time, status, type and owner at once."""
    row = edits.values(
        work, "Appointment", StartDate="StartTime", EndDate="EndTime", Type="Type", Associate="AssociateId"
    )
    completed = _COMPLETED.get(str(work.argument("Status")))
    if completed:
        row["Completed"] = completed
    edits.change(work, rows, "Appointment", _key(work), {name: item for name, item in row.items() if item})
    return edits.answer(work, rows, _key(work))


def copy(work: Work, rows: Draft) -> Any:
    """A new appointment like another, for the same or another owner; nothing is stored."""
    row = {
        **edits.get(rows, "Appointment", _key(work)),
        "Associate": edits.number(work, "AssociateId") or work.caller,
    }
    return work.compose(0, row, rows)


def same_uid(work: Work, rows: Draft) -> Any:
    """The appointment of another system's id."""
    for key, row in rows.items("Appointment"):
        if row.get("CentralserviceVideomeetId") == work.argument("UID"):
            return work.compose(key, row, rows)
    return None


def recurrence(work: Work, rows: Draft) -> Any:
    """A new pattern: weekly on the weekday of its first day, ten times (assumed)."""
    start = edits.values(work, "Appointment", StartDate="StartDate").get("StartDate") or work.now
    day = _moment(start) or datetime.fromisoformat(work.now)
    return edits.carrier(
        work,
        "RecurrenceInfo",
        {
            "StartDate": day.strftime(_FORMAT),
            "EndDate": (day + timedelta(weeks=10)).strftime(_FORMAT),
            "RecurrenceCounter": 10,
            "RecurrenceEndType": "EndDate",
            "Pattern": "Weekly",
            "DayPattern": {"Pattern": "EveryWorkday", "Cycle": 1},
            "WeekPattern": {"Weekdays": _DAYS[day.weekday()], "Cycle": 1},
            "MonthPattern": _month(day),
            "YearPattern": _month(day),
        },
    )


def _month(day: datetime) -> dict[str, Any]:
    return {
        "Pattern": "DayOfMonth",
        "Cycle": 1,
        "Day": day.day,
        "Weekday": _DAYS[day.weekday()],
        "WeekOfMonth": _WEEKS[min((day.day - 1) // 7, 4)],
    }


def calculate(work: Work, rows: Draft) -> Any:
    """The days of an appointment's recurrence."""
    row = edits.row_of(work, "Appointment", work.argument("AppointmentEntity"))
    info = dict(row.get("Recurrence") or {})
    start = _moment(info.get("StartDate")) or _moment(row.get("StartDate"))
    days = list(_days(info, start)) if start else []
    info["Dates"] = [{"Date": day.strftime(_FORMAT)} for day in days]
    info["IsRecurrence"] = bool(days)
    return edits.carrier(work, "RecurrenceInfo", info)


def _days(info: Mapping[str, Any], start: datetime) -> Iterator[datetime]:
    """The days on which a pattern falls, up to its end."""
    end = _moment(info.get("EndDate")) if info.get("RecurrenceEndType") != "Counter" else None
    counter = info.get("RecurrenceCounter") if info.get("RecurrenceEndType") == "Counter" else None
    last = end or start + timedelta(days=_MOST_DAYS)
    if counter:
        last = start + timedelta(days=_MOST_DAYS * 10)
    count, day = 0, start
    while day.date() <= last.date() and count != (counter or _MOST_DAYS * 10):
        if _falls(info, day, start):
            count += 1
            yield day
        day += timedelta(days=1)


def _falls(info: Mapping[str, Any], day: datetime, start: datetime) -> bool:
    match info.get("Pattern"):
        case "Daily":
            rule = info.get("DayPattern") or {}
            if rule.get("Pattern") in ("EveryWorkday", "EveryWeekday"):
                return day.weekday() < 5
            return (day - start).days % max(int(rule.get("Cycle", 1)), 1) == 0
        case "Weekly":
            rule = info.get("WeekPattern") or {}
            first = start - timedelta(days=start.weekday())
            week = (day - first).days // 7
            names = [name.strip() for name in str(rule.get("Weekdays", _DAYS[start.weekday()])).split(",")]
            return week % max(int(rule.get("Cycle", 1)), 1) == 0 and _DAYS[day.weekday()] in names
        case "Monthly":
            months = (day.year - start.year) * 12 + day.month - start.month
            return _falls_in_month(info.get("MonthPattern") or {}, day, start, months)
        case "Yearly":
            years = day.year - start.year
            rule = info.get("YearPattern") or {}
            return day.month == start.month and _falls_in_month(rule, day, start, years)
    return False


def _falls_in_month(rule: Mapping[str, Any], day: datetime, start: datetime, periods: int) -> bool:
    if periods % max(int(rule.get("Cycle", 1)), 1):
        return False
    if rule.get("Pattern") != "WeekdayOfMonth":
        length = calendar.monthrange(day.year, day.month)[1]
        return day.day == min(int(rule.get("Day") or start.day), length)
    if _DAYS[day.weekday()] not in str(rule.get("Weekday", "")):
        return False
    if rule.get("WeekOfMonth") == "Last":
        return day.day + 7 > calendar.monthrange(day.year, day.month)[1]
    return _WEEKS[min((day.day - 1) // 7, 4)] == rule.get("WeekOfMonth")


def records(work: Work, rows: Draft) -> Any:
    """The appointments of one recurrence."""
    mother = edits.number(work, "MotherId")
    found: list[tuple[Any, Value]] = rows.find("Appointment", "MotherId", mother) if mother else []
    return [work.compose(key, row, rows) for key, row in found]


_ID, _KIND = "AppointmentId", "Appointment"
_accept = edits.setting(_KIND, _ID, InvitationStatus="Accepted")
_see = edits.setting(_KIND, _ID, InvitationStatus="Seen")

ACTS: Mapping[str, Act] = {
    f"v1AppointmentAgent_{name}": Act(verb, _KIND, reads)
    for name, verb, reads in (
        ("Move", move, False),
        ("MoveExtended", move, False),
        ("MoveWithEmail", move, False),
        ("Accept", _accept, False),
        ("AcceptWithEmailConfirmation", _accept, False),
        ("AcceptWithSmtpEmailConfirmation", _accept, False),
        ("AcceptRejected", edits.setting(_KIND, _ID, RejectReason="", AssignmentStatus="None"), False),
        ("Reject", reject, False),
        ("RejectWithEmailConfirmation", reject, False),
        ("RejectWithSmtpEmailConfirmation", reject, False),
        ("AssignTo", assign, False),
        ("SetSeen", _see, False),
        ("SetSeenMany", edits.setting(_KIND, "AppointmentIds", InvitationStatus="Seen"), False),
        ("ToggleAppointmentStatus", toggle, False),
        ("SetActivityStatus", set_status, False),
        ("UpdateAppointment", update, False),
        ("UpdateAppointmentWithMode", update, False),
        ("UpdateAppointmentWithModeAndEmail", update, False),
        ("ConvertAppointmentToTask", edits.setting(_KIND, _ID, Type="inChecklist"), False),
        ("Delete", edits.removing(_KIND, _ID, remove), False),
        ("CreateAppointmentEntityFromExisting", copy, True),
        ("GetAppointmentFromUID", same_uid, True),
        ("GetAppointmentRecords", records, True),
        ("CreateDefaultRecurrence", recurrence, True),
        ("CreateDefaultRecurrenceByDate", recurrence, True),
        ("CalculateDays", calculate, True),
    )
}
