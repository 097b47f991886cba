"""The Dynamic provider and custom tables: rows of a base table, joined as the dotted names of the columns say.

A join back to the rows that refer to one gives a row for each of them, as a database does (assumed).
Source: behaviour, section 14.7.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from mockso.archive.columns import CUSTOM, Provider
from mockso.archive.database import PROVIDER, DatabaseColumn, Join, custom_fields, read_column, read_in
from mockso.archive.lookup import SWITCHES, is_of_database
from mockso.archive.request import Part, Query
from mockso.archive.run import compile_filter, conditions_of
from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.entities.columns import Columns, Reading, Row, plain_reading
from mockso.entities.compose import Source
from mockso.entities.find import Finding, make_tester, moment_of, put_in_order
from mockso.entities.tables import RowTable, open_table, table_field
from mockso.entities.verbs import Work
from mockso.errors import QueryError
from mockso.judge.owntables import own_fields
from mockso.state.log import Key, Value
from mockso.state.rows import Draft

# Mail addresses are values of a company or a person, and rows of a table of their own in the database.
_EMAILS = "email"
_EMAIL_FIELDS = {"email_address": "Value", "description": "Description"}


class _Place(NamedTuple):
    """A row that joins lead to."""

    table: RowTable
    key: Key
    value: Value


class DynamicColumns(Columns):
    """The columns of one base table's rows by dotted names; those of a custom table also by their last part."""

    def __init__(self, contract: Contract, base: str, custom: str) -> None:
        super().__init__(contract)
        self.contract = contract
        self.base = base
        self._custom = custom

    def read(self, name: str) -> DatabaseColumn:
        """A column's name, read."""
        return read_in(name, self._custom)

    def reading(self, kind: Kind, column: str, restriction: str, source: Source) -> Reading:
        """How to read a column of the base table's rows."""
        read = self.read(column)
        table = open_table(self.base, self.contract)
        assert table is not None

        def get(key: Key, value: Value, source: Source) -> Any:
            place = self.follow(read.joins, _Place(table, key, value), source)
            return None if place is None else _field_of(read, place, source)

        reading = plain_reading(get, column, restriction, source)
        has_data = bool(read.joins) or bool(table.property_of(read.field)) or read.field.letter == "P"
        return replace(reading, has_data=has_data)

    def follow(self, joins: Sequence[Join], place: _Place, source: Source) -> _Place | None:
        """The row that joins lead to from one; None where they lead nowhere."""
        start = place
        for number in range(1, len(joins) + 1):
            found = self._join(joins[:number], start, place, source)
            if found is None:
                return None
            place = found
        return place

    def _join(self, joins: Sequence[Join], start: _Place, place: _Place, source: Source) -> _Place | None:
        join = joins[-1]
        if join.is_reverse:
            there = start.value.get(_mark(joins))
            table = open_table(join.table, self.contract)
            return None if there is None or table is None else _Place(table, *there)
        if join.table == "text":
            return place  # a text is a property of the row it belongs to
        field = table_field(place.table.table, join.field)
        table = open_table(join.table, self.contract)
        key = place.table.read(field, place.key, place.value, source) if field is not None else None
        if isinstance(key, str) and key.isdecimal():
            key = int(key)  # a field of a custom table, that was sent as a text
        row = source.get(table.kind, key) if table is not None and key else None
        return None if table is None or row is None or key is None else _Place(table, key, row)

    def expand(self, rows: Iterable[Row], columns: Iterable[DatabaseColumn], source: Source) -> Iterator[Row]:
        """The rows, each once for every row that joins back lead to; those that an inner join leaves out are not there."""
        columns = list(columns)
        base = open_table(self.base, self.contract)
        assert base is not None
        prefixes = [column.joins[:end] for column in columns for end in range(1, len(column.joins) + 1)]
        back = list(dict.fromkeys(joins for joins in prefixes if joins[-1].is_reverse))
        inner = list(dict.fromkeys(joins for joins in prefixes if joins[-1].is_inner))
        for joins in back:
            rows = self._multiply(rows, joins, base, source)
        for key, value in rows:
            if all(self.follow(joins, _Place(base, key, value), source) is not None for joins in inner):
                yield key, value

    def _multiply(
        self, rows: Iterable[Row], joins: Sequence[Join], base: RowTable, source: Source
    ) -> Iterator[Row]:
        join, mark = joins[-1], _mark(joins)
        table = open_table(join.table, self.contract)
        field = table_field(table.table, join.field) if table is not None else None
        for key, value in rows:
            place = self.follow(joins[:-1], _Place(base, key, value), source)
            found: list[Row] = []
            if place is not None and join.table == _EMAILS:
                items = place.value.get("Emails") or ()
                found = [(number, item) for number, item in enumerate(items, 1)]
            elif place is not None and table is not None and field is not None:
                found = source.find(table.kind, table.property_of(field), place.key)
            if not found:
                yield key, value
            for there in found:
                yield key, {**value, mark: there}


def _mark(joins: Sequence[Join]) -> str:
    return "$join " + " ".join(f"{join.table}.{join.field}" for join in joins)


def _field_of(column: DatabaseColumn, place: _Place, source: Source) -> Any:
    if column.table == _EMAILS:
        name = column.field.name.lower()
        return place.key if column.field.letter == "P" else place.value.get(_EMAIL_FIELDS.get(name, ""))
    if column.table == "text" and column.joins:
        before = column.joins[-1].field
        field = place.table.table.fields.get(before.lower())
        property = place.table.property_of(field) if field is not None else ""
        return place.value.get(property, "")
    return place.table.read(column.field, place.key, place.value, source)


def find_dynamic(work: Work, rows: Draft, query: Query, provider: Provider) -> Finding:
    """The rows that a query of the Dynamic provider, or of a custom table, finds. Raises QueryError."""
    names = [choice.column for choice in query.choices()]
    names += [condition.column for condition in conditions_of(query.tree())]
    names += [order.column for order in query.orders()]
    names = [one for one in names if one and one.lower() not in SWITCHES]
    base = provider.table or (read_column(names[0]).base if names else "")
    table = open_table(base, work.contract) if base else None
    if table is None:
        return Finding(provider, work.contract.derive(Columns), rows)
    columns = DynamicColumns(work.contract, base, provider.table)
    finding = Finding(provider, columns, rows)
    kind = Kind(base, "id", "", "", {})
    found = list(columns.expand(table.rows(rows), (columns.read(one) for one in names), rows))
    tree = query.tree()
    if tree is not None:
        found = list(filter(compile_filter(tree, make_tester(kind, finding, moment_of(work))), found))
    put_in_order([(kind, found)], query, finding)
    return finding


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
