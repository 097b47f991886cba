"""The vendor's database dictionary to the file of tables that mockso ships.

A line a table: its name, then its fields with a letter for the type and the table that a key leads to:
"contact contact_id:P name:S associate_id:F>associate". Facts only; nullability is left out.
"""

from __future__ import annotations

import csv
import io

from mockso.errors import ContractError

_HEAD = ["table", "number", "field", "type", "references", "nullable"]

# A letter for each type; of enums, flags and numbers of tables it is that of a number.
_LETTERS = {
    "PK": "P",
    "FK": "F",
    "String": "S",
    "Clob": "S",
    "Bool": "B",
    "DateTime": "D",
    "UtcDateTime": "D",
    "Double": "N",
    "Blob": "X",
    "FKArray": "A",
}


def compile_tables(data: bytes, origin: str) -> bytes:
    """The shipped form of a dictionary's rows. Raises ContractError, with the line, where they are not such."""
    reader = csv.reader(io.StringIO(data.decode("utf-8")), delimiter="\t")
    if next(reader, []) != _HEAD:
        raise ContractError(f"{origin}:1: the head of a database dictionary is {' '.join(_HEAD)}")
    tables: dict[str, list[str]] = {}
    for row in reader:
        if len(row) != len(_HEAD):
            raise ContractError(f"{origin}:{reader.line_num}: {len(row)} cells, not {len(_HEAD)}")
        table, _, field, kind, target, _ = row
        letter = _LETTERS.get(kind.partition("(")[0].partition(" ")[0], "I")
        tables.setdefault(table, []).append(f"{field}:{letter}" + (f">{target}" if target else ""))
    lines = [
        " ".join([name, *fields]) for name, fields in sorted(tables.items(), key=lambda one: one[0].lower())
    ]
    return "\n".join([*lines, ""]).encode()
