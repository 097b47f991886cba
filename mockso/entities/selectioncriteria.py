"""Criteria of dynamic selections, whose members are the rows that pass them at the time of each call.

Source: the reference pages of the Selection agent; behaviour, section 14.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.model import Operation
from mockso.entities import criteria, members
from mockso.entities.plans import Plan
from mockso.entities.providers import finder_of
from mockso.entities.verbs import NoRowError, Verb, Work
from mockso.state.rows import Draft

_METHODS: Mapping[str, str] = {
    "GetDynamicSelectionCriteria": "dynamic_criteria",
    "GetDynamicSelectionCriteriaGroups": "dynamic_groups",
    "SetDynamicSelectionCriteria": "dynamic_criteria_save",
    "SetDynamicSelectionCriteria2": "dynamic_criteria_save",
    "SetDynamicSelectionCriteria3": "dynamic_criteria_save",
    "SetDynamicSelectionCriteriaGroups": "dynamic_groups_save",
}


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation on the criteria of a selection; over REST it has the agent's name too."""
    group, _, method = operation.id.partition("_")
    verb = _METHODS.get(method) if group in ("v1SelectionAgent", "v1SelectionEntity") else None
    kind = contract.kinds.get("Selection")
    return Plan(verb, 8, kind, subject=f"criteria, {method}") if verb and kind is not None else None


def key_of(selection: Any) -> str:
    """The key that the criteria of a selection are kept under."""
    return f"selection|{selection}"


def _selection(work: Work, rows: Draft) -> tuple[Any, str]:
    """The selection that a call is about, and the provider of what it selects."""
    key = work.argument("SelectionId")
    row = rows.get("Selection", key)
    if row is None:
        raise NoRowError("Selection", key)
    return key, finder_of(members.target_of(row))


def read_criteria(work: Work, rows: Draft) -> Any:
    """The criteria of a selection, those of all groups."""
    key, _ = _selection(work, rows)
    return criteria.as_list(criteria.groups_of(rows, key_of(key)))


def read_groups(work: Work, rows: Draft) -> Any:
    """The groups of criteria of a selection."""
    key, _ = _selection(work, rows)
    return criteria.groups_of(rows, key_of(key))


def save_criteria(work: Work, rows: Draft) -> Any:
    """Keep criteria, sent as objects or as a filter, as the only group of a selection."""
    key, provider = _selection(work, rows)
    body = work.body if isinstance(work.body, list) else work.argument("Criteria")
    text = work.argument("Filter") or work.argument("$filter")
    value = body or text
    criteria.judge(work, provider, value, "Criteria" if body else "Filter")
    criteria.put_groups(rows, key_of(key), [criteria.blank_group(1, criteria.read_restrictions(value))])
    return read_criteria(work, rows)


def save_groups(work: Work, rows: Draft) -> Any:
    """Keep the groups of criteria of a selection."""
    key, provider = _selection(work, rows)
    body = work.body if isinstance(work.body, list) else work.argument("Criteria")
    groups = [criteria.read_group(item, rank) for rank, item in enumerate(body or (), 1)]
    for group in groups:
        criteria.judge(work, provider, group["Restrictions"], "Criteria")
    return criteria.put_groups(rows, key_of(key), groups)


VERBS: Mapping[str, Verb] = {
    "dynamic_criteria": read_criteria,
    "dynamic_criteria_save": save_criteria,
    "dynamic_groups": read_groups,
    "dynamic_groups_save": save_groups,
}
READING = frozenset({"dynamic_criteria", "dynamic_groups"})
