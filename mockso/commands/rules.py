"""`mockso rules`: what a rule says that a message cites, where it stands, and how sure it is."""

from __future__ import annotations

import argparse
import json

from mockso.errors import SettingError, did_you_mean
from mockso.judge.rules import RULES


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("rule", nargs="*", help="ids of rules; all when none is given")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the rules asked for; SettingError for an unknown one."""
    for name in arguments.rule:
        if name not in RULES:
            hint = did_you_mean(name, RULES) or " 'mockso rules' has them all."
            raise SettingError(f"no rule {name!r}.{hint}")
    rules = [RULES[name] for name in arguments.rule or RULES]
    if arguments.json:
        print(json.dumps([vars(rule) for rule in rules], indent=2))
        return 0
    width = max(len(rule.id) for rule in rules)
    for rule in rules:
        print(f"{rule.id:<{width}}  {rule.confidence:<8} {rule.source:<13} {rule.statement}")
    if arguments.rule:
        print("'mockso docs rules' has all of them, as the page /__mockso/docs/rules of a running mock.")
    return 0
