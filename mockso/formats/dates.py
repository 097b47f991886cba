"""Date-times on their way in and out: from and to the zone of SO-TimeZone, and as the server stores them.

Source: section 11.2. Stored are local times of the base zone without suffix. Ordinary ones are converted to the
requested zone; stamps (`Created...`, `Updated...`) are not, or are UTC where offsets are wanted;
birthdays are never shifted. Recorded answers show three more: the dates of a recurrence, `Registered` and
`LastChanged` keep their digits and get the zone's offset (likely), and so does the end of all time.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC as UTC_TIME
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from mockso.contract.catalogue import Contract
from mockso.contract.model import TypeDef, TypeRef
from mockso.formats.zones import UTC, Zone

MINIMUM = "0001-01-01T00:00:00"
_END = "9999-12-31"
_PARTS = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(\.[0-9]{1,7})?(Z|[+-][0-9]{2}:?[0-9]{2})?)?\Z"
)

Sort = Literal["ordinary", "stamp", "birthday", "fixed"]
Change = Callable[[str, Sort], str]

_BIRTHDAYS = frozenset({"BirthDate", "Birthday"})
_FIXED = frozenset({"Registered", "LastChanged"})
_FIXED_TYPES = frozenset({"RecurrenceInfo", "RecurrenceDate"})


def sort_of(typedef: TypeDef, name: str) -> Sort:
    """How a date-time property of a carrier reacts to a zone."""
    if name.startswith(("Created", "Updated")):
        return "stamp"
    if name in _BIRTHDAYS:
        return "birthday"
    return "fixed" if name in _FIXED or typedef.short_name in _FIXED_TYPES else "ordinary"


# --- one date -----------------------------------------------------------------------------------


def _split(text: str) -> tuple[datetime, str, str] | None:
    """A date-time's local time in whole seconds, its fraction and its suffix."""
    match = _PARTS.match(text)
    if match is None:
        return None
    day, minute, second, fraction, suffix = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{minute or '00:00'}{second or ':00'}")
    except ValueError:
        return None
    fraction = (fraction or "").rstrip("0")
    return moment, "" if fraction == "." else fraction, suffix or ""


def _write(moment: datetime, fraction: str, suffix: str = "") -> str:
    # strftime does not pad years before 1000 everywhere; isoformat does.
    return f"{moment.isoformat()}{fraction}{suffix}"


def _shift(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment  # the ends of time stay where they are (assumed)


def _to_utc(local: datetime, zone: Zone) -> datetime:
    return _shift(local, -zone.offset(local))


def _from_utc(moment: datetime, zone: Zone) -> datetime:
    if moment.year < 1970:
        return _shift(moment, zone.winter)
    rules = zone.rules
    try:
        return rules.fromutc(moment.replace(tzinfo=rules)).replace(tzinfo=None)
    except OverflowError:
        return moment


def _suffix(offset: timedelta, zone: Zone) -> str:
    if zone is UTC:
        return "Z"
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _offset_of(suffix: str) -> timedelta:
    if suffix == "Z":
        return timedelta()
    digits = suffix[1:].replace(":", "")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -span if suffix[0] == "-" else span


@lru_cache(maxsize=4096)
def to_zone(text: str, sort: Sort, base: Zone, zone: Zone, offsets: bool) -> str:
    """A stored date-time as a caller in a zone sees it; any other text stays."""
    parts = _split(text)
    if parts is None:
        return text
    moment, fraction, _ = parts
    if sort == "birthday":
        return _write(moment, fraction, "Z" if offsets else "")
    if sort == "stamp":
        if not offsets:
            return _write(moment, fraction)
        return _write(moment if text == MINIMUM else _to_utc(moment, base), fraction, "Z")
    if text.startswith(_END):
        return _write(moment, fraction, _suffix(zone.winter, zone) if offsets else "")
    if text == MINIMUM:
        # The empty date is the first moment of UTC, whatever the base zone: recorded.
        moment = _from_utc(moment, zone)
        return _write(moment, fraction, _suffix(zone.winter, zone) if offsets else "")
    if sort == "ordinary":
        utc = _to_utc(moment, base)
        local = _from_utc(utc, zone)
        return _write(local, fraction, _suffix(local - utc, zone) if offsets else "")
    return _write(moment, fraction, _suffix(zone.offset(moment), zone) if offsets else "")


@lru_cache(maxsize=4096)
def to_stored(text: str, sort: Sort, base: Zone, zone: Zone) -> str:
    """A date-time from a request as it is stored: without suffix, in the base zone.

    A time without suffix is one of `zone`, a time with an offset is converted. Birthdays keep their digits, and the
    empty date is empty in each of its forms.
    """
    parts = _split(text)
    if parts is None:
        return text
    moment, fraction, suffix = parts
    if sort == "birthday" or moment.isoformat().startswith(_END):
        return _write(moment, fraction)
    if moment.year == 1 and moment.month == 1 and moment.day == 1:
        empty = suffix and _shift(moment, -_offset_of(suffix)).isoformat() == MINIMUM
        if (
            empty
            or (not suffix and moment == _from_utc(datetime(1, 1, 1), zone))
            or moment.isoformat() == MINIMUM
        ):
            return MINIMUM
    if suffix and sort != "fixed":
        return _write(_from_utc(_shift(moment, -_offset_of(suffix)), base), fraction)
    if zone == base or sort != "ordinary":
        return _write(moment, fraction)
    return _write(_from_utc(_to_utc(moment, zone), base), fraction)


def moment_of(text: str, base: Zone) -> datetime | None:
    """A stored date-time as UTC, in whole seconds; None if it is not a date-time."""
    parts = _split(text)
    return None if parts is None else _to_utc(parts[0], base).replace(tzinfo=UTC_TIME)


# --- all dates of a value -----------------------------------------------------------------------

_Visit = Callable[[Any, Change], Any]


class Dates:
    """Finds the date-times of values by their types; remembers where those of one contract are."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._carriers: dict[str, _Visit | None] = {}
        self._plans: dict[TypeRef, _Visit | None] = {}
        self._lock = threading.Lock()

    def convert(self, value: Any, kind: TypeRef, change: Change) -> Any:
        """A copy of the value with each of its date-times changed."""
        try:
            visit = self._plans[kind]
        except KeyError:
            with self._lock:
                visit = self._plans[kind] = self._of(kind, "ordinary")
        return value if visit is None else visit(value, change)

    def _of(self, kind: TypeRef, sort: Sort) -> _Visit | None:
        """A function that visits the date-times of a type; None when there are not any."""
        if kind.name == "date-time":
            return lambda value, change: change(value, sort) if type(value) is str else value
        if kind.kind == "carrier":
            return self._carrier(kind.name)
        if kind.kind not in ("list", "map") or kind.item is None:
            return None
        inner = self._of(kind.item, sort)
        if inner is None:
            return None
        visit = inner

        def visit_items(value: Any, change: Change) -> Any:
            if type(value) is list:
                return [visit(item, change) for item in value]
            if isinstance(value, dict):
                return {key: visit(item, change) for key, item in value.items()}
            return value

        return visit_items

    def _carrier(self, name: str) -> _Visit | None:
        if name in self._carriers:
            return self._carriers[name]

        def later(value: Any, change: Change) -> Any:
            # A type that contains itself is looked up when it is visited.
            visit = self._carriers[name]
            return value if visit is None else visit(value, change)

        self._carriers[name] = later
        typedef = self._contract.type(name)
        members = []
        for field in typedef.fields:
            visit = self._of(field.type, sort_of(typedef, field.name))
            if visit is not None and field.name != "FieldProperties":
                members.append((field.name, visit))
        if all(visit is later for _, visit in members):
            self._carriers[name] = None
            return None

        def visit_members(value: Any, change: Change) -> Any:
            if not isinstance(value, dict):
                return value
            copy = dict(value)
            for key, visit in members:
                inner = copy.get(key)
                if inner:
                    copy[key] = visit(inner, change)
            return copy

        self._carriers[name] = visit_members
        return visit_members
