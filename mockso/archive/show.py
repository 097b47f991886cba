"""One archive provider, or one of its columns, as text for people."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from mockso.archive.columns import Column, Provider, open_shipped, provider_of
from mockso.archive.operators import OPERATORS
from mockso.archive.providers import provider_names
from mockso.contract.catalogue import Contract
from mockso.contract.show import suggest as operations_near
from mockso.errors import ContractError, nearest, suggest

_WIDTH = 100


def find_lines(contract: Contract, query: str) -> list[str]:
    """The text on "FindContact", on a column of it as in "FindContact email/emailId", or on the columns
    below a prefix, "FindContact email". Empty where the first word is not a provider; ContractError with
    the nearest names where the second is neither column nor prefix.
    """
    name, _, column = query.strip().partition(" ")
    provider = provider_of(name, contract)
    if provider is None:
        return []
    if not column:
        return list(provider_lines(contract, provider))
    one = provider.find(column)
    if one is not None:
        return list(column_lines(provider, one))
    below = provider.columns.below(column.rstrip("/"))
    if not below:
        raise ContractError(
            f"{provider.name}: no column {column!r}.{suggest(*near_columns(provider, column))}"
        )
    return [f"{provider.name}: {len(below):,} columns below {column}", "", *_table_lines(below)]


def near_names(contract: Contract, query: str) -> list[str]:
    """The nearest names of operations, types, addresses and providers.

    Of two words the second may be a column, which says nothing of operations: "FindContct email/emailId".
    """
    name, _, column = query.strip().partition(" ")
    providers = [] if "/" in name else nearest(name, provider_names(contract), 3)
    if column and providers:
        return providers
    near = [*operations_near(contract, query), *providers]
    return near if "/" in query else nearest(query, near, 5) or near


def near_columns(provider: Provider, name: str) -> list[str]:
    """The columns of a provider with names most like this one, or with it behind their last slash."""
    known = [column.name for column in provider.columns.values()]
    same_leaf = [full for full in known if full.rpartition("/")[2].lower() == name.lower()]
    return list(dict.fromkeys([*nearest(name, known, 3), *same_leaf]))[:3]


def provider_lines(contract: Contract, provider: Provider) -> Iterator[str]:
    """The provider with its addresses, kinds of rows and columns, those of one prefix together."""
    yield provider.name
    yield "  archive provider"
    if provider.entities:
        yield from _name_lines("entities", provider.entities)
    folded = provider.name.lower()
    collections = [one for one in contract.operations() if (one.archive or "").lower() == folded]
    yield from (f"  {one.method} {one.path}" for one in collections)
    if not provider.columns:
        yield "  no documented columns: they depend on the tenant or on the request"
        return
    yield f"  {len(provider.columns):,} columns, {len(provider.default):,} of them without $select"
    for _, run in groupby(provider.columns.values(), key=lambda column: column.name.rpartition("/")[0]):
        yield ""
        yield from _table_lines(tuple(run))


def column_lines(provider: Provider, column: Column) -> Iterator[str]:
    """The column with its restriction type, the operators of that type, and where else it may stand."""
    yield f"{provider.name} {column.name}"
    yield f"  type       {column.restriction or 'none: $filter does not take it'}"
    if column.restriction:
        yield from _name_lines("operators", OPERATORS.get(column.restriction, ()))
    yield f"  $orderby   {'yes' if column.can_order else 'no'}"
    yield f"  $select    {'shown without it' if column in provider.default else 'shown when named'}"


def summaries() -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Of each documented provider its name, the number of its columns, and its kinds of rows."""
    file = open_shipped()
    for name in file.names:
        provider = file.provider(name)
        if provider is not None:
            yield name, len(provider.columns), provider.entities


def _table_lines(columns: tuple[Column, ...]) -> Iterator[str]:
    width = max(len(column.name) for column in columns)
    for column in columns:
        order = "order" if column.can_order else ""
        yield f"  {column.name:<{width}}  {column.restriction or '-':<14}  {order}".rstrip()


def _name_lines(label: str, names: tuple[str, ...]) -> Iterator[str]:
    line = f"  {label:<9}"
    for at, name in enumerate(names):
        word = f"  {name}" if at == 0 else f", {name}"
        if len(line) + len(word) > _WIDTH:
            yield f"{line},"
            line, word = " " * 11, f"  {name}"
        line += word
    yield line
