"""Operations on whole tables: insert, upsert, delete, truncate, single rows; custom objects; related data.

A row that is written this way is read by entities, found by queries and signalled to webhooks; a truncated table is
not. Source: the operations' pages, for single rows assumed; behaviour, section 17; rule 13 of the study of entities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockso.archive.database import DatabaseColumn, read_in
from mockso.archive.envelope import encode
from mockso.contract.catalogue import Contract
from mockso.contract.model import Operation
from mockso.entities.joins import Joins
from mockso.entities.plans import Plan
from mockso.entities.readings import Reading
from mockso.entities.tablerows import (
    cell_value,
    custom_table_of_call,
    data_rows,
    fields_of,
    key_in,
    put_changed,
    put_new,
    refusal,
    row_of_cells,
    table_of_call,
    take_away,
    texts_of,
)
from mockso.entities.tables import RowTable
from mockso.entities.verbs import ELSEWHERE, NoRowError, RefusalError, Verb, Work
from mockso.errors import QueryError
from mockso.state.log import Key
from mockso.state.rows import Draft

_METHODS: Mapping[str, str] = {
    "Insert": "table_insert",
    "Upsert": "table_upsert",
    "Delete": "table_delete",
    "Truncate": "table_truncate",
    "InsertRow": "row_insert",
    "UpdateRow": "row_update",
    "ReadRow": "row_read",
    "DeleteRow": "row_delete",
    "GetCustomObject": "object_read",
    "SaveCustomObject": "object_save",
    "DeleteCustomObject": "object_delete",
    "GetRelatedData": "related_read",
}
_REST = {"GET": "read", "POST": "insert", "PUT": "update", "DELETE": "delete"}
_OBJECT = {"GET": "object_read", "PUT": "object_save", "DELETE": "object_delete"}


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation on a table or a custom object."""
    parts, verb = operation.path.split("/")[3:], ""
    if parts[:2] in (["Agents", "DatabaseTable"], ["Agents", "CustomObject"], ["Agents", "Archive"]):
        verb = _METHODS.get(parts[-1].removesuffix("2"), "")
    elif parts[0] == "Table":
        verb = f"row_{_REST.get(operation.method, '')}"
    elif parts[0] == "CustomObject":
        verb = _OBJECT.get(operation.method, "")
    kind = contract.kinds.get("Associate")
    return (
        Plan(verb, 13, kind, subject=f"table rows, {operation.id}")
        if verb in VERBS and kind is not None
        else None
    )


# --- whole tables -----------------------------------------------------------------------------


def _result(
    inserts: int = 0, updates: int = 0, deletes: int = 0, status: Sequence[Any] = ()
) -> dict[str, Any]:
    return {
        "Success": True,
        "Message": "",
        "Inserts": inserts,
        "Updates": updates,
        "Deletes": deletes,
        "RowStatus": list(status),
        "TableRight": None,
        "FieldProperties": {},
    }


def insert(work: Work, rows: Draft) -> Any:
    """New rows, one for each row of data."""
    table = table_of_call(work)
    fields = fields_of(work, table, work.argument("Columns") or ())
    data = work.argument("Data") or ()
    for cells in data_rows(work, fields, data):
        put_new(work, table, row_of_cells(work, table, fields, cells), rows, key_in(work, fields, cells))
    return _result(inserts=len(data))


def upsert(work: Work, rows: Draft) -> Any:
    """Rows with the same keys changed, others made new; what nothing matched is treated as `NomatchAction` says."""
    table = table_of_call(work)
    fields = fields_of(work, table, work.argument("Columns") or ())
    keys = fields_of(work, table, work.argument("Keys") or ())
    missing = [key.name for key in keys if key not in fields]
    if missing or (work.argument("Data") and not keys):
        raise refusal(
            work, f"Keys must name some of the columns{': ' + ', '.join(missing) if missing else ''}"
        )
    status: list[dict[str, Any]] = []
    counts = {"Inserted": 0, "Updated": 0, "Deleted": 0, "ColumnsZeroed": 0, "NoUpdateNeeded": 0}
    index: dict[tuple[Any, ...], Key] = {}
    for key, value in rows.items(table.kind):
        index.setdefault(tuple(_fold(table.read(field, key, value, rows)) for field in keys), key)
    matched: set[Key] = set()

    def tell(key: Key, action: str, names: Sequence[Any]) -> None:
        counts[action] += 1
        status.append(
            {"PrimaryKey": key, "Action": action, "RowKeys": [str(name) for name in names]}
            | {"TableRight": None, "FieldProperties": {}}
        )

    for cells in data_rows(work, fields, work.argument("Data") or ()):
        row = row_of_cells(work, table, fields, cells)
        names = [cells[fields.index(field)] for field in keys]
        place = tuple(
            _fold(cell_value(work, table, field, name)) for field, name in zip(keys, names, strict=True)
        )
        if place in index:
            changed = put_changed(work, table, index[place], row, rows)
            tell(index[place], "Updated" if changed else "NoUpdateNeeded", names)
        else:
            index[place] = put_new(work, table, row, rows, key_in(work, fields, cells))
            tell(index[place], "Inserted", names)
        matched.add(index[place])
    action = str(work.argument("NomatchAction") or "NoChange")
    for key, _ in [item for item in rows.items(table.kind) if item[0] not in matched]:
        if action == "DeleteRow":
            take_away(table, key, rows)
            tell(key, "Deleted", ())
        elif action == "ZeroColumns":
            empty = row_of_cells(
                work,
                table,
                [field for field in fields if field not in keys],
                [""] * (len(fields) - len(keys)),
            )
            if put_changed(work, table, key, empty, rows):
                tell(key, "ColumnsZeroed", ())
    wanted = status if work.argument("ReturnRowStatus") else ()
    return _result(counts["Inserted"], counts["Updated"] + counts["ColumnsZeroed"], counts["Deleted"], wanted)


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value or 0


def delete(work: Work, rows: Draft) -> Any:
    """Rows taken away by their ids; those that are not there do not count."""
    table = table_of_call(work)
    keys = dict.fromkeys(work.argument("IDs") or ())
    return _result(deletes=sum(take_away(table, key, rows) for key in keys))


def truncate(work: Work, rows: Draft) -> Any:
    """All rows of a table taken away, which no webhook hears of. Source: the operation's page."""
    table = table_of_call(work)
    keys = [key for key, _ in rows.items(table.kind)]
    for key in keys:
        rows.remove(table.kind, key)
    return _result(deletes=len(keys))


# --- single rows --------------------------------------------------------------------------------


def _values(work: Work) -> Mapping[str, Any]:
    values = work.argument("Values")
    if values is None and not work.is_agent and isinstance(work.body, Mapping):
        values = work.body
    return values if isinstance(values, Mapping) else {}


def insert_row(work: Work, rows: Draft) -> Any:
    """One new row; its id."""
    table, values = table_of_call(work), _values(work)
    fields = fields_of(work, table, values)
    return put_new(work, table, row_of_cells(work, table, fields, list(values.values())), rows)


def update_row(work: Work, rows: Draft) -> Any:
    """Some fields of a row."""
    table, values = table_of_call(work), _values(work)
    fields = fields_of(work, table, values)
    put_changed(
        work, table, work.argument("Id"), row_of_cells(work, table, fields, list(values.values())), rows
    )
    return None


def read_row(work: Work, rows: Draft) -> Any:
    """The fields of a row, as texts."""
    table = table_of_call(work)
    return {"Values": texts_of(table, work.argument("Id"), rows), "TableRight": None, "FieldProperties": {}}


def delete_row(work: Work, rows: Draft) -> Any:
    """One row taken away."""
    table, key = table_of_call(work), work.argument("Id")
    if not take_away(table, key, rows):
        raise NoRowError(table.kind, key)
    return None


# --- custom objects -----------------------------------------------------------------------------


def read_object(work: Work, rows: Draft) -> Any:
    """One custom object."""
    return _object(work, work.argument("Id"), rows)


def save_object(work: Work, rows: Draft) -> Any:
    """A new custom object, or other values of one."""
    table = custom_table_of_call(work)
    body = work.argument("Row") if work.is_agent else work.body
    members = {name.lower(): item for name, item in body.items()} if isinstance(body, Mapping) else {}
    values = members.get("values")
    values = (
        {name: item for name, item in values.items() if name.lower() != "id"}
        if isinstance(values, Mapping)
        else {}
    )
    fields = fields_of(work, table, values)
    row, key = row_of_cells(work, table, fields, list(values.values())), members.get("id") or 0
    if key:
        put_changed(work, table, key, row, rows)
    else:
        key = put_new(work, table, row, rows)
    return _object(work, key, rows)


def _object(work: Work, key: Key, rows: Draft) -> dict[str, Any]:
    return {
        "DefinitionName": str(work.argument("DefinitionName") or ""),
        "Id": key,
        "Values": texts_of(custom_table_of_call(work), key, rows),
        "TableRight": None,
        "FieldProperties": {},
    }


def delete_object(work: Work, rows: Draft) -> Any:
    """A custom object taken away; deleting what is not there is done already (assumed)."""
    table = custom_table_of_call(work)
    take_away(table, work.argument("Id"), rows)
    return None


def read_related(work: Work, rows: Draft) -> Any:
    """Values of dotted names that begin at one row, for the Archive agent; of several rows the first one's."""
    table, named = table_of_call(work), work.argument("Fields")
    names = [
        str(name).strip() for name in (named if isinstance(named, list) else str(named or "").split(","))
    ]
    columns = [(name, _related_column(work, table, name, at)) for at, name in enumerate(names) if name]
    key = work.argument("RecordId")
    row = rows.get(table.kind, key)
    if row is None:
        raise NoRowError(table.kind, key)
    joins = Joins(table, (column for _, column in columns), work.contract, rows)
    first = next(joins.expand([(key, row)]), None)
    return [
        {
            "Field": name,
            "FieldValue": {
                "DisplayValue": _related_text(joins.reading(column, name, column.field.restriction), first),
                "TooltipHint": "",
                "LinkHint": "",
            },
        }
        for name, column in columns
    ]


def _related_column(work: Work, table: RowTable, name: str, at: int) -> DatabaseColumn:
    try:
        column = read_in(name, table.table.name.lower())
    except QueryError as error:
        raise refusal(work, f"Fields[{at}], character {error.at + 1}: {error}") from error
    return column


def _related_text(reading: Reading, row: Any) -> str:
    return encode(reading.shown(row)) if row is not None and reading.has_data else ""


_VERBS: Mapping[str, Verb] = {
    "object_delete": delete_object,
    "object_read": read_object,
    "object_save": save_object,
    "related_read": read_related,
    "row_delete": delete_row,
    "row_insert": insert_row,
    "row_read": read_row,
    "row_update": update_row,
    "table_delete": delete,
    "table_insert": insert,
    "table_truncate": truncate,
    "table_upsert": upsert,
}


def _open(verb: Verb) -> Verb:
    """A verb that leaves tables and rows nobody has to an example, where the world is open."""

    def run(work: Work, rows: Draft) -> Any:
        try:
            return verb(work, rows)
        except (NoRowError, RefusalError):
            if work.view.is_closed:
                raise
            return ELSEWHERE

    return run


VERBS: Mapping[str, Verb] = {name: _open(verb) for name, verb in _VERBS.items()}
READING = frozenset({"object_read", "related_read", "row_read"})
