"""A query over rows: those that pass a filter, in order, a page of them.

Rows are whatever the caller has: it gives functions that read a column of a row.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from mockso.archive.query import AllOf, Condition, Filter

Row = TypeVar("Row")
Passes = Callable[[Row], bool]


def compile_filter(
    tree: Filter,
    passes: Callable[[Condition], Passes[Row]],
    cost: Callable[[Condition], int] = lambda condition: 0,
) -> Passes[Row]:
    """The function of a row that a filter is. `passes` has the function of one condition.

    Of several the one of the least `cost` is tried first.
    """
    if isinstance(tree, Condition):
        return passes(tree)
    cheap_first = sorted(tree.parts, key=lambda part: max(map(cost, conditions_of(part))))
    parts = tuple(compile_filter(part, passes, cost) for part in cheap_first)
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        first, second = parts
        if isinstance(tree, AllOf):
            return lambda row: first(row) and second(row)
        return lambda row: first(row) or second(row)
    if isinstance(tree, AllOf):
        return lambda row: all(part(row) for part in parts)
    return lambda row: any(part(row) for part in parts)


def conditions_of(tree: Filter | None) -> Iterator[Condition]:
    """All tests of a filter, in the order they stand in."""
    if isinstance(tree, Condition):
        yield tree
    elif tree is not None:
        for part in tree.parts:
            yield from conditions_of(part)


def required_of(tree: Filter | None) -> Iterator[Condition]:
    """The tests that every row of the answer passes: what stands outside any "or"."""
    if isinstance(tree, Condition):
        yield tree
    elif isinstance(tree, AllOf):
        for part in tree.parts:
            yield from required_of(part)


def sort_rows(
    rows: Iterable[Row], orders: Sequence[tuple[Callable[[Row], Any], bool]], limit: int | None = None
) -> list[Row]:
    """The rows by the columns of `orders`, each with whether it descends; the first `limit` ones where one is given.

    Rows that are equal in all of them stay in the order they came in.
    """
    if len(orders) == 1 and limit is not None:
        read, is_descending = orders[0]
        # Both are stable, as sorted is.
        return (heapq.nlargest if is_descending else heapq.nsmallest)(limit, rows, key=read)
    if not orders:
        return list(islice(rows, limit))
    found = list(rows)
    if limit is not None and len(found) > limit:
        found = _first_by_one(found, orders[0], limit)
    for read, is_descending in reversed(orders):
        found.sort(key=read, reverse=is_descending)
    return found if limit is None else found[:limit]


def _first_by_one(rows: Sequence[Row], order: tuple[Callable[[Row], Any], bool], limit: int) -> list[Row]:
    """The rows that may be among the first `limit`, by the first of several columns: those up to its value there."""
    read, is_descending = order
    keys = list(map(read, rows))
    first = (heapq.nlargest if is_descending else heapq.nsmallest)(limit, keys)
    if not first:
        return []
    bound = first[-1]
    return [
        row
        for row, key in zip(rows, keys, strict=True)
        if (not key < bound if is_descending else not bound < key)
    ]


def page_of(rows: Sequence[Row], skip: int | None, top: int | None) -> Sequence[Row]:
    """The rows behind the first `skip` ones, at most `top`."""
    start = skip or 0
    return rows[start:] if top is None else rows[start : start + top]
