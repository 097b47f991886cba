"""Shared by the readers of bodies: the one exception, the limits, and a leaf's text read by its type."""

from __future__ import annotations

import codecs

from mockso.contract.model import Json, TypeRef
from mockso.contract.values import boolean, decimal, integer

DEPTH_LIMIT = 64
NODE_LIMIT = 1_000_000


# Text encodings of Python that are not charsets, the first two of quadratic time.
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"})


class UndecodableError(Exception):
    """A body that cannot be read: the rule it breaks, with place and reason."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message


def is_charset(name: str) -> bool:
    """Whether a body can be in the charset of that name."""
    try:
        name = codecs.lookup(name).name
        b"\0\0\0\0".decode(name)  # not with "rot13", "zip" and their like, which are codecs too
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return False
    return name not in _NO_CHARSETS


def from_text(text: str, kind: TypeRef) -> Json:
    """A leaf's text read by its type; the text itself if it cannot be read so, as the judge will say."""
    value: Json = None
    match kind.name:
        case "int32" | "int64":
            value = integer(text.strip())
        case "double":
            value = decimal(text.strip())
        case "boolean":
            value = boolean(text.strip())
            if value is None:
                value = {"1": True, "0": False}.get(text.strip())
    if kind.kind == "flags" and " " in text.strip() and "," not in text:
        # The DataContract style separates flags by blanks.
        return ", ".join(text.split())
    return text if value is None else value
