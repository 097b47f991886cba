"""`mockso contract`: build, conflicts, show, list, export."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from mockso.archive.columns import SHIPPED as COLUMNS
from mockso.commands.options import add_contract, open_contract, option_adders, whole_number
from mockso.contract.catalogue import SHIPPED, Contract
from mockso.contract.model import Operation
from mockso.errors import ContractError, did_you_mean
from mockso.storage.files import write_atomically

DEFAULT_OUTPUT = "contract.jsonl"


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the sub-commands and their options."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    build = actions.add_parser("build", help="compile Swagger files and reference pages to a contract file")
    build.add_argument("sources", nargs="+", metavar="SOURCE", help="a file, or a folder of them")
    value, _, flag = option_adders(build.add_argument)
    value("-o --output", "FILE", f"the contract file (default: {DEFAULT_OUTPUT})")
    value("--columns", "FILE", "where to write the columns of archive providers, if the sources have any")
    value(
        "--dictionary",
        "FILE",
        "the database dictionary, fields.tsv; with --shipped its tables are written too",
    )
    flag("--shipped", "write the contract, and the columns, that mockso ships")
    value("--report", "FILE", "write counts and findings as JSON")
    flag("--strict", "exit 1 when a source could not be read as it stands")
    value("--release", "NAME", "what the contract calls itself", default="")
    about = "what 'mockso verify' saw at a real server: confirmed answers become firm, refuted ones assumed"
    value("--confidences", "FILE", about)

    conflicts = actions.add_parser("conflicts", help="list where the sources contradict each other")
    conflicts.add_argument("sources", nargs="*", metavar="SOURCE", help="as for build")
    value, _, flag = option_adders(conflicts.add_argument)
    value("--report", "FILE", "a report that build wrote, instead of sources")
    value("--class", "NAME", "only contradictions of this class", dest="only")
    flag("--summary", "only the number of each class")

    show = actions.add_parser("show", help="print one operation, type or archive provider")
    show.add_argument("name", nargs="+", metavar="OPERATION|TYPE|PATH|PROVIDER [COLUMN]")
    show.add_argument(
        "--depth",
        type=whole_number("a number of levels", 0, 100),
        default=3,
        metavar="N",
        help="levels of nested types (default: 3)",
    )
    add_contract(show)

    listing = actions.add_parser("list", help="list operations or archive providers")
    value, _, flag = option_adders(listing.add_argument)
    value("words", "WORD", "only those with these words in id or path", nargs="*")
    flag("--providers", "the archive providers instead")
    value("--agent", "X", "only the operations of this agent")
    value("--resource", "X", "only the operations of this resource")
    flag("--restricted", "only what Online refuses without a grant")
    flag("--json", "a JSON array")
    add_contract(listing)

    export = actions.add_parser("export", help="write the contract as OpenAPI 3.1")
    export.add_argument(
        "operations", nargs="*", metavar="OPERATION", help="ids, or as GET Contact (default: all)"
    )
    export.add_argument("-o", "--output", metavar="FILE", help="default: standard output")
    add_contract(export)


def run(arguments: argparse.Namespace) -> int:
    """Runs the sub-command; its exit status."""
    return ACTIONS[arguments.action](arguments)


def build(arguments: argparse.Namespace) -> int:
    from mockso.archive import columnfile
    from mockso.contract.build import compile, report

    if arguments.shipped and (arguments.output or arguments.columns):
        option = "-o" if arguments.output else "--columns"
        raise ContractError(f"{option} and --shipped both name the file to write. Give one of them.")
    compilation = compile.compile_sources(arguments.sources)
    output = SHIPPED if arguments.shipped else Path(arguments.output or DEFAULT_OUTPUT)
    confidences = _confidences(Path(arguments.confidences)) if arguments.confidences else {}
    unknown = confidences.keys() - {operation.id for operation in compilation.operations}
    if unknown:
        raise ContractError(f"{arguments.confidences}: no operation {min(unknown)!r} in these sources.")
    data = compilation.to_bytes(arguments.release, confidences)
    write(output, data)
    providers = compilation.material.providers
    columns = COLUMNS if arguments.shipped else Path(arguments.columns) if arguments.columns else None
    if providers and columns:
        write(columns, columnfile.dump(page.facts for page in providers))
    if arguments.dictionary:
        write_tables(Path(arguments.dictionary), is_shipped=arguments.shipped)
    if arguments.report:
        write(Path(arguments.report), report.to_bytes(compilation, arguments.release))
    for line in report.table(compilation):
        print(line)
    print()
    for line in report.classes(compilation.findings):
        print(line)
    for finding in compilation.findings:
        if finding.weight == "failure":
            print(f"mockso contract: {finding.kind}: {finding}", file=sys.stderr)
    print(f"\n{output}: {len(data):,} bytes, {len(compilation.operations):,} operations")
    if providers:
        count = sum(len(page.columns) for page in providers)
        place = columns or "not written, as neither --columns nor --shipped was given"
        print(f"{place}: {count:,} columns of {len(providers):,} archive providers")
    return 1 if arguments.strict and compilation.has_failures else 0


def write_tables(source: Path, *, is_shipped: bool) -> None:
    """Compile the database dictionary, and write it where mockso ships it. Raises ContractError."""
    from mockso.archive.database import SHIPPED as TABLES
    from mockso.contract.build.dictionary import compile_tables

    try:
        data = compile_tables(source.read_bytes(), str(source))
    except (OSError, ValueError) as error:
        raise ContractError(f"{source}: cannot be read as a database dictionary ({error}).") from error
    count = data.count(b"\n")
    if is_shipped:
        write(TABLES, data)
    print(f"{TABLES if is_shipped else 'not written, as --shipped was not given'}: {count:,} tables\n")


def _confidences(path: Path) -> dict[str, str]:
    """Operations by how sure their answers are, from what 'mockso verify --confidences' wrote."""
    try:
        outcomes = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: "assumed" if counts["refuted"] else "firm"
            for name, counts in sorted(outcomes.items())
            if counts["refuted"] or counts["confirmed"]
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ContractError(
            f"{path}: not what 'mockso verify --confidences FILE' writes ({type(error).__name__}: {error})."
        ) from error


def conflicts(arguments: argparse.Namespace) -> int:
    from mockso.contract.build import compile, report
    from mockso.contract.build.findings import CLASSES, count

    if bool(arguments.sources) == bool(arguments.report):
        raise ContractError(
            "conflicts needs the sources to compare, or --report with a file that 'mockso contract build' wrote."
        )
    names = [name for name, (weight, _) in CLASSES.items() if weight == "contradiction"]
    if arguments.only and arguments.only not in names:
        hint = did_you_mean(arguments.only, names) or f" There are {', '.join(sorted(names))}."
        raise ContractError(f"no class of contradictions {arguments.only!r}.{hint}")
    findings = (
        report.read_report(arguments.report)
        if arguments.report
        else compile.compile_sources(arguments.sources).findings
    )
    if not arguments.summary:
        for line in report.contradictions(findings, arguments.only):
            print(line)
    counts = {k: n for k, n in count(findings, "contradiction").items() if arguments.only in (None, k)}
    for kind, number in counts.items():
        print(f"{number:>7,}  {kind:<26}{CLASSES[kind][1]}")
    print(f"{sum(counts.values()):>7,}  in all")
    return 0


def show(arguments: argparse.Namespace) -> int:
    from mockso.archive import show as archive_text
    from mockso.contract import show as text

    contract = open_contract(arguments)
    query = " ".join(arguments.name)
    operations, types = text.find(contract, query)
    blocks: list[Iterable[str]] = [text.operation_lines(contract, one, arguments.depth) for one in operations]
    blocks += [text.type_lines(contract, typedef, arguments.depth) for typedef in types]
    archive = archive_text.find_lines(contract, query)
    if archive:
        blocks.append(archive)
    if not blocks:
        near = archive_text.near_names(contract, query)
        hint = f" Near it: {', '.join(near)}." if near else " 'mockso contract list' has all of them."
        raise ContractError(f"{contract.origin}: no operation, type, path or provider {query!r}.{hint}")
    for number, block in enumerate(blocks):
        if number:
            print("\n" + "-" * 72 + "\n")
        for line in block:
            print(line)
    return 0


def list_operations(arguments: argparse.Namespace) -> int:
    if arguments.providers:
        return _list_providers(arguments)
    contract = open_contract(arguments)
    operations = list(_select(contract, arguments))
    if arguments.json:
        print(json.dumps([_summary(operation) for operation in operations], indent=1))
    else:
        width = max((len(operation.path) for operation in operations), default=0)
        for operation in operations:
            flags = " ".join(_flags(operation))
            print(f"{operation.method:<6} {operation.path:<{width}}  {operation.id}  {flags}".rstrip())
    if operations:
        return 0
    print(f"mockso contract list: {_why_nothing(contract, arguments)}", file=sys.stderr)
    return 1


_ALL = " 'mockso contract list' has all of them."


def _why_nothing(contract: Contract, arguments: argparse.Namespace) -> str:
    for kind, other in (("agent", "resource"), ("resource", "agent")):
        name = getattr(arguments, kind)
        groups = {one.group for one in contract.operations() if one.is_agent is (kind == "agent")}
        if name is None or name.lower() in {group.lower() for group in groups}:
            continue
        if any(one.group.lower() == name.lower() for one in contract.operations()):
            return (
                f"no {kind} {name!r}, but a{'n' * (other == 'agent')} {other}. Give it as --{other} {name}."
            )
        return f"no {kind} {name!r}.{did_you_mean(name, groups) or _ALL}"
    for word in arguments.words:
        if not any(_has_word(operation, word) for operation in contract.operations()):
            known = {part for one in contract.operations() for part in (one.group, one.id.rpartition("_")[2])}
            return f"no operation has {word!r} in its id or path.{did_you_mean(word, known) or _ALL}"
    return "no operation fits. Leave out a condition."


def _list_providers(arguments: argparse.Namespace) -> int:
    from mockso.archive.show import summaries

    if arguments.agent or arguments.resource or arguments.restricted:
        raise ContractError(
            "--providers lists archive providers; --agent, --resource and --restricted are of operations."
        )
    words = [word.lower() for word in arguments.words]
    rows = [row for row in summaries() if all(word in row[0].lower() for word in words)]
    if not rows:
        names = [name for name, *_ in summaries()]
        hint = did_you_mean(" ".join(arguments.words), names)
        hint = hint or " 'mockso contract list --providers' has all of them."
        print(f"mockso contract list: no archive provider fits.{hint}", file=sys.stderr)
        return 1
    if arguments.json:
        keys = ("name", "columns", "entities")
        print(json.dumps([dict(zip(keys, row, strict=True)) for row in rows], indent=1))
        return 0
    width = max(len(name) for name, *_ in rows)
    for name, count, entities in rows:
        print(f"{name:<{width}}  {count:>5,} columns  {', '.join(entities)}".rstrip())
    return 0


def _select(contract: Contract, arguments: argparse.Namespace) -> Iterator[Operation]:
    agent, resource = arguments.agent, arguments.resource
    for operation in contract.operations():
        group = operation.group.lower()
        if agent is not None and not (operation.is_agent and group == agent.lower()):
            continue
        if resource is not None and (operation.is_agent or group != resource.lower()):
            continue
        if arguments.restricted and operation.restricted is None:
            continue
        if all(_has_word(operation, word) for word in arguments.words):
            yield operation


def _has_word(operation: Operation, word: str) -> bool:
    return word.lower() in f"{operation.method} {operation.path} {operation.id}".lower()


def _flags(operation: Operation) -> Iterator[str]:
    if operation.restricted:
        yield f"restricted:{operation.restricted.agent}/{operation.restricted.kind}"
    for name in ("experimental", "deprecated"):
        if getattr(operation, name):
            yield name
    if operation.pages_only:
        yield "pages-only"


def _summary(operation: Operation) -> dict[str, object]:
    restricted = operation.restricted
    return {
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "group": operation.group,
        "restricted": {"agent": restricted.agent, "kind": restricted.kind} if restricted else None,
        "success": operation.success,
        "body": str(operation.body) if operation.body else None,
        "result": str(operation.result) if operation.result else None,
        "flags": [flag for flag in _flags(operation) if not flag.startswith("restricted")],
    }


def export(arguments: argparse.Namespace) -> int:
    from mockso.contract import openapi
    from mockso.contract import show as text

    contract = open_contract(arguments)
    document = openapi.document(contract, [text.id_of(contract, name) for name in arguments.operations])
    written = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    if arguments.output:
        write(Path(arguments.output), written.encode())
        print(f"{arguments.output}: OpenAPI {document['openapi']}, {len(written.encode()):,} bytes")
    else:
        sys.stdout.write(written)
    return 0


ACTIONS = {"build": build, "conflicts": conflicts, "show": show, "list": list_operations, "export": export}


def write(place: Path, data: bytes) -> None:
    """Write a file whole or not at all, or into a pipe; of a link what it leads to is replaced."""
    try:
        path = Path(os.path.realpath(place))
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_bytes(data)
        else:
            write_atomically(path, data)
    except OSError as error:
        raise ContractError(f"{place}: cannot be written ({error.strerror}). Name another file.") from error
