"""Marks: which call made a row, which changed it last, which deleted it.

They lie in the row itself, under names that no carrier has, so that a snapshot and another process have them
too and a row costs no second one. A deleted row has nowhere to lie: its mark is a row of its own.
"""

from __future__ import annotations

from mockso.contract.kinds import Kinds
from mockso.state.log import Key, Value
from mockso.state.rows import Draft, Rows

CREATED = "$created"
UPDATED = "$updated"
NAMES = (CREATED, UPDATED)

_DELETION = "deletion"
LIST = "list:"
TRASH = "deleted "

# Rows that have addresses of their own in the admin API.
_OWN_ADDRESSES = frozenset({"Webhook"})


def is_entity(kind: str, kinds: Kinds) -> bool:
    """Whether rows of that kind are a tenant's entities, and not what mockso remembers beside them."""
    return (kind.startswith((LIST, TRASH)) or kinds.get(kind) is not None) and kind not in _OWN_ADDRESSES


def entity_kind(kind: str) -> str:
    """The name of the contract's kind that rows of a kind have the carriers of."""
    return "ListItem" if kind.startswith(LIST) else kind.removeprefix(TRASH)


def mark(draft: Draft, call: str, kinds: Kinds) -> None:
    """Mark all entities that a draft changes with the id of the call that does it."""
    for kind, key, value in draft.changes:
        if kind.startswith(TRASH) or not is_entity(kind, kinds):
            continue
        if value is None:
            draft.put(_DELETION, f"{kind} {key}", {"call": call})
            continue
        before = draft.before(kind, key)
        if before is None and not draft.was_deleted(kind, key):
            draft.put(kind, key, {**value, CREATED: call})
        else:
            creation = {CREATED: before[CREATED]} if before is not None and CREATED in before else {}
            draft.put(kind, key, {**value, **creation, UPDATED: call})


def deleted_by(kind: str, key: Key, rows: Rows) -> str:
    """The id of the call that deleted a row, or an empty string."""
    row = rows.get(_DELETION, f"{kind} {key}")
    return str(row["call"]) if row is not None else ""


def without_marks(row: Value) -> dict[str, object]:
    """The properties of a row."""
    return {name: item for name, item in row.items() if name not in NAMES}
