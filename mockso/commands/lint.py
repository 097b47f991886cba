"""`mockso lint`: every fault of every scenario file, a line each, as everything that loads them checks."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mockso.commands.options import add_contract, open_contract, option_adders, with_scheme
from mockso.contract.catalogue import Contract
from mockso.errors import ScenarioError, count_of
from mockso.scenario.check import Checker
from mockso.scenario.library import find_scenario
from mockso.scenario.load import FileFault, ScenarioFilesError, read_file
from mockso.state.rows import Rows

DEFAULT = "scenarios"


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help=f"files, folders or names (default: the folder {DEFAULT})")
    value, _, flag = option_adders(add)
    flag("--json", "print one JSON object")
    flag("--secrets", "look for secrets in all files instead, those beside scenarios too")
    value("--orphans", "FILE|URL", "tell instead which steps no call of this journal was answered by")
    add_contract(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the faults. Returns 0 without any, else 2, as for a missing file."""
    names = arguments.paths or [DEFAULT]
    if not arguments.paths and not Path(DEFAULT).exists():
        message = "there is no such folder here, which is checked where none is named. Name files or folders."
        return _tell(0, [FileFault(DEFAULT, 1, 1, message)], arguments)
    if arguments.secrets:
        from mockso.recording.lint import secrets

        return _tell(*secrets(names), arguments)
    if arguments.orphans:
        from mockso.recording.lint import orphans

        return _tell(*orphans(names, with_scheme(arguments.orphans)), arguments)
    return _tell(*lint(names, open_contract(arguments)), arguments)


def _tell(files: int, faults: list[FileFault], arguments: argparse.Namespace) -> int:
    if arguments.json:
        items = [fault.to_json() for fault in faults]
        sys.stdout.write(json.dumps({"files": files, "faults": items}, ensure_ascii=False, indent=2) + "\n")
    else:
        for fault in faults:
            sys.stdout.write(f"{fault}\n")
        sys.stdout.write(f"{count_of(files, 'file')}, {count_of(len(faults), 'fault')}\n")
    return 2 if faults or not files else 0


def lint(names: list[str], contract: Contract) -> tuple[int, list[FileFault]]:
    """How many files were read and all that is wrong in them, a name that means no file included."""
    checker, faults = Checker(contract), list[FileFault]()
    paths: dict[Path, None] = {}
    for name in names:
        try:
            paths.update(dict.fromkeys(find_scenario(name)))
        except ScenarioError as error:
            faults.append(FileFault(name, 1, 1, str(error).removeprefix(f"{name}: ")))
    for path in paths:
        try:
            if read_file(path, checker).data is not None:
                faults += _faults_of_data(path, contract)
        except ScenarioFilesError as error:
            faults += error.faults
    return len(paths), faults


def _faults_of_data(path: Path, contract: Contract) -> list[FileFault]:
    """All that is wrong in the rows of a scenario, laid over the shipped company."""
    from mockso.entities.data_file import part_faults
    from mockso.entities.seed import load_shipped

    return part_faults(path.read_bytes(), "data", contract, Rows(load_shipped()), str(path))
