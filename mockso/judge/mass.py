"""What is wrong with an operation on a whole table (the DatabaseTable agent). Source: section 17."""

from __future__ import annotations

from mockso.contract.model import Json
from mockso.judge.faults import Faults
from mockso.state.tenant import Tenant


def judge_mass(value: Json, tenant: Tenant, faults: Faults) -> None:
    """The faults of a table operation's decoded body: its table, and rows that lack cells."""
    given = {name.lower(): item for name, item in value.items()} if isinstance(value, dict) else {}
    table = given.get("tablename")
    # Which tables the real server protects is not documented: those that the setting names.
    if isinstance(table, str) and table.strip().lower() in map(str.lower, tenant.settings.protected_tables):
        message = f"{table!r} is protected (setting protected_tables)"
        faults.add("protected-table", "body.TableName", message, got=table)
    columns, rows = given.get("columns"), given.get("data")
    if not (isinstance(columns, list) and isinstance(rows, list)):
        return
    for number, row in enumerate(rows):
        if isinstance(row, list) and len(row) != len(columns):
            faults.add(
                "table-row",
                f"body.Data[{number}]",
                f"cells in the row: {len(row)}, columns: {len(columns)}",
                expected=str(len(columns)),
                got=str(len(row)),
            )
