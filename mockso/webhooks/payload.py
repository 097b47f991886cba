"""An event as it is sent: the body's members in their order, and the headers. Source: section 16.3."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mockso.state.hooks import Value
from mockso.webhooks.events import body_names
from mockso.webhooks.signature import webhook_signature

# What a registration's own headers cannot say: it belongs to the message itself.
_OWN = frozenset(
    {
        *("host", "content-length", "content-type", "transfer-encoding", "connection", "user-agent"),
        *("x-superoffice-event", "x-superoffice-eventid", "x-superoffice-retry", "x-superoffice-signature"),
        "x-hook-test",
    }
)


@dataclass(frozen=True)
class Event:
    """Something that happened. `name` has the number of a webhook ("webhook17.errors"), `at` is seconds since
    1970; `fields` are values of the database, `values` those that the signal carried."""

    name: str
    key: int
    id: str
    at: float
    changes: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    associate: int = 1


def payload(event: Event, hook: Value, context: str) -> dict[str, Any]:
    """Build the body. `context` is the tenant; onsite it is "Default".

    A custom property does not replace a member that is there already (assumed).
    """
    name, entity = body_names(event.name)
    members = {
        "EventId": event.id,
        "Timestamp": datetime.fromtimestamp(event.at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
        "Changes": list(event.changes),
        "Event": name,
        "PrimaryKey": event.key,
        **({"Entity": entity} if entity else {}),
        "ContextIdentifier": context or "Default",
        "ChangedByAssociateId": event.associate,
        "WebhookName": hook["Name"],
        "FieldValues": dict(event.fields),
        "Values": dict(event.values),
    }
    return {**members, **{k: v for k, v in (hook["Properties"] or {}).items() if k not in members}}


def encode_body(members: Mapping[str, Any]) -> bytes:
    """Encode a body; the signature is computed over these bytes."""
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def headers(event: Event, hook: Value, body: bytes, version: str, retry: int) -> list[tuple[str, str]]:
    """Build the header lines; `retry` is 0 in the first attempt (assumed)."""
    lines = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("User-Agent", f"NetServer-Webhook/{version}"),
        ("X-SuperOffice-Event", event.name),
        ("X-SuperOffice-EventId", event.id),
        ("X-SuperOffice-Retry", str(retry)),
    ]
    if hook["Secret"]:
        lines.append(("X-SuperOffice-Signature", webhook_signature(hook["Secret"], body)))
    if event.name == "test":
        lines.append(("X-Hook-Test", "true"))
    custom = (hook["Headers"] or {}).items()
    return [*lines, *((name, str(value or "")) for name, value in custom if name.lower() not in _OWN)]
