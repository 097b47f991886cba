"""Answers of archives: the envelope with an invented row, and the list of providers.

Source: section 14. The columns of a provider are not known here: a row has those that $select names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mockso.contract.catalogue import Contract
from mockso.contract.model import Json, Operation
from mockso.exchange.call import Call
from mockso.exchange.message import Request

# "contactId", "contact/contactId", "contact.contact_id", "id", not "paid" nor "guid".
_ID = re.compile(r"(?:[a-z]I[dD]|(?:^|[^A-Za-z])id)\Z")


def envelope(call: Call, operation: Operation, online: bool) -> dict[str, Json]:
    """The answer of a collection or a provider. Source: section 14.3; firm, but for the row, which is invented."""
    text = call.verdict.arguments.get("$select") or call.request.query.get("$select")
    columns = [column.strip() for column in str(text).split(",") if column.strip()]
    provider = operation.archive or operation.path.rpartition("/")[2]
    entity = (
        next(iter(call.lookup.path_arguments.values()), provider) if "Archive" in operation.path else provider
    )
    row: dict[str, Json] = {"PrimaryKey": "1", "EntityName": entity.lower()}
    # Recorded rows have numbers for ids; what other columns hold is not known.
    row |= {column: 1 if _ID.search(column) else column for column in columns}
    rows: list[Json] = [] if call.verdict.arguments.get("$top") == 0 else [row]
    return rows_envelope(rows, call.request, online)


def rows_envelope(rows: Sequence[Json], request: Request, online: bool) -> dict[str, Json]:
    """The answer with these rows. Source: section 14.3; firm."""
    return {"odata.metadata": _metadata(request, online), "odata.nextLink": None, "value": list(rows)}


def providers(contract: Contract, request: Request, online: bool) -> dict[str, Json]:
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


def columns() -> dict[str, Json]:
    """The columns that every provider has, by name; no others are known here. Source: section 14.4."""
    return {
        name: {
            "DisplayName": name,
            "DisplayTooltip": "",
            "DisplayType": "Checkbox",
            "CanOrderBy": False,
            "Name": name,
            "CanRestrictBy": True,
            "RestrictionType": "bool",
            "RestrictionListName": "",
            "IsVisible": False,
            "ExtraInfo": "",
            "Width": "",
            "IconHint": "",
            "HeadingIconHint": "",
        }
        for name in ("getAllRows", "getNoRows")
    }


def _metadata(request: Request, online: bool) -> str:
    return f"{request.base}/v1/Archive{'//' if online else '/'}$metadata"
