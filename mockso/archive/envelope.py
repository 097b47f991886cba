"""Answers of archives: the envelope around rows, rows in all their forms, descriptions of columns, lists of providers.

Source: sections 14.3, 14.4 and 14.8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from mockso.archive.columns import Column, Provider
from mockso.archive.operators import OPERATORS
from mockso.contract.catalogue import Contract
from mockso.contract.model import Json, Operation
from mockso.exchange.call import Call
from mockso.exchange.message import Request

_UNSAFE = re.compile(r"[^A-Za-z0-9_]")

# What the user's program shows a column as, by its restriction type; assumed, but for flags.
_DISPLAY_TYPES = {
    "bool": "Checkbox",
    "int": "int",
    "decimal": "decimal",
    "date": "date",
    "unlimitedDate": "date",
    "datetime": "datetime",
    "associate": "associate",
}


def rows_envelope(
    rows: Sequence[Json],
    request: Request,
    online: bool,
    count: int | None = None,
    next_link: str | None = None,
) -> dict[str, Json]:
    """The answer with these rows; `count` is how many there are in all, where that was asked for.

    Source: section 14.3; firm, but for the count, whose name is assumed, and for a link to the next page.
    """
    head: dict[str, Json] = {"odata.metadata": _metadata(request, online)}
    if count is not None:
        head["odata.count"] = str(count)
    return head | {"odata.nextLink": next_link, "value": list(rows)}


def next_link(request: Request, skip: int) -> str:
    """The address of the same query from another row on. Source: section 14.3; unconfirmed."""
    pairs = [(name, value) for name, value in request.query if name.lower() != "$skip"]
    query = "&".join(
        f"{quote(name, safe='$')}={quote(value)}" for name, value in [*pairs, ("$skip", str(skip))]
    )
    return f"{request.base}{request.path.removeprefix('/api')}?{query}"


def slim_row(key: Any, entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A row as a collection has it by itself. Source: section 14.3; firm."""
    return {"PrimaryKey": str(key), "EntityName": entity, **values}


def full_row(key: Any, entity: str, values: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """A row of `$mode=Full`; `values` are what is stored and what is shown of each column. Source: 14.4; likely."""
    columns = {
        name: {"RawValue": raw, "DisplayValue": display_text(shown), "LinkHint": "", "TooltipHint": ""}
        for name, (raw, shown) in values.items()
    }
    return {
        "PrimaryKey": key if isinstance(key, int) else 0,
        "EntityName": entity,
        "StyleHint": "",
        "LinkHint": _link(entity, key),
        "TableRight": {"Mask": 1, "Reason": ""},
        "Column": columns,
    }


def agent_row(key: Any, entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A row of an agent's answer: every value is a text, encoded. Source: section 14.8; firm."""
    columns = {
        name: {"DisplayValue": encode(value), "TooltipHint": "", "LinkHint": ""}
        for name, value in values.items()
    }
    return {
        "EntityName": entity,
        "PrimaryKey": key if isinstance(key, int) else 0,
        "ColumnData": columns,
        "LinkHint": _link(entity, key),
        "StyleHint": "",
        "TableRight": None,
        "FieldProperties": {},
    }


def _link(entity: str, key: Any) -> str:
    return f"nav={entity}&{entity}_id={key}"


def encode(value: Any) -> str:
    """A value as an agent's row has it: "[I:5]", "[D:12/31/2026]". Source: section 11.4; firm, flags assumed."""
    if isinstance(value, bool):
        return f"[B:{value}]"
    if isinstance(value, int):
        return f"[I:{value}]"
    if isinstance(value, float):
        return f"[F:{str(value).removesuffix('.0')}]"
    text = str(value)
    if re.match(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", text):
        day, _, time = text.partition("T")
        year, month, number = day.split("-")
        seconds, _, fraction = time.partition(".")
        return f"[DT:{month}/{number}/{year} {seconds}.{fraction:0<7}]"
    return text


def display_text(value: Any) -> str:
    """A value as a text to be shown."""
    return "" if value is None else str(value)


def safe_names(row: dict[str, Any]) -> dict[str, Any]:
    """A row with names that any language takes. Source: section 14.2, `$jsonSafe`; firm."""
    return {_UNSAFE.sub("_", name): value for name, value in row.items()}


def list_providers(contract: Contract, request: Request, online: bool) -> dict[str, Json]:
    """The list of the providers of the server. Source: section 14.4."""
    from mockso.archive.providers import provider_names

    names = provider_names(contract)
    value: list[Json] = [{"name": name, "url": name} for name in names if not name.startswith("$")]
    return {"odata.metadata": _metadata(request, online), "value": value}


def asks_for_columns(call: Call, operation: Operation) -> bool:
    """Whether a call asks for the columns of a provider, not for rows. Source: sections 14.1 and 14.2."""
    if not operation.path.startswith("/api/v1/Archive/"):
        return False
    option = call.verdict.arguments.get("$metadata")
    return operation.path.endswith("/$metadata") or str(option or "false").lower() != "false"


def describe_columns(provider: Provider) -> list[dict[str, Json]]:
    """The columns of a provider as the server describes them, in their order. Source: section 14.4."""
    default = {column.name for column in provider.default}
    return [describe_column(column, column.name in default) for column in provider.columns.values()]


def describe_column(column: Column, is_visible: bool = False) -> dict[str, Json]:
    """One column as the server describes it. Its texts and the list behind it are not known here."""
    return {
        "DisplayName": column.name,
        "DisplayTooltip": "",
        "DisplayType": _DISPLAY_TYPES.get(column.restriction, "string"),
        "CanOrderBy": column.can_order,
        "Name": column.name,
        "CanRestrictBy": bool(OPERATORS.get(column.restriction, ())),
        "RestrictionType": column.restriction,
        "RestrictionListName": "",
        "IsVisible": is_visible,
        "ExtraInfo": "",
        "Width": "",
        "IconHint": "",
        "HeadingIconHint": "",
    }


def _metadata(request: Request, online: bool) -> str:
    return f"{request.base}/v1/Archive{'//' if online else '/'}$metadata"
