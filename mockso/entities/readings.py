"""How a column is read of rows: what a filter compares and what an answer shows, by the sort of value it has.

Where the value is found is not known here: see `columns` and `dynamic`.
Source: behaviour, section 14.3; study of entities, section d2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from mockso.archive.predicates import FAMILIES
from mockso.contract.plausible import MINIMUM_DATE
from mockso.state.log import Key, Value

Row = tuple[Key, Value]
Read = Callable[[Row], Any]
T = TypeVar("T")

# Columns whose numbers rows have as texts. Source: behaviour, section 14.3; recorded.
_NUMBERS_AS_TEXT = frozenset({"probpercent"})

# Ids that are numbers, 0 of none, although their type is that of a list. Source: behaviour, section 14.3; recorded.
_NUMBER_KEYS = frozenset({"contactid", "personid", "projectid", "saleid", "associatedbid"})


_UNKNOWN = object()


@dataclass(frozen=True)
class Reading:
    """A column of rows that come from one source: `raw` is what filters compare, `shown` what an answer has.

    `by` reads the key of another row, where the column depends on nothing else: ten thousand companies have a dozen
    associates, so what follows from the key is worked out once a key (see `per_key`).
    """

    raw: Read
    shown: Read
    has_data: bool = True
    by: Read | None = None

    def depending_on(self, by: Read) -> Reading:
        """This reading, of a column that depends on that key only."""
        return replace(self, by=by, shown=per_key(by, self.shown))


def per_key(by: Read | None, read: Callable[[Row], T]) -> Callable[[Row], T]:
    """A function of rows that asks `read` once for each key that `by` reads; without `by` it is `read` itself."""
    if by is None:
        return read
    known: dict[Any, Any] = {}

    def get(row: Row) -> Any:
        key = by(row)
        value = known.get(key, _UNKNOWN)
        if value is _UNKNOWN:
            value = known[key] = read(row)
        return value

    return get


def is_number_key(column: str) -> bool:
    """Whether a column such as "sale/contactId" shows a number, 0 where nothing is referred to."""
    return column.lower().rpartition("/")[2] in _NUMBER_KEYS


def enum_reading(read: Read, values: Sequence[str], family: str) -> Reading:
    """A property that is one of some names: filters compare its number, rows show its name."""
    numbers = {name: number for number, name in enumerate(values)}
    first = values[0] if values else ""

    def name(row: Row) -> Any:
        return read(row) or first

    match family:
        case "flag":
            # "Completed" is one of Unknown, NotStarted, Started and Completed.
            def is_last(row: Row) -> bool:
                return bool(name(row) in ("Completed", "PrivateUser", "PrivateGroup"))

            return Reading(is_last, is_last)
        case "number":

            def number(row: Row) -> int:
                return numbers.get(name(row), 0)

            return Reading(number, number)
        case "text" | "":
            return Reading(name, name)
    return Reading(lambda row: numbers.get(name(row), 0), name)


def plain_reading(read: Read, column: str, restriction: str) -> Reading:
    """A property as it is stored. A value that is not of the column's type, such as a role's name, compares as empty."""

    def number(row: Row) -> Any:
        return _number(read(row))

    def text(row: Row) -> str:
        return _text(read(row))

    match FAMILIES.get(restriction, ""):
        case "flag":
            return Reading(lambda row: bool(read(row)), lambda row: bool(read(row)))
        case "number" if column.lower() in _NUMBERS_AS_TEXT:
            return Reading(number, lambda row: str(number(row)))
        case "number":
            return Reading(number, number)
        case "key" if is_number_key(column):
            return Reading(number, number)
        case "key":
            # The id of an item whose list mockso does not have is shown, none is an empty text.
            return Reading(number, lambda row: _scalar(read(row)) or "")
        case "time":
            return Reading(text, lambda row: text(row) or MINIMUM_DATE)
        case "set":
            return Reading(lambda row: _items(read(row)), lambda row: ",".join(map(str, _items(read(row)))))
        case "text":
            # A test of texts takes whatever stands there, without a look at each value first.
            return Reading(read, text)

    def scalar(row: Row) -> Any:
        return _scalar(read(row))

    return Reading(scalar, scalar)


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else int(value is True)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _scalar(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else ""
