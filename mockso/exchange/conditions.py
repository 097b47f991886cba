"""Conditional requests: 304 and 412 by the time an entity was changed last.

Source: section 13. Nine entities have them, the others ignore both headers (firm); times compare in whole
seconds of UTC, and an entity that was never updated counts from its creation (assumed).
"""

from __future__ import annotations

from datetime import datetime

from mockso.contract.model import Operation
from mockso.exchange.headers import http_date
from mockso.exchange.message import Request

ENTITIES = frozenset(
    {
        "appointment",
        "contact",
        "document",
        "foreignapp",
        "person",
        "project",
        "relation",
        "sale",
        "selection",
    }
)


def applies(operation: Operation) -> bool:
    """Whether an operation heeds conditions: one entity of the nine, addressed by its id."""
    parts = operation.path.split("/")
    return len(parts) == 5 and parts[3].lower() in ENTITIES and parts[4][:1] == "{"


def unmet(operation: Operation, request: Request, changed: datetime) -> int:
    """304 or 412 where a condition of the request is not met by an entity changed at that time, else 0.

    An invalid date is ignored, as HTTP demands.
    """
    headers = request.headers
    unmodified = http_date(headers.get("If-Unmodified-Since"), request.at)
    exempt = operation.method == "DELETE" and operation.path.lower().startswith("/api/v1/selection/")
    if unmodified is not None and changed > unmodified and not exempt:
        return 412
    modified = http_date(headers.get("If-Modified-Since"), request.at)
    if modified is not None and operation.method == "GET" and changed <= modified:
        return 304
    return 0
