"""The Find agent: rows by criteria that are given or were saved under a storage key.

Restrictions sent as a text are kept as the objects they mean; where they are kept is `criteria`.
Source: the reference pages; what a list of defaults has is assumed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockso.archive import envelope
from mockso.archive.lookup import provider_for
from mockso.archive.request import read_members
from mockso.contract.catalogue import Contract
from mockso.contract.model import Operation
from mockso.entities import criteria
from mockso.entities.archive import hint_of
from mockso.entities.archiveagent import agent_rows
from mockso.entities.find import find_rows
from mockso.entities.plans import Plan
from mockso.entities.verbs import Verb, Work
from mockso.exchange.message import Reply
from mockso.state.rows import Draft

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
    "CreateRestrictionGroup": "criteria_group_new",
    "DeleteRestrictionGroup": "criteria_group_delete",
    "GetRestrictionGroup": "criteria_group",
    "GetRestrictionGroups": "criteria_groups",
    "SaveRestrictionGroup": "criteria_group_save",
    "SaveRestrictionGroups": "criteria_groups_save",
    "PopulateRestrictions": "criteria_populate",
    "PopulateRestrictionValues": "criteria_populate",
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
    return criteria.as_list(criteria.groups_of(rows, _key(work)))


def find_by_criteria(work: Work, rows: Draft) -> Any:
    """The rows that given or saved criteria find, with the columns they are shown in."""
    query = read_members(_body(work))
    provider = provider_for(query.provider, work.contract)
    if work.argument("StorageKey") is not None or work.argument("StorageType") is not None:
        further = criteria.blank_group(1, criteria.read_restrictions(query.filter.value))
        both = [_in_brackets(_criteria_of(work, rows)), _in_brackets(further["Restrictions"])]
        query = replace(query, filter=replace(query.filter, value=[*both[0], *both[1]]))
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


def _in_brackets(restrictions: Sequence[criteria.Restriction]) -> list[criteria.Restriction]:
    """Restrictions in brackets of their own, so that an "or" among them stays inside; "and" joins the next."""
    part = [dict(one) for one in restrictions]
    if len(part) > 1:
        part[0]["InterParenthesis"] += 1
        part[-1]["InterParenthesis"] -= 1
    if part:
        part[-1]["InterOperator"] = "And"
    return part


def save_criteria(work: Work, rows: Draft) -> Any:
    """Keep criteria under their storage key."""
    restrictions = criteria.read_restrictions(work.argument("Restrictions"))
    criteria.put_groups(rows, _key(work), [criteria.blank_group(1, restrictions)])
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


# --- groups of restrictions ---------------------------------------------------------------------


def _rank(work: Work) -> int:
    rank = work.argument("Rank")
    return rank if type(rank) is int else 0


def make_group(work: Work, rows: Draft) -> Any:
    """A new group, which is kept when it is saved."""
    return criteria.blank_group(len(criteria.groups_of(rows, _key(work))) + 1)


def read_group(work: Work, rows: Draft) -> Any:
    """The group of a rank, or a blank one."""
    groups = criteria.groups_of(rows, _key(work))
    return next((group for group in groups if group["Rank"] == _rank(work)), criteria.blank_group(0))


def list_groups(work: Work, rows: Draft) -> Any:
    """All groups, by rank."""
    return criteria.groups_of(rows, _key(work))


def save_group(work: Work, rows: Draft) -> Any:
    """Keep one group in the place of its rank; without one it comes last."""
    groups = criteria.groups_of(rows, _key(work))
    group = criteria.read_group(work.argument("RestrictionGroup"), len(groups) + 1)
    _judge_group(work, group, "RestrictionGroup")
    criteria.put_groups(rows, _key(work), [*(one for one in groups if one["Rank"] != group["Rank"]), group])
    return None


def save_groups(work: Work, rows: Draft) -> Any:
    """Keep these groups and no others."""
    sent = work.argument("RestrictionGroups")
    groups = [criteria.read_group(item, rank) for rank, item in enumerate(sent or (), 1)]
    for group in groups:
        _judge_group(work, group, "RestrictionGroups")
    return criteria.put_groups(rows, _key(work), groups)


def _judge_group(work: Work, group: criteria.Group, where: str) -> None:
    criteria.judge(work, str(work.argument("ProviderName") or ""), group["Restrictions"], where)


def delete_group(work: Work, rows: Draft) -> Any:
    """Take the group of a rank away."""
    groups = criteria.groups_of(rows, _key(work))
    criteria.put_groups(rows, _key(work), [group for group in groups if group["Rank"] != _rank(work)])
    return None


def populate(work: Work, rows: Draft) -> Any:
    """Restrictions with all their parts; the texts of values are the values (assumed)."""
    provider = str(work.argument("ProviderName") or "")
    sent = work.argument("Restrictions")
    return [criteria.populate(one, provider, work) for one in sent or () if isinstance(one, Mapping)]


VERBS: Mapping[str, Verb] = {
    "criteria_group": read_group,
    "criteria_group_delete": delete_group,
    "criteria_group_new": make_group,
    "criteria_group_save": save_group,
    "criteria_groups": list_groups,
    "criteria_groups_save": save_groups,
    "criteria_populate": populate,
    "criteria_columns": list_columns,
    "criteria_defaults": list_defaults,
    "criteria_find": find_by_criteria,
    "criteria_order": list_order,
    "criteria_read": read_criteria,
    "criteria_save": save_criteria,
    "criteria_save_and_read": save_and_read,
}
READING = frozenset(name for name in VERBS if "_save" not in name and "_delete" not in name)
