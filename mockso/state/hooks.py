"""The webhooks that are registered with one tenant.

An application sees all of its tenant: that the real server shows each only its own is likely, and of no use
to a test that has a tenant of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from mockso.state.hook_states import ACTIVE, Value

Change = Callable[[Value], tuple[Value, str]]


class Hooks:
    """Registrations by id, which ascends from 1. Threads may share it; values are never changed in place."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._hooks: dict[int, Value] = {}
        self._last = 0

    def __len__(self) -> int:
        return len(self._hooks)

    def all(self) -> tuple[Value, ...]:
        """All of them, the oldest first."""
        with self._lock:
            return tuple(self._hooks.values())

    def get(self, id: int) -> Value | None:
        return self._hooks.get(id)

    def add(self, value: Value) -> Value:
        """Register; the value with its new id."""
        with self._lock:
            self._last += 1
            self._hooks[self._last] = {**value, "WebhookId": self._last}
            return self._hooks[self._last]

    def change(self, id: int, change: Change) -> tuple[Value, str] | None:
        """Change one and give what `change` gave (states.py); None when it is not there any more."""
        with self._lock:
            if id not in self._hooks:
                return None
            value, verb = change(self._hooks[id])
            self._hooks[id] = value
            return value, verb

    def remove(self, id: int) -> None:
        """Remove one; an unknown one is no error."""
        with self._lock:
            self._hooks.pop(id, None)

    def clear(self) -> None:
        """Remove all: what waits to be sent is not sent any more."""
        with self._lock:
            self._hooks.clear()

    def listening(self, event: str) -> list[Value]:
        """Those that are active and were registered for an event, letter case aside."""
        folded = event.lower()
        return [
            hook
            for hook in self.all()
            if hook["State"] == ACTIVE and folded in {name.lower() for name in hook["Events"] or () if name}
        ]
