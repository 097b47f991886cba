"""Joins of the Dynamic provider: from the rows of a base table to those that dotted names lead to.

A row is a key and a value; where joins back lead from it to others, the row that each leads to stands behind these
two, None where there is none. A join back to the rows that refer to one gives a row for each of them, as a
database does (assumed). Source: behaviour, section 14.7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from mockso.archive.database import DatabaseColumn, Join
from mockso.contract.catalogue import Contract
from mockso.entities.compose import Source
from mockso.entities.readings import Read, Reading, Row, per_key, plain_reading
from mockso.entities.tables import RowTable, open_table, table_field
from mockso.state.log import Key

# A row with those that joins back lead to.
Joined = Any
Place = Callable[[Joined], Row | None]

# Mail addresses are values of a company or a person, and rows of a table of their own in the database.
_EMAILS = "email"
_EMAIL_FIELDS = {"email_address": "Value", "description": "Description"}

# So many rows at most ask for those that refer to them one by one, through an index.
_FEW = 50


class Joins:
    """The joins of a query's columns from one base table, over one source of rows."""

    def __init__(
        self, base: RowTable, columns: Iterable[DatabaseColumn], contract: Contract, source: Source
    ) -> None:
        self._base = base
        self._contract = contract
        self._source = source
        ways = [column.joins[:end] for column in columns for end in range(1, len(column.joins) + 1)]
        self._back = list(dict.fromkeys(way for way in ways if way[-1].is_reverse))
        self._inner = list(dict.fromkeys(way for way in ways if way[-1].is_inner))

    def reading(self, column: DatabaseColumn, name: str, restriction: str) -> Reading:
        """How to read a column of joined rows."""
        place, read_field, source = self._place(column.joins), self._reader(column), self._source

        def read(row: Joined) -> Any:
            there = place(row)
            return None if there is None else read_field(there[0], there[1], source)

        table = self._table(column.joins)
        is_own = table is not None and bool(table.property_of(column.field) or table.has_own(column.field))
        has_data = bool(column.joins) or column.field.letter == "P" or is_own
        reading = replace(plain_reading(read, name, restriction), has_data=has_data)
        by = self._by(column.joins)
        return reading if by is None else reading.depending_on(by)

    def expand(self, rows: Iterable[Row]) -> Iterator[Joined]:
        """The rows, each once for every row that joins back lead to; those that an inner join leaves out are not there."""
        joined: Iterable[Joined] = rows
        is_few = isinstance(rows, list) and len(rows) <= _FEW
        for way in self._back:
            joined = self._multiply(joined, way, is_few=is_few)
        for way in self._inner:
            joined = filter(self._leads_on(way), joined)
        return iter(joined)

    # ways: sequences of joins from the base table

    def _leads_on(self, way: Sequence[Join]) -> Callable[[Joined], bool]:
        place = self._place(way)
        return per_key(self._by(way), lambda row: place(row) is not None)

    def _table(self, way: Sequence[Join]) -> RowTable | None:
        """The table that a way leads to; a text is a property of the row it belongs to."""
        if not way:
            return self._base
        return self._table(way[:-1]) if way[-1].table == "text" else open_table(way[-1].table, self._contract)

    def _link(self, way: Sequence[Join]) -> Read | None:
        """A function that reads the key of a way's last join from the row before it; None for a way to nowhere."""
        before, join, source = self._table(way[:-1]), way[-1], self._source
        field = table_field(before.table, join.field) if before is not None else None
        if before is None or field is None:
            return None
        read = before.reader(field)
        if before.entity is not None:
            return lambda row: read(row[0], row[1], source)

        def own(row: Row) -> Any:
            # A field of a custom table may have been sent as a text.
            key = read(row[0], row[1], source)
            return int(key) if isinstance(key, str) and key.isdecimal() else key

        return own

    def _by(self, way: Sequence[Join]) -> Read | None:
        """A function that reads the key on which all behind a way depends; None for a way without one."""
        if not way or way[-1].is_reverse:
            return None
        if way[-1].table == "text":
            return self._by(way[:-1])
        before, link = self._place(way[:-1]), self._link(way)
        if link is None:
            return None
        if len(way) == 1:
            return link

        def by(row: Joined) -> Any:
            there = before(row)
            return None if there is None else link(there)

        return by

    def _place(self, way: Sequence[Join]) -> Place:
        """A function from a row to the one that a way leads to, None where it leads nowhere."""
        if not way:
            return lambda row: row
        before, join, source = self._place(way[:-1]), way[-1], self._source
        if join.is_reverse:
            number = 2 + self._back.index(tuple(way))
            return lambda row: row[number]
        if join.table == "text":
            return before
        table, link = self._table(way), self._link(way)
        if table is None or link is None:
            return lambda row: None
        kind = table.kind

        def place(row: Joined) -> Row | None:
            there = before(row)
            key = None if there is None else link(there)
            found = source.get(kind, key) if key else None
            return None if found is None or key is None else (key, found)

        return place

    def _reader(self, column: DatabaseColumn) -> Callable[[Any, Any, Source], Any]:
        if column.table == _EMAILS:
            if column.field.letter == "P":
                return lambda key, value, source: key
            member = _EMAIL_FIELDS.get(column.field.name.lower(), "")
            return lambda key, value, source: value.get(member)
        table = self._table(column.joins)
        if column.table == "text" and column.joins and table is not None:
            field = table_field(table.table, column.joins[-1].field)
            property = table.property_of(field) if field is not None else ""
            return lambda key, value, source: value.get(property, "")
        return table.reader(column.field) if table is not None else lambda key, value, source: None

    # joins back

    def _multiply(self, rows: Iterable[Joined], way: Sequence[Join], *, is_few: bool) -> Iterator[Joined]:
        place, find = self._place(way[:-1]), self._referring(way[-1], is_few=is_few)
        for row in rows:
            there = place(row)
            found = find(there) if there is not None else ()
            if found:
                for other in found:
                    yield *row, other
            else:
                yield *row, None

    def _referring(self, join: Join, *, is_few: bool) -> Callable[[Row], Sequence[Row]]:
        """A function from a row to those that refer to it by a join back, in the order of their keys."""
        if join.table == _EMAILS:
            return lambda row: list(enumerate(row[1].get("Emails") or (), 1))
        table, source = open_table(join.table, self._contract), self._source
        field = table_field(table.table, join.field) if table is not None else None
        if table is None or field is None:
            return lambda row: ()
        if is_few and table.entity is not None:
            property = table.property_of(field)
            return lambda row: source.find(table.kind, property, row[0])
        kind, read = table.kind, table.reader(field)
        # Keys, not rows: of ten thousand pairs the collector would look at every one. Most rows have one other.
        first: dict[Any, Key] = {}
        more: dict[Any, list[Key]] = {}
        for key, value in source.items(kind):
            to = read(key, value, source)
            to = int(to) if isinstance(to, str) and to.isdecimal() else to
            if to not in first:
                first[to] = key
            else:
                more.setdefault(to, [first[to]]).append(key)

        def find(row: Row) -> Sequence[Row]:
            if row[0] not in first:
                return ()
            keys = more.get(row[0])
            if keys is None:
                keys = [first[row[0]]]
            else:
                keys.sort(key=lambda key: (type(key) is str, key))
            return [(key, found) for key in keys if (found := source.get(kind, key)) is not None]

        return find
