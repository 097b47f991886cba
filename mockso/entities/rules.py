"""All rules by which operations live: the functions that find a plan, asked in order, and the verbs of plans.

A finder is `(operation, contract) -> Plan | None`; it goes by the shape of the address and by types. A verb is
`(work, rows) -> value`. A rule's module has both, and is entered here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mockso.contract.catalogue import Contract
from mockso.contract.model import Operation
from mockso.entities import (
    acts,
    archive,
    archiveagent,
    consents,
    contents,
    customfields,
    databasetable,
    findagent,
    foreign,
    headings,
    listagent,
    lists,
    locks,
    namedlists,
    preferences,
    principal,
    selectioncriteria,
    verbs,
)
from mockso.entities.plans import Plan, Plans
from mockso.entities.verbs import Verb

Finder = Callable[[Operation, Contract], "Plan | None"]


def _find_entity_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation on one kind of entities, rules 1 to 7."""
    return contract.derive(Plans).of(operation)


FINDERS: Sequence[Finder] = (
    acts.find_plan,
    databasetable.find_plan,
    archive.find_plan,
    archiveagent.find_plan,
    findagent.find_plan,
    selectioncriteria.find_plan,
    lists.find_plan,
    listagent.find_plan,
    contents.find_plan,
    foreign.find_plan,
    preferences.find_plan,
    consents.find_plan,
    customfields.find_plan,
    principal.find_plan,
    _find_entity_plan,
)

_MODULES = (
    verbs,
    acts,
    archive,
    archiveagent,
    databasetable,
    findagent,
    selectioncriteria,
    contents,
    foreign,
    preferences,
    consents,
    customfields,
    principal,
    locks,
    lists,
    headings,
    namedlists,
)

VERBS: Mapping[str, Verb] = {name: verb for module in _MODULES for name, verb in module.VERBS.items()}

# Verbs that leave the rows as they are, so that nothing has to be committed.
READING: frozenset[str] = frozenset(name for module in _MODULES for name in module.READING)


class Rules:
    """The plans of one contract's operations, each found at first use and kept."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._plans: dict[str, Plan | None] = {}

    def plan_of(self, operation: Operation) -> Plan | None:
        """The plan of an operation; None where no rule makes it living."""
        try:
            return self._plans[operation.id]
        except KeyError:
            plans = (find(operation, self._contract) for find in FINDERS)
            plan = self._plans[operation.id] = next((plan for plan in plans if plan is not None), None)
            return plan
