"""Header values: Accept, media types with parameters, and text made safe for a header.

Our own, as importing werkzeug.http for these few functions costs 50 ms of a start of 130.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache

from mockso.exchange.message import Request

_FORMATS = {"json": "application/json", "xml": "application/xml"}  # values of $format
_PARAMETER = re.compile(r';\s*([A-Za-z*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')


@lru_cache(maxsize=256)
def parse_accept(header: str) -> tuple[str, ...]:
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
    return tuple([value for _, _, value in sorted(ranked)])


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


_SCHEMES = frozenset("basic bearer digest negotiate ntlm soticket".split())


def split_credential(value: str) -> tuple[str, str]:
    """The scheme and the rest of a header Authorization; no scheme where the first word may be a secret itself."""
    scheme, blank, rest = value.strip().partition(" ")
    if scheme.lower() in _SCHEMES or (blank and scheme.isascii() and scheme.isalpha() and len(scheme) <= 15):
        return scheme, rest.strip()
    return "", value.strip()


def parameters_of(header: str) -> dict[str, str]:
    """The parameters of a header such as Content-Type, by lower-case name, without quotes."""
    parameters: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(header[:2000]):
        parameters.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) if quoted else plain)
    return parameters


def header_text(text: str) -> str:
    """A text as a header may carry it: printable ASCII, the rest escaped as in JSON, at most 500 characters."""
    return json.dumps(text)[1:-1].replace('\\"', '"').replace("\\\\", "\\")[:500]
