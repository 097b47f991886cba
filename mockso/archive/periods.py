"""Dates of archive filters: a literal or a period becomes a stretch of time, from its first moment up to its end.

Moments are texts as rows have them, "2026-01-08T09:00:00", in the tenant's base zone; texts compare as times do.
A date without a time is the whole day, one with a time that second (assumed). Weeks begin on Monday (assumed).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

Stretch = tuple[str, str]

_UNITS = ("day", "week", "month", "quarter", "half", "year")
# Months of a unit that is made of them.
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}

# "[D:01/31/2026]" and "[DT:01/31/2026 10:00:00]" are the server's own encoding. Source: behaviour, section 11.4.
_ENCODED = re.compile(r"\[DT?:(.*)\]\Z")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\b")
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
_YEAR_FIRST = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})\b")  # the vendor writes 2009-1-1
_FRACTION = re.compile(r"(\.\d{6})\d+")
_LAST = "9999-12-31T23:59:60"


def stretch_of(text: str, to_base: Callable[[datetime], datetime]) -> Stretch | None:
    """The day or the second that a literal names; None for no date. `to_base` moves one with a zone into ours."""
    text = text.strip()
    encoded = _ENCODED.match(text)
    text = encoded[1].strip() if encoded else text
    text = _AMERICAN.sub(lambda m: f"{m[3]}-{int(m[1]):02}-{int(m[2]):02}", text, count=1)
    text = _GERMAN.sub(lambda m: f"{m[3]}-{int(m[2]):02}-{int(m[1]):02}", text, count=1)
    text = _YEAR_FIRST.sub(lambda m: f"{m[1]}-{int(m[3]):02}-{int(m[4]):02}", text, count=1)
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        if len(text) == len("2026-01-31"):
            return _days(date.fromisoformat(text), 1)
        moment = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
        if moment.tzinfo is not None:
            moment = to_base(moment)
    except (ValueError, OverflowError):
        return None
    start = moment.replace(microsecond=0, tzinfo=None)
    return _text(start), _text(start, timedelta(seconds=1))


def period_of(name: str, arguments: Sequence[str], now: datetime) -> Stretch:
    """The time that an operator such as "lastweek" or a function such as "thisandnext" (2, "month") means."""
    today = now.date()
    match name:
        case "today":
            return _days(today, 1)
        case "beforetoday":
            return "", _days(today, 1)[0]
        case "aftertoday":
            return _days(today, 1)[1], _LAST
    if name.endswith("period"):
        unit, count = _unit_of(arguments)
        name = name.removesuffix("period")
        return _units(today, unit, {"this": 0, "last": -count, "next": 1}[name], count)
    for place, word in ((-1, "last"), (0, "this"), (1, "next")):
        if name.removeprefix(word) in _UNITS:
            return _units(today, name.removeprefix(word), place, 1)
    unit = arguments[-1].lower()
    count = int(arguments[0]) if len(arguments) > 1 else 1
    first, number = {
        "this": (0, 1),
        "next": (1, count),
        "previous": (-count, count),
        "thisandnext": (0, count + 1),
        "thisandprevious": (-count, count + 1),
        "thisandpreviousandnext": (-1, 3),
    }[name]
    return _units(today, unit, first, number)


def _unit_of(arguments: Sequence[str]) -> tuple[str, int]:
    """Unit and number of "thisPeriod 1 4": one quarter; days are 1, weeks 2 and so on (assumed)."""
    numbers = [int(argument) for argument in arguments if argument.isdecimal() and len(argument) < 10]
    count, code = (*numbers, 1, 3)[:2] if numbers else (1, 3)
    units = ("day", "week", "month", "quarter", "year")
    return units[min(max(code, 1), len(units)) - 1], max(count, 1)


def _units(today: date, unit: str, first: int, number: int) -> Stretch:
    """So many units from the one that is `first` units from today's."""
    try:
        if unit == "day":
            return _days(today + timedelta(days=first), number)
        if unit == "week":
            monday = today - timedelta(days=today.weekday())
            return _days(monday + timedelta(weeks=first), 7 * number)
        length = _MONTHS[unit]
        month = today.year * 12 + today.month - 1
        start = month - month % length + first * length
        return _text(_month(start)), _text(_month(start + number * length))
    except (ValueError, OverflowError):  # beyond the calendar
        return (_LAST, _LAST) if first > 0 else ("", "0001-01-01T00:00:00")


def _month(number: int) -> datetime:
    return datetime(number // 12, number % 12 + 1, 1)


def _days(day: date, number: int) -> Stretch:
    start = datetime.combine(day, time())
    return _text(start), _text(start, timedelta(days=number))


def _text(moment: datetime, later: timedelta = timedelta()) -> str:
    try:
        return (moment + later).isoformat(timespec="seconds")
    except OverflowError:
        return _LAST
