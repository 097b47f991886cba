"""Departures of a call to an archive: its provider, its columns, the operators and values of its filter.

Source: sections 14.2 and 14.5 of the behaviour page. That a wrong filter is refused is assumed; a column that a
provider lacks is left out of $select and ignored in $orderBy (likely).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from mockso.archive import database
from mockso.archive.columns import Provider, provider_of
from mockso.archive.lookup import SWITCHES, column_of, is_of_database, restriction_of
from mockso.archive.operators import legal_operators
from mockso.archive.predicates import Moment, compile_condition
from mockso.archive.providers import provider_names
from mockso.archive.query import Condition
from mockso.archive.request import Part, Query, read_members, read_options
from mockso.archive.run import conditions_of
from mockso.contract.catalogue import Contract, Lookup
from mockso.contract.departure import Departure
from mockso.contract.model import Json, Operation, Severity
from mockso.errors import QueryError, did_you_mean, nearest, suggest

_ARCHIVE = "/api/v1/Archive/"
Placed = tuple[str, Departure]

# Values of a filter are read for any moment before there is one.
_ANY_MOMENT = Moment(lambda: datetime(2000, 1, 1))


# The names of the fields that a tenant's own table has, by the table's name.
FieldsOf = Callable[[str], Collection[str]]


def no_fields(table: str) -> Collection[str]:
    """The fields of a table that nothing is known of."""
    return ()


def check_query(
    operation: Operation,
    lookup: Lookup,
    arguments: Mapping[str, Json],
    refuse: bool,
    fields_of: FieldsOf = no_fields,
) -> Iterator[Placed]:
    """The departures of a call to a collection or an archive, each with its place: "query $top".

    An unknown provider is an error if `refuse`, a warning otherwise. `fields_of` has the fields of a custom table.
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
    yield from check_query_of(read_options(name, arguments), lookup.contract, fields_of)


def check_members(
    body: Mapping[str, Any],
    contract: Contract,
    refuse: bool,
    fields_of: FieldsOf = no_fields,
    *,
    has_provider: bool = True,
) -> Iterator[Placed]:
    """The departures of an agent's call to an archive, each with its place: "body.Columns".

    `has_provider` says whether the operation takes the name of a provider.
    """
    query = read_members(body)
    parts = (query.select, query.filter, query.order)
    if not query.provider and not any(part.value for part in parts):
        return
    if not has_provider:
        yield from check_query_of(query, contract, fields_of)
        return
    if provider_of(query.provider, contract) is None:
        yield "body.ProviderName", _unknown_provider(query.provider, contract, refuse)
    yield from check_query_of(query, contract, fields_of)


def _unknown_provider(name: str, contract: Contract, refuse: bool) -> Departure:
    near = nearest(name, provider_names(contract))
    return Departure(
        "unknown-provider",
        "error" if refuse else "warning",
        f"the archive provider {name[:60]!r} is not known here (a provider of your own: setting unknown_provider)."
        f"{suggest(*near)}"
        if name
        else "no archive provider is named: ProviderName says which, such as FindContact.",
        got=name[:60],
        nearest=near[0] if near else "",
    )


def check_query_of(query: Query, contract: Contract, fields_of: FieldsOf = no_fields) -> Iterator[Placed]:
    """The departures of the parts of a query, each with its place."""
    if all(part.value in (None, "", []) for part in (query.filter, query.select, query.order)):
        return
    provider = provider_of(query.provider, contract)
    if provider is not None and is_of_database(provider):
        yield from _check_names(query, provider, fields_of)
    documented = provider if provider is not None and not is_of_database(provider) else None
    try:
        for condition in conditions_of(query.tree()):
            yield from _check_condition(condition, query.filter, provider)
    except QueryError as error:
        fault = _fault("filter-syntax", query.filter, error)
        legal = legal_operators(restriction_of(error.column, provider)) if error.column else ""
        if legal:
            fault = replace(fault, message=f"{fault.message} Of {error.column!r}: {legal}.")
        yield query.filter.where, fault
    for part, read, effect in (
        (query.select, query.choices, _EFFECTS["select"]),
        (query.order, query.orders, _EFFECTS["order"]),
    ):
        try:
            for item in read():
                if documented is not None and item.column and column_of(item.column, documented) is None:
                    yield part.where, _unknown_column(item.column, documented, "warning", effect)
        except QueryError as error:
            yield part.where, _fault("filter-syntax", part, error)


_EFFECTS = {"select": "it is left out", "order": "it sorts nothing", "filter": "no rows can be told by it"}


def _check_names(query: Query, provider: Provider, fields_of: FieldsOf) -> Iterator[Placed]:
    """The names of fields that cannot be read, and those of another base table than the first.

    Of a custom table an unknown field is left out or ignored, as a column of any provider (assumed); Dynamic
    refuses it. Source: section 14.7.
    """
    base = ""
    for effect, part, column, at in _named_columns(query):
        if column.lower() in SWITCHES or not (column or effect == "filter"):
            continue
        is_listed = isinstance(part.value, list)
        try:
            base = _check_name(column, provider, base, fields_of)
        except QueryError as error:
            fault = QueryError(str(error), at if is_listed else at + error.at)
            departure = _fault("unknown-column", part, fault, column[:80])
            if provider.table and effect != "filter":
                departure = replace(
                    departure, severity="warning", message=f"{departure.message} So {_EFFECTS[effect]}."
                )
            yield part.where, departure


def _check_name(column: str, provider: Provider, base: str, fields_of: FieldsOf) -> str:
    """The base table of a name; `base` is that of the names before, if any. Raises QueryError, placed in the name."""
    read = database.read_in(column, provider.table)
    if base and read.base != base:
        raise QueryError(
            f"{column!r} begins at {read.base}, the columns before at {base}: a query has one.", 0
        )
    for table, field in database.custom_fields(read):
        fields = fields_of(table)
        if field.lower() not in fields:
            known = ", ".join([*fields][:12])
            cure = f" Its rows have {known}." if known else " Its own fields begin with x_."
            place = max(column.lower().rfind(field.lower()), 0)
            near = did_you_mean(field, fields)
            raise QueryError(f"unknown field {field!r} of {table}.{near or cure}", place)
    return read.base


def _named_columns(query: Query) -> Iterator[tuple[str, Part, str, int]]:
    """The columns of a query: the part they stand in by its effect, the part, the name and its place."""
    for effect, part, read in (
        ("select", query.select, query.choices),
        ("filter", query.filter, query.tree),
        ("order", query.order, query.orders),
    ):
        try:
            value = read()
        except QueryError:
            continue  # the part itself cannot be read, which is told
        for item in value if isinstance(value, tuple) else conditions_of(value):
            yield effect, part, item.column, item.at


def _check_condition(condition: Condition, part: Part, provider: Provider | None) -> Iterator[Placed]:
    if provider is not None and column_of(condition.column, provider) is None:
        if is_of_database(provider):
            return  # told already
        effect = _EFFECTS["filter"]
        yield (
            part.where,
            _unknown_column(condition.column, provider, "error", effect, part.place(condition.at)),
        )
        return
    try:
        compile_condition(condition, restriction_of(condition.column, provider), _ANY_MOMENT)
    except QueryError as error:
        yield part.where, _fault("filter-operator", part, error, condition.operator)
        return
    for value in condition.values:
        cure = _MISTAKEN.get(value.text.lower() if value.text.lower() == "null" else value.text[:1])
        if cure and not value.is_quoted:
            message = f"{part.place(value.at)}{value.text[:60]!r} is compared as it stands: {cure}"
            yield part.where, Departure("filter-operator", "warning", message, got=value.text[:60])


# Values of other languages, which are texts here.
_MISTAKEN = {
    "null": "there is no null, an empty text is ''",
    '"': "a text stands in single quotes, 'text'",
}


def _unknown_column(
    column: str, provider: Provider, severity: Severity, effect: str, place: str = ""
) -> Departure:
    near = nearest(column, (one.name for one in provider.columns.values()))
    if column == "*":
        near, cure = [], " Without $select a row has all columns without a slash."
    else:
        cure = f" They are listed by: mockso contract show {provider.name}"
    return Departure(
        "unknown-column",
        severity,
        f"{place}{provider.name} has no column {column[:80]!r}, {effect}.{suggest(*near) or cure}",
        got=column[:80],
        nearest=near[0] if near else "",
    )


def _fault(rule: str, part: Part, error: QueryError, got: str = "") -> Departure:
    return Departure(rule, "error", part.place(error.at) + str(error), got=got)
