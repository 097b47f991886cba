"""Header values: Accept, media types with parameters, HTTP dates, and text made safe for a header.

Our own, as importing werkzeug.http for these few functions costs 50 ms of a start of 130.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from mockso.exchange.message import Request

_FORMATS = {"json": "application/json", "xml": "application/xml"}  # values of $format
_PARAMETER = re.compile(r';\s*([A-Za-z*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})"
_DATES = (
    re.compile(rf"[A-Za-z]{{3}}, ([0-9]{{2}}) ([A-Za-z]{{3}}) ([0-9]{{4}}) {_TIME} (?:GMT|UTC)\Z"),
    re.compile(rf"[A-Za-z]{{6,9}}, ([0-9]{{2}})-([A-Za-z]{{3}})-([0-9]{{2}}) {_TIME} (?:GMT|UTC)\Z"),
)
_ASCTIME = re.compile(rf"[A-Za-z]{{3}} ([A-Za-z]{{3}}) ([ 0-9][0-9]) {_TIME} ([0-9]{{4}})\Z")


def parse_accept(header: str) -> list[str]:
    """The media types, languages or codings of an Accept header in lower case, best first; without quality 0."""
    ranked: list[tuple[float, int, str]] = []
    for number, part in enumerate(header.split(",")):
        value, *parameters = part.split(";")
        quality = 1.0
        for parameter in parameters:
            name, _, text = parameter.partition("=")
            if name.strip().lower() == "q":
                try:
                    quality = float(text)
                except ValueError:
                    quality = 0.0
        if value.strip() and quality > 0:
            ranked.append((-quality, number, value.strip().lower()))
    return [value for _, _, value in sorted(ranked)]


def negotiate(request: Request, offered: Iterable[str]) -> str:
    """The media type to answer in: $format, then Accept; "application/json" where neither fits.

    `offered` are the types an operation lists; without any, JSON and XML by both of their names.
    """
    by_format = _FORMATS.get(request.query.get("$format").lower())
    if by_format:
        return by_format
    accept = request.headers.get("Accept")
    if not accept or accept == "*/*":
        return "application/json"
    types = tuple(offered) or ("application/json", "text/json", "application/xml", "text/xml")
    for candidate in parse_accept(accept):
        if candidate in types:
            return candidate
        if candidate == "*/*":
            break
        if candidate.endswith("/*"):
            for other in types:
                if other.startswith(candidate[:-1]):
                    return other
    return "application/json"


def parameters_of(header: str) -> dict[str, str]:
    """The parameters of a header such as Content-Type, by lower-case name, without quotes."""
    parameters: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(header[:2000]):
        parameters.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) if quoted else plain)
    return parameters


def header_text(text: str) -> str:
    """A text as a header may carry it: printable ASCII, the rest escaped as in JSON, at most 500 characters."""
    return json.dumps(text)[1:-1].replace('\\"', '"').replace("\\\\", "\\")[:500]


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
