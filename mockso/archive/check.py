"""Departures of a call to an archive: its provider, its columns, the operators and values of its filter.

Source: sections 14.2 and 14.5 of the behaviour page. That a wrong filter is refused is assumed; a column that a
provider lacks is left out of $select and ignored in $orderBy (likely).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from mockso.archive import database
from mockso.archive.columns import Provider, provider_of
from mockso.archive.lookup import column_of, restriction_of
from mockso.archive.operators import legal_operators
from mockso.archive.predicates import Moment, compile_condition
from mockso.archive.providers import provider_names
from mockso.archive.query import Condition
from mockso.archive.request import Part, Query, read_members, read_options
from mockso.archive.run import conditions_of
from mockso.contract.catalogue import Contract, Lookup
from mockso.contract.departure import Departure
from mockso.contract.model import Json, Operation, Severity
from mockso.errors import QueryError, nearest, suggest

_ARCHIVE = "/api/v1/Archive/"
Placed = tuple[str, Departure]

# Values of a filter are read for any moment before there is one.
_ANY_MOMENT = Moment(datetime(2000, 1, 1))


def check_query(
    operation: Operation, lookup: Lookup, arguments: Mapping[str, Json], refuse: bool
) -> Iterator[Placed]:
    """The departures of a call to a collection or an archive, each with its place: "query $top".

    An unknown provider is an error if `refuse`, a warning otherwise.
    """
    name = operation.archive or ""
    if operation.path.startswith(_ARCHIVE):
        name = next(iter(lookup.path_arguments.values()), "")
        if provider_of(name, lookup.contract) is None:
            yield "path archiveProviderName", _unknown_provider(name, lookup.contract, refuse)
    elif operation.archive is None:
        return
    for option in ("$top", "$skip"):
        value = arguments.get(option)
        if type(value) is int and value < 0:
            message = f"{value} rows cannot be taken; give a number from 0"
            yield (
                f"query {option}",
                Departure("negative-rows", "error", message, expected="0 or more", got=str(value)),
            )
    yield from _check_parts(read_options(name, arguments), lookup.contract)


def check_members(body: Mapping[str, Any], contract: Contract, refuse: bool) -> Iterator[Placed]:
    """The departures of an agent's call to an archive, each with its place: "body.Columns"."""
    query = read_members(body)
    if not query.provider:
        return
    if provider_of(query.provider, contract) is None:
        yield "body.ProviderName", _unknown_provider(query.provider, contract, refuse)
    yield from _check_parts(query, contract)


def _unknown_provider(name: str, contract: Contract, refuse: bool) -> Departure:
    near = nearest(name, provider_names(contract))
    return Departure(
        "unknown-provider",
        "error" if refuse else "warning",
        f"the archive provider {name[:60]!r} is not known here (a provider of your own: setting unknown_provider)."
        f"{suggest(*near)}",
        got=name[:60],
        nearest=near[0] if near else "",
    )


def _check_parts(query: Query, contract: Contract) -> Iterator[Placed]:
    if not (query.filter.value or query.select.value or query.order.value):
        return
    provider = provider_of(query.provider, contract)
    if provider is not None and provider.name == database.PROVIDER:
        yield from _check_names(query)
    documented = provider if provider is not None and provider.name != database.PROVIDER else None
    try:
        for condition in conditions_of(query.tree()):
            yield from _check_condition(condition, query.filter, provider)
    except QueryError as error:
        fault = _fault("filter-syntax", query.filter, error)
        legal = legal_operators(restriction_of(error.column, provider)) if error.column else ""
        if legal:
            fault = replace(fault, message=f"{fault.message} Of {error.column!r}: {legal}.")
        yield query.filter.where, fault
    try:
        for choice in query.choices():
            if documented is not None and choice.column and column_of(choice.column, documented) is None:
                yield (
                    query.select.where,
                    _unknown_column(choice.column, documented, "warning", "it is left out"),
                )
    except QueryError as error:
        yield query.select.where, _fault("filter-syntax", query.select, error)
    try:
        for order in query.orders():
            if documented is not None and column_of(order.column, documented) is None:
                yield (
                    query.order.where,
                    _unknown_column(order.column, documented, "warning", "it sorts nothing"),
                )
    except QueryError as error:
        yield query.order.where, _fault("filter-syntax", query.order, error)


def _check_names(query: Query) -> Iterator[Placed]:
    """The dotted names that cannot be read, and those of another base table than the first. Source: section 14.7."""
    named: list[tuple[Part, str, int]] = []
    for part, read in (
        (query.select, query.choices),
        (query.filter, query.tree),
        (query.order, query.orders),
    ):
        try:
            value = read()
        except QueryError:
            continue  # the part itself cannot be read, which is told
        items = value if isinstance(value, tuple) else tuple(conditions_of(value))
        named += [(part, item.column, item.at) for item in items]
    base = ""
    for part, column, at in named:
        if column.lower() in ("getallrows", "getnorows"):
            continue
        try:
            table = database.read_column(column).base
            if base and table != base:
                raise QueryError(
                    f"{column!r} begins at {table}, the columns before at {base}: a query has one.", 0
                )
            base = base or table
        except QueryError as error:
            fault = QueryError(str(error), at if isinstance(part.value, list) else at + error.at)
            yield part.where, _fault("unknown-column", part, fault, column[:80])


def _check_condition(condition: Condition, part: Part, provider: Provider | None) -> Iterator[Placed]:
    if provider is not None and column_of(condition.column, provider) is None:
        if provider.name == database.PROVIDER:
            return  # told already
        effect = "no rows can be told by it"
        yield (
            part.where,
            _unknown_column(condition.column, provider, "error", effect, part.place(condition.at)),
        )
        return
    try:
        compile_condition(condition, restriction_of(condition.column, provider), _ANY_MOMENT)
    except QueryError as error:
        yield part.where, _fault("filter-operator", part, error, condition.operator)


def _unknown_column(
    column: str, provider: Provider, severity: Severity, effect: str, place: str = ""
) -> Departure:
    near = nearest(column, (one.name for one in provider.columns.values()))
    return Departure(
        "unknown-column",
        severity,
        f"{place}{provider.name} has no column {column[:80]!r}, {effect}.{suggest(*near)}",
        got=column[:80],
        nearest=near[0] if near else "",
    )


def _fault(rule: str, part: Part, error: QueryError, got: str = "") -> Departure:
    return Departure(rule, "error", part.place(error.at) + str(error), got=got)
