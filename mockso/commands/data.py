"""`mockso data`: data files checked and compiled, and the rows of a running mock's tenants saved and laid."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from mockso.commands.options import add_command, add_contract, open_contract, option_adders
from mockso.commands.remote import ask
from mockso.entities.data_file import read_data_file
from mockso.entities.export import data_of, to_yaml
from mockso.entities.seed import Seeds, compile_file, files_of, load_shipped
from mockso.errors import SeedError, count_of
from mockso.state.rows import EMPTY, Rows, Seed
from mockso.storage.files import explain_unwritable

TENANT = "Cust12345"


def configure(parser: argparse.ArgumentParser) -> None:
    """The commands and their options."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    checking = add_command(commands, "check", "check data files; every fault of every file is a line")
    checking.add_argument("files", nargs="+", metavar="FILE|DIR")
    about = "write rows as a data file: those of a file, or a running mock's tenant's own"
    exporting = add_command(commands, "export", about)
    exporting.add_argument("file", nargs="?", metavar="FILE", help="a data file instead of a running mock")
    address = "a mock's address (that of the settings)"
    exporting.add_argument("--from", dest="address", metavar="URL", help=address)
    importing = add_command(commands, "import", "lay the rows of a data file over a tenant of a running mock")
    importing.add_argument("file", metavar="FILE")
    importing.add_argument("--to", dest="address", metavar="URL", help=address)
    for remote in (exporting, importing):
        value, _, _ = option_adders(remote.add_argument)
        value("--tenant", None, f"whose rows ({TENANT}); '' is onsite", default=TENANT)
        value("--token", "SECRET", "the mock's admin token (default: MOCKSO_ADMIN_TOKEN)")
    about = "compile a data file to a line a row, which loads fast (.jsonl)"
    compiling = add_command(commands, "compile", about)
    compiling.add_argument("file", metavar="FILE")
    compiling.add_argument("--out", required=True, metavar="FILE", help="the file to write (.jsonl)")
    for local in (checking, exporting, importing, compiling):
        add_contract(local)
    for local in (checking, exporting, compiling):
        _, _, flag = option_adders(local.add_argument)
        flag("--alone", "without the rows of the shipped company below")


def run(arguments: argparse.Namespace) -> int:
    """Run one command; 2 where a file has faults. SeedError for what cannot be done."""
    commands = {"check": _check, "export": _export, "import": _import, "compile": _compile}
    return commands[arguments.command](arguments)


def _base(arguments: argparse.Namespace) -> Seed:
    return EMPTY if arguments.alone else load_shipped()


def _check(arguments: argparse.Namespace) -> int:
    seeds, faults = Seeds(open_contract(arguments)), []
    base = _base(arguments)
    paths = [path for name in arguments.files for path in files_of(name)]
    for path in paths:
        try:
            base = seeds.lay_file(base, path)
        except SeedError as error:
            faults += str(error).splitlines()
    for fault in faults:
        print(fault)
    print(f"{count_of(len(paths), 'file')}, {count_of(len(faults), 'fault')}")
    return 2 if faults else 0


def _export(arguments: argparse.Namespace) -> int:
    if arguments.file is not None:
        layer = read_data_file(arguments.file, open_contract(arguments), Rows(_base(arguments)))
        sys.stdout.write(to_yaml(data_of(layer.rows, layer.me)))
    else:
        sys.stdout.write(to_yaml(_ask(arguments, "GET", "export")))
    return 0


def _import(arguments: argparse.Namespace) -> int:
    try:
        data = Path(arguments.file).read_bytes()
    except OSError as error:
        raise SeedError(f"{arguments.file}: cannot be read ({error.strerror}).") from error
    try:
        count = _ask(arguments, "POST", "import", data)["imported"]
    except SeedError as error:
        lines = (re.sub(r"^body(?=:[0-9])", arguments.file, line) for line in str(error).splitlines())
        raise SeedError("\n".join(lines)) from error
    print(f"{count_of(count, 'row')} laid over tenant {arguments.tenant!r}")
    return 0


def _compile(arguments: argparse.Namespace) -> int:
    if not arguments.out.endswith(".jsonl"):
        raise SeedError(f"--out {arguments.out}: a compiled file ends in .jsonl.")
    data = compile_file(arguments.file, open_contract(arguments), _base(arguments))
    with explain_unwritable(f"--out {arguments.out}:", SeedError):
        Path(arguments.out).write_bytes(data)
    count = data.count(b"\n") - 1
    print(f"{arguments.out}: {count_of(count, 'row')}, {len(data)} bytes")
    return 0


def _ask(arguments: argparse.Namespace, method: str, path: str, data: bytes | None = None) -> Any:
    """The answer of a running mock's page of entities. SeedError for a mock that refuses or does not answer."""
    query = {"tenant": arguments.tenant}
    return ask(arguments, method, f"entities/{path}", query=query, body=data, error=SeedError)
