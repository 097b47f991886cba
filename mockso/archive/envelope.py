"""Archive answers: the envelope with a row made up, and the list of providers.

Source: section 14. The columns of a provider are not known here: a row has those that $select names.
"""

from __future__ import annotations

import re

from mockso.contract.catalogue import Contract
from mockso.contract.model import Json, Operation
from mockso.exchange.call import Call
from mockso.exchange.message import Request
from mockso.state.tenant import Tenant

# "contactId", "contact/contactId", "contact.contact_id", "id", not "paid" nor "guid".
_ID = re.compile(r"(?:[a-z]I[dD]|(?:^|[^A-Za-z])id)\Z")


def envelope(call: Call, operation: Operation, tenant: Tenant) -> dict[str, Json]:
    """The answer of a collection or a provider. Source: section 14.3; firm, the row made up."""
    text = call.verdict.arguments.get("$select") or call.request.query.get("$select")
    columns = [column.strip() for column in str(text).split(",") if column.strip()]
    provider = operation.archive or operation.path.rpartition("/")[2]
    entity = (
        next(iter(call.lookup.path_arguments.values()), provider) if "Archive" in operation.path else provider
    )
    row: dict[str, Json] = {"PrimaryKey": "1", "EntityName": entity.lower()}
    # Recorded rows have numbers for ids; what else a column holds is not known.
    row |= {column: 1 if _ID.search(column) else column for column in columns}
    rows: list[Json] = [] if call.verdict.arguments.get("$top") == 0 else [row]
    return {"odata.metadata": _metadata(call.request, tenant), "odata.nextLink": None, "value": rows}


def providers(contract: Contract, request: Request, tenant: Tenant) -> dict[str, Json]:
    """The list of the providers of the server. Source: section 14.4."""
    from mockso.archive.providers import provider_names  # only who asks for them pays for it

    names = provider_names(contract)
    value: list[Json] = [{"name": name, "url": name} for name in names if not name.startswith("$")]
    return {"odata.metadata": _metadata(request, tenant), "value": value}


def asks_for_columns(call: Call, operation: Operation) -> bool:
    """Whether a call asks what columns a provider has, not for rows. Source: sections 14.1 and 14.2."""
    if not operation.path.startswith("/api/v1/Archive/"):
        return False
    asked = call.verdict.arguments.get("$metadata")
    return operation.path.endswith("/$metadata") or str(asked or "false").lower() != "false"


def columns() -> dict[str, Json]:
    """The columns of a provider by name. Source: section 14.4; those that every provider has, as no others are
    known here."""
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


def _metadata(request: Request, tenant: Tenant) -> str:
    return f"{request.base}/v1/Archive{'//' if tenant.online else '/'}$metadata"
