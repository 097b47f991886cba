"""Criteria that are kept: groups of restrictions under a key, for the Find agent and for dynamic selections.

They are rows of kind "criteria". A row passes that passes one of the groups, and of a group all that its
restrictions say (assumed). Source: the reference pages of the Find and Selection agents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mockso.archive.envelope import describe_column
from mockso.archive.lookup import column_of, provider_for
from mockso.archive.operators import operator_names
from mockso.archive.query import AllOf, Condition, Filter, parse_filter
from mockso.archive.request import Part, Query
from mockso.entities.verbs import Work
from mockso.entities.wrongqueries import refuse_wrong
from mockso.state.rows import Draft

KIND = "criteria"

Restriction = dict[str, Any]
Group = dict[str, Any]


def groups_of(rows: Draft, key: str) -> list[Group]:
    """The groups kept under a key, by rank."""
    row = rows.get(KIND, key)
    return list(row.get("Groups", ())) if row is not None else []


def put_groups(rows: Draft, key: str, groups: Iterable[Group]) -> list[Group]:
    """Keep groups under a key, by rank, which counts on from 1."""
    ranked = sorted(groups, key=lambda group: int(group["Rank"]))
    kept = [{**group, "Rank": rank} for rank, group in enumerate(ranked, 1)]
    rows.put(KIND, key, {"Groups": kept})
    return kept


def blank_group(rank: int, restrictions: Sequence[Restriction] = ()) -> Group:
    """A group without a name."""
    return {"Name": "", "Description": "", "Rank": rank, "Restrictions": list(restrictions)}


def read_group(value: Any, rank: int) -> Group:
    """A group as it was sent; without a rank of its own it has the one of its place."""
    members = {name.lower(): item for name, item in value.items()} if isinstance(value, Mapping) else {}
    number = members.get("rank")
    return {
        "Name": str(members.get("name") or ""),
        "Description": str(members.get("description") or ""),
        "Rank": number if type(number) is int and number > 0 else rank,
        "Restrictions": read_restrictions(members.get("restrictions")),
    }


def as_list(groups: Sequence[Group]) -> list[Restriction]:
    """The restrictions of all groups as one list: brackets around each group, "or" between them."""
    active = [
        [dict(one) for one in group["Restrictions"] if one.get("IsActive") is not False] for group in groups
    ]
    parts = [part for part in active if part]
    for number, part in enumerate(parts):
        if len(parts) > 1:
            part[0]["InterParenthesis"] = _depth(part[0]) + 1
            part[-1]["InterParenthesis"] = _depth(part[-1]) - 1
            if len(part) == 1:
                part[0]["InterParenthesis"] = 0
        if number < len(parts) - 1:
            part[-1]["InterOperator"] = "Or"
    return [one for part in parts for one in part]


def _depth(restriction: Restriction) -> int:
    depth = restriction.get("InterParenthesis")
    return depth if type(depth) is int else 0


def judge(work: Work, provider: str, value: Any, where: str) -> None:
    """Raise RefusalError for criteria that no query of the provider could have."""
    refuse_wrong(work, Query(provider, Part("select"), Part(where, value), Part("order")))


# --- restrictions -------------------------------------------------------------------------------


def read_restrictions(value: Any) -> list[Restriction]:
    """Restrictions as objects, however they were sent: as objects or as the text of a filter."""
    if isinstance(value, list):
        return [complete(item) for item in value if item and isinstance(item, Mapping)]
    tree = parse_filter(str(value or ""))
    return list(_objects(tree)) if tree is not None else []


def complete(item: Mapping[str, Any]) -> Restriction:
    """A restriction with all of its members, those that were left out as they are by themselves."""
    members = {name.lower(): one for name, one in item.items()}
    blank = _object("", "", [])
    return {
        name: empty if members.get(name.lower()) is None else members[name.lower()]
        for name, empty in blank.items()
    }


def populate(item: Mapping[str, Any], provider_name: str, work: Work) -> Restriction:
    """A restriction with the column it is about, spelled as documented, and texts for its values."""
    found = complete(item)
    column = (
        column_of(str(found["Name"]), provider_for(provider_name, work.contract)) if provider_name else None
    )
    if column is not None:
        found |= {"Name": column.name, "ColumnInfo": describe_column(column)}
    operator = str(found["Operator"])
    values = [str(value) for value in found["Values"]] if isinstance(found["Values"], list) else []
    return found | {
        "Operator": operator_names().get(operator.lower(), operator),
        "Values": values,
        "DisplayValues": found["DisplayValues"] or values,
    }


def _object(name: str, operator: str, values: list[str]) -> Restriction:
    return {
        "Name": name,
        "Operator": operator,
        "Values": values,
        "DisplayValues": [],
        "ColumnInfo": None,
        "IsActive": True,
        "SubRestrictions": [],
        "InterParenthesis": 0,
        "InterOperator": "None",
        "UniqueHash": 0,
    }


def _objects(tree: Filter) -> Iterator[Restriction]:
    """A filter as restriction objects: brackets around each group, joined by its word."""
    if isinstance(tree, Condition):
        name = operator_names().get(tree.operator, tree.operator)
        yield _object(tree.column, name, [value.text for value in tree.values])
        return
    word = "And" if isinstance(tree, AllOf) else "Or"
    groups = [list(_objects(part)) for part in tree.parts]
    for number, group in enumerate(groups):
        if len(group) > 1:
            group[0]["InterParenthesis"] += 1
            group[-1]["InterParenthesis"] -= 1
        if number < len(groups) - 1:
            group[-1]["InterOperator"] = word
        yield from group
