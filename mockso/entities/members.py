"""Acts on what belongs to a row and is a row itself: project members, stakeholders, members of selections.

Members of a selection have no carrier; they are rows of a kind of bookkeeping, "SelectionMember", with the key
of the row that is a member and that of a person where a company is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockso.entities import edits
from mockso.entities.defaults import TABLE_NUMBERS
from mockso.entities.edits import Act
from mockso.entities.verbs import Work, remove
from mockso.state.rows import Draft

MEMBER = "SelectionMember"

# The kind that members of a selection are of, by the name of its table. Source: database dictionary.
TARGETS: Mapping[str, str] = {
    "contact": "Contact",
    "person": "Person",
    "appointment": "Appointment",
    "document": "Document",
    "sale": "Sale",
    "project": "Project",
    "ticket": "Ticket",
    "selection": "Selection",
    "product": "Product",
    "quoteline": "QuoteLine",
}


def _bodies(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, Mapping) else []


# --- projects and sales -------------------------------------------------------------------------


def save_project_members(work: Work, rows: Draft) -> Any:
    """Members of a project, new ones and others, without taking any away."""
    project = edits.number(work, "ProjectEntityId") or edits.number(work, "ProjectId")
    if project:
        edits.get(rows, "Project", project)
    given = {"ProjectId": project} if project else {}
    keys = [
        edits.save(work, rows, "ProjectMember", _with_company(work, rows, "ProjectMember", body), given)
        for body in _bodies(work.argument("ProjectMembers") or work.argument("ProjectMember"))
    ]
    return edits.answer(work, rows, keys[0]) if work.plan.form and keys else None


def _with_company(work: Work, rows: Draft, kind: str, body: Any) -> Any:
    """A member with its person's company, where it names only the person (likely)."""
    row = edits.row_of(work, kind, body)
    person = rows.get("Person", row.get("PersonId", 0))
    if row.get("ContactId") or person is None or not person.get("Contact"):
        return body
    return {**body, "ContactId": person["Contact"]}


def change_project_members(work: Work, rows: Draft) -> Any:
    """One function and comment for several members."""
    row = {"ProjectMemberTypeId": edits.number(work, "RoleId"), "Comment": edits.text(work, "Comment")}
    for key in edits.numbers(work, "ProjectMemberIds"):
        if rows.get("ProjectMember", key) is not None:
            edits.change(work, rows, "ProjectMember", key, row)
    return None


def remove_project_members(work: Work, rows: Draft) -> Any:
    """Some members less; persons are named, or the members themselves (both are taken, as it is not documented)."""
    kind = edits.on(work, "ProjectMember").kind
    project, named = edits.number(work, "ProjectEntityId"), set(edits.numbers(work, "MemberIds"))
    members = rows.find("ProjectMember", "ProjectId", project)
    own = {key for key, _ in members} & named
    for key, row in members:
        if key in own or (not own and row.get("PersonId") in named):
            remove(kind, key, rows)
    return None


def projects_with(work: Work, rows: Draft) -> Any:
    """The projects that a person, or a person of a company, is a member of; the caller's own without any."""
    if work.argument("PersonId") is not None:
        name, value = "PersonId", edits.number(work, "PersonId")
    elif work.argument("ContactId") is not None:
        name, value = "ContactId", edits.number(work, "ContactId")
    else:
        name, value = "PersonId", int((rows.get("Associate", work.caller) or {}).get("Person", 0))
    keys = sorted(
        {row["ProjectId"] for _, row in rows.find("ProjectMember", name, value) if row.get("ProjectId")}
    )
    found = ((key, rows.get("Project", key)) for key in keys)
    only = "Published" in work.plan.verb
    return [
        work.compose(key, row, rows)
        for key, row in found
        if row is not None and (row.get("IsPublished") or not only)
    ]


def persons_of_project(work: Work, rows: Draft) -> Any:
    """The persons that are members of a project."""
    members = rows.find("ProjectMember", "ProjectId", edits.number(work, "ProjectId"))
    found = ((key, rows.get("Person", key)) for key in sorted({row.get("PersonId", 0) for _, row in members}))
    return [work.compose(key, row, rows) for key, row in found if row is not None]


def save_stakeholders(work: Work, rows: Draft) -> Any:
    """Stakeholders of a sale, new ones and others."""
    sale = edits.number(work, "SaleId")
    if sale:
        edits.get(rows, "Sale", sale)
    given = {"SaleId": sale} if sale else {}
    bodies = _bodies(work.argument("SaleStakeholders") or work.argument("Stakeholders"))
    keys = [
        edits.save(work, rows, "SaleStakeholder", _with_company(work, rows, "SaleStakeholder", body), given)
        for body in bodies
    ]
    return [edits.answer(work, rows, key) for key in keys] if work.plan.form else None


# --- selections ---------------------------------------------------------------------------------


def target_of(row: Mapping[str, Any]) -> str:
    """The kind that a selection's members are of; companies where it is not said."""
    return TARGETS.get(str(row.get("TargetTableName", "")).lower(), "Contact")


def members_of(rows: Draft, selection: int) -> list[tuple[Any, Mapping[str, Any]]]:
    """The members of a selection, with their own keys, in the order they were added."""
    return rows.find(MEMBER, "Selection", selection)


def _pairs(work: Work) -> list[tuple[int, int]]:
    """Companies with persons, of an argument or a body."""
    bodies = work.body if isinstance(work.body, list) else work.argument("ContactPersonIds")
    pairs = []
    for body in bodies if isinstance(bodies, list) else ():
        members = {name.lower(): item for name, item in body.items()} if isinstance(body, Mapping) else {}
        contact, person = (work.readers.number(members.get(name, 0)) for name in ("contactid", "personid"))
        pairs.append((contact if type(contact) is int else 0, person if type(person) is int else 0))
    return pairs


def _join(work: Work, rows: Draft, selection: int, pairs: Iterable[tuple[int, int]]) -> int:
    """Add members that are not there yet; how many."""
    edits.get(rows, "Selection", selection)
    there = {(row["Record"], row["Person"]) for _, row in members_of(rows, selection)}
    new = [pair for pair in dict.fromkeys(pairs) if pair not in there]
    for record, person in new:
        row = {"Selection": selection, "Record": record, "Person": person}
        rows.put(MEMBER, rows.next_id(MEMBER), row)
    _count(work, rows, selection)
    return len(new)


def _leave(work: Work, rows: Draft, selection: int, keys: Iterable[Any]) -> int:
    edits.get(rows, "Selection", selection)
    gone = list(keys)
    for key in gone:
        rows.remove(MEMBER, key)
    _count(work, rows, selection)
    return len(gone)


def _count(work: Work, rows: Draft, selection: int) -> None:
    row = {
        "MemberCount": len(members_of(rows, selection)),
        "LastMembershipChange": work.now,
        "LastMembershipChangeBy": work.caller,
        "LastMembershipChangeByAssociate": work.caller,
    }
    edits.change(work, rows, "Selection", selection, row)


def add_members(work: Work, rows: Draft) -> Any:
    """Members by the keys of their rows; how many are new."""
    return _join(
        work, rows, edits.number(work, "SelectionId"), [(key, 0) for key in edits.numbers(work, "Ids")]
    )


def add_persons(work: Work, rows: Draft) -> Any:
    """Companies with persons as members."""
    _join(work, rows, edits.number(work, "SelectionId"), _pairs(work))
    return None


def remove_members(work: Work, rows: Draft) -> Any:
    """Members away, by their own keys."""
    selection = edits.number(work, "SelectionId")
    named = set(edits.numbers(work, "SelectionMemberIds") or edits.numbers(work, "SelectionMembersIds"))
    _leave(work, rows, selection, [key for key, _ in members_of(rows, selection) if key in named])
    return None


def remove_records(work: Work, rows: Draft) -> Any:
    """Members away, by the keys of their rows."""
    selection, named = edits.number(work, "SelectionId"), set(edits.numbers(work, "Ids"))
    _leave(work, rows, selection, [key for key, row in members_of(rows, selection) if row["Record"] in named])
    return None


def remove_persons(work: Work, rows: Draft) -> Any:
    """Companies with persons away."""
    selection, named = edits.number(work, "SelectionId"), set(_pairs(work))
    there = members_of(rows, selection)
    _leave(work, rows, selection, [key for key, row in there if (row["Record"], row["Person"]) in named])
    return None


def copy_members(work: Work, rows: Draft) -> Any:
    """The members of one selection in another too."""
    members = members_of(rows, edits.number(work, "FromSelectionId"))
    pairs = [(row["Record"], row["Person"]) for _, row in members]
    _join(work, rows, edits.number(work, "ToSelectionId"), pairs)
    return None


def copy_selection(work: Work, rows: Draft) -> Any:
    """A selection like another, with its members where they are asked for."""
    source = edits.number(work, "SelectionId")
    row = {**edits.get(rows, "Selection", source), "Name": edits.text(work, "Name"), "MemberCount": 0}
    row |= edits.values(work, "Selection", SelectionType="TargetSelectionType")
    key = edits.add(work, rows, "Selection", row)
    if work.argument("CopyMembers") is not False:
        _join(work, rows, key, [(row["Record"], row["Person"]) for _, row in members_of(rows, source)])
    return edits.answer(work, rows, key)


def temporary_selection(work: Work, rows: Draft) -> Any:
    """A selection of companies with persons, or of the members of a project."""
    key = edits.add(work, rows, "Selection", {"Name": "Temporary", "TargetTableName": "contact"})
    members = rows.find("ProjectMember", "ProjectId", edits.number(work, "ProjectId") or -1)
    pairs = _pairs(work) or [(row.get("ContactId", 0), row.get("PersonId", 0)) for _, row in members]
    named = set(edits.numbers(work, "SelectionMemberIds"))
    for member, row in members_of(rows, edits.number(work, "SelectionId")):
        if member in named:
            pairs.append((row["Record"], row["Person"]))
    _join(work, rows, key, pairs)
    return edits.answer(work, rows, key)


def temporary_selection_of_rows(work: Work, rows: Draft) -> Any:
    """A selection of the rows of any table, by their ids."""
    number = edits.number(work, "TargetTableNumber")
    table = next((name for name, one in TABLE_NUMBERS.items() if one == number), "contact")
    key = edits.add(work, rows, "Selection", {"Name": "Temporary", "TargetTableName": table})
    _join(work, rows, key, [(one, 0) for one in edits.numbers(work, "Ids")])
    return edits.answer(work, rows, key)


def remove_entities(work: Work, rows: Draft) -> Any:
    """The rows that are members of a selection are deleted."""
    selection = edits.number(work, "SelectionId")
    kind = edits.on(work, target_of(edits.get(rows, "Selection", selection))).kind
    there = members_of(rows, selection)
    for _, row in there:
        remove(kind, row["Record"], rows)
    _leave(work, rows, selection, [key for key, _ in there])
    return None


def _acts(prefix: str, kind: str, *named: tuple[str, Any], reads: bool = False) -> dict[str, Act]:
    return {f"{prefix}_{name}": Act(verb, kind, reads) for name, verb in named}


ACTS: Mapping[str, Act] = {
    **_acts(
        "v1ProjectAgent",
        "ProjectMember",
        ("AddProjectMembers", save_project_members),
        ("UpdateProjectMembers", save_project_members),
        ("UpdateProjectMember", save_project_members),
        ("SaveProjectMembersFunctionAndComment", change_project_members),
        ("DeleteProjectMembers", remove_project_members),
        ("DeleteProjectMemberByIds", edits.removing("ProjectMember", "ProjectMemberIds", remove)),
    ),
    **_acts(
        "v1ProjectAgent",
        "Project",
        ("GetProjectsFromContact", projects_with),
        ("GetProjectsFromPerson", projects_with),
        ("GetPublishedProjectsOnPersonId", projects_with),
        ("GetMyMemberProjects", projects_with),
        reads=True,
    ),
    **_acts("v1PersonAgent", "Person", ("GetPersonsFromProject", persons_of_project), reads=True),
    **_acts(
        "v1SaleAgent",
        "SaleStakeholder",
        ("AddSaleStakeholders", save_stakeholders),
        ("UpdateSaleStakeholders", save_stakeholders),
        ("DeleteSaleStakeholders", edits.removing("SaleStakeholder", "SaleStakeholderIds", remove)),
    ),
    **_acts(
        "v1SelectionAgent",
        "Selection",
        ("AddSelectionMembers", add_members),
        ("AddContactSelectionMembers", add_persons),
        ("RemoveSelectionMembers", remove_members),
        ("RemoveContactSelectionMembersFromIds", remove_members),
        ("RemoveSelectionMembersById", remove_records),
        ("RemoveContactSelectionMembers", remove_persons),
        ("CopySelectionMembers", copy_members),
        ("CopyContactSelectionMembers", copy_members),
        ("CreateSelectionFromSelection", copy_selection),
        ("CreateContactSelectionFromSelection", copy_selection),
        ("CreateTemporarySelectionFromIds", temporary_selection_of_rows),
        ("CreateTemporaryContactSelection", temporary_selection),
        ("CreateTemporaryContactSelectionFromContactPersonIds", temporary_selection),
        ("CreateTemporaryContactSelectionFromProjectMembers", temporary_selection),
        ("CreateTemporaryContactSelectionFromSelectionMemberIds", temporary_selection),
        ("DeleteEntities", remove_entities),
    ),
    **_acts(
        "v1SelectionEntity",
        "Selection",
        ("AddSelectionMembers", add_members),
        ("AddContactSelectionMembers", add_persons),
        ("RemoveSelectionMembersById", remove_records),
        ("RemoveContactSelectionMembers", remove_persons),
    ),
}
