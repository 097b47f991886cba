"""Encoded values, as custom fields and archives have them: `[I:5]`, `[D:12/31/2026]`, `[A:3,4]`, plain text.

Source: section 11.4. The marks and the date patterns are firm; the contents of `[M:...]`, `[T:...]`, `[TS:...]` and
`[B:...]` are not documented and are read as a decimal, a time of day, a time span and a boolean (assumed).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

from mockso.contract.model import Json

Value: TypeAlias = int | float | Decimal | bool | str | date | datetime | time | timedelta | list[int]


@dataclass(frozen=True)
class Moment:
    """A date-time of `[DT:...]`, which stays apart from one of `[D:...]`; `ticks` are tenths of microseconds
    beyond the datetime, 0 to 9."""

    at: datetime
    ticks: int = 0


_MARKED = re.compile(r"\[([A-Z]{1,2}):(.*)\]\Z", re.DOTALL)
_DATE = re.compile(
    r"([0-9]{2})/([0-9]{2})/([0-9]{4})(?: ([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,7}))?)?\Z"
)
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,7}))?\Z")
_SPAN = re.compile(r"(-?)(?:([0-9]{1,8})\.)?([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,7}))?\Z")
_INTEGER = re.compile(r"-?[0-9]{1,19}\Z")
_NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,3})?\Z")


def read_encoded(text: str) -> Value | Moment:
    """The value of an encoded text; a text without a mark, or with one that does not fit, is itself.

    The server's input accepts plain forms too: what they mean, the field's type decides, not this function.
    """
    match = _MARKED.match(text)
    if match is None:
        return text
    mark, inner = match[1], match[2].strip()
    value = _READERS[mark](inner) if mark in _READERS else None
    return text if value is None else value


_FIELDS = frozenset({"userdefinedfields", "extrafields", "customfields"})
_LOOKS_MARKED = re.compile(r"\[[A-Z]{1,2}:")


def misfits(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The custom fields of a body whose text has a mark that its content does not fit, with their places."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from misfits(item, (*path, number))
    elif isinstance(value, dict):
        custom = bool(path) and str(path[-1]).lower() in _FIELDS
        for name, item in value.items():
            if custom and isinstance(item, str):
                if _LOOKS_MARKED.match(item) and isinstance(read_encoded(item), str):
                    yield (*path, name), item
            else:
                yield from misfits(item, (*path, name))


def _integer(text: str) -> int | None:
    return int(text) if _INTEGER.match(text) else None


def _float(text: str) -> float | None:
    return float(text) if _NUMBER.match(text) else None


def _money(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.match(text) else None


def _boolean(text: str) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.lower())


def _array(text: str) -> list[int] | None:
    if not text:
        return []
    parts = [_integer(part.strip()) for part in text.split(",")]
    numbers = [part for part in parts if part is not None]
    return numbers if len(numbers) == len(parts) else None


def _moment(text: str) -> Moment | None:
    match = _DATE.match(text)
    if match is None:
        return None
    month, day, year, hour, minute, second, fraction = match.groups()
    ticks = int((fraction or "").ljust(7, "0"))
    try:
        at = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), ticks // 10
        )
    except ValueError:
        return None
    return Moment(at, ticks % 10)


def _date(text: str) -> date | datetime | Moment | None:
    moment = _moment(text)
    if moment is None or moment.ticks:
        return moment
    return moment.at if " " in text else moment.at.date()


def _time(text: str) -> time | None:
    match = _TIME.match(text)
    if match is None:
        return None
    try:
        return time(int(match[1]), int(match[2]), int(match[3]), int((match[4] or "").ljust(7, "0")) // 10)
    except ValueError:
        return None


def _span(text: str) -> timedelta | None:
    match = _SPAN.match(text)
    if match is None:
        return None
    sign, days, hours, minutes, seconds, fraction = match.groups()
    span = timedelta(
        days=int(days or 0),
        hours=int(hours),
        minutes=int(minutes),
        seconds=int(seconds),
        microseconds=int((fraction or "").ljust(7, "0")) // 10,
    )
    return -span if sign else span


_READERS = {
    "I": _integer,
    "F": _float,
    "M": _money,
    "D": _date,
    "DT": _moment,
    "T": _time,
    "TS": _span,
    "B": _boolean,
    "A": _array,
}
