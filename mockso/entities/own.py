"""Acts that answer with what is the caller's own: person, company, colleagues, owner; and a project's next milestone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockso.entities import edits
from mockso.entities.edits import Act
from mockso.entities.verbs import NoRowError, Work
from mockso.state.rows import Draft


def _own_person(work: Work, rows: Draft) -> int:
    return int((rows.get("Associate", work.caller) or {}).get("Person", 0))


def _own_contact(work: Work, rows: Draft) -> int:
    return int((rows.get("Person", _own_person(work, rows)) or {}).get("Contact", 0))


def my_person(work: Work, rows: Draft) -> Any:
    """The person that the caller is."""
    return edits.answer(work, rows, _own_person(work, rows))


def my_contact(work: Work, rows: Draft) -> Any:
    """The company that the caller works in."""
    return edits.answer(work, rows, _own_contact(work, rows))


def colleagues(work: Work, rows: Draft) -> Any:
    """The persons of the caller's company."""
    return [
        work.compose(key, row, rows) for key, row in rows.find("Person", "Contact", _own_contact(work, rows))
    ]


def owner(work: Work, rows: Draft) -> Any:
    """The person that owns the company of a person, the caller's own where none is named."""
    person = edits.number(work, "PersonId") or _own_person(work, rows)
    contact = edits.get(rows, "Person", person).get("Contact", 0)
    associate = (rows.get("Contact", contact) or {}).get("Associate", 0)
    return edits.answer(work, rows, int((rows.get("Associate", associate) or {}).get("Person", 0)))


def next_milestone(work: Work, rows: Draft) -> Any:
    """The first milestone of a project that is still ahead."""
    found = [
        (str(row.get("StartDate", "")), key, row)
        for key, row in rows.find("Appointment", "Project", edits.number(work, "ProjectId"))
        if row.get("IsMileStone") and str(row.get("StartDate", "")) >= work.now
    ]
    if not found:
        raise NoRowError("Appointment", "IsMileStone=true")
    _, key, row = min(found, key=lambda item: item[:2])
    return work.compose(key, row, rows)


ACTS: Mapping[str, Act] = {
    "v1PersonAgent_GetMyPerson": Act(my_person, "Person", reads=True),
    "v1ContactAgent_GetMyContact": Act(my_contact, "Contact", reads=True),
    "v1PersonAgent_GetColleagues": Act(colleagues, "Person", reads=True),
    "v1PersonAgent_GetMyOwner": Act(owner, "Person", reads=True),
    "v1PersonAgent_GetOwnerOnPersonId": Act(owner, "Person", reads=True),
    "v1ProjectAgent_GetNextMilestone": Act(next_milestone, "Appointment", reads=True),
}
