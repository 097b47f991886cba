"""`mockso journal`: the calls of a mock that runs, or of a journal's file, on the command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from itertools import chain, islice
from typing import Any

from mockso.commands.options import SECONDS, add_command, add_journal, open_journal, option_adders
from mockso.config import Settings
from mockso.errors import JournalError, count_of, did_you_mean
from mockso.journal.curl import curl
from mockso.journal.entry import summary
from mockso.journal.filter import Filter
from mockso.journal.show import line, plain_table, print_table, whole
from mockso.journal.source import Source, Wanted
from mockso.storage.files import explain_unwritable

VERDICTS = ("clean", "warned", "broken")


def configure(parser: argparse.ArgumentParser) -> None:
    """The commands and their options."""
    place = argparse.ArgumentParser(add_help=False)
    add_journal(place)
    filters = argparse.ArgumentParser(add_help=False)
    value, _, flag = option_adders(filters.add_argument)
    value("--tenant", None, "only calls of this tenant; '' is onsite")
    value("--operation", "ID", "only calls to it, an id or as GET Contact; * and ? are wildcards")
    value("--method", None, "only calls with this method")
    value("--path", None, "only calls of this path without tenant; * and ? are wildcards")
    value("--status", None, "404, 4xx or several with commas")
    value("--verdict", None, None, choices=VERDICTS)
    value("--step", None, "only calls that this step or scenario answered")
    value("--since", "TIME", "only calls from then on", type=_moment)
    value("--until", "TIME", "only calls until then", type=_moment)
    value("--text", None, "only calls that have this text anywhere")
    flag("--unmatched", "only calls that nobody foresaw", default=None)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, about: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        return add_command(commands, name, about, [place, *parents])

    listing = command("ls", "list calls, the newest last", filters)
    listing.add_argument("-n", "--limit", type=_count, default=100, help="how many at most (100)")
    listing.add_argument("--json", action="store_true", help="print each call whole, a JSON object a line")
    showing = command("show", "show one call")
    showing.add_argument("id", metavar="CALL")
    form = showing.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the entry as JSON")
    form.add_argument("--curl", action="store_true", help="print a command line that sends the call again")
    tailing = command("tail", "print calls as they come", filters)
    tailing.add_argument("-n", "--limit", type=_count, help="stop after that many")
    tailing.add_argument("--json", action="store_true", help="print a JSON object a line")
    exporting = command("export", "write calls to a file", filters)
    value, _, _ = option_adders(exporting.add_argument)
    value("--format", None, "default: by the file's name, else jsonl", choices=("har", "jsonl"))
    value("-o --output", "FILE", "default: the standard output")
    clearing = command("clear", "delete all calls, or those of a tenant")
    clearing.add_argument("--tenant")
    clearing.add_argument("--json", action="store_true", help="print how many as JSON")
    missed = "wait until calls match; 1 when they do not in time, 3 when calls were dropped"
    waiting = command("wait", missed, filters)
    value, _, flag = option_adders(waiting.add_argument)
    value("--match", "JSON", "`match` as in a scenario", type=_object, default={})
    value("-n --count", None, "how many calls (1)", type=_count, default=1)
    value("--timeout", "SECONDS", "how long at most (10)", type=SECONDS, default=10.0)
    flag("--json", "print what came as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Do it; 0 done, 1 nothing matched in time, 3 calls were dropped, so that nobody knows."""
    source = open_journal(arguments, Settings.load({}))
    try:
        return COMMANDS[arguments.command](source, arguments)
    except KeyboardInterrupt:
        return 0
    finally:
        source.close()


def _ls(source: Source, arguments: argparse.Namespace) -> int:
    criteria = _filter_of(arguments)
    newest, dropped = source.find(criteria, arguments.limit, "newest")
    if arguments.json:
        _print(json.dumps(entry) for entry in reversed(newest))
    else:
        calls = [summary(entry) for entry in reversed(newest)]
        if not (sys.stdout.isatty() and print_table(calls)):
            _print(plain_table(calls))
    if not newest:
        _tell_doubts(source, criteria)
    _tell_dropped(dropped)
    return 0


def _show(source: Source, arguments: argparse.Namespace) -> int:
    entry = source.get(arguments.id)
    if arguments.curl:
        sys.stdout.write(curl(entry))
    elif arguments.json:
        _print([json.dumps(entry, indent=2)])
    else:
        _print(whole(entry))
    return 0


def _tail(source: Source, arguments: argparse.Namespace) -> int:
    criteria = _filter_of(arguments)
    _tell_doubts(source, {name: word for name, word in criteria.items() if name == "operation"})
    for call in islice(source.tail(criteria), arguments.limit):
        _print([json.dumps(call) if arguments.json else line(call)])
        sys.stdout.flush()
    return 0


def _export(source: Source, arguments: argparse.Namespace) -> int:
    by_name = "har" if (arguments.output or "").lower().endswith(".har") else "jsonl"
    criteria = _filter_of(arguments)
    chunks: Iterator[str] = (
        source.har(criteria) if (arguments.format or by_name) == "har" else source.lines(criteria)
    )
    first = next(chunks, "")  # what is wrong with the question is found before a file is made or emptied
    if arguments.output:
        file = arguments.output
        with explain_unwritable(f"{file}:", JournalError), open(file, "w", encoding="utf-8") as out:
            out.writelines(chain([first], chunks))
    else:
        sys.stdout.writelines(chain([first], chunks))
    found, dropped = source.find(criteria, 1, "newest")
    if not found:
        _tell_doubts(source, criteria)
    _tell_dropped(dropped)
    return 0


def _tell_doubts(source: Source, criteria: Wanted) -> None:
    """Say of a search that found nothing which of its names no call has, and which is the nearest."""
    newest, _ = source.find({}, _COMPARED, "newest")
    for name in ("tenant", "operation", "step"):
        word = criteria.get(name)
        if not word or source.find({name: word}, 1, "newest")[0]:
            continue
        known = {str(entry[name]) for entry in newest if entry[name]}
        if name == "operation":
            from mockso.contract.catalogue import Contract

            known |= {operation.id for operation in Contract.open().operations()}
            if any(fnmatchcase(id.lower(), word.lower()) for id in known):
                continue
        elif name == "step":
            known |= {step.rpartition("#")[0] for step in known}
        if known:
            hint = did_you_mean(word, known) or f" Leave out --{name} to see what there is."
            sys.stderr.write(f"no call has the {name} {word!r}.{hint}\n")


_COMPARED = 100  # calls whose names are compared with one that none has


def _tell_dropped(dropped: int) -> None:
    if dropped:
        sys.stderr.write(f"{dropped} older calls were dropped to stay within the journal's bounds.\n")


def _clear(source: Source, arguments: argparse.Namespace) -> int:
    count = source.clear(arguments.tenant)
    _print([json.dumps({"deleted": count}) if arguments.json else f"{count_of(count, 'call')} deleted"])
    return 0


def _wait(source: Source, arguments: argparse.Namespace) -> int:
    criteria = _filter_of(arguments)
    answer = source.wait(criteria, arguments.match, arguments.count, arguments.timeout)
    if arguments.json:
        _print([json.dumps(answer)])
    else:
        _print(map(line, answer["requests"]))
    if not answer["met"]:
        message = f"{answer['count']} of {arguments.count} calls came in {arguments.timeout:g} s."
        if answer["result"] == "unknown":
            message = (
                f"unknown: {message} {answer['dropped']} were dropped from the journal and may have matched. "
                "Clear it before what is waited for, or give it more room (journal_entries, journal_bytes)."
            )
        sys.stderr.write(message + "\n")
        if not answer["count"]:
            _tell_doubts(source, criteria)
    return _STATUSES[answer["result"]]


_STATUSES = {"yes": 0, "no": 1, "unknown": 3}


COMMANDS = {"ls": _ls, "show": _show, "tail": _tail, "export": _export, "clear": _clear, "wait": _wait}


def _print(lines: Iterable[str]) -> None:
    for text in lines:
        sys.stdout.write(text + "\n")


def _filter_of(arguments: argparse.Namespace) -> Wanted:
    criteria = {
        name: value
        for name in Filter.__annotations__
        if (value := getattr(arguments, name, None)) is not None
    }
    name = str(criteria.get("operation", ""))
    if " " in name or "/" in name:  # "GET Contact", and not an id: only then is the contract needed
        from mockso.contract.catalogue import Contract
        from mockso.contract.show import id_of

        criteria["operation"] = id_of(Contract.open(), name)
    return criteria


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1000000")
    return int(text)


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; give it as 2026-01-31T12:00:00Z") from None


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"not JSON ({error})") from None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError("not a JSON object")
    return value
