"""Which addresses two operations share, and whether a call can tell them apart (rule 23)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from mockso.contract.build.findings import Finding
from mockso.contract.model import Operation
from mockso.contract.values import integer

_RANK = {"int32": 1, "int64": 1, "enum": 2, "flags": 2}


@dataclass(frozen=True, slots=True)
class _Segment:
    """Part of a template: rank 0 for a literal, then int32, enum, string."""

    rank: int
    text: str
    values: frozenset[str] = frozenset()


def check(operations: Sequence[Operation]) -> Iterator[Finding]:
    """Templates equal but for the variable, and pairs where neither is the more specific."""
    alike: dict[tuple[str, int, str], list[tuple[Operation, list[_Segment]]]] = {}
    for operation in operations:
        if "{" in operation.path:
            parts = segments(operation)
            head = parts[3].text if len(parts) > 3 else ""
            alike.setdefault((operation.method, len(parts), head), []).append((operation, parts))
    for group in alike.values():
        for (first, parts), (second, others) in combinations(group, 2):
            detail = f"{first.path} and {second.path}"
            pairs = list(zip(parts, others, strict=True))
            if all(a.text == b.text for a, b in pairs if a.rank == 0 or b.rank == 0):
                yield Finding("same-route", first.source, second.source, detail)
            if any(_apart(a, b) for a, b in pairs):
                continue
            if any(a.rank < b.rank for a, b in pairs) and any(b.rank < a.rank for a, b in pairs):
                yield Finding("ambiguous-path", first.source, second.source, detail)


def _apart(first: _Segment, second: _Segment) -> bool:
    """True where no text fits both segments: two literals, or a word against an int32 or an enum."""
    if first.rank > second.rank:
        first, second = second, first
    if first.rank == 0:
        if second.rank == 1:
            return integer(first.text) is None
        if second.rank == 2:
            return first.text not in second.values
        return second.rank == 0 and first.text != second.text
    return first.rank == 1 and second.rank == 2


def segments(operation: Operation) -> list[_Segment]:
    """Each segment of the template, letter case folded."""
    types = {p.name.lower(): p.type for p in operation.parameters if p.location == "path"}
    result = []
    for part in operation.path.lower().split("/"):
        kind = types.get(part[1:-1]) if part.startswith("{") else None
        if not part.startswith("{"):
            result.append(_Segment(0, part))
        elif kind is None:
            result.append(_Segment(3, part))
        else:
            rank = _RANK.get(kind.name or kind.kind, 3)
            result.append(_Segment(rank, part, frozenset(value.lower() for value in kind.values)))
    return result
