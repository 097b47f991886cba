"""`mockso scenarios`: the scenarios that can be played by name, and what one of them says."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap

from mockso.contract.catalogue import SHIPPED, Contract
from mockso.scenario.library import find_scenario, load_scenarios, shipped_scenarios

_WIDTH = 100


def configure(parser: argparse.ArgumentParser) -> None:
    """The sub-commands and their options."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    about = "list the scenarios that come with mockso, or those of a folder"
    listing = actions.add_parser("list", help=about)
    listing.add_argument("paths", nargs="*", metavar="PATH", help="files or folders instead")
    listing.add_argument("--json", action="store_true", help="a JSON array")
    show = actions.add_parser("show", help="print a scenario, to read or to start one's own from")
    show.add_argument("name", metavar="NAME|FILE")


def run(arguments: argparse.Namespace) -> int:
    """Run the sub-command; its exit status."""
    return _list(arguments) if arguments.action == "list" else _show(arguments)


def _list(arguments: argparse.Namespace) -> int:
    names = arguments.paths or list(shipped_scenarios())
    scenarios = load_scenarios(names, Contract.open(SHIPPED))
    if arguments.json:
        rows = [
            {
                "name": scenario.name,
                "description": scenario.description,
                "steps": len(scenario.steps),
                "file": scenario.origin,
            }
            for scenario in scenarios
        ]
        sys.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
        return 0
    width = max(len(scenario.name) for scenario in scenarios) + 2
    for scenario in scenarios:
        text = textwrap.wrap(scenario.description, _WIDTH - width) or [""]
        sys.stdout.write(f"{scenario.name:<{width}}{text[0]}\n")
        for line in text[1:]:
            sys.stdout.write(f"{'':<{width}}{line}\n")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    for path in find_scenario(arguments.name):
        sys.stdout.write(path.read_text(encoding="utf-8-sig"))
    return 0
