"""JSONPath (RFC 9535) over bodies: names in any letter case, in bounded time and memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, lru_cache
from threading import local
from typing import Any

from mockso.errors import ScenarioError
from mockso.matching.patterns import Pattern

MOST_NODES = 100_000
"""Values that one query may look at: a query in a query in a query looks at each of them again."""

_left = local()


class _TooManyError(Exception):
    """A query looks at too many values."""


@cache
def _paths() -> Any:
    import jsonpath as library  # 45 ms, and few scenarios use it
    from jsonpath.filter import StringLiteral
    from jsonpath.function_extensions import ExpressionType, FilterFunction
    from jsonpath.segments import JSONPathRecursiveDescentSegment

    class Node(library.JSONPathMatch):
        __slots__ = ()

        def new_child(self, obj: object, key: int | str) -> Any:
            _left.nodes -= 1
            if _left.nodes < 0:
                raise _TooManyError
            # Where a value stands is of no interest, and would take more room than the body.
            context = self.filter_context()
            return Node(filter_context=context, obj=obj, parent=None, path="", parts=(), root=self.root)

        def add_child(self, *children: Any) -> None:
            pass

    class Descent(JSONPathRecursiveDescentSegment):
        """All values below a value, in their order, without a generator for each level of them."""

        __slots__ = ()

        def _visit(self, node: Any, depth: int = 1) -> Any:
            stack = [node]
            while stack:
                one = stack.pop()
                yield one
                value = one.obj
                pairs: Any = value.items() if isinstance(value, Mapping) else ()
                if isinstance(value, list):
                    pairs = enumerate(value)
                inner = [(key, item) for key, item in pairs if isinstance(item, Mapping | list)]
                stack += [one.new_child(item, key) for key, item in reversed(inner)]

    class Query(library.JSONPath):
        """A query that counts what it looks at, and takes a text for a text."""

        __slots__ = ()

        def finditer(self, data: Any, *, filter_context: Any = None) -> Any:
            context = filter_context or {}
            root = Node(filter_context=context, obj=data, parent=None, path="$", parts=(), root=data)
            nodes: Any = [root]
            for segment in self.segments:
                nodes = segment.resolve(nodes)
            return nodes

    class Comparison(FilterFunction):
        """`match()` or `search()`; an invalid pattern matches nothing, as the RFC says."""

        arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]  # noqa: RUF012  as the library has it
        return_type = ExpressionType.LOGICAL

        def __init__(self, name: str) -> None:
            self.name = name

        def __call__(self, value: object, pattern: object) -> bool:
            if not isinstance(value, str) or not isinstance(pattern, str):
                return False
            compiled = _pattern(pattern, self.name == "search")
            return not isinstance(compiled, str) and compiled.matches(value)

    class Paths(library.JSONPathEnvironment):
        match_class = Node

        def setup_function_extensions(self) -> None:
            super().setup_function_extensions()
            for name in ("match", "search"):
                self.function_extensions[name] = Comparison(name)

        def compile(self, path: str) -> Any:
            query = super().compile(path)
            _adopt(query, Query, Descent)
            return query

        def check_well_typedness(self, token: Any, func: Any, args: list[Any]) -> None:
            super().check_well_typedness(token, func, args)
            pattern = args[1] if isinstance(func, Comparison) else None
            if isinstance(pattern, StringLiteral):
                compiled = _pattern(pattern.value, func.name == "search")
                if isinstance(compiled, str):
                    message = f"{pattern.value!r} is not a regular expression for {func.name}(): {compiled}"
                    raise library.JSONPathTypeError(message, token=token)

        def compare(self, left: object, operator: str, right: object) -> bool:
            _left.nodes -= _size(left)
            if _left.nodes < 0:
                raise _TooManyError
            return bool(super().compare(left, operator, right))

        def getitem(self, obj: Any, key: Any) -> Any:
            """A member of its own name, or else the first of a name that differs in letter case only."""
            if isinstance(key, str) and isinstance(obj, Mapping) and key not in obj:
                folded = key.lower()
                _left.nodes -= len(obj) >> 6
                key = next((name for name in obj if name.lower() == folded), key)
            return obj[key]

    return Paths(strict=True)


def _adopt(query: Any, kind: Any, descent: Any) -> None:
    """Make a query and those in its filters, which the parser makes by itself, queries of this kind."""
    from jsonpath.filter import FilterQuery
    from jsonpath.segments import JSONPathRecursiveDescentSegment
    from jsonpath.selectors import Filter

    query.__class__ = kind
    for segment in query.segments:
        if isinstance(segment, JSONPathRecursiveDescentSegment):
            segment.__class__ = descent
    work: list[Any] = [s.expression for one in query.segments for s in one.selectors if isinstance(s, Filter)]
    while work:
        expression = work.pop()
        if isinstance(expression, FilterQuery):
            _adopt(expression.path, kind, descent)
        else:
            work.extend(expression.children())


def _size(value: Any) -> int:
    """How many values there are in one, up to the most that are looked at."""
    size, work = 0, [value]
    while work and size < MOST_NODES:
        one = work.pop()
        size += 1
        if isinstance(one, Mapping):
            work.extend(one.values())
        elif isinstance(one, list):
            work.extend(one)
    return size


@lru_cache(300)
def _pattern(text: str, anywhere: bool) -> Pattern | str:
    """A regular expression, or what is wrong with it."""
    try:
        return Pattern(text, anywhere=anywhere)
    except (ValueError, OverflowError, RecursionError) as error:
        return str(error) or "it is nested too deep"


def jsonpath(text: str) -> Callable[[Any], list[Any]]:
    """The values an RFC 9535 query finds in a value, names in any letter case, as elsewhere in bodies.

    ValueError for a query that is none. The function raises ScenarioError where a query looks at too much.
    """
    from jsonpath.exceptions import JSONPathError, JSONPathRecursionError

    try:
        query = _paths().compile(text)
    except JSONPathError as error:
        raise ValueError(str(error.args[0]) if error.args else "not a JSONPath") from error

    def find(value: Any) -> list[Any]:
        _left.nodes = MOST_NODES
        if isinstance(value, str):
            with suppress(ValueError, RecursionError):
                value = json.loads(value)
        try:
            return list(query.findall(value))
        except (_TooManyError, JSONPathRecursionError, RecursionError) as error:
            raise ScenarioError(
                f"the JSONPath {text[:80]!r} was not compared: it looks at more than {MOST_NODES:,} values of this body, "
                "or too deep. Name the way to what is meant."
            ) from error

    return find
