"""Rows written as a data file, a line a row, under their ids and with references as ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockso.entities.referents import LIST
from mockso.judge.owntables import PREFIX
from mockso.state.log import Key, Value


def data_of(tables: Mapping[str, Mapping[Key, Value | None]], me: Key = 0) -> dict[str, Any]:
    """The rows as a mapping of a data file; `me` is the associate of a token without a user."""
    kinds: dict[str, Any] = {}
    lists: dict[str, Any] = {}
    for table, rows in tables.items():
        if table.startswith(LIST):
            lists[table.removeprefix(LIST)] = dict(rows)
        elif table.startswith(PREFIX):
            kinds[table.removeprefix(PREFIX)] = dict(rows)
        elif table[:1].isupper():
            kinds[table] = dict(rows)
    head = {"me": me} if me else {}
    return {
        **head,
        **dict(sorted(kinds.items())),
        **({"Lists": dict(sorted(lists.items()))} if lists else {}),
    }


def to_yaml(data: Mapping[str, Any]) -> str:
    """The text of a data file; `data` has rows by id or name."""
    text = ""
    for name, value in data.items():
        if name == "Lists":
            text += "Lists:\n" + "".join(
                f"  {list_name}:\n{_rows(rows, '    ')}" for list_name, rows in value.items()
            )
        elif isinstance(value, Mapping):
            text += f"{name}:\n{_rows(value, '  ')}"
        else:
            text += f"{name}: {_flow(value)}\n"
    return text or "{}\n"


def _rows(rows: Mapping[Any, Any], indent: str) -> str:
    return "".join(f"{indent}{key}: {_flow(row)}\n" for key, row in rows.items())


def _flow(value: Any) -> str:
    import yaml

    text: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=1e9)
    return text.removesuffix("...\n").strip()
