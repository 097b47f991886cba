"""Tests of archive filters as functions of a value, by the column's restriction type.

A value is what a row holds, not what it shows: the id of a list item, a date as text, a set of ids. None is an
empty value of any type. Source: study of entities, section d2; that text is compared without letter case and that
an operator which does not fit is an error are assumed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mockso.archive.operators import FUNCTIONS, MEANINGS, UNARY, fitting, legal_operators, operator_names
from mockso.archive.periods import period_of, stretch_of
from mockso.archive.query import Condition, Literal
from mockso.errors import QueryError

Predicate = Callable[[Any], bool]

# How the values of a restriction type compare. A type that is not here, of a column nobody documents, is "any".
FAMILIES = {
    **dict.fromkeys(("int", "decimal"), "number"),
    **dict.fromkeys(("string", "stringorPK", "positiveString", "timeSpan", "saintStatus"), "text"),
    **dict.fromkeys(("date", "unlimitedDate", "datetime"), "time"),
    **dict.fromkeys(("associate", "listAny", "listExternal", "userGroup", "ejUser", "ejCategory"), "key"),
    **dict.fromkeys(("listInterest", "intArray"), "set"),
    "bool": "flag",
}
_WORDS = {"number": "a number", "key": "an id", "set": "an id", "flag": "true or false", "time": "a date"}
_CURES = {
    "key": " Write the number of the item, not its text.",
    "set": " Write the numbers of items, not their texts.",
    "associate": " Write the number of the associate, or the operator currentAssociate.",
}
_TIME_WORDS = frozenset({"date", "datetime", "before", "after", "beforetime", "aftertime", "datebetween"})
_MINIMUM = "0001-01-01T00:00:00"


@dataclass(frozen=True)
class Moment:
    """The meaning of now and of me in a filter.

    `clock` gives the tenant's time in its base zone, without a zone; `caller` the id of the caller's associate;
    `to_base` moves a time with a zone into the base zone.
    """

    clock: Callable[[], datetime]
    caller: int = 0
    to_base: Callable[[datetime], datetime] = lambda moment: moment.astimezone(UTC)


def compile_condition(condition: Condition, restriction: str, moment: Moment) -> Predicate:
    """The function that tells whether a column's value passes. Raises QueryError for what does not fit the type."""
    operator = condition.operator
    if operator not in fitting(restriction):
        raise QueryError(_misfit(condition, restriction), condition.operator_at)
    family = FAMILIES.get(restriction) or _family_by_use(condition)
    if operator in UNARY or operator in FUNCTIONS:
        if operator == "currentassociate":
            return _is_in((moment.caller,))
        first, end = period_of(operator, [value.text for value in condition.values], moment.clock())
        return _of_texts(restriction, lambda value: first <= (value or _MINIMUM) < end)
    meaning = MEANINGS.get(operator, operator)
    _count_values(condition, meaning)
    match family:
        case "text":
            return _compile_text(meaning, [value.text.casefold() for value in condition.values])
        case "time":
            return _of_texts(restriction, _compile_time(condition, meaning, moment))
        case "flag":
            wanted = _flag(condition.values[0], condition, restriction)
            return lambda value: bool(value) is (wanted is (meaning == "eq"))
        case "number" | "key":
            return _compile_number(
                meaning, [_number(value, condition, restriction, moment) for value in condition.values]
            )
        case "set":
            ids = frozenset(_number(value, condition, restriction, moment) for value in condition.values)
            return _compile_set(meaning, ids)
    return _compile_any(condition, meaning)


def _family_by_use(condition: Condition) -> str:
    """How a column of unknown type compares: as the operator says."""
    if condition.operator in _TIME_WORDS or condition.operator in UNARY - {"currentassociate"}:
        return "time"
    if condition.operator in ("begins", "notbegins", "contains", "notcontains", "ends"):
        return "text"
    return "any"


def _of_texts(restriction: str, predicate: Predicate) -> Predicate:
    """A test of times; in a column of unknown type, where a number may stand, that is an empty one."""
    if restriction in FAMILIES:
        return predicate
    return lambda value: predicate(value if type(value) is str else "")


def _misfit(condition: Condition, restriction: str) -> str:
    name = operator_names().get(condition.operator) or FUNCTIONS.get(condition.operator, condition.operator)
    if not restriction:
        return f"{condition.column!r} cannot be restricted: it is only shown."
    return f"{name!r} does not fit {condition.column!r}, which is {restriction}. Use {legal_operators(restriction)}."


def _count_values(condition: Condition, meaning: str) -> None:
    number = len(condition.values)
    if not number:
        raise QueryError(f"{condition.operator!r} takes a value.", condition.operator_at)
    if meaning == "between" and number != 2:
        raise QueryError(f"'between' takes two values, (a, b), not {number}.", condition.operator_at)
    if meaning not in ("between", "in", "notin") and number > 1:
        raise QueryError(f"{condition.operator!r} takes one value, not {number}.", condition.values[1].at)


def _is_in(wanted: Collection[Any]) -> Predicate:
    return lambda value: value in wanted


def _compile_text(meaning: str, wanted: list[str]) -> Predicate:
    one = wanted[0]
    match meaning:
        case "begins":
            return lambda value: _fold(value).startswith(one)
        case "notbegins":
            return lambda value: not _fold(value).startswith(one)
        case "contains":
            return lambda value: one in _fold(value)
        case "notcontains":
            return lambda value: one not in _fold(value)
        case "ends":
            return lambda value: _fold(value).endswith(one)
        case "eq":
            return lambda value: _fold(value) == one
        case "ne":
            return lambda value: _fold(value) != one
        case "between":
            last = wanted[1]
            return lambda value: one <= _fold(value) <= last
    words = frozenset(wanted)
    is_inside = meaning == "in"
    return lambda value: (_fold(value) in words) is is_inside


def _fold(value: Any) -> str:
    return value.casefold() if type(value) is str else "" if value is None else str(value).casefold()


def _compile_number(meaning: str, wanted: list[float]) -> Predicate:
    one = wanted[0]
    match meaning:
        case "eq":
            return lambda value: (value or 0) == one
        case "ne":
            return lambda value: (value or 0) != one
        case "lt":
            return lambda value: (value or 0) < one
        case "gt":
            return lambda value: (value or 0) > one
        case "le":
            return lambda value: (value or 0) <= one
        case "ge":
            return lambda value: (value or 0) >= one
        case "between":
            last = wanted[1]
            return lambda value: one <= (value or 0) <= last
    numbers = frozenset(wanted)
    is_inside = meaning == "in"
    return lambda value: ((value or 0) in numbers) is is_inside


def _compile_set(meaning: str, ids: frozenset[float]) -> Predicate:
    """A set of ids passes when it has one of those named; "eq" wants all of them and no other (assumed)."""
    match meaning:
        case "eq":
            return lambda value: frozenset(value or ()) == ids
        case "notin":
            return lambda value: ids.isdisjoint(value or ())
    return lambda value: not ids.isdisjoint(value or ())


def _compile_time(condition: Condition, meaning: str, moment: Moment) -> Predicate:
    stretches = []
    for value in condition.values:
        stretch = stretch_of(value.text, moment.to_base)
        if stretch is None:
            message = f"{value.text!r} is not a date for {condition.column!r}. Write 2026-01-31 or 2026-01-31T10:00:00."
            raise QueryError(message, value.at)
        if condition.operator == "date" and len(stretch[0]) > 10:
            day = stretch_of(stretch[0][:10], moment.to_base)
            stretch = day or stretch
        stretches.append(stretch)
    first, end = stretches[0]
    match meaning:
        case "eq":
            return lambda value: first <= (value or _MINIMUM) < end
        case "ne":
            return lambda value: not first <= (value or _MINIMUM) < end
        case "lt":
            return lambda value: (value or _MINIMUM) < first
        case "le":
            return lambda value: (value or _MINIMUM) < end
        case "gt":
            return lambda value: (value or _MINIMUM) >= end
        case "ge":
            return lambda value: (value or _MINIMUM) >= first
        case "between":
            last = stretches[1][1]
            return lambda value: first <= (value or _MINIMUM) < last
    return lambda value: any(start <= (value or _MINIMUM) < stop for start, stop in stretches)


def _compile_any(condition: Condition, meaning: str) -> Predicate:
    """A condition on a column of unknown type: as numbers where value and literal are numbers, else as texts."""
    texts = [value.text.casefold() for value in condition.values]
    numbers = [_as_number(text) for text in texts]
    if any(number is None for number in numbers) or any(value.is_quoted for value in condition.values):
        return (
            _compile_text(meaning, texts)
            if meaning not in ("lt", "gt", "le", "ge")
            else _order(meaning, texts[0])
        )
    by_number = _compile_number(meaning, [number for number in numbers if number is not None])
    by_text = (
        _compile_text(meaning, texts)
        if meaning not in ("lt", "gt", "le", "ge")
        else _order(meaning, texts[0])
    )
    return lambda value: by_text(value) if type(value) is str else by_number(value)


def _order(meaning: str, one: str) -> Predicate:
    match meaning:
        case "lt":
            return lambda value: _fold(value) < one
        case "gt":
            return lambda value: _fold(value) > one
        case "le":
            return lambda value: _fold(value) <= one
    return lambda value: _fold(value) >= one


def _flag(value: Literal, condition: Condition, restriction: str) -> bool:
    text = value.text.lower()
    if text not in ("true", "false", "1", "0"):
        raise _misread(value, condition, restriction)
    return text in ("true", "1")


def _number(value: Literal, condition: Condition, restriction: str, moment: Moment) -> float:
    text = value.text.strip()
    if text.lower() == "currentassociate" and restriction == "associate":
        return moment.caller
    if text.startswith("[I:") and text.endswith("]"):
        text = text[3:-1]
    number = _as_number(text)
    if number is None:
        raise _misread(value, condition, restriction)
    return number


_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")  # Python refuses to convert thousands of digits


def _as_number(text: str) -> float | None:
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return None
    return number if text.isascii() and number - number == 0 else None  # no "nan", no "inf"


def _misread(value: Literal, condition: Condition, restriction: str) -> QueryError:
    family = FAMILIES[restriction]
    cure = _CURES.get("associate" if restriction == "associate" else family, "")
    return QueryError(
        f"{value.text!r} is not {_WORDS[family]}, which {condition.column!r} ({restriction}) compares.{cure}",
        value.at,
    )
