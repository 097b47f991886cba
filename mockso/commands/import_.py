"""`mockso import`: a recording made of another tool's file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mockso.commands.options import add_contract, add_redact, add_redaction, open_contract
from mockso.errors import ScenarioError, SettingError, count_of
from mockso.recording.from_wiremock import read_mappings
from mockso.recording.imports import ImportedCalls, read_har, read_vcr
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.write import write_recording, write_steps

READERS = {"har": read_har, "vcr": read_vcr}


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add = parser.add_argument
    add("format", choices=("har", "vcr", "wiremock"), help="whose file it is")
    add("file", type=Path, metavar="FILE", help="the file; of WireMock also a folder")
    add("-o", "--out", type=Path, required=True, metavar="FILE", help="the scenario file to write (.yaml)")
    add_contract(parser)
    add_redaction(parser)
    add_redact(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the scenario and list what could not be carried over; 1 when that is something."""
    if arguments.out.suffix not in (".yaml", ".yml"):
        raise SettingError(f"--out {arguments.out}: a scenario file ends in .yaml.")
    contract = open_contract(arguments)
    names = Pseudonyms(arguments.pseudonyms, arguments.keep, arguments.redact or ())
    if arguments.format == "wiremock":
        steps, left_out = read_mappings(arguments.file, contract)
        _tell(left_out)
        if not steps:
            raise ScenarioError(f"{arguments.file}: nothing could be carried over, so nothing is written.")
        count = write_steps(arguments.out, steps, names, contract, f"Imported from {arguments.file.name}.")
    else:
        imported: ImportedCalls = READERS[arguments.format](arguments.file, contract)
        left_out = imported.left_out
        _tell(left_out)
        if not imported.tape:
            raise ScenarioError(f"{arguments.file}: nothing could be carried over, so nothing is written.")

        def say(line: str) -> None:
            left_out.append(line)
            _tell([line])

        count = write_recording(
            arguments.out, imported.tape, names, contract, target=arguments.file.name, say=say
        )
    sys.stdout.write(f"{arguments.out}: {count_of(count, 'step')}\n")
    return 1 if left_out else 0


def _tell(left_out: list[str]) -> None:
    for line in left_out:
        # A name in a file may be half a surrogate pair, which no terminal can show.
        sys.stdout.write(f"{line}\n".encode("utf-8", "backslashreplace").decode())
