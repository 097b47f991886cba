"""Conditional requests: 304 and 412 by the time an entity was changed last.

Source: section 13. Nine entities have them, the others ignore both headers (firm); times compare in whole
seconds of UTC, and an entity that was never updated counts from its creation (assumed).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from mockso.contract.model import Operation
from mockso.exchange.message import Request

ENTITIES = frozenset("appointment contact document foreignapp person project relation sale selection".split())

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})"
_DATES = (
    re.compile(rf"[A-Za-z]{{3}}, ([0-9]{{2}}) ([A-Za-z]{{3}}) ([0-9]{{4}}) {_TIME} (?:GMT|UTC)\Z"),
    re.compile(rf"[A-Za-z]{{6,9}}, ([0-9]{{2}})-([A-Za-z]{{3}})-([0-9]{{2}}) {_TIME} (?:GMT|UTC)\Z"),
)
_ASCTIME = re.compile(rf"[A-Za-z]{{3}} ([A-Za-z]{{3}}) ([ 0-9][0-9]) {_TIME} ([0-9]{{4}})\Z")


def applies(operation: Operation) -> bool:
    """Whether an operation heeds conditions: one entity of the nine, addressed by its id."""
    parts = operation.path.split("/")
    return len(parts) == 5 and parts[3].lower() in ENTITIES and parts[4][:1] == "{"


def unmet(operation: Operation, request: Request, changed: datetime) -> int:
    """304 or 412 where a condition of the request is not met by an entity changed at that time, else 0.

    An invalid date is ignored, as HTTP demands.
    """
    headers = request.headers
    unmodified = http_date(headers.get("If-Unmodified-Since"), request.at)
    exempt = operation.method == "DELETE" and operation.path.lower().startswith("/api/v1/selection/")
    if unmodified is not None and changed > unmodified and not exempt:
        return 412
    modified = http_date(headers.get("If-Modified-Since"), request.at)
    if modified is not None and operation.method == "GET" and changed <= modified:
        return 304
    return 0


def http_date(text: str, now: float) -> datetime | None:
    """The time of an HTTP date in one of its three forms (RFC 9110, 5.6.7); None for any other text.

    A year of two digits that would be more than 50 years ahead of `now`, seconds since 1970, lies in the past.
    """
    text = text.strip()
    match = _ASCTIME.match(text)
    if match is not None:
        month, day, *clock, year = match.groups()
    else:
        match = next((match for form in _DATES if (match := form.match(text))), None)
        if match is None:
            return None
        day, month, year, *clock = match.groups()
    if month.lower() not in _MONTHS:
        return None
    number = int(year)
    if len(year) == 2:
        this_year = datetime.fromtimestamp(now, UTC).year
        number += this_year - this_year % 100
        if number > this_year + 50:
            number -= 100
    hour, minute, second = (int(part) for part in clock)
    try:
        # A leap second is legal, but datetime has none.
        return datetime(
            number, _MONTHS.index(month.lower()) + 1, int(day), hour, minute, min(second, 59), tzinfo=UTC
        )
    except ValueError:
        return None
