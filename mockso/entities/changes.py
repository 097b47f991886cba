"""Changes of rows as webhooks hear of them: the event's name, the database fields, the ids of a deleted row.

Source: behaviour, section 16. That an entity which can be brought back tells both `softdeleted` and `deleted`
is assumed, as is the choice of field values: numbers, truths and dates, no texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockso.archive.envelope import encode
from mockso.entities.fields import TABLES, Table
from mockso.entities.verbs import SOFT
from mockso.judge.owntables import PREFIX
from mockso.state.log import Value
from mockso.state.rows import Event

_SAVED = ("created", "changed", "deleted")

# Entities of events by kind, and what may happen to each. Source: section 16.5.
_ENTITIES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Appointment": ("activity", _SAVED),
    "Associate": ("associate", _SAVED),
    "Project": ("project", _SAVED),
    "ProjectMember": ("projectmember", _SAVED),
    "ContactRelation": ("relation", _SAVED),
    "SaleStakeholder": ("salestakeholder", _SAVED),
    "Contact": ("contact", (*_SAVED, "softdeleted")),
    "Person": ("person", (*_SAVED, "softdeleted", "consented", "unconsented")),
    "Document": ("document", (*_SAVED, "edited")),
    "Sale": ("sale", (*_SAVED, "sold", "lost", "completed")),
    "Ticket": ("ticket", ("created", "changed")),
    "ChatSession": ("chatsession", ("created", "changed", "message")),
    "Quote": ("quote", ("approved", "rejected", "sent", "ordered")),
}
_LIST = ("created", "changed", "softdeleted")
_ALWAYS = ("updated", "updated_associate_id", "updatedCount")
_STAMPS = ("UpdatedBy", "CreatedBy")


@dataclass(frozen=True)
class Message:
    """An event as it is given to the sender of webhooks; see `webhooks.payload`."""

    name: str
    key: int
    changes: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    associate: int = 1


def messages(event: Event) -> list[Message]:
    """The messages about an event of a row; none for a kind or a happening without events."""
    legal: tuple[str, ...]
    if event.kind.startswith("list:"):
        entity, legal = f"list.{event.kind.removeprefix('list:')}", _LIST
    elif event.kind in _ENTITIES:
        entity, legal = _ENTITIES[event.kind]
    elif event.kind.startswith(PREFIX):
        return [_of_custom_table(event)]
    else:
        return []
    names = [event.name]
    if event.name == "deleted" and (event.kind in SOFT or legal is _LIST):
        names = ["softdeleted", "deleted"]
    key = event.key if isinstance(event.key, int) else 0
    table = TABLES.get(event.kind)
    return [_message(f"{entity}.{name}", key, event, table) for name in names if name in legal]


def _message(name: str, key: int, event: Event, table: Table | None) -> Message:
    row = event.after if event.after is not None else event.before or {}
    associate = next((row[stamp] for stamp in _STAMPS if row.get(stamp)), 1)
    if table is None:
        return Message(name, key, associate=associate)
    if event.name == "deleted":
        return Message(name, key, values={table.key: key, **_ids(row, table)}, associate=associate)
    fields = dict.fromkeys(table.fields[item] for item in event.changes if item in table.fields)
    values = {
        table.fields[item]: row[item]
        for item in event.changes
        if item in table.fields and _is_plain(row.get(item))
    }
    changes = tuple(dict.fromkeys((table.key, *fields, *_ALWAYS)))
    return Message(name, key, changes, {table.key: key, **values}, associate=associate)


def _of_custom_table(event: Event) -> Message:
    """A message about a row of a tenant's own table, whose values are encoded. Source: section 16.3."""
    name, key = f"{event.kind.removeprefix(PREFIX)}.{event.name}", event.key if type(event.key) is int else 0
    if event.after is None:
        return Message(name, key, values={"id": key})
    fields = {"id": encode(key), **{field: encode(event.after.get(field, "")) for field in event.changes}}
    return Message(name, key, tuple(fields), fields)


def _ids(row: Value, table: Table) -> dict[str, int]:
    """The keys of a row's relatives, by their fields."""
    return {
        name: row[item]
        for item, name in table.fields.items()
        if name.endswith("_id") and item not in _STAMPS and type(row.get(item)) is int
    }


def _is_plain(value: Any) -> bool:
    is_date = isinstance(value, str) and len(value) >= 10 and value[4:5] == "-" and value[:4].isdigit()
    return isinstance(value, bool | int | float) or is_date
