"""`mockso schema`: JSON Schema of the files that people write."""

from __future__ import annotations

import argparse
import json
import sys

from mockso.commands.options import add_contract, open_contract
from mockso.scenario.json_schema import scenario_json_schema

SCHEMAS = {"scenario": scenario_json_schema}


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("kind", choices=tuple(SCHEMAS), help="the kind of file")
    add_contract(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the schema."""
    sys.stdout.write(
        json.dumps(SCHEMAS[arguments.kind](open_contract(arguments)), indent=2, ensure_ascii=False) + "\n"
    )
    return 0
