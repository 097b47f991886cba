"""The Find agent: rows by criteria that are given or were saved under a storage key.

Saved criteria are rows of kind "criteria". Restrictions sent as a text are kept as the objects they mean.
Source: the reference pages; what a list of defaults has is assumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockso.archive import envelope
from mockso.archive.lookup import provider_for
from mockso.archive.operators import operator_names
from mockso.archive.query import AllOf, Condition, Filter, parse_filter
from mockso.archive.request import read_members
from mockso.contract.catalogue import Contract
from mockso.contract.model import Operation
from mockso.entities.archive import hint_of
from mockso.entities.archiveagent import agent_rows
from mockso.entities.find import find_rows
from mockso.entities.plans import Plan
from mockso.entities.verbs import Verb, Work
from mockso.exchange.message import Reply
from mockso.state.rows import Draft

_CRITERIA = "criteria"

_METHODS: Mapping[str, str] = {
    "Find": "criteria_find",
    "FindOrderBy": "criteria_find",
    "FindWithColumns": "criteria_find",
    "FindWithExtraRestrictions": "criteria_find",
    "FindFromRestrictions": "criteria_find",
    "FindFromRestrictionsColumns": "criteria_find",
    "FindFromRestrictionsColumnsOrderBy": "criteria_find",
    "GetAvailableRestrictionColumns": "criteria_columns",
    "GetCriteriaInformation": "criteria_read",
    "GetDefaultDesiredColumns": "criteria_defaults",
    "GetDefaultDesiredColumnsFromRestrictions": "criteria_defaults",
    "GetDefaultOrderBy": "criteria_order",
    "GetDefaultOrderByFromDesiredColumns": "criteria_order",
    "GetSpecifiedCriteriaInformationWithDefaults": "criteria_read",
    "SaveRestrictions": "criteria_save",
    "SaveRestrictionsAndGetCriteriaInformation": "criteria_save_and_read",
}


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation of the Find agent."""
    if not operation.path.startswith("/api/v1/Agents/Find/"):
        return None
    method = operation.path.rpartition("/")[2].removesuffix("2").removesuffix("WithContext")
    kind = contract.kinds.get("Contact")
    verb = _METHODS.get(method)
    return Plan(verb, 8, kind, subject=f"the Find agent's {method}") if verb and kind is not None else None


def _body(work: Work) -> Mapping[str, Any]:
    return work.body if isinstance(work.body, Mapping) else {}


def _key(work: Work) -> str:
    names = ("StorageType", "ProviderName", "StorageKey")
    return "|".join(str(work.argument(name) or "") for name in names).lower()


def _criteria_of(work: Work, rows: Draft) -> list[dict[str, Any]]:
    row = rows.get(_CRITERIA, _key(work))
    return list(row["Restrictions"]) if row is not None else []


def find_by_criteria(work: Work, rows: Draft) -> Any:
    """The rows that given or saved criteria find, with the columns they are shown in."""
    query = read_members(_body(work))
    provider = provider_for(query.provider, work.contract)
    if work.argument("StorageKey") is not None or work.argument("StorageType") is not None:
        further = _restrictions(query.filter.value)
        query = replace(query, filter=replace(query.filter, value=[*_criteria_of(work, rows), *further]))
    finding = find_rows(work, rows, query, provider)
    value = agent_rows(finding, query)
    names = {choice.column.lower() for choice in query.choices()} or {
        one.name.lower() for one in provider.default
    }
    operation = work.call.lookup.operation
    assert operation is not None
    body = {
        "ArchiveColumns": [
            one for one in envelope.describe_columns(provider) if str(one["Name"]).lower() in names
        ],
        "ArchiveRows": value,
        "RowCount": finding.total,
        "TableRight": None,
        "FieldProperties": {},
    }
    return Reply(operation.success, body, hint_of(finding), fidelity="likely")


def save_criteria(work: Work, rows: Draft) -> Any:
    """Keep criteria under their storage key."""
    rows.put(_CRITERIA, _key(work), {"Restrictions": _restrictions(work.argument("Restrictions"))})
    return None


def save_and_read(work: Work, rows: Draft) -> Any:
    """Keep criteria, and give what there is of them."""
    save_criteria(work, rows)
    return read_criteria(work, rows)


def read_criteria(work: Work, rows: Draft) -> Any:
    """Saved criteria, the columns they may use, and no rows."""
    provider = provider_for(str(work.argument("ProviderName") or ""), work.contract)
    return {
        "Restrictions": _criteria_of(work, rows),
        "CriteriaArchiveColumns": _defaults(provider),
        "CriteriaArchiveRows": [],
        "TableRight": None,
        "FieldProperties": {},
    }


def _defaults(provider: Any) -> list[dict[str, Any]]:
    return [envelope.describe_column(column, True) for column in provider.default]


def list_defaults(work: Work, rows: Draft) -> Any:
    """The columns that a provider shows by itself."""
    return _defaults(provider_for(str(work.argument("ProviderName") or ""), work.contract))


def list_columns(work: Work, rows: Draft) -> Any:
    """The names of the columns that criteria may use."""
    provider = provider_for(str(work.argument("ProviderName") or ""), work.contract)
    return [column.name for column in provider.columns.values() if column.restriction]


def list_order(work: Work, rows: Draft) -> Any:
    """The order of a provider's rows by itself: that of their keys."""
    return []


def _restrictions(value: Any) -> list[dict[str, Any]]:
    """Restrictions as objects, however they were sent."""
    if isinstance(value, list):
        return [dict(item) for item in value if isinstance(item, Mapping)]
    tree = parse_filter(str(value or ""))
    return list(_objects(tree)) if tree is not None else []


def _objects(tree: Filter) -> Iterator[dict[str, Any]]:
    """A filter as restriction objects: brackets around each group, joined by its word."""
    if isinstance(tree, Condition):
        yield {
            "Name": tree.column,
            "Operator": operator_names().get(tree.operator, tree.operator),
            "Values": [value.text for value in tree.values],
            "DisplayValues": [],
            "ColumnInfo": None,
            "IsActive": True,
            "SubRestrictions": [],
            "InterParenthesis": 0,
            "InterOperator": "None",
            "UniqueHash": 0,
        }
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


VERBS: Mapping[str, Verb] = {
    "criteria_columns": list_columns,
    "criteria_defaults": list_defaults,
    "criteria_find": find_by_criteria,
    "criteria_order": list_order,
    "criteria_read": read_criteria,
    "criteria_save": save_criteria,
    "criteria_save_and_read": save_and_read,
}
READING = frozenset(VERBS) - {"criteria_save", "criteria_save_and_read"}
