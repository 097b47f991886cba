"""The report of a build: the counts by source, the findings by class, and both as a file.

The report file is JSON and deterministic like the contract: `counts` by source, `columns` with the
number that each archive provider has, `classes` with the number of findings of each, `findings` as
[class, place, other place, what differs].
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mockso.contract.build.compile import Compilation, counts, page_counts
from mockso.contract.build.findings import CLASSES, Finding, Weight, count
from mockso.contract.model import Operation
from mockso.errors import ContractError

WEIGHTS: tuple[tuple[Weight, str], ...] = (
    ("contradiction", "contradictions"),
    ("note", "known defects and notes"),
    ("failure", "failures"),
)


def by_source(compilation: Compilation) -> dict[str, Mapping[str, Any]]:
    """The figures of Swagger alone, of pages alone, and of the contract."""
    types: dict[str, Any] = {}
    operations: dict[str, Operation] = {}
    for file in compilation.material.files:
        for name, typedef in file.types.items():
            types.setdefault(name, typedef)
        for operation in file.operations:
            operations.setdefault(operation.id, operation)
    return {
        "swagger": counts(list(operations.values()), list(types.values())),
        "pages": page_counts(compilation.material.pages),
        "union": counts(compilation.operations, compilation.types),
    }


_ROWS = (
    ("operations", ("operations",)),
    ("agent", ("agent",)),
    ("rest", ("rest",)),
    *((method, ("methods", method)) for method in ("GET", "POST", "PUT", "DELETE", "PATCH")),
    ("restricted", ("restricted",)),
    ("experimental", ("experimental",)),
    ("with a request body", ("with_body",)),
    ("success 200", ("success", "200")),
    ("success 204", ("success", "204")),
    ("no success status", ("success", "none")),
    ("path templates", ("paths",)),
    ("only in pages", ("pages_only",)),
    ("types", ("types",)),
    ("properties", ("properties",)),
    ("request types", ("request_types",)),
    ("types with links", ("with_links",)),
)


def table(compilation: Compilation) -> Iterator[str]:
    """The count table: a row a figure, a column a source."""
    figures = by_source(compilation)
    yield f"{'':<20}" + "".join(f"{name:>9}" for name in figures)
    for label, keys in _ROWS:
        cells = []
        for figure in figures.values():
            value: Any = figure
            for key in keys:
                # A method or a status nobody has is 0; a figure a source cannot have is a dash.
                value = value.get(key, 0 if len(keys) > 1 else "-") if isinstance(value, Mapping) else "-"
            cells.append(f"{value:>9,}" if isinstance(value, int) else f"{value:>9}")
        yield f"{label:<20}" + "".join(cells)


def classes(findings: Sequence[Finding]) -> Iterator[str]:
    """The number of findings of each class, by weight."""
    for weight, title in WEIGHTS:
        counted = count(findings, weight)
        yield f"{title}: {sum(counted.values()):,}"
        for kind, number in counted.items():
            yield f"  {number:>6,}  {kind:<26}{CLASSES[kind][1]}"


def contradictions(findings: Sequence[Finding], only: str | None = None) -> Iterator[str]:
    """Every contradiction with both places, by class."""
    counted = count(findings, "contradiction")
    for kind, number in counted.items():
        if only not in (None, kind):
            continue
        yield f"{kind}: {number:,} ({CLASSES[kind][1]})"
        yield from (f"  {finding}" for finding in findings if finding.kind == kind)
        yield ""


def to_bytes(compilation: Compilation, release: str) -> bytes:
    """The report file."""
    document = {
        "release": release,
        "counts": by_source(compilation),
        "columns": {page.provider: len(page.columns) for page in compilation.material.providers},
        "classes": {weight: count(compilation.findings, weight) for weight, _ in WEIGHTS},
        "findings": [[f.kind, f.place, f.other, f.detail] for f in compilation.findings],
    }
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def read_report(path: str | Path) -> tuple[Finding, ...]:
    """The findings of a report file."""
    try:
        document = json.loads(Path(path).read_text("utf-8"))
        return tuple(Finding(*map(_text, entry)) for entry in document["findings"] if entry[0] in CLASSES)
    except OSError as error:
        raise ContractError(
            f"{path}: cannot be read ({error.strerror}). Write it with 'mockso contract build SOURCE... --report {path}'."
        ) from error
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise ContractError(
            f"{path}: not a report. Write one with 'mockso contract build SOURCE... --report {path}'."
        ) from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value
