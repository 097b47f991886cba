"""The table of rules."""

from typing import get_args

from mockso.exchange.call import Stage
from mockso.judge.rules import RULES, STAGES


def test_every_rule_has_a_stage_and_every_stage_a_rule():
    assert set(STAGES) == set(RULES)
    assert set(STAGES.values()) == set(get_args(Stage))


def test_a_rule_says_what_is_demanded():
    assert all(rule.statement and rule.source for rule in RULES.values())
