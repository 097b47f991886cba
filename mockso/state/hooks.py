"""The webhooks that are registered with one tenant, and how attempts and saves change them.

An application sees all of its tenant. The real server probably shows each only its own, which is of no use
to a test that has a tenant of its own.

A registration is the documented carrier, property by property. The functions that change one are pure and
return it with the verb of its own event, "started", "stopped" or "errors", empty where there is none.
Source: section 16.4. That `ConsecutiveErrors` counts events and `TotalErrors` attempts is assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from mockso.state.rows import Draft, RowStore

KIND = "Webhook"

Value: TypeAlias = Mapping[str, Any]
Change: TypeAlias = Callable[[Value], tuple[Value, str]]

ATTEMPTS = 3  # of one event, all with the same id
WAITS = (1.0, 4.0)  # seconds before the second and the third
CYCLES = 3  # events in a row of which no attempt succeeded

ACTIVE, STOPPED, TOO_MANY = "Active", "Stopped", "TooManyErrors"
STATES = ("Unknown", ACTIVE, STOPPED, TOO_MANY)


def is_sent(value: Value) -> bool:
    """Whether events are sent to its target; else another plugin of the server handles them, such as a script."""
    return str(value["Type"] or "webhook").lower() == "webhook"


def after_success(value: Value) -> tuple[Value, str]:
    """A registration after an attempt that its target accepted."""
    return {**value, "TotalCalls": value["TotalCalls"] + 1, "ConsecutiveErrors": 0}, ""


def after_failure(value: Value, error: str, *, last: bool) -> tuple[Value, str]:
    """A registration after a failed attempt; with the `last` one the event is given up."""
    value = _with_error(value, error)
    if not last:
        return value, ""
    errors = value["ConsecutiveErrors"] + 1
    value = {**value, "ConsecutiveErrors": errors}
    if errors < CYCLES or value["State"] != ACTIVE:
        return value, ""
    return {**value, "State": TOO_MANY}, "errors"


def after_gone(value: Value, error: str) -> tuple[Value, str]:
    """A registration after 410, which disables it at once. That its state is Stopped then is assumed."""
    value = _with_error(value, error)
    return {**value, "ConsecutiveErrors": value["ConsecutiveErrors"] + 1, "State": STOPPED}, "stopped"


def _with_error(value: Value, error: str) -> Value:
    counts = {name: value[name] + 1 for name in ("TotalCalls", "TotalErrors")}
    return {**value, **counts, "LastError": error}


def after_save(before: Value | None, after: Value) -> tuple[Value, str]:
    """A registration after its owner saved it. One that becomes Active starts without errors (assumed)."""
    was, now = (before or after)["State"], after["State"]
    if now == ACTIVE and was != ACTIVE:
        return {**after, "ConsecutiveErrors": 0}, "started"
    return after, "stopped" if now == STOPPED and was != STOPPED else ""


class Hooks:
    """The registrations among a tenant's rows. Threads may share it; values are never changed in place."""

    def __init__(self, store: RowStore) -> None:
        self._store = store

    def __len__(self) -> int:
        return self._store.rows.count(KIND)

    def all(self) -> tuple[Value, ...]:
        """All of them, the oldest first."""
        return tuple(value for _, value in self._store.rows.items(KIND))

    def get(self, id: int) -> Value | None:
        return self._store.rows.own_row(KIND, id)

    def add(self, value: Value) -> Value:
        """Register a value, and return it with its new id."""

        def verb(draft: Draft) -> Value:
            id = draft.next_id(KIND)
            draft.put(KIND, id, {**value, "WebhookId": id})
            return {**value, "WebhookId": id}

        return self._store.change(verb).value

    def change(self, id: int, change: Change) -> tuple[Value, str] | None:
        """Change one, and return what `change` returns; None if it was removed."""

        def verb(draft: Draft) -> tuple[Value, str] | None:
            before = draft.get(KIND, id)
            if before is None:
                return None
            value, own_event = change(before)
            draft.put(KIND, id, value)
            return value, own_event

        return self._store.change(verb).value

    def remove(self, id: int) -> None:
        """Remove one; unknown ids are ignored."""
        self._store.change(lambda draft: draft.remove(KIND, id))

    def clear(self) -> None:
        """Remove all; deliveries that wait are not sent any more."""

        def verb(draft: Draft) -> None:
            for id, _ in list(draft.items(KIND)):
                draft.remove(KIND, id)

        self._store.change(verb)

    def listening(self, event: str) -> list[Value]:
        """The active ones that were registered for an event; its name is case-insensitive."""
        return listening(self.all(), event)


def listening(hooks: Iterable[Value], event: str) -> list[Value]:
    """The active ones of some webhooks that were registered for an event."""
    folded = event.lower()
    return [
        hook
        for hook in hooks
        if hook["State"] == ACTIVE and folded in {name.lower() for name in hook["Events"] or () if name}
    ]
