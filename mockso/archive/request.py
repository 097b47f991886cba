"""The query of a call to an archive, in options of the address or in members of an agent's request.

Agents send columns, restrictions and order as objects or, in the operations that end in 2, as the texts that an
address has. Source: behaviour, sections 14.2 and 14.8.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockso.archive.operators import operator_names
from mockso.archive.query import (
    DEEPEST,
    AllOf,
    AnyOf,
    Choice,
    Condition,
    Filter,
    Literal,
    Order,
    instead_of,
    parse_choices,
    parse_filter,
    parse_orders,
)
from mockso.errors import QueryError

# Members of a request by the part of the query they are.
_MEMBERS = {
    "select": ("columns", "desiredcolumns"),
    "filter": ("restriction", "restrictions", "extrarestrictions"),
    "order": ("sortorder", "orderby"),
    "entities": ("entities", "desiredentities"),
}
_OPTIONS = {"select": "$select", "filter": "$filter", "order": "$orderBy", "entities": "$entities"}


@dataclass(frozen=True)
class Part:
    """One part of a query: what was sent, and the place it was sent in ("query $filter")."""

    where: str
    value: Any = None

    def place(self, at: int) -> str:
        """A place in the part, to begin a message with."""
        return f"[{at}]: " if isinstance(self.value, list) else f"character {at + 1}: "


@dataclass(frozen=True)
class Query:
    """A query as it was sent. The parts are read by `choices`, `tree` and `orders`, which raise QueryError."""

    provider: str
    select: Part
    filter: Part
    order: Part
    entities: frozenset[str] = frozenset()
    skip: int | None = None
    top: int | None = None

    def choices(self) -> tuple[Choice, ...]:
        """The columns to show."""
        value = self.select.value
        if isinstance(value, list):
            return tuple(choice for name in value if name for choice in parse_choices(str(name)))
        return parse_choices(_text(value))

    def tree(self) -> Filter | None:
        """The filter; None for an empty one."""
        value = self.filter.value
        return _read_restrictions(value) if isinstance(value, list) else parse_filter(_text(value))

    def orders(self) -> tuple[Order, ...]:
        """The columns to sort by."""
        value = self.order.value
        if not isinstance(value, list):
            return parse_orders(_text(value))
        items = [_lower_names(item) for item in value]
        return tuple(
            Order(str(item["name"]), at, str(item.get("direction") or "").lower() in ("desc", "1"))
            for at, item in enumerate(items)
            if item.get("name")
        )


def read_options(provider: str, options: Mapping[str, Any]) -> Query:
    """The query in the options of an address, given by name in any letter case."""
    folded = {name.lower(): value for name, value in options.items()}

    def part(name: str) -> Part:
        return Part(f"query {_OPTIONS[name]}", folded.get(_OPTIONS[name].lower()))

    return Query(
        provider,
        part("select"),
        part("filter"),
        part("order"),
        _names(folded.get("$entities")),
        _count(folded.get("$skip")),
        _count(folded.get("$top")),
    )


def read_members(body: Mapping[str, Any]) -> Query:
    """The query in the members of an agent's request, given in any letter case.

    Pages are counted from zero (likely); a page size of 0 is not a limit (assumed).
    """
    names = {name.lower(): name for name in body}

    def part(kind: str) -> Part:
        name = next((names[member] for member in _MEMBERS[kind] if member in names), "")
        return Part(f"body.{name}" if name else "body", body.get(name))

    def number(name: str) -> int:
        return _count(body.get(names.get(name, ""))) or 0

    size = number("pagesize")
    provider = body.get(names.get("providername", ""))
    return Query(
        provider if isinstance(provider, str) else "",
        part("select"),
        part("filter"),
        part("order"),
        _names(part("entities").value),
        (number("page") or number("pagenumber")) * size,
        size or None,
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _lower_names(item: Any) -> Mapping[str, Any]:
    return {name.lower(): value for name, value in item.items()} if isinstance(item, Mapping) else {}


def _names(value: Any) -> frozenset[str]:
    names = value if isinstance(value, list) else _text(value).split(",")
    return frozenset(name.strip().lower() for name in map(_text, names) if name.strip())


def _count(value: Any) -> int | None:
    text = _text(value).strip()
    return int(text) if text.isdecimal() and text.isascii() else None


Token = Filter | str


def _read_restrictions(items: Sequence[Any]) -> Filter | None:
    """A list of restriction objects, read as a filter.

    `InterOperator` joins one with the next, `InterParenthesis` opens brackets before it (above zero) or closes
    them behind it (below); sub-restrictions hold too. One that says it is not active is left out. All assumed.
    """
    tokens: deque[Token] = deque()
    depth, join = 0, ""
    for at, item in enumerate(map(_lower_names, items)):
        if not item or item.get("isactive") is False:
            continue
        if join:
            tokens.append(join)
        brackets = item.get("interparenthesis")
        brackets = brackets if type(brackets) is int else 0
        closed = min(max(-brackets, 0), depth)  # a bracket that nobody opened is ignored
        depth += max(brackets, 0) - closed
        if depth > DEEPEST:
            raise QueryError(f"more than {DEEPEST} brackets stand in one another.", at)
        tokens += ["("] * max(brackets, 0)
        tokens.append(_read_restriction(at, item))
        tokens += [")"] * closed
        join = "or" if _text(item.get("interoperator")).lower() in ("or", "2") else "and"
    tokens += [")"] * depth
    return _either(tokens) if tokens else None


def _either(tokens: deque[Token]) -> Filter:
    parts = [_both(tokens)]
    while tokens and tokens[0] == "or":
        tokens.popleft()
        parts.append(_both(tokens))
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def _both(tokens: deque[Token]) -> Filter:
    parts = [_term(tokens)]
    while tokens and tokens[0] == "and":
        tokens.popleft()
        parts.append(_term(tokens))
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _term(tokens: deque[Token]) -> Filter:
    token = tokens.popleft()
    if not isinstance(token, str):
        return token
    tree = _either(tokens)
    tokens.popleft()
    return tree


def _read_restriction(at: int, item: Mapping[str, Any]) -> Filter:
    operator = _text(item.get("operator")).strip()
    if operator.lower() not in operator_names():
        raise QueryError(f"unknown operator {operator!r}.{instead_of(operator)}", at, _text(item.get("name")))
    values = item.get("values")
    literals = tuple(
        Literal(_plain(_text(value)), at, is_quoted=True)
        for value in (values if isinstance(values, list) else [])
        if value is not None
    )
    condition: Filter = Condition(_text(item.get("name")), operator.lower(), literals, at, at)
    below = item.get("subrestrictions")
    inner = _read_restrictions(below) if isinstance(below, list) else None
    return condition if inner is None else AllOf((condition, inner))


def _plain(text: str) -> str:
    """A value without the mark of an integer, "[I:5]"."""
    return text[3:-1] if text.startswith("[I:") and text.endswith("]") else text
