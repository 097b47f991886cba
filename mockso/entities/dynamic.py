"""The Dynamic provider and custom tables: rows of a base table, joined as the dotted names of the columns say.

Source: behaviour, section 14.7.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from mockso.archive import envelope
from mockso.archive.columns import CUSTOM, Column, Provider
from mockso.archive.database import PROVIDER, DatabaseColumn, custom_fields, read_in
from mockso.archive.lookup import SWITCHES, is_of_database
from mockso.archive.query import AllOf
from mockso.archive.request import Part, Query
from mockso.archive.run import conditions_of
from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.entities.columns import Columns
from mockso.entities.compose import Source
from mockso.entities.find import Finding, compile_tests, find_by_key, moment_of, put_in_order
from mockso.entities.joins import Joins
from mockso.entities.readings import Reading, Row
from mockso.entities.tables import open_table
from mockso.entities.verbs import Work
from mockso.errors import QueryError
from mockso.judge.owntables import PREFIX, own_fields
from mockso.state.rows import Draft


class DynamicColumns(Columns):
    """The columns of one base table's rows by dotted names; those of a custom table by names without it."""

    def __init__(self, contract: Contract, joins: Joins, custom: str) -> None:
        super().__init__(contract)
        self._joins = joins
        self._custom = custom

    def reading(self, kind: Kind, column: str, restriction: str, source: Source) -> Reading:
        """How to read a column of the base table's rows."""
        return self._joins.reading(read_in(column, self._custom), column, restriction)


def find_dynamic(work: Work, rows: Draft, query: Query, provider: Provider) -> Finding:
    """The rows that a query of the Dynamic provider, or of a custom table, finds. Raises QueryError."""
    names = [choice.column for choice in query.choices()]
    names += [condition.column for condition in conditions_of(query.tree())]
    names += [order.column for order in query.orders()]
    names = [one for one in names if one and one.lower() not in SWITCHES]
    read = {name: read_in(name, provider.table) for name in names}
    base = provider.table or (read[names[0]].base if names else "")
    table = open_table(base, work.contract) if base else None
    if table is None:
        return Finding(provider, work.contract.derive(Columns), rows)
    joins = Joins(table, read.values(), work.contract, rows)
    finding = Finding(provider, DynamicColumns(work.contract, joins, provider.table), rows)
    kind = Kind(base, "id", "", "", {})

    def path_of(name: str) -> str:
        field = read[name].field
        if read[name].joins or field.target == "text":
            return ""
        return kind.key if field.letter == "P" else table.property_of(field) if field.letter == "F" else ""

    tree = query.tree()
    few = find_by_key(tree, table.kind, kind.key, path_of, finding) if table.entity is not None else None
    parts = tree.parts if isinstance(tree, AllOf) else () if tree is None else (tree,)
    # What is known of a row before any join back is tested before.
    early = [
        part for part in parts if not any(_goes_back(read.get(one.column)) for one in conditions_of(part))
    ]
    late = [part for part in parts if part not in early]
    moment = moment_of(work)
    found: Iterable[Row] = table.rows(rows) if few is None else few
    if early:
        found = filter(compile_tests(AllOf(tuple(early)), kind, finding, moment), found)
        found = list(found) if late else found
    found = joins.expand(found)
    if late:
        found = filter(compile_tests(AllOf(tuple(late)), kind, finding, moment), found)
    put_in_order([(kind, found)], query, finding)
    return finding


def _goes_back(column: DatabaseColumn | None) -> bool:
    return column is not None and any(join.is_reverse for join in column.joins)


def of_table(query: Query, provider: Provider, rows: Draft) -> Query:
    """A query without the fields that a custom table lacks; with all that it has where it names none."""
    table = provider.table
    if not table:
        return query
    if not query.select.value:
        names = list(dict.fromkeys(["id", *own_fields(rows, table)]))
        query = replace(query, select=Part("the columns of the table", names))

    def has(name: str) -> bool:
        try:
            read = read_in(name, table)
        except QueryError:
            return False
        return all(field.lower() in own_fields(rows, of) for of, field in custom_fields(read))

    choices, orders = query.choices(), query.orders()
    kept = [one for one in choices if has(one.column)]
    if len(kept) < len(choices):
        query = replace(query, select=replace(query.select, value=[one.text for one in kept]))
    if not all(has(order.column) for order in orders):
        named = [
            {"name": order.column, "direction": "desc" if order.is_descending else "asc"}
            for order in orders
            if has(order.column)
        ]
        query = replace(query, order=replace(query.order, value=named))
    return query


def is_dynamic(provider: Provider) -> bool:
    """Whether a provider's rows are those of a table of the database."""
    return provider.name.lower() in (PROVIDER.lower(), CUSTOM) and is_of_database(provider)


def describe(provider: Provider, rows: Draft) -> list[dict[str, Any]]:
    """The columns of a provider; of a custom table the fields that its rows have, by the sort of their values."""
    if not provider.table:
        return envelope.describe_columns(provider)
    sorts: dict[str, str] = {"id": "int"}
    for _, value in rows.items(f"{PREFIX}{provider.table}"):
        for name, item in value.items():
            if not name.startswith("$"):
                sorts.setdefault(name, _RESTRICTIONS.get(type(item), "string"))
    return [envelope.describe_column(Column(name, sort, True), True) for name, sort in sorts.items()]


_RESTRICTIONS: Mapping[type, str] = {int: "int", float: "decimal", bool: "bool"}
