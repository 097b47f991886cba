"""The operators of archive filters: their names, and which fit a column by its restriction type.

Source: behaviour, section 14.5, and the study of entities, section d2: what real requests use of a type fits
it too (likely).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

_EQUAL = ("eq", "=", "equals", "set")
_COMPARE = ("ne", "unequals", "lt", "less", "gt", "greater", "le", "ge", "between", "in")
_PERIODS = (
    *("today", "beforeToday", "afterToday", "lastWeek", "thisWeek", "nextWeek", "lastMonth", "thisMonth"),
    *("nextMonth", "lastQuarter", "thisQuarter", "nextQuarter", "lastHalf", "thisHalf", "nextHalf"),
    *("lastYear", "thisYear", "nextYear", "thisPeriod", "lastPeriod", "nextPeriod"),
)

# Functions, by their names in small letters.
FUNCTIONS: Mapping[str, str] = {
    name.lower(): name
    for name in (
        *("substringof", "startswith", "endswith", "this", "next", "previous"),
        *("thisAndNext", "thisAndPrevious", "thisAndPreviousAndNext"),
    )
}
_TEXT_FUNCTIONS = ("substringof", "startswith", "endswith")
_PERIOD_FUNCTIONS = tuple(name for name in FUNCTIONS.values() if name not in _TEXT_FUNCTIONS)

_NUMBER = (*_EQUAL, *_COMPARE)
_TEXT = (
    *("is", "isNot", "eq", "=", "equals", "ne", "unequals", "set", "begins", "notBegins"),
    *("contains", "notContains", "ends", "in", "oneOf", "notOneOf", "between", *_TEXT_FUNCTIONS),
)
_DAY = (
    *("date", "before", "after", "beforeOrEqual", "afterOrEqual", "dateBetween", *_EQUAL, *_COMPARE),
    *(*_PERIODS, *_PERIOD_FUNCTIONS),
)
_MOMENT = ("dateTime", "beforeTime", "afterTime", *_DAY)
_LIST = ("oneOf", "notOneOf", *_NUMBER)
_ASSOCIATE = ("associateIsOneOf", "associateIsNotOneOf", "currentAssociate", *_LIST)

# What fits a restriction type. The documented example "category gt 1" compares the id of a list.
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "int": _NUMBER,
    "decimal": _NUMBER,
    "string": _TEXT,
    "stringorPK": _TEXT,
    "positiveString": _TEXT,
    "timeSpan": ("eq", "=", "is", "isNot", "ne"),
    "saintStatus": ("eq", "=", "is", "isNot", "ne"),
    "bool": ("set", "eq", "=", "equals", "ne", "is"),
    "date": _DAY,
    "unlimitedDate": _DAY,
    "datetime": _MOMENT,
    "associate": _ASSOCIATE,
    "listAny": _LIST,
    "listExternal": _LIST,
    "userGroup": _LIST,
    "ejUser": _LIST,
    "ejCategory": _LIST,
    "listInterest": ("oneOf", "notOneOf", "eq", "=", "equals", "in", "set"),
    "intArray": ("oneOf", "notOneOf", "eq", "=", "equals", "in", "set"),
    "": (),
}

# What an operator does, where it goes by more than one name.
MEANINGS: Mapping[str, str] = {
    "=": "eq",
    "equals": "eq",
    "set": "eq",
    "is": "eq",
    "date": "eq",
    "datetime": "eq",
    "unequals": "ne",
    "isnot": "ne",
    "less": "lt",
    "before": "lt",
    "beforetime": "lt",
    "greater": "gt",
    "after": "gt",
    "aftertime": "ge",
    "beforeorequal": "le",
    "afterorequal": "ge",
    "datebetween": "between",
    "oneof": "in",
    "associateisoneof": "in",
    "notoneof": "notin",
    "associateisnotoneof": "notin",
}

# Operators that need no value.
UNARY = frozenset({"currentassociate", *map(str.lower, _PERIODS)})

# Operators of other languages, and what is written for them here.
DOUBLES: Mapping[str, str] = {
    "==": "eq",
    "===": "eq",
    ">": "gt",
    "<": "lt",
    ">=": "ge",
    "<=": "le",
    "!": "ne",
    "!=": "ne",
    "<>": "ne",
    "like": "contains",
    "has": "contains",
    "startswith": "begins, or startswith(column, 'text')",
    "endswith": "endswith(column, 'text')",
    "not": "ne, isNot, notContains or notOneOf",
    "notends": "notContains; there is no notEnds",
    "gte": "ge",
    "lte": "le",
    "neq": "ne",
}


@cache
def operator_names() -> Mapping[str, str]:
    """All operators by their names in small letters."""
    every = {name for names in OPERATORS.values() for name in names} - set(FUNCTIONS.values())
    return {name.lower(): name for name in sorted(every)}


@cache
def fitting(restriction: str) -> frozenset[str]:
    """The operators and functions that fit a restriction type, in small letters; all for an unknown type."""
    names = OPERATORS.get(restriction)
    return frozenset(map(str.lower, names if names is not None else (*operator_names(), *FUNCTIONS)))


def legal_operators(restriction: str) -> str:
    """The operators that fit a restriction type, in words: "is, isNot, begins"; empty for an unknown type."""
    return ", ".join(name for name in OPERATORS.get(restriction, ()) if name not in FUNCTIONS.values())
