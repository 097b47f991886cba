"""How many operations live by which rule. Source: study of entities, section a1."""

from collections import Counter

import pytest

from mockso.contract.catalogue import Contract
from mockso.entities.rules import VERBS, Rules


@pytest.fixture(scope="module")
def plans():
    contract = Contract.open()
    rules = Rules(contract)
    return [plan for operation in contract.operations() if (plan := rules.plan_of(operation)) is not None]


def test_every_plan_has_a_verb(plans):
    assert {plan.verb for plan in plans} <= set(VERBS)


@pytest.mark.parametrize(("rule", "count"), [(9, 711), (10, 90), (11, 51), (12, 122), (14, 3), (16, 36)])
def test_operations_of_a_rule(plans, rule, count):
    assert Counter(plan.rule for plan in plans)[rule] >= count
