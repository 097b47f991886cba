"""Filters by the name of a list, beside its arguments: open sales, a diary, the projects of a person.

Rule 7 compares arguments with properties; here stands what its hand check missed, by words of the method's name.
Source: the operations' descriptions; that a person's activities are also those of its associate is likely.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockso.contract.kinds import Kind
from mockso.entities.filters import Filter

if TYPE_CHECKING:
    from mockso.entities.compose import Source
    from mockso.state.log import Value

# Words of a method's name, a property, and the values that its rows have.
_WORDS: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    (r"Published", "IsPublished", (True,)),
    (r"Diary\Z", "Type", ("inDiary", "BookingForDiary")),
    (r"Get(My|Person)Tasks\Z", "Type", ("inChecklist", "BookingForChecklist")),
    (r"GetOpenSales|Opportunities\Z", "Status", ("Open",)),
    (r"GetActivePriceLists\Z", "IsActive", (True,)),
)

# Flags that leave rows out, and what is left. Others change nothing.
_FLAGS = {"onlyopensales": ("Status", ("Open",))}

# Flags that let the rows of a person's projects in as well.
_PROJECTS = re.compile(r"Include(Project|MemberProjects)")


def add_promises(
    filters: Iterable[Filter], method: str, kind: Kind, properties: Iterable[str]
) -> Iterator[Filter]:
    """The filters of a list with those that its method's name promises."""
    filters = list(filters)
    also = next((filter.argument for filter in filters if _PROJECTS.match(filter.argument)), "")
    for filter in filters:
        if (
            also
            and filter.argument == also
            and any(other.sort == "caller" or other.name == "Person" for other in filters)
        ):
            continue  # the other filter asks for it
        if filter.name == "Person" and "Project" in kind.references:
            scope = "projects" if "ProjectMember" in method else also
            yield replace(filter, sort="person", values=(scope,))
        elif filter.sort == "caller" and also:
            yield replace(filter, values=(also,))
        elif filter.argument.lower() in _FLAGS:
            name, values = _FLAGS[filter.argument.lower()]
            yield Filter(filter.argument, "narrowing", name, values=values)
        else:
            yield filter
    names = set(properties)
    for words, name, values in _WORDS:
        if name in names and re.search(words, method):
            yield Filter("", "constant", name, values=values)


def is_of_person(person: Any, row: Value, rows: Source) -> bool:
    """Whether an activity is a person's: it names the person, or the associate that is this person."""
    if row.get("Person") == person:
        return True
    associate = rows.get("Associate", row.get("Associate", 0))
    return associate is not None and associate.get("Person") == person


def is_of_project(person: Any, row: Value, rows: Source, name: str = "Project") -> bool:
    """Whether an activity, or a project itself, is of a project that a person is a member of."""
    project = row.get(name)
    members = rows.find("ProjectMember", "PersonId", person) if project else ()
    return any(member.get("ProjectId") == project for _, member in members)
