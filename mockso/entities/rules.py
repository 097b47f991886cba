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
    consents,
    contents,
    customfields,
    foreign,
    headings,
    listagent,
    lists,
    locks,
    namedlists,
    preferences,
    principal,
    verbs,
)
from mockso.entities.plans import Plan, Plans
from mockso.entities.verbs import Verb

Finder = Callable[[Operation, Contract], "Plan | None"]


def _find_entity_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation on one kind of entities, rules 1 to 7."""
    return contract.derive(Plans).of(operation)


# The resources and agents that the rules of queries.py may be about, beside all collections.
_ASKABLE = frozenset({"Archive", "CustomObject", "DatabaseTable", "Find", "Selection", "Table"})


def _find_query_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation on an archive, a search or a table, rules 8 and 13."""
    if not operation.is_archive and _ASKABLE.isdisjoint(operation.path.split("/")[3:5]):
        return None
    from mockso.entities import queries

    plans = (find(operation, contract) for find in queries.FINDERS)
    return next((plan for plan in plans if plan is not None), None)


FINDERS: Sequence[Finder] = (
    acts.find_plan,
    _find_query_plan,
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

_VERBS: Mapping[str, Verb] = {name: verb for module in _MODULES for name, verb in module.VERBS.items()}

_READING: frozenset[str] = frozenset(name for module in _MODULES for name in module.READING)


def verb_of(plan: Plan) -> Verb:
    """The function that does a plan's work on a tenant's rows."""
    verb = _VERBS.get(plan.verb)
    if verb is None:
        from mockso.entities import queries

        verb = queries.VERBS[plan.verb]
    return verb


def is_reading(plan: Plan) -> bool:
    """Whether a plan leaves the rows as they are, so that nothing has to be committed."""
    if plan.verb in _VERBS:
        return plan.verb in _READING
    from mockso.entities import queries

    return plan.verb in queries.READING


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
