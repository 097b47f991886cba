"""Which loaded steps a call has to be compared with: those that could answer it, and few others.

Steps are found by the path or the operation they name and, where one operation has many of them, by a
literal that they want of the query or the body. The index leaves out only what cannot match; the
order in which steps are asked stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from operator import attrgetter
from typing import Generic, Protocol, TypeAlias, TypeVar

from mockso.exchange.call import Call
from mockso.matching.match import Match, fold_path
from mockso.matching.matcher import Matcher
from mockso.matching.operators import is_operators, literal_text

# Below this many a look at each costs less than finding out which to look at.
_FEW = 16

Literal: TypeAlias = str | int | float
Key: TypeAlias = tuple[str, str]  # ("query", "$top") or ("body", "contactid")


class IndexedStep(Protocol):
    """A step at its place; `order` sorts by who is asked first."""

    order: tuple[int, int]
    match: Match
    matcher: Matcher


S = TypeVar("S", bound=IndexedStep)
_ORDER = attrgetter("order")


class _Bucket(Generic[S]):
    """The steps that could answer the calls to one operation, or to one path."""

    def __init__(self, steps: Iterable[S]) -> None:
        self.all = tuple(sorted(steps, key=_ORDER))
        self.plain: Sequence[S] = self.all
        self.keyed: dict[Key, dict[Literal, list[S]]] = {}
        if len(self.all) <= _FEW:
            return
        self.plain = []
        for step in self.all:
            found = _wanted_literal(step.match)
            if found is None:
                self.plain.append(step)
            else:
                self.keyed.setdefault(found[0], {}).setdefault(found[1], []).append(step)

    def candidates(self, call: Call) -> Iterable[S]:
        if not self.keyed:
            return self.all
        lists = [self.plain]
        for key, value in set(_literals(call, self.keyed)):
            steps = self.keyed[key].get(value)
            if steps:
                lists.append(steps)
        return merge(*lists, key=_ORDER)


def _wanted_literal(match: Match) -> tuple[Key, Literal] | None:
    """A literal without which a call cannot match, and where it must be."""
    for name, spec in match.query.items():
        if _is_literal(spec):
            return ("query", name.lower()), literal_text(spec)
    if isinstance(match.body, dict) and not is_operators(match.body):
        for name, spec in match.body.items():
            if _is_literal(spec):
                assert isinstance(spec, str | int | float)
                return ("body", name.lower()), spec
    return None


def _is_literal(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _literals(call: Call, wanted: Mapping[Key, object]) -> Iterator[tuple[Key, Literal]]:
    """The values that a call has where steps want a literal."""
    for name, text in call.request.query:
        key = ("query", name.lower())
        if key in wanted:
            yield key, text
    body = call.verdict.body
    if isinstance(body, dict):
        for name, value in body.items():
            key = ("body", name.lower())
            if key in wanted and isinstance(value, str | int | float):
                yield key, value


class Index(Generic[S]):
    """All steps, found by the calls they could answer. The caller guards it with a lock."""

    def __init__(self) -> None:
        self._by_operation: dict[str, list[S]] = {}
        self._by_path: dict[str, list[S]] = {}
        self._anywhere: list[S] = []
        self._buckets: dict[tuple[str, str], _Bucket[S]] = {}

    def add(self, steps: Iterable[S]) -> None:
        self._buckets.clear()
        for step in steps:
            path, operations = step.match.literal_path, step.match.literal_operations
            if path is not None:
                self._by_path.setdefault(path, []).append(step)
            elif operations is not None:
                for operation in {name.lower() for name in operations}:
                    self._by_operation.setdefault(operation, []).append(step)
            else:
                self._anywhere.append(step)

    def candidates(self, call: Call) -> Iterable[S]:
        """The steps that could answer a call, in the order they are asked."""
        return self._bucket(call).candidates(call)

    def some(self, call: Call, limit: int) -> Sequence[S]:
        """Steps for the operation of a call, whatever else they want."""
        return self._bucket(call).all[:limit]

    def _bucket(self, call: Call) -> _Bucket[S]:
        path = fold_path(call.request.path)
        if path not in self._by_path:
            path = ""
        operation = call.operation_id
        bucket = self._buckets.get((operation, path))
        if bucket is None:
            steps = [*self._by_path.get(path, ()), *self._by_operation.get(operation.lower(), ())]
            steps += self._anywhere
            bucket = _Bucket(step for step in steps if step.matcher.could_reach(call))
            self._buckets[operation, path] = bucket
        return bucket
