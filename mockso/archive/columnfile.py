"""The file of the archive providers' columns: how it is written.

The file is text, one JSON value a line:

    {"counts": {"blocks": 402, "columns": 193845, ...}, "format": 1}     the header
    ["FindContact", 512]                              the index: each provider with the length of its item,
    ["", 1300]                                        each block with that of its own,
    ["contact/associate", 17]                         each group: a prefix, and the number of its block
    (an empty line)
    {"name": "FindContact", "entities": ["contact"], "groups": [0, 4]}   the items: a provider with its groups,
    {"fullName": "string+", "who": ""}                a block with columns by what is behind their last slash

In documented order a provider's columns stand in runs of one prefix; a run is a group. A column's text
is its restriction type, empty for none, with a plus where it orders rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from mockso.archive.columns import FORMAT

# Name, entities and columns of a provider; a column is its name, restriction type and order flag.
Source = tuple[str, Sequence[str], Sequence[tuple[str, str, bool]]]


def dump(providers: Iterable[Source]) -> bytes:
    """The bytes of a file of columns: the same for the same providers, whatever the order given."""
    blocks: dict[str, int] = {}
    groups: dict[tuple[str, int], int] = {}
    items: dict[str, str] = {}
    count = 0
    for name, entities, columns in sorted(providers, key=lambda one: (one[0].lower(), one[0])):
        numbers = []
        for prefix, run in groupby(columns, key=lambda column: column[0].rpartition("/")[0]):
            leaves = {full.rpartition("/")[2]: restriction + "+" * order for full, restriction, order in run}
            block = blocks.setdefault(_line(leaves), len(blocks))
            numbers.append(groups.setdefault((prefix, block), len(groups)))
        items[name] = _line({"name": name, "entities": list(entities), "groups": numbers})
        count += len(columns)
    counts = {"blocks": len(blocks), "columns": count, "groups": len(groups), "providers": len(items)}
    lines = [
        json.dumps({"counts": counts, "format": FORMAT}) + "\n",
        *(_line([name, _length(item)]) for name, item in items.items()),
        *(_line(["", _length(block)]) for block in blocks),
        *(_line([prefix, block]) for prefix, block in groups),
        "\n",
    ]
    return "".join([*lines, *items.values(), *blocks]).encode()


def _line(item: Mapping[str, Any] | list[Any]) -> str:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")) + "\n"


def _length(item: str) -> int:
    return len(item.encode())
