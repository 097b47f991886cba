"""`mockso state`: the tenants in a state's database, looked at, written to a file, read from one, forgotten.

It opens the database itself, so no mock has to run. A mock that runs sees what an import or a drop did at its next call.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from mockso.commands.options import add_command
from mockso.config import Settings
from mockso.errors import StateError, count_of, did_you_mean, tell
from mockso.state.database import DatabaseLog
from mockso.state.log import Change, Key, Value
from mockso.state.shared_roster import MOCK
from mockso.storage.table import MEMORY

FORMAT = "mockso state 1"

Row: TypeAlias = tuple[str, str, Key, Value | None]
"""Tenant, kind, key and value."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The commands and their options."""
    place = argparse.ArgumentParser(add_help=False)
    place.add_argument("--state", metavar="FILE.db|postgresql://...", help="the database (MOCKSO_STATE)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_command(commands, "check", "say whether the database can be used, and what is in it", [place])
    about = "write tenants with all their rows to a file, a JSON object a line"
    exporting = add_command(commands, "export", about, [place])
    exporting.add_argument("--tenant", help="only this one; '' is onsite")
    exporting.add_argument("--output", "-o", metavar="FILE", help="default: the standard output")
    about = "have the tenants of a file as they were, and no other rows of them"
    importing = add_command(commands, "import", about, [place])
    importing.add_argument("file", metavar="FILE")
    dropping = add_command(commands, "drop", "forget a tenant, or all", [place])
    dropping.add_argument("--tenant", help="which one; '' is onsite")
    dropping.add_argument("--all", action="store_true", help="all tenants, and what the mock plays")


def run(arguments: argparse.Namespace) -> int:
    """Run one command. StateError for what cannot be done."""
    url = arguments.state or Settings.load({}).state
    if url in MEMORY:
        raise StateError("no database is named. Add --state FILE.db or --state postgresql://...")
    if "://" not in url and not Path(url).exists():
        raise StateError(f"{url}: there is no such file. 'mockso serve --state {url}' makes one.")
    log = DatabaseLog(url.removeprefix("sqlite:///"))
    try:
        commands = {"check": _check, "export": _export, "import": _import, "drop": _drop}
        return commands[arguments.command](log, arguments)
    finally:
        log.close()


def _check(log: DatabaseLog, arguments: argparse.Namespace) -> int:
    tenants = _tenants(log)
    print(f"{log.name}: {count_of(len(tenants), 'tenant')}")
    for name in tenants:
        rows = [row for row in log.since(name, 0) if row.value is not None]
        seed = next((row.value.get("seed", "") for row in rows if row.value and row.key == "begun"), "")
        kinds = sorted({row.kind for row in rows})
        print(f"  {name or '(onsite)'}: {len(rows)} rows of {', '.join(kinds)}; data {seed or 'none'}")
    return 0


def _export(log: DatabaseLog, arguments: argparse.Namespace) -> int:
    names = [*_tenants(log), MOCK] if arguments.tenant is None else [_existing(log, arguments.tenant)]
    rows = list(_lines(log, names))
    lines = "".join(f"{json.dumps(line)}\n" for line in ([FORMAT], *rows))
    if arguments.output:
        try:
            Path(arguments.output).write_text(lines, encoding="utf-8")
        except OSError as error:
            raise StateError(f"{arguments.output}: cannot be written ({error.strerror}).") from error
    else:
        sys.stdout.write(lines)
    secrets = _secrets_in(rows)
    if secrets:
        tell(
            f"what was written has {' and '.join(secrets)} as they are: give it to nobody who may not sign with them."
        )
    return 0


def _secrets_in(rows: list[Row]) -> list[str]:
    """Which secrets the rows have readable, as they are used where the rows are imported; others are fingerprints."""
    kinds = {kind for _, kind, _, value in rows if value and (kind == "secret" or value.get("Secret"))}
    words = {"secret": "the key of logins", "Webhook": "secrets of webhooks"}
    return [word for kind, word in words.items() if kind in kinds]


def _lines(log: DatabaseLog, names: list[str]) -> Iterator[Row]:
    for name in names:
        for row in log.since(name, 0):
            yield name, row.kind, row.key, row.value


def _import(log: DatabaseLog, arguments: argparse.Namespace) -> int:
    tenants = _read(arguments.file)
    for name, changes in tenants.items():
        log.reset(name, changes)
    count = sum(map(len, tenants.values()))
    print(f"{count_of(count, 'row')} of {count_of(len(tenants), 'tenant')}")
    return 0


def _read(file: str) -> dict[str, list[Change]]:
    """The rows of a file by tenant; all of it is read before anything is changed."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StateError(f"{file}: cannot be read ({getattr(error, 'strerror', None) or error}).") from error
    if not lines or lines[0] != json.dumps([FORMAT]):
        raise StateError(f"{file}:1: this is not a file of 'mockso state export'.")
    tenants: dict[str, list[Change]] = {}
    for number, line in enumerate(lines[1:], 2):
        try:
            name, kind, key, value = json.loads(line)
            is_row = isinstance(name, str) and isinstance(kind, str) and type(key) in (int, str)
        except (ValueError, TypeError):
            is_row = False
        if not is_row or not (value is None or isinstance(value, dict)):
            raise StateError(f"{file}:{number}: expected [tenant, kind, key, value], got {line[:60]!r}.")
        tenants.setdefault(name, []).append(Change(kind, key, value))
    return tenants


def _drop(log: DatabaseLog, arguments: argparse.Namespace) -> int:
    if (arguments.tenant is None) == (not arguments.all):
        raise StateError("say which: --tenant NAME, or --all.")
    names = log.names() if arguments.all else [_existing(log, arguments.tenant)]
    for name in names:
        log.reset(name)
    count = len([name for name in names if name != MOCK])
    print(f"{count_of(count, 'tenant')} forgotten")
    return 0


def _tenants(log: DatabaseLog) -> list[str]:
    return [name for name in log.names() if name != MOCK]


def _existing(log: DatabaseLog, name: str) -> str:
    known = _tenants(log)
    if name not in known:
        hint = did_you_mean(name, known) or f" There are {', '.join(map(repr, known)) or 'none'}."
        raise StateError(f"{log.name}: there is no tenant {name!r}.{hint}")
    return name
