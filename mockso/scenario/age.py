"""How old a recording may get: `recorded.at` and `max_age` of a file."""

from __future__ import annotations

import calendar
import warnings
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from mockso.matching.keys import Fault


class ExpiredRecording(UserWarning):
    """A recording is older than its `max_age` allows."""


def age_faults(scenario: Mapping[str, Any], origin: str) -> list[Fault]:
    """What is wrong with the age of a scenario; a warning instead where `on_expiry` says no more."""
    try:
        message = expired(scenario)
    except ValueError:
        return [Fault(("recorded", "at"), f"{scenario['recorded']['at']!r} is no day of the calendar.")]
    if message and scenario.get("on_expiry") == "fail":
        return [Fault(("max_age",), message)]
    if message:
        warnings.warn(f"{origin}: {message}", ExpiredRecording, stacklevel=2)
    return []


def expired(scenario: Mapping[str, Any], today: date | None = None) -> str:
    """What to say of a scenario that is older than its `max_age`; "" when it is not, or has none."""
    if "max_age" not in scenario:
        return ""
    recorded = date.fromisoformat(scenario["recorded"]["at"])
    last = _later(recorded, scenario["max_age"])
    if (today or datetime.now(UTC).date()) <= last:
        return ""
    return (
        f"was recorded on {recorded} and good until {last} (max_age {scenario['max_age']}); record it again."
    )


def _later(day: date, age: str) -> date:
    count, _, unit = age.partition(" ")
    number, unit = int(count), unit.rstrip("s")
    if unit in ("day", "week"):
        ordinal = day.toordinal() + number * (7 if unit == "week" else 1)
        return date.fromordinal(min(ordinal, date.max.toordinal()))
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "year" else 1)
    year, month = min(months // 12, date.max.year), months % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
