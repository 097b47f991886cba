"""Columns of the Dynamic provider: dotted names of the database's tables and fields, "contact.category_idx.name".

    column  = table { join } "." field
    join    = "." key | ":" key | ".(" table "->" key ")"       each key may have "[table]" behind it

"." keeps rows without a target, ":" leaves them out, "(table->key)" leads to the rows that refer back. The tables
and fields are those of the vendor's database dictionary; a table "y_..." is a tenant's own, with any fields.
Source: behaviour, section 14.7.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from mockso.archive.columns import Column
from mockso.errors import QueryError, did_you_mean

PROVIDER = "Dynamic"
SHIPPED = Path(__file__).with_name("tables.txt")
_STEP = re.compile(
    r"(?P<sign>[.:])(?:\((?P<table>\w+)->(?P<key>\w+)\)|(?P<field>\w+)(?:\[(?P<target>\w+)\])?)"
)
_SLASH = re.compile(r"(y_\w+)/")
_ANY = re.compile(r"(?:x_|y_|id\Z)", re.IGNORECASE)
_RESTRICTIONS = {"S": "string", "B": "bool", "D": "datetime", "N": "decimal", "A": "intArray", "X": ""}


class Field(NamedTuple):
    """A field of a table: `letter` is its type (P a key, F a foreign key to `target`)."""

    name: str
    letter: str
    target: str = ""

    @property
    def restriction(self) -> str:
        """The restriction type of the field as a column; "any" for one of a tenant's own table."""
        return "any" if self.letter == "?" else _RESTRICTIONS.get(self.letter, "int")


class Table(NamedTuple):
    """A table; its fields by their names in small letters."""

    name: str
    fields: Mapping[str, Field]

    @property
    def key(self) -> str:
        """The field that a row's key is in."""
        return next((field.name for field in self.fields.values() if field.letter == "P"), "id")


class Join(NamedTuple):
    """A step to another table: by `field` of the table before, or back by `field` of the table it leads to."""

    table: str
    field: str
    is_inner: bool = False
    is_reverse: bool = False


class DatabaseColumn(NamedTuple):
    """A dotted name, read: where it begins, the joins, the field at its end."""

    base: str
    joins: tuple[Join, ...]
    field: Field
    table: str


@cache
def _lines() -> Mapping[str, str]:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    return {line.partition(" ")[0].lower(): line for line in lines}


def table_names() -> Collection[str]:
    """The names of the documented tables, in small letters."""
    return _lines().keys()


@lru_cache(1024)
def table_of(name: str) -> Table | None:
    """The table of that name, in any letter case; of a tenant's own one no fields are known."""
    line = _lines().get(name.lower())
    if line is None:
        return Table(name.lower(), {}) if name.lower().startswith("y_") else None
    table, *texts = line.split()
    fields = []
    for text in texts:
        field, _, kind = text.partition(":")
        letter, _, target = kind.partition(">")
        fields.append(Field(field, letter, target))
    return Table(table, {field.name.lower(): field for field in fields})


def field_of(table: Table, name: str) -> Field | None:
    """The field of a table, in any letter case; fields "x_..." and those of a tenant's own table are any."""
    found = table.fields.get(name.lower())
    if found is None and (not table.fields or name.lower().startswith("x_")):
        return Field(name.lower(), "P" if name.lower() == "id" else "?")
    return found


@lru_cache(4096)
def read_column(text: str) -> DatabaseColumn:
    """A dotted name, read. Raises QueryError, whose place is in the name, for one that cannot be."""
    base, at = re.match(r"\w*", text)[0], 0  # type: ignore[index]
    table = _table(base, 0)
    at, joins, steps = len(base), [], []
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            raise QueryError(f"{text[at:]!r} cannot follow: a column is table.field, or table.key.field.", at)
        steps.append(match)
        at = match.end()
    if not steps or steps[-1]["field"] is None:
        raise QueryError(f"{text!r} ends without a field: contact.name.", at)
    for step in steps[:-1]:
        join, table = _join(step, table)
        joins.append(join)
    last = steps[-1]
    if last["sign"] == ":":
        raise QueryError("the last step is a field, behind a dot.", last.start())
    return DatabaseColumn(
        base.lower(), tuple(joins), _field(table, last["field"], last.start("field")), table.name.lower()
    )


def read_in(name: str, table: str) -> DatabaseColumn:
    """A column of a provider of the database, read: dotted, or of `table` where the provider was asked for one.

    A step over a slash, "y_equipment/x_name", leads to the custom table of its name.
    Raises QueryError, whose place is in the name.
    """
    if not table:
        return read_column(name)
    path = _SLASH.sub(r"\1[\1].", name)
    try:
        return read_column(f"{table}.{path}")
    except QueryError as error:
        at = max(error.at - len(table) - 1, 0)
        for step in _SLASH.finditer(name):
            if at > step.end(1):
                at = max(at - len(f"[{step[1]}]"), step.end(1))
        raise QueryError(str(error), at) from None


def custom_fields(column: DatabaseColumn) -> list[tuple[str, str]]:
    """The fields of a tenant's own tables that a column names, each behind its table, but for those any may have."""
    table, fields = column.base, []
    for join in column.joins:
        fields.append((join.table if join.is_reverse else table, join.field))
        table = join.table
    fields.append((table, column.field.name))
    return [(of, field) for of, field in fields if of.startswith("y_") and not _ANY.match(field)]


def _join(step: re.Match[str], table: Table) -> tuple[Join, Table]:
    is_inner = step["sign"] == ":"
    if step["field"] is None:
        target = _table(step["table"], step.start("table"))
        key = _field(target, step["key"], step.start("key"))
        if key.target and key.target.lower() != table.name.lower():
            raise QueryError(
                f"{target.name}.{key.name} leads to {key.target}, not to {table.name}.", step.start("key")
            )
        return Join(target.name.lower(), key.name, is_inner, is_reverse=True), target
    field = _field(table, step["field"], step.start("field"))
    target_name = step["target"] or field.target
    if not target_name:
        cure = " Name it: key[table]." if field.letter in "I?" else ""
        raise QueryError(f"{table.name}.{field.name} leads to no table.{cure}", step.start("field"))
    target = _table(target_name, step.start("target") if step["target"] else step.start("field"))
    return Join(target.name.lower(), field.name, is_inner), target


def _table(name: str, at: int) -> Table:
    table = table_of(name)
    if table is None:
        raise QueryError(f"unknown table {name!r}.{did_you_mean(name, _lines())}", at)
    return table


def _field(table: Table, name: str, at: int) -> Field:
    field = field_of(table, name)
    if field is None:
        raise QueryError(f"unknown field {name!r} of {table.name}.{did_you_mean(name, table.fields)}", at)
    return field


def column_of(name: str, table: str = "") -> Column:
    """A dotted name, or one of a custom table, as a column. Raises QueryError for one that cannot be read."""
    return Column(name, read_in(name, table).field.restriction, True)
