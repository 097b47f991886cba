"""Rows of a database table as calls write them: fields by name, cells as rows store them, a row put or taken away.

What each call does with them is `databasetable`. Source: behaviour, section 17; what is refused is assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from mockso.answer.refuse import envelope
from mockso.archive.database import Field, table_names
from mockso.archive.envelope import encode
from mockso.archive.periods import stretch_of
from mockso.entities.tables import RowTable, open_table, table_field
from mockso.entities.verbs import NoRowError, RefusalError, Work
from mockso.errors import did_you_mean
from mockso.exchange.headers import header_text
from mockso.exchange.message import Reply
from mockso.formats.custom_fields import read_encoded
from mockso.state.log import Key
from mockso.state.rows import Draft, Event

# --- arguments ----------------------------------------------------------------------------------


def table_of_call(work: Work) -> RowTable:
    """The table that a call names."""
    name = str(work.argument("TableName") or work.argument("Table") or "")
    table = open_table(name, work.contract)
    if table is None:
        raise refusal(work, f"unknown table {name!r}.{did_you_mean(name, table_names())}")
    return table


def custom_table_of_call(work: Work) -> RowTable:
    """The table of a custom object, by the name of its definition, with or without "y_"."""
    name = str(work.argument("DefinitionName") or "").lower()
    table = open_table(name if name.startswith("y_") else f"y_{name}", work.contract)
    assert table is not None
    return table


def refusal(work: Work, text: str) -> RefusalError:
    """The answer to a call that a table cannot take. Source: section 17; assumed."""
    operation = work.call.lookup.operation
    is_query = operation is not None and operation.group == "Archive"
    error = "ArgumentException" if is_query else "SoMassOperationException"
    body = envelope(error, text, work.view.settings)
    return RefusalError(Reply(400, body, (("X-Mockso-Hint", header_text(text)),), fidelity="assumed"))


def fields_of(work: Work, table: RowTable, names: Iterable[Any]) -> list[Field]:
    """The fields of a table by their names."""
    found = []
    for name in map(str, names):
        field = table_field(table.table, name)
        if field is None:
            known = [one.name for one in table.table.fields.values()]
            raise refusal(work, f"unknown field {name!r} of {table.table.name}.{did_you_mean(name, known)}")
        found.append(field)
    return found


def cell_value(work: Work, table: RowTable, field: Field, text: Any) -> Any:
    """A cell as a row stores it."""
    found = read_encoded(text) if isinstance(text, str) else text
    match field.letter:
        case "P" | "F" | "I":
            return work.readers.number(found) if found not in (None, "") else 0
        case "N":
            try:
                return float(str(found)) if found not in (None, "") else 0.0
            except (TypeError, ValueError):
                raise refusal(work, f"{text!r} is not a number, which {field.name} holds") from None
        case "B":
            return str(found).lower() in ("1", "true")
        case "D":
            stretch = stretch_of(str(text), lambda moment: moment.replace(tzinfo=None)) if text else None
            if text and stretch is None:
                raise refusal(work, f"{text!r} is not a date, which {field.name} holds")
            return stretch[0] if stretch is not None else ""
        case "?" if type(found) in (int, float, bool):
            return found
    return "" if found is None else found.isoformat() if isinstance(found, datetime) else str(text)


def row_of_cells(
    work: Work, table: RowTable, fields: Sequence[Field], cells: Sequence[Any]
) -> dict[str, Any]:
    """The properties that cells set; a field that the rows do not have is left out."""
    row: dict[str, Any] = {}
    for field, cell in zip(fields, cells, strict=True):
        property = table.property_of(field)
        if not property and table.has_own(field):
            row.setdefault("ExtraFields", {})[field.name] = cell
            continue
        if field.letter == "P" or not property or field.target == "text":
            continue
        value = cell_value(work, table, field, cell)
        if type(value) not in (int, float, bool, str):
            raise refusal(work, f"{cell!r} is not a number, which {field.name} holds")
        row[property] = table.name_of(property, value)
    return row


def data_rows(work: Work, fields: Sequence[Field], data: Iterable[Any]) -> Iterator[Sequence[Any]]:
    """The rows of data, each with a cell for each field."""
    for cells in data:
        if len(cells or ()) != len(fields):
            raise refusal(work, f"a row has {len(cells or ())} cells, Columns names {len(fields)} fields")
        yield cells or ()


def key_in(work: Work, fields: Sequence[Field], cells: Sequence[Any]) -> Key:
    for field, cell in zip(fields, cells, strict=True):
        if field.letter == "P":
            key = work.readers.number(cell) if cell not in (None, "") else 0
            return key if type(key) is int else 0
    return 0


# --- writing ------------------------------------------------------------------------------------


def put_new(work: Work, table: RowTable, row: Mapping[str, Any], rows: Draft, key: Key = 0) -> Key:
    key = key or rows.next_id(table.kind)
    stamps: dict[str, Any] = {}
    if table.entity is not None:
        kind = table.entity
        stamps = {kind.created: work.now, kind.created_by: work.caller, kind.updated: work.now}
    value = {**{name: item for name, item in stamps.items() if name}, **row}
    rows.put(table.kind, key, value)
    rows.signal(Event("created", table.kind, key, tuple(row), None, value))
    return key


def put_changed(work: Work, table: RowTable, key: Key, row: Mapping[str, Any], rows: Draft) -> bool:
    """Whether anything of a row changed."""
    before = rows.get(table.kind, key)
    if before is None:
        raise NoRowError(table.kind, key)
    if "ExtraFields" in row:
        row = {**row, "ExtraFields": {**(before.get("ExtraFields") or {}), **row["ExtraFields"]}}
    if all(before.get(name) == item for name, item in row.items()):
        return False
    stamps: dict[str, Any] = {}
    if table.entity is not None:
        stamps = {table.entity.updated: work.now, table.entity.updated_by: work.caller}
    value = {**before, **row, **{name: item for name, item in stamps.items() if name}}
    rows.put(table.kind, key, value)
    changes = tuple(name for name, item in row.items() if before.get(name) != item)
    rows.signal(Event("changed", table.kind, key, changes, before, value))
    return True


def take_away(table: RowTable, key: Key, rows: Draft) -> bool:
    """Take a row away; whether it was there."""
    before = rows.get(table.kind, key)
    if before is None:
        return False
    rows.remove(table.kind, key)
    rows.signal(Event("deleted", table.kind, key, (), before, None))
    return True


def texts_of(table: RowTable, key: Key, rows: Draft) -> dict[str, str]:
    row = rows.get(table.kind, key)
    if row is None:
        raise NoRowError(table.kind, key)
    fields = list(table.table.fields.values())
    if table.entity is None and not fields:
        fields = [Field("id", "P"), *(Field(name, "?") for name in row if not name.startswith("$"))]
    values = {field.name: table.read(field, key, row, rows) for field in fields}
    return {name: encode(value) for name, value in values.items() if value is not None}
