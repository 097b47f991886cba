"""Operations on whole tables: insert, upsert, delete, truncate, single rows; custom objects; related data.

A row that is written this way is read by entities and found by queries; nobody signals it to webhooks (assumed).
Source: behaviour, section 17; rule 13 of the study of entities.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from mockso.answer.refuse import envelope
from mockso.archive.database import Field
from mockso.archive.envelope import encode
from mockso.archive.periods import stretch_of
from mockso.contract.catalogue import Contract
from mockso.contract.model import Operation
from mockso.entities.plans import Plan
from mockso.entities.tables import RowTable, open_table, table_field
from mockso.entities.verbs import ELSEWHERE, NoRowError, RefusalError, Verb, Work
from mockso.errors import did_you_mean
from mockso.exchange.headers import header_text
from mockso.exchange.message import Reply
from mockso.formats.custom_fields import read_encoded
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


# --- arguments ----------------------------------------------------------------------------------


def _table(work: Work) -> RowTable:
    name = str(work.argument("TableName") or work.argument("Table") or "")
    table = open_table(name, work.contract)
    if table is None:
        raise _refusal(work, f"unknown table {name!r}")
    return table


def _custom_table(work: Work) -> RowTable:
    """The table of a custom object, by the name of its definition, with or without "y_"."""
    name = str(work.argument("DefinitionName") or "").lower()
    table = open_table(name if name.startswith("y_") else f"y_{name}", work.contract)
    assert table is not None
    return table


def _refusal(work: Work, text: str) -> RefusalError:
    """Source: section 17; assumed."""
    body = envelope("SoMassOperationException", text, work.view.settings)
    return RefusalError(Reply(400, body, (("X-Mockso-Hint", header_text(text)),), fidelity="assumed"))


def _fields(work: Work, table: RowTable, names: Iterable[Any]) -> list[Field]:
    found = []
    for name in map(str, names):
        field = table_field(table.table, name)
        if field is None:
            known = [one.name for one in table.table.fields.values()]
            raise _refusal(work, f"unknown field {name!r} of {table.table.name}.{did_you_mean(name, known)}")
        found.append(field)
    return found


def _value(work: Work, table: RowTable, field: Field, text: Any) -> Any:
    """A cell as a row stores it."""
    found = read_encoded(text) if isinstance(text, str) else text
    match field.letter:
        case "P" | "F" | "I":
            return work.readers.number(found) if found not in (None, "") else 0
        case "N":
            try:
                return float(str(found)) if found not in (None, "") else 0.0
            except (TypeError, ValueError):
                raise _refusal(work, f"{text!r} is not a number, which {field.name} holds") from None
        case "B":
            return str(found).lower() in ("1", "true")
        case "D":
            stretch = stretch_of(str(text), lambda moment: moment.replace(tzinfo=None)) if text else None
            if text and stretch is None:
                raise _refusal(work, f"{text!r} is not a date, which {field.name} holds")
            return stretch[0] if stretch is not None else ""
        case "?" if type(found) in (int, float, bool):
            return found
    return "" if found is None else found.isoformat() if isinstance(found, datetime) else str(text)


def _row(work: Work, table: RowTable, fields: Sequence[Field], cells: Sequence[Any]) -> dict[str, Any]:
    """The properties that cells set; a field that the rows do not have is left out."""
    row: dict[str, Any] = {}
    for field, cell in zip(fields, cells, strict=True):
        property = table.property_of(field)
        if field.letter == "P" or not property or field.target == "text":
            continue
        value = _value(work, table, field, cell)
        if type(value) not in (int, float, bool, str):
            raise _refusal(work, f"{cell!r} is not a number, which {field.name} holds")
        row[property] = table.name_of(property, value)
    return row


def _rows_of(work: Work, fields: Sequence[Field], data: Iterable[Any]) -> Iterator[Sequence[Any]]:
    """The rows of data, each with a cell for each field."""
    for cells in data:
        if len(cells or ()) != len(fields):
            raise _refusal(work, f"a row has {len(cells or ())} cells, Columns names {len(fields)} fields")
        yield cells or ()


def _key_in(work: Work, fields: Sequence[Field], cells: Sequence[Any]) -> Key:
    for field, cell in zip(fields, cells, strict=True):
        if field.letter == "P":
            key = work.readers.number(cell) if cell not in (None, "") else 0
            return key if type(key) is int else 0
    return 0


# --- writing ------------------------------------------------------------------------------------


def _insert(work: Work, table: RowTable, row: Mapping[str, Any], rows: Draft, key: Key = 0) -> Key:
    key = key or rows.next_id(table.kind)
    stamps: dict[str, Any] = {}
    if table.entity is not None:
        kind = table.entity
        stamps = {kind.created: work.now, kind.created_by: work.caller, kind.updated: work.now}
    rows.put(table.kind, key, {**{name: item for name, item in stamps.items() if name}, **row})
    return key


def _update(work: Work, table: RowTable, key: Key, row: Mapping[str, Any], rows: Draft) -> bool:
    """Whether anything of a row changed."""
    before = rows.get(table.kind, key)
    if before is None:
        raise NoRowError(table.kind, key)
    if all(before.get(name) == item for name, item in row.items()):
        return False
    stamps: dict[str, Any] = {}
    if table.entity is not None:
        stamps = {table.entity.updated: work.now, table.entity.updated_by: work.caller}
    rows.put(table.kind, key, {**before, **row, **{name: item for name, item in stamps.items() if name}})
    return True


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
    table = _table(work)
    fields = _fields(work, table, work.argument("Columns") or ())
    data = work.argument("Data") or ()
    for cells in _rows_of(work, fields, data):
        _insert(work, table, _row(work, table, fields, cells), rows, _key_in(work, fields, cells))
    return _result(inserts=len(data))


def upsert(work: Work, rows: Draft) -> Any:
    """Rows with the same keys changed, others made new; what nothing matched is treated as `NomatchAction` says."""
    table = _table(work)
    fields = _fields(work, table, work.argument("Columns") or ())
    keys = _fields(work, table, work.argument("Keys") or ())
    missing = [key.name for key in keys if key not in fields]
    if missing or (work.argument("Data") and not keys):
        raise _refusal(
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

    for cells in _rows_of(work, fields, work.argument("Data") or ()):
        row = _row(work, table, fields, cells)
        names = [cells[fields.index(field)] for field in keys]
        place = tuple(
            _fold(_value(work, table, field, name)) for field, name in zip(keys, names, strict=True)
        )
        if place in index:
            changed = _update(work, table, index[place], row, rows)
            tell(index[place], "Updated" if changed else "NoUpdateNeeded", names)
        else:
            index[place] = _insert(work, table, row, rows, _key_in(work, fields, cells))
            tell(index[place], "Inserted", names)
        matched.add(index[place])
    action = str(work.argument("NomatchAction") or "NoChange")
    for key, _ in [item for item in rows.items(table.kind) if item[0] not in matched]:
        if action == "DeleteRow":
            rows.remove(table.kind, key)
            tell(key, "Deleted", ())
        elif action == "ZeroColumns":
            empty = _row(
                work,
                table,
                [field for field in fields if field not in keys],
                [""] * (len(fields) - len(keys)),
            )
            if _update(work, table, key, empty, rows):
                tell(key, "ColumnsZeroed", ())
    wanted = status if work.argument("ReturnRowStatus") else ()
    return _result(counts["Inserted"], counts["Updated"] + counts["ColumnsZeroed"], counts["Deleted"], wanted)


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value or 0


def delete(work: Work, rows: Draft) -> Any:
    """Rows taken away by their ids; those that are not there do not count."""
    table = _table(work)
    there = [
        key for key in dict.fromkeys(work.argument("IDs") or ()) if rows.get(table.kind, key) is not None
    ]
    for key in there:
        rows.remove(table.kind, key)
    return _result(deletes=len(there))


def truncate(work: Work, rows: Draft) -> Any:
    """All rows of a table taken away."""
    table = _table(work)
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
    table, values = _table(work), _values(work)
    fields = _fields(work, table, values)
    return _insert(work, table, _row(work, table, fields, list(values.values())), rows)


def update_row(work: Work, rows: Draft) -> Any:
    """Some fields of a row."""
    table, values = _table(work), _values(work)
    fields = _fields(work, table, values)
    _update(work, table, work.argument("Id"), _row(work, table, fields, list(values.values())), rows)
    return None


def read_row(work: Work, rows: Draft) -> Any:
    """The fields of a row, as texts."""
    table = _table(work)
    return {"Values": _texts(table, work.argument("Id"), rows), "TableRight": None, "FieldProperties": {}}


def _texts(table: RowTable, key: Key, rows: Draft) -> dict[str, str]:
    row = rows.get(table.kind, key)
    if row is None:
        raise NoRowError(table.kind, key)
    fields = list(table.table.fields.values())
    if table.entity is None and not fields:
        fields = [Field("id", "P"), *(Field(name, "?") for name in row if not name.startswith("$"))]
    values = {field.name: table.read(field, key, row, rows) for field in fields}
    return {name: encode(value) for name, value in values.items() if value is not None}


def delete_row(work: Work, rows: Draft) -> Any:
    """One row taken away."""
    table, key = _table(work), work.argument("Id")
    if rows.get(table.kind, key) is None:
        raise NoRowError(table.kind, key)
    rows.remove(table.kind, key)
    return None


# --- custom objects -----------------------------------------------------------------------------


def read_object(work: Work, rows: Draft) -> Any:
    """One custom object."""
    return _object(work, work.argument("Id"), rows)


def save_object(work: Work, rows: Draft) -> Any:
    """A new custom object, or other values of one."""
    table = _custom_table(work)
    body = work.argument("Row") if work.is_agent else work.body
    members = {name.lower(): item for name, item in body.items()} if isinstance(body, Mapping) else {}
    values = members.get("values")
    values = (
        {name: item for name, item in values.items() if name.lower() != "id"}
        if isinstance(values, Mapping)
        else {}
    )
    fields = _fields(work, table, values)
    row, key = _row(work, table, fields, list(values.values())), members.get("id") or 0
    if key:
        _update(work, table, key, row, rows)
    else:
        key = _insert(work, table, row, rows)
    return _object(work, key, rows)


def _object(work: Work, key: Key, rows: Draft) -> dict[str, Any]:
    return {
        "DefinitionName": str(work.argument("DefinitionName") or ""),
        "Id": key,
        "Values": _texts(_custom_table(work), key, rows),
        "TableRight": None,
        "FieldProperties": {},
    }


def delete_object(work: Work, rows: Draft) -> Any:
    """A custom object taken away; deleting what is not there is done already (assumed)."""
    table = _custom_table(work)
    rows.remove(table.kind, work.argument("Id"))
    return None


def read_related(work: Work, rows: Draft) -> Any:
    """Fields of one row, for the Archive agent."""
    table, given = _table(work), work.argument("Fields")
    names = (
        given
        if isinstance(given, list)
        else [name.strip() for name in str(given or "").split(",") if name.strip()]
    )
    names = [name for name in names if str(name).strip()]
    key = work.argument("RecordId")
    row = rows.get(table.kind, key)
    if row is None:
        raise NoRowError(table.kind, key)
    return [
        {
            "Field": str(name),
            "FieldValue": {
                "DisplayValue": encode(value)
                if (value := table.read(field, key, row, rows)) is not None
                else "",
                "TooltipHint": "",
                "LinkHint": "",
            },
        }
        for name, field in zip(names, _fields(work, table, names), strict=True)
    ]


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
