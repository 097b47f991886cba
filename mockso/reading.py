"""What every reader of bodies shares: the one exception, the limits, and a leaf's text as its type has it."""

from __future__ import annotations

from mockso.contract.model import Json, TypeRef
from mockso.contract.values import boolean, decimal, integer

DEPTH_LIMIT = 64
NODE_LIMIT = 1_000_000


class Undecodable(Exception):
    """A body that cannot be read: the rule it breaks, and what is wrong where."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message


def from_text(text: str, kind: TypeRef) -> Json:
    """A leaf's text as its type has it; the text itself where it does not read so (the judge will say)."""
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
