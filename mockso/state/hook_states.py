"""What becomes of a registration: its counters and its state after an attempt, and after a save.

Pure: values in, values out. A value is the documented carrier, property by property; the word beside it is
the verb of the webhook's own event, "started", "stopped" or "errors", empty where there is none.
Source: section 16.4. That `ConsecutiveErrors` counts events and `TotalErrors` attempts is assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Value: TypeAlias = Mapping[str, Any]

ATTEMPTS = 3  # of one event, all with the same id
WAITS = (1.0, 4.0)  # seconds before the second and the third
CYCLES = 3  # events in a row of which no attempt succeeded

ACTIVE, STOPPED, TOO_MANY = "Active", "Stopped", "TooManyErrors"
STATES = ("Unknown", ACTIVE, STOPPED, TOO_MANY)


def is_sent(value: Value) -> bool:
    """Whether events are sent to its target; else another plugin of the server handles them, such as a script."""
    return str(value["Type"] or "webhook").lower() == "webhook"


def succeeded(value: Value) -> tuple[Value, str]:
    """After an attempt that the target accepted."""
    return {**value, "TotalCalls": value["TotalCalls"] + 1, "ConsecutiveErrors": 0}, ""


def failed(value: Value, error: str, *, last: bool) -> tuple[Value, str]:
    """After an attempt that failed; with the `last` one the event is given up."""
    value = _failed(value, error)
    if not last:
        return value, ""
    errors = value["ConsecutiveErrors"] + 1
    value = {**value, "ConsecutiveErrors": errors}
    if errors < CYCLES or value["State"] != ACTIVE:
        return value, ""
    return {**value, "State": TOO_MANY}, "errors"


def gone(value: Value, error: str) -> tuple[Value, str]:
    """After 410: it is disabled at once. That its state is Stopped then is assumed."""
    value = _failed(value, error)
    return {**value, "ConsecutiveErrors": value["ConsecutiveErrors"] + 1, "State": STOPPED}, "stopped"


def _failed(value: Value, error: str) -> Value:
    counts = {name: value[name] + 1 for name in ("TotalCalls", "TotalErrors")}
    return {**value, **counts, "LastError": error}


def saved(before: Value | None, after: Value) -> tuple[Value, str]:
    """After its owner saved it: what was Active again begins without errors (assumed)."""
    was, now = (before or after)["State"], after["State"]
    if now == ACTIVE and was != ACTIVE:
        return {**after, "ConsecutiveErrors": 0}, "started"
    return after, "stopped" if now == STOPPED and was != STOPPED else ""
