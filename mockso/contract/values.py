"""Scalar values: what JSON and text must look like to be an int32, a date-time, base64.

Both the quick check (plain.py) and the marshmallow fields (schemas.py) stand on these functions.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from functools import cache

RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}

_INTEGER = re.compile(r"[+-]?[0-9]{1,400}\Z")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,5})?\Z")
_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,7})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?\Z"
)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def integer(text: str) -> int | None:
    """The integer that a text spells, None for any other text; underscores and blanks are not digits."""
    return int(text) if _INTEGER.match(text) else None


class Exact(float):
    """A number that remembers how it was written, where Python would write it otherwise: 0.00, 1.50, 1e3.

    Source: a decimal keeps its scale on its way through the server (likely).
    """

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Exact:
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __reduce__(self) -> tuple[type[Exact], tuple[str]]:
        return Exact, (self.text,)


def exact(text: str) -> float:
    """The number of a JSON text; it keeps its text where that is not Python's own."""
    value = float(text)
    return value if repr(value) == text else Exact(text)


def decimal(text: str) -> float | None:
    """The number a text is, None for any other text; a decimal point, no thousands separators."""
    if len(text) >= 400 or not _DECIMAL.match(text):
        return None
    return exact(text) if _JSON_NUMBER.match(text) else float(text)


def boolean(text: str) -> bool | None:
    """True or False as the text says, in any letter case; None for any other text."""
    return {"true": True, "false": False}.get(text.lower())


def is_date_time(text: str) -> bool:
    """Whether a text is a date-time: a real day from year 1 on, 0 to 7 fraction digits, with or
    without an offset. Source: dates load with 0 to 7 fraction digits, with offset, Z or neither."""
    match = _DATE_TIME.match(text)
    if not match:
        return False
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if not (year and 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]):
        return False
    if month == 2 and day == 29 and (year % 4 or (year % 100 == 0 and year % 400)):
        return False
    return match[4] is None or (int(match[4]) < 24 and int(match[5]) < 60 and int(match[6] or 0) < 60)


def is_base64(text: str) -> bool:
    """Whether a text is base64 with its padding."""
    try:
        b64decode(text, validate=True)
    except ValueError:
        return False
    return True


@cache
def member_finder(values: tuple[str, ...], *, are_flags: bool) -> Callable[[object], str | None]:
    """A function that finds the member of an enumeration a value stands for; None for any other value.

    By name in any letter case, by number: its place, of flags the sum of their bits (assumed).
    """
    by_name = {value.lower(): value for value in values}
    # The first member of a set of flags usually is the empty set.
    bits = (
        values[1:] if values and values[0].lower() in ("none", "unknown", "notset", "undefined") else values
    )

    def find(value: object) -> str | None:
        number = integer(value) if isinstance(value, str) else value
        if isinstance(value, str) and number is None:
            members = [by_name.get(part.strip().lower()) for part in value.split(",")]
            return ", ".join(part for part in members if part) if all(members) else None
        if type(number) is not int or number < 0:
            return None
        if are_flags:
            if number >> len(bits):
                return None
            return ", ".join(member for bit, member in enumerate(bits) if number >> bit & 1) or values[0]
        return values[number] if number < len(values) else None

    return find
