"""Deliveries that have not ended, as rows of their tenant: what is to be sent to which webhook, when, and at which try.

The sender's queue is made from the same values; a row goes when its delivery ended, one way or the other.
"""

from __future__ import annotations

from mockso.state.rows import RowStore
from mockso.webhooks.payload import Event

KIND = "delivery"


def put(store: RowStore, hook: int, event: Event, due: float, retry: int) -> None:
    """Write down a delivery, or its next try. `due` is seconds since 1970."""
    members = {**vars(event), "changes": list(event.changes)}
    row = {"hook": hook, "event": members, "due": due, "retry": retry}
    store.change(lambda draft: draft.put(KIND, _key(hook, event), row))


def remove(store: RowStore, hook: int, event: Event) -> None:
    """Have no row of a delivery that ended."""
    if store.rows.own_row(KIND, _key(hook, event)) is not None:
        store.change(lambda draft: draft.remove(KIND, _key(hook, event)))


def _key(hook: int, event: Event) -> str:
    return f"{event.id} {hook}"
