"""The Archive agent: archives by objects or texts, descriptions of providers, and what a user chose to see.

Columns and entities that were chosen for a user interface are rows of kind "archive view"; a list that names no
columns shows them. Source: behaviour, section 14.8; that a choice counts for all users is assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockso.archive.columns import Provider
from mockso.archive.lookup import provider_for
from mockso.archive.providers import provider_names
from mockso.archive.request import Part, Query, read_members
from mockso.contract.catalogue import Contract
from mockso.contract.model import Operation
from mockso.entities.archive import agent_row, hint_of
from mockso.entities.dynamic import describe, find_dynamic, is_dynamic, of_table
from mockso.entities.find import Finding, chosen_columns, find_rows
from mockso.entities.plans import Plan
from mockso.entities.verbs import ELSEWHERE, Verb, Work
from mockso.exchange.message import Reply
from mockso.state.rows import Draft

_VIEW = "archive view"
_FILTER = "activity filter"

# Methods of the agent, without the endings that say how their arguments are sent.
_METHODS: Mapping[str, str] = {
    "CreateDefaultArchiveListResult": "archive_blank",
    "GetArchiveConfiguration": "archive_view",
    "GetArchiveList": "archive_list",
    "GetArchiveListByColumns": "archive_list",
    "GetAvailableColumns": "archive_columns",
    "GetAvailableEntities": "archive_entities",
    "GetGroupAssociateIds": "archive_groups",
    "GetProviderNames": "archive_providers",
    "GetActivityFilter": "activity_filter",
    "SetActivityFilter": "activity_filter_save",
    "SetChosenColumns": "archive_choose",
    "SetChosenEntities": "archive_choose",
    "SetColumnWidths": "archive_choose",
}
_ENDINGS = ("V2", "2", "WithContext", "WithHeader")


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation of the Archive agent."""
    if not operation.path.startswith("/api/v1/Agents/Archive/"):
        return None
    method = operation.path.rpartition("/")[2]
    for ending in _ENDINGS:
        method = method.removesuffix(ending)
    kind = contract.kinds.get("Associate")
    verb = _METHODS.get(method)
    return Plan(verb, 8, kind, subject=f"the Archive agent's {method}") if verb and kind is not None else None


def list_rows(work: Work, rows: Draft) -> Any:
    """The rows of a provider; with their number, where the answer has a place for it."""
    query = read_members(_body(work))
    provider = provider_for(query.provider, work.contract)
    if query.select.value is None:
        query = with_view(query, provider, _view(work, provider, rows))
    if is_dynamic(provider):
        query = of_table(query, provider, rows)
        finding = find_dynamic(work, rows, query, provider)
    else:
        finding = find_rows(work, rows, query, provider)
    value = agent_rows(finding, query)
    operation = work.call.lookup.operation
    assert operation is not None
    assert operation.result is not None
    if operation.result.kind == "list":
        return Reply(operation.success, value, hint_of(finding), fidelity="likely")
    body = {"RowCount": finding.total, "Rows": value, "TableRight": None, "FieldProperties": {}}
    return Reply(operation.success, body, hint_of(finding), fidelity="likely")


def agent_rows(finding: Finding, query: Query) -> list[dict[str, Any]]:
    """The rows of the page as an agent's answer has them."""
    columns, _ = chosen_columns(query, finding.provider)
    finding.is_asked = bool(query.select.value)
    names = {choice.text: choice.column for choice in columns}
    return [agent_row(finding, item, names) for item in finding.items]


def with_view(query: Query, provider: Provider, view: Mapping[str, Any]) -> Query:
    """A query with the columns and entities that were chosen, where it names none."""
    columns = [name for name in view.get("Columns", ()) if provider.find(name) is not None]
    entities = query.entities or frozenset(map(str.lower, view.get("Entities", ())))
    return replace(query, select=Part("the chosen columns", columns or None), entities=entities)


def _body(work: Work) -> Mapping[str, Any]:
    return work.body if isinstance(work.body, Mapping) else {}


def _key(work: Work) -> str:
    names = ("GuiName", "ProviderName", "Context", "OwnerKeys")
    return "|".join(str(work.argument(name) or "") for name in names).lower()


def _view(work: Work, provider: Provider, rows: Draft) -> Mapping[str, Any]:
    return rows.get(_VIEW, _key(work)) or {}


def choose(work: Work, rows: Draft) -> Any:
    """Keep the columns, the entities or the widths that were chosen for a view."""
    given = {
        "Columns": work.argument("ChosenColumns"),
        "Entities": work.argument("Entities"),
        "Widths": work.argument("ColumnWidths"),
    }
    view = dict(rows.get(_VIEW, _key(work)) or {})
    for name, value in given.items():
        if value is not None:
            names = value if isinstance(value, list) else str(value).split(",")
            view[name] = [str(one).strip() for one in names if str(one).strip()]
    rows.put(_VIEW, _key(work), view)
    return None


def read_view(work: Work, rows: Draft) -> Any:
    """The configuration of a view: all columns, which of them and of the entities are chosen."""
    provider = provider_for(str(work.argument("ProviderName") or ""), work.contract)
    view = _view(work, provider, rows)
    chosen = {name.lower() for name in view.get("Columns", ())} or {
        one.name.lower() for one in provider.default
    }
    widths = dict(zip(view.get("Columns", ()), view.get("Widths", ()), strict=False))
    columns = [
        column
        | {"IsVisible": str(column["Name"]).lower() in chosen, "Width": widths.get(str(column["Name"]), "")}
        for column in describe(provider, rows)
    ]
    wanted = {name.lower() for name in view.get("Entities", ())}
    entities = [_entity(number, name, wanted) for number, name in enumerate(provider.entities, 1)]
    return {
        "ArchiveColumnInfo": columns,
        "ArchiveEntityInfo": entities,
        "ArchiveOrderByInfo": [],
        "TableRight": None,
        "FieldProperties": {},
    }


def _entity(number: int, name: str, chosen: set[str]) -> dict[str, Any]:
    is_chosen = not chosen or name.lower() in chosen
    return _item(number, name) | {
        "Selected": is_chosen,
        "LastChanged": "0001-01-01T00:00:00",
        "Hidden": False,
    }


def _item(number: int, name: str) -> dict[str, Any]:
    return {
        "Id": number,
        "Name": name,
        "ToolTip": "",
        "Deleted": False,
        "Rank": number,
        "Type": "",
        "ChildItems": [],
        "IconHint": "",
        "ColorBlock": 0,
        "ExtraInfo": name,
        "StyleHint": "",
        "FullName": name,
        "TableRight": None,
        "FieldProperties": {},
    }


def list_columns(work: Work, rows: Draft) -> Any:
    """The columns of a provider."""
    return describe(provider_for(str(work.argument("ProviderName") or ""), work.contract), rows)


def list_entities(work: Work, rows: Draft) -> Any:
    """The entities of a provider."""
    provider = provider_for(str(work.argument("ProviderName") or ""), work.contract)
    return [_item(number, name) for number, name in enumerate(provider.entities, 1)]


def list_providers(work: Work, rows: Draft) -> Any:
    """The names of all providers."""
    return [name for name in provider_names(work.contract) if not name.startswith("$")]


def list_associates(work: Work, rows: Draft) -> Any:
    """The ids of the associates of some groups."""
    groups = work.argument("GroupIds")
    wanted = groups if isinstance(groups, list) else []
    return [key for key, row in rows.items("Associate") if row.get("UserGroup") in wanted]


def blank(work: Work, rows: Draft) -> Any:
    """An empty result."""
    return {"RowCount": 0, "Rows": [], "TableRight": None, "FieldProperties": {}}


def read_filter(work: Work, rows: Draft) -> Any:
    """The caller's filter of activities, as it was saved."""
    row = rows.get(_FILTER, work.caller)
    return ELSEWHERE if row is None else dict(row["Filter"])


def save_filter(work: Work, rows: Draft) -> Any:
    """Keep the caller's filter of activities."""
    value = work.argument("ActivityFilter")
    if isinstance(value, Mapping):
        rows.put(_FILTER, work.caller, {"Filter": dict(value)})
    return None


VERBS: Mapping[str, Verb] = {
    "activity_filter": read_filter,
    "activity_filter_save": save_filter,
    "archive_blank": blank,
    "archive_choose": choose,
    "archive_columns": list_columns,
    "archive_entities": list_entities,
    "archive_groups": list_associates,
    "archive_list": list_rows,
    "archive_providers": list_providers,
    "archive_view": read_view,
}
READING = frozenset(VERBS) - {"activity_filter_save", "archive_choose"}
