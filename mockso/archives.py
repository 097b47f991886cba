"""Archive answers: the envelope with a row made up, and the list of providers.

Source: section 14. The columns of a provider are not known here: a row has those that $select names.
"""

from __future__ import annotations

import re

from mockso.contract.catalogue import Contract
from mockso.contract.model import Json, Operation
from mockso.exchange import Call, Request
from mockso.tenant import Tenant

# "contactId", "contact/contactId", "contact.contact_id", "id", not "paid" nor "guid".
_ID = re.compile(r"(?:[a-z]I[dD]|(?:^|[^A-Za-z])id)\Z")


def envelope(call: Call, operation: Operation, tenant: Tenant) -> dict[str, Json]:
    """The answer of a collection or a provider. Source: section 14.3; firm, the row made up."""
    text = call.verdict.arguments.get("$select") or call.request.query.get("$select")
    columns = [column.strip() for column in str(text).split(",") if column.strip()]
    provider = operation.archive or operation.path.rpartition("/")[2]
    entity = (
        next(iter(call.found.path_arguments.values()), provider) if "Archive" in operation.path else provider
    )
    row: dict[str, Json] = {"PrimaryKey": "1", "EntityName": entity.lower()}
    # Recorded rows have numbers for ids; what else a column holds is not known.
    row |= {column: 1 if _ID.search(column) else column for column in columns}
    rows: list[Json] = [] if call.verdict.arguments.get("$top") == 0 else [row]
    return {"odata.metadata": _metadata(call.request, tenant), "odata.nextLink": None, "value": rows}


def providers(contract: Contract, request: Request, tenant: Tenant) -> dict[str, Json]:
    """The list of the providers that collections of the contract are made of. Source: section 14.4."""
    names = sorted({archive for one in contract.operations() if (archive := one.archive)}, key=str.lower)
    value: list[Json] = [{"name": name, "url": name} for name in names]
    return {"odata.metadata": _metadata(request, tenant), "value": value}


def _metadata(request: Request, tenant: Tenant) -> str:
    return f"{request.base}/v1/Archive{'//' if tenant.online else '/'}$metadata"
