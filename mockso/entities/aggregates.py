"""Aggregates of an archive: Count, CountAll, Sum and GroupBy at the top of a column.

Each group is a row; without GroupBy there is one for all. With `:Header` or `:Footer` the rows stay and the totals
stand before or behind them. Others of section 14.6 are recognised and empty. Source: section 14.6; assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mockso.archive import envelope
from mockso.archive.query import Choice
from mockso.archive.request import Query
from mockso.entities.find import Finding, Item, all_items

_TOTALS = frozenset({"count", "countall", "sum"})


def aggregate(
    finding: Finding, choices: Sequence[Choice], rows: list[dict[str, Any]], query: Query
) -> list[dict[str, Any]]:
    """The rows of an answer with aggregates among its columns; `rows` are those without."""
    items = all_items(finding)
    groups = [choice for choice in choices if choice.functions[0].lower() == "groupby"]
    totals = [choice for choice in choices if choice not in groups]
    suffixes = {suffix.lower() for choice in totals for suffix in choice.suffixes}
    if not groups and suffixes & {"header", "footer"}:
        entity = "header" if "header" in suffixes else "footer"
        total = envelope.slim_row(
            0, entity, {choice.text: _total(choice, items, finding) for choice in totals}
        )
        if "hidedetail" in suffixes:
            return [total]
        return [total, *rows] if entity == "header" else [*rows, total]
    parts: dict[tuple[Any, ...], list[Item]] = {} if groups else {(): list(items)}
    readers = [_reader(choice.column, finding) for choice in groups]
    for item in items if groups else ():
        parts.setdefault(tuple(reader(item) for reader in readers), []).append(item)
    entity = next(iter(finding.provider.entities), "total")
    answer = []
    for number, (values, part) in enumerate(parts.items()):
        named = {choice.text: value for choice, value in zip(groups, values, strict=True)}
        named |= {choice.text: _total(choice, part, finding) for choice in totals}
        answer.append(
            envelope.slim_row(number, entity, {choice.text: named[choice.text] for choice in choices})
        )
    skip = query.skip or 0
    return answer[skip:] if query.top is None else answer[skip : skip + query.top]


def _reader(column: str, finding: Finding) -> Callable[[Item], Any]:
    return lambda item: finding.reading(item[0], column).shown(item[1])


def _total(choice: Choice, items: Sequence[Item], finding: Finding) -> Any:
    function = choice.functions[0].lower()
    if function not in _TOTALS:
        finding.empty[choice.text] = None
        return ""
    if function == "countall":
        return len(items)
    reads = ((finding.reading(kind, choice.column).raw(row)) for kind, row in items)
    if function == "count":
        return sum(1 for value in reads if value not in (None, "", 0, ()))
    return sum(value for value in reads if isinstance(value, int | float))
