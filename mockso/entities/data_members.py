"""Members of selections in data files: rows below `SelectionMember`, which is a kind without a carrier.

A row is `{Selection: fair, Record: acme, Person: ada}`; the selection says of which kind its records are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockso.entities.members import MEMBER, target_of
from mockso.entities.referents import Referents
from mockso.scenario.yaml import Place
from mockso.state.log import Key, Value

NAME = MEMBER

Reference = Callable[[str, Any, Place], "Key | None"]
Fault = Callable[[Place, str], None]


def read_members(
    rows: Any, referents: Referents, highest: int, reference: Reference, fault: Fault
) -> dict[Key, Value | None]:
    """The rows by key, those without one above `highest`. `fault` gets what is wrong with its place."""
    members: dict[Key, Value | None] = {}
    if isinstance(rows, Mapping):
        entries = [((NAME, key), key, item) for key, item in rows.items()]
    elif isinstance(rows, list | tuple):
        entries = [((NAME, number), 0, item) for number, item in enumerate(rows)]
    else:
        fault((NAME,), f"expected rows in a list, or by id; got {rows!r}.")
        return members
    for place, key, item in entries:
        highest = max(highest + 1, int(key)) if str(key).isdecimal() and int(key) else highest + 1
        number = int(key) if str(key).isdecimal() and int(key) else highest
        if item is None:
            members[number] = None
            continue
        unknown = set(item) - {"Selection", "Record", "Person"} if isinstance(item, Mapping) else {"it"}
        if unknown or "Selection" not in item or "Record" not in item:
            fault(place, "a member is a mapping of Selection, Record and, beside a company, Person.")
            continue
        selection = reference("Selection", item["Selection"], (*place, "Selection"))
        if selection is None:
            continue
        target = target_of(referents.get("Selection", selection))
        record = reference(target, item["Record"], (*place, "Record"))
        person = reference("Person", item["Person"], (*place, "Person")) if item.get("Person") else 0
        if record is not None and person is not None:
            members[number] = {"Selection": selection, "Record": record, "Person": person}
    return members
