"""The operators that a column takes in `$filter`, by its restriction type.

Source: section 14.5, with the spellings of real requests. A column without a restriction type takes
none; names are compared in any letter case.
"""

from __future__ import annotations

from collections.abc import Mapping

_EQUAL = ("eq", "=", "equals")
_NUMBER = (*_EQUAL, "set", "ne", "unequals", "lt", "less", "gt", "greater", "le", "ge", "between", "in")
_TEXT = (
    *("is", *_EQUAL, "isNot", "ne", "begins", "notBegins", "contains", "notContains", "in", "between"),
    *("substringof", "startswith", "endswith"),
)
_DAY = (
    *("date", "before", "after", "beforeOrEqual", "between", "dateBetween"),
    *(*_EQUAL, "ne", "lt", "gt", "le", "ge"),
    *("beforeToday", "today", "afterToday"),
    *(f"{when}{period}" for when in ("last", "this", "next") for period in ("Week", "Month", "Quarter")),
    *("thisHalf", "thisYear"),
    *("this", "next", "previous", "thisAndNext", "thisAndPrevious", "thisAndPreviousAndNext", "thisPeriod"),
)
_MOMENT = ("dateTime", "beforeTime", "afterTime", *_DAY)
_ASSOCIATE = ("associateIsOneOf", "associateIsNotOneOf", "currentAssociate", *_EQUAL, "in")
_LIST = ("oneOf", "notOneOf", *_EQUAL, "in")
_SET = ("oneOf", "notOneOf")

# By restriction type as documented.
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "int": _NUMBER,
    "decimal": _NUMBER,
    "string": _TEXT,
    "stringorPK": _TEXT,
    "positiveString": _TEXT,
    "bool": ("set", *_EQUAL),
    "date": _DAY,
    "unlimitedDate": _DAY,
    "datetime": _MOMENT,
    "associate": _ASSOCIATE,
    "listAny": _LIST,
    "listExternal": _LIST,
    "userGroup": _LIST,
    "ejUser": _LIST,
    "ejCategory": _LIST,
    "listInterest": _SET,
    "intArray": _SET,
    "timeSpan": _EQUAL,
    "saintStatus": _EQUAL,
    "": (),
}
