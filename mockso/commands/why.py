"""`mockso why`: why a call was answered as it was, and what to change so that a step answers it."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from mockso.commands.options import add_journal, open_journal, option_adders
from mockso.config import Settings
from mockso.contract.catalogue import SHIPPED, Contract
from mockso.errors import ScenarioError
from mockso.exchange.call import Difference
from mockso.journal.entry import Document
from mockso.journal.source import Remote
from mockso.redaction.redaction import Redaction

# The rule at the end of a line about a violation.
_RULE = re.compile(r" \[([a-z0-9-]+)\]$")


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    value, several, _ = option_adders(parser.add_argument)
    value("id", "CALL", "the call's id, as X-Mockso-Call has it")
    add_journal(parser)
    played = "with a journal's file: what was played, as 'mockso serve' was told (default: MOCKSO_SCENARIOS)"
    several("--scenario", "NAME|FILE", played)
    value("--step", "LABEL", "compare with this step, not the nearest", default="")
    _, _, form = option_adders(parser.add_mutually_exclusive_group().add_argument)
    form("--json", "print it as JSON")
    form("--fix", "change the scenario's file so that the step answers")


def run(arguments: argparse.Namespace) -> int:
    """Explain, and with --fix change the file; 1 when there is nothing to change."""
    settings = Settings.load({})
    source = open_journal(arguments, settings)
    try:
        if isinstance(source, Remote):
            why = source.why(arguments.id, arguments.step)
        else:
            names = tuple(arguments.scenario or settings.scenarios)
            why = _explanation(source.get(arguments.id), names, arguments.step)
    finally:
        source.close()
    if arguments.fix:
        return _fix(why)
    lines = [json.dumps(why, indent=2, ensure_ascii=False)] if arguments.json else text_of(why)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _explanation(entry: Document, names: tuple[str, ...], label: str) -> Document:
    from mockso.scenario.library import load_scenarios
    from mockso.why.explain import explain

    contract = Contract.open(SHIPPED)
    # The last is asked first.
    scenarios = reversed(load_scenarios(names, contract))
    return explain(entry, contract, scenarios, Redaction(), label, own=False)


def _fix(why: Document) -> int:
    change = why["change"]
    if change is None or not change["scenario"]["patch"]:
        words = "; ".join(change["scenario"]["words"]) if change else "no step was near, or one answered"
        sys.stderr.write(f"there is nothing to fix in a file: {words.rstrip('.')}.\n")
        return 1
    if not change["file"]:
        raise ScenarioError(
            f"step {change['step']!r} does not come from a file. Change it where it was made."
        )
    from mockso.why.fix import fix

    sys.stdout.write(fix(Path(change["file"]), change["scenario"]["patch"], Contract.open(SHIPPED)))
    return 0


def _differences(step: Document) -> Iterator[str]:
    return (f"    {Difference(**difference)}" for difference in step["differences"])


def text_of(why: Document) -> Iterator[str]:
    """The lines that tell a person."""
    for entry in why["trace"]:
        yield f"{entry['stage']:<12}{entry['said']}"
    rules = [hit[1] for entry in why["trace"] if (hit := _RULE.search(entry["said"]))]
    if rules:
        yield f"{'rules':<12}'mockso rules {' '.join(dict.fromkeys(rules))}' says more"
    if why["steps"]:
        yield ""
        yield "steps, in the order they are asked:"
        for step in why["steps"]:
            place = f" ({step['place']})" if step["place"] else ""
            yield f"  {step['step']}{place}{': answers' if step['answered'] else ''}"
            yield from _differences(step)
        if why["steps_elsewhere"]:
            yield f"  and {why['steps_elsewhere']} more, for other operations or further down"
    elif why["near_misses"]:
        yield ""
        yield "nearest steps (name what was played with --scenario to learn more):"
        for miss in why["near_misses"]:
            yield f"  {miss['step']}"
            yield from _differences(miss)
    if why["secrets"]:
        yield ""
        yield f"secrets: {why['secrets']}"
    change = why["change"]
    if change:
        yield ""
        yield f"so that {change['step']} answers, change the scenario ({change['place'] or 'not in a file'}):"
        yield from (f"  {words}" for words in change["scenario"]["words"])
        yield "or the request:"
        yield from (f"  {words}" for words in change["request"]["words"])
        if change["scenario"]["patch"] and change["file"]:
            yield f"'mockso why {why['id']} --fix' does the first."
