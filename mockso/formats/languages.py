"""Texts in several languages, and the headers that request one.

Source: section 8. Without a language `NO:"Kunde";US:"Customer"` and `[SR_...]` go out as they are stored, with
one both are resolved (firm). Which code of the server a language tag stands for, what stands in for a language
that a text lacks, and the words of a resource, which are made of its name, are assumed.
"""

from __future__ import annotations

import re
from typing import Any

from mockso.exchange.headers import parse_accept
from mockso.exchange.message import Request

# The server's own codes where they are not those of the language; its English is US.
_CODES = {
    "EN": ("US", "UK", "EN"),
    "NB": ("NO",),
    "NN": ("NO",),
    "DA": ("DA", "DK"),
    "SV": ("SW", "SV", "SE"),
    "DE": ("GE", "DE"),
    "NL": ("DU", "NL"),
    "ES": ("SP", "ES"),
}
_CANCELS = frozenset({"", "*", "x"})

_ONE = r'([A-Za-z]{2}(?:-[A-Za-z]{2})?):"((?:[^"\\]|\\.)*)"'
_MULTI = re.compile(rf"{_ONE}(?:;{_ONE})*;?\Z", re.DOTALL)
_EACH = re.compile(_ONE, re.DOTALL)
_RESOURCE = re.compile(r"\[SR_([A-Z0-9_]{1,100})\]", re.IGNORECASE)


def requested_language(request: Request) -> str:
    """The language tag of a request; empty where texts stay raw.

    SO-Language replaces Accept-Language; "*", "x" or an empty value of it cancel translation.
    """
    if "SO-Language" in request.headers:
        tag = request.headers.get("SO-Language").partition(",")[0].strip()
        return "" if tag.lower() in _CANCELS else tag
    header = request.headers.get("Accept-Language")
    if not header:
        return ""
    tag = next(iter(parse_accept(header)), "")
    return "" if tag in _CANCELS else tag


def codes(tag: str) -> list[str]:
    """The codes a language tag may go by in texts, best first: "nb-NO" is NO, "en-GB" is US, UK, EN, GB."""
    primary, _, region = tag.upper().replace("_", "-").partition("-")
    return [*_CODES.get(primary, (primary,)), *([region] if region else [])]


def pick_text(text: str, tag: str) -> str:
    """The text of a multi-language text in one language: that of `tag`, else English, else the first."""
    if ':"' in text and _MULTI.match(text):
        texts = {code.upper(): inner for code, inner in _EACH.findall(text)}
        code = next((code for code in [*codes(tag), "US"] if code in texts), next(iter(texts)))
        text = re.sub(r"\\(.)", r"\1", texts[code])
    if "[SR_" in text.upper():
        text = _RESOURCE.sub(lambda match: match[1].replace("_", " ").strip().capitalize() or match[0], text)
    return text


def translate(value: Any, tag: str) -> Any:
    """A copy of a body with all its texts in one language."""
    if isinstance(value, str):
        return pick_text(value, tag) if ':"' in value or "[" in value else value
    if isinstance(value, list):
        return [translate(item, tag) for item in value]
    if isinstance(value, dict):
        return {key: translate(item, tag) if item else item for key, item in value.items()}
    return value
