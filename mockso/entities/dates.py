"""Dates of data files: as they are, or relative to the file's `now`."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

DEFAULT_NOW = datetime(2026, 1, 5, 8)

_RELATIVE = re.compile(r"([-+])([0-9]{1,4})([dwmy])(?: ([0-9]{2}):([0-9]{2}))?")


def read_now(value: Any) -> datetime:
    """The moment that a file's dates are relative to. Raises ValueError for no date and time."""
    if value is None:
        return DEFAULT_NOW
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment.replace(tzinfo=None)


def date_text(value: Any, now: datetime) -> str | None:
    """A date as rows have it, "2026-01-08T09:00:00"; None for any other text or value.

    "+3d 09:00" is three days after `now` at nine, "-2w" two weeks before it at midnight; d, w, m and y are
    days, weeks, months and years.
    """
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="seconds")
    if isinstance(value, date):
        return datetime.combine(value, time()).isoformat()
    if not isinstance(value, str):
        return None
    relative = _RELATIVE.fullmatch(value.strip())
    try:
        if relative is None:
            if len(value) == len("9999-12-31T23:59:59.9999999") and value.startswith("9999-"):
                return value
            return datetime.fromisoformat(value).replace(tzinfo=None).isoformat(timespec="seconds")
        sign, number, unit, hour, minute = relative.groups()
        day = _shift(now, int(sign + number), unit)
        return datetime.combine(day, time(int(hour or 0), int(minute or 0))).isoformat()
    except (ValueError, OverflowError):
        return None


def _shift(now: datetime, number: int, unit: str) -> date:
    if unit in "dw":
        return (now + timedelta(days=number * (7 if unit == "w" else 1))).date()
    months = now.year * 12 + now.month - 1 + number * (12 if unit == "y" else 1)
    # A month without that day ends before it.
    for day in (now.day, 30, 29, 28):
        try:
            return date(months // 12, months % 12 + 1, day)
        except ValueError:
            continue
    raise ValueError(number)
