"""Deliveries that have not ended, as rows of their tenant: what is to be sent to which webhook, when, and at which try.

A sender's queue is made from the same values; a row goes when its delivery ended, one way or the other. Where several
processes send, a row also says who claimed it, and until when nobody else may.
"""

from __future__ import annotations

from mockso.state.log import Value
from mockso.state.rows import Draft, RowStore
from mockso.webhooks.payload import Event

KIND = "delivery"


def put(store: RowStore, hook: int, event: Event, due: float, retry: int) -> None:
    """Write down a delivery, or its next try. `due` is seconds since 1970."""
    store.change(lambda draft: put_into(draft, hook, event, due, retry))


def put_into(draft: Draft, hook: int, event: Event, due: float, retry: int) -> None:
    """Write down a delivery among the changes of a draft."""
    members = {**vars(event), "changes": list(event.changes)}
    draft.put(KIND, _key(hook, event), {"hook": hook, "event": members, "due": due, "retry": retry})


def event_of(row: Value) -> Event:
    """The event of a delivery's row."""
    members = row["event"]
    return Event(**{**members, "changes": tuple(members["changes"])})


def free_from(row: Value) -> float:
    """When a delivery may be claimed: once it is due, and nobody's lease holds it."""
    lease = row.get("lease")
    return max(float(row["due"]), float(lease["until"]) if lease else 0.0)


def claim(store: RowStore, key: str, by: str, now: float, until: float) -> Value | None:
    """Have a delivery for oneself until a time; its row, or None where somebody else was quicker."""

    def verb(draft: Draft) -> Value | None:
        row = draft.get(KIND, key)
        if row is None or free_from(row) > now:
            return None
        draft.put(KIND, key, {**row, "lease": {"by": by, "until": until}})
        return row

    return store.change(verb).value


def remove(store: RowStore, hook: int, event: Event) -> None:
    """Have no row of a delivery that ended."""
    if store.rows.own_row(KIND, _key(hook, event)) is not None:
        store.change(lambda draft: draft.remove(KIND, _key(hook, event)))


def _key(hook: int, event: Event) -> str:
    return f"{event.id} {hook}"
