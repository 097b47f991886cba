"""Acts: operations that no rule explains, one function each, in one table by operation id.

Source: study of entities, section a2. The functions stand by topic in the modules named below.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockso.contract.catalogue import Contract
from mockso.contract.model import Operation
from mockso.entities import appointments, members, own, people, quotes, requests, sales
from mockso.entities.edits import Act
from mockso.entities.plans import Plan
from mockso.entities.verbs import Verb

ACTS: Mapping[str, Act] = {
    **appointments.ACTS,
    **members.ACTS,
    **own.ACTS,
    **people.ACTS,
    **quotes.ACTS,
    **requests.ACTS,
    **sales.ACTS,
}

VERBS: Mapping[str, Verb] = {id: act.verb for id, act in ACTS.items()}

READING = frozenset(id for id, act in ACTS.items() if act.reads)


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an act; its verb is called after the operation, its rule is 0."""
    act = ACTS.get(operation.id)
    kind = contract.kinds.get(act.kind) if act is not None else None
    if act is None or kind is None:
        return None
    result = operation.result
    if result is not None and result.kind == "list":
        result = result.item
    is_row = result is not None and result.kind == "carrier" and contract.kinds.of(result.name) is not None
    return Plan(operation.id, 0, kind, result.name if is_row and result is not None else "")
