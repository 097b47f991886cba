"""Consumer coverage as a table for the terminal, as JSON, and as one HTML page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path

from mockso.errors import SettingError
from mockso.storage.files import explain_unwritable
from mockso.testing.coverage import KINDS, Coverage, Items

FORMATS = ("term", "json", "html")
_HEADINGS = ("operation", "status", "parameter", "property", "enum", "restriction", "total")


def destination(text: str) -> tuple[str, str]:
    """Format and file of "term", "json:FILE" or "html:FILE". Raises SettingError for anything else."""
    kind, _, file = text.partition(":")
    if kind not in FORMATS or (kind == "term") is bool(file):
        raise SettingError(f"{text!r} is not a coverage report. Give term, json:FILE or html:FILE.")
    return kind, file


def prepare(reports: Iterable[str]) -> None:
    """Check that reports can be written, before a suite runs. Raises SettingError if one cannot."""
    for text in reports:
        _, file = destination(text)
        if file:
            with explain_unwritable(f"{file}: the coverage report", SettingError):
                Path(file).parent.mkdir(parents=True, exist_ok=True)
                Path(file).open("a").close()


def write(coverage: Coverage, reports: Iterable[str]) -> Iterator[str]:
    """Write the reports to their files, and return the lines for the terminal. SettingError where one cannot be."""
    for text in dict.fromkeys(reports):
        kind, file = destination(text)
        if kind == "term":
            yield from table(coverage)
            continue
        content = html(coverage) if kind == "html" else json.dumps(coverage.to_json(), indent=2) + "\n"
        with explain_unwritable(f"{file}: the coverage report", SettingError):
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            Path(file).write_text(content, encoding="utf-8")
        yield f"consumer coverage {coverage.percent:.0f}%, written to {file}"


def table(coverage: Coverage) -> Iterator[str]:
    """A line for each operation called, and a last one for all."""
    if not coverage.have:
        yield "consumer coverage: no call reached an operation"
        return
    rows = [_HEADINGS, *_rows(coverage.by_operation())]
    rows.append(("all", *_cells({kind: coverage.count(kind) for kind in KINDS})))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
        yield "  ".join(cells)


def _rows(operations: Mapping[str, Items]) -> Iterator[tuple[str, ...]]:
    for operation, items in operations.items():
        counts = {kind: (sum(seen for _, seen in facts), len(facts)) for kind, facts in items.items()}
        yield (operation, *_cells(counts))


def _cells(counts: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """A cell for each kind but the first, and one for all."""
    for kind in KINDS[1:]:
        seen, there = counts.get(kind, (0, 0))
        yield f"{seen}/{there}" if there else "-"
    yield f"{100 * sum(seen for seen, _ in counts.values()) / sum(there for _, there in counts.values()):.0f}%"


_STYLE = (
    "body{font:14px system-ui,sans-serif;margin:2em;max-width:70em}table{border-collapse:collapse}"
    "td,th{padding:.2em .8em;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child"
    "{text-align:left}.seen{color:#176b2c}.unseen{color:#a11}summary{cursor:pointer;padding:.3em 0}"
)


def html(coverage: Coverage) -> str:
    """One page without scripts: the table, then each operation's items."""
    operations = coverage.by_operation()
    head = "".join(f"<th>{escape(cell)}</th>" for cell in _HEADINGS)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in _rows(operations)
    )
    details = "".join(_details(operation, items) for operation, items in operations.items())
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Consumer coverage</title>'
        f"<style>{_STYLE}</style><h1>Consumer coverage {coverage.percent:.0f}%</h1>"
        f"<p>What was used of what the contract has for the operations that were called.</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{details}</html>\n"
    )


def _details(operation: str, items: Items) -> str:
    lists = []
    for kind in KINDS[1:]:
        if kind in items:
            marks = ", ".join(
                f'<span class="{"seen" if seen else "unseen"}">{escape(item)}</span>'
                for item, seen in items[kind]
            )
            lists.append(f"<p><b>{kind}</b>: {marks}</p>")
    return f"<details><summary>{escape(operation)}</summary>{''.join(lists)}</details>"
