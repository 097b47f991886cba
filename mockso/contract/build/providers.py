"""One page of an archive provider to its entities and columns.

Owns the meaning of the page's two tables. The table of columns goes on every 99 rows below a heading
of its own. Descriptions are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mockso.contract.build.findings import Finding
from mockso.contract.build.tables import Part, decode, front_matter, parts

_TABLES = {
    ("name", "description"): "entities",
    ("name", "restriction", "description", "orderby"): "columns",
}
_HEADINGS = frozenset({"supported entities", "supported columns", "supported columns (cont.)", "sample"})
_NONE = "*None*"
_WORD = re.compile(r"[A-Za-z]+")
# A name is words with slashes between them; others could not be written in a query.
_NAME = re.compile(r"[\w.:()>-]+(?:/[\w.:()>-]+)*")


@dataclass(slots=True)
class ProviderPage:
    """The content of a provider's page. A column is its name, its restriction type ("" for none), and
    whether rows can be ordered by it."""

    name: str
    provider: str = ""
    entities: list[str] = field(default_factory=list)
    columns: list[tuple[str, str, bool]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def facts(self) -> tuple[str, list[str], list[tuple[str, str, bool]]]:
        """Provider, entities and columns, as the file of columns has them."""
        return self.provider, self.entities, self.columns


def read_provider(data: bytes, name: str) -> ProviderPage | None:
    """Read the page of an archive provider; None when it is a page of another kind."""
    text, findings = decode(data, name)
    lines = text.split("\n")
    keys, start = front_matter(lines)
    if not keys.get("keywords", "").endswith(" archive provider"):
        return None
    page = ProviderPage(name, keys.get("uid", ""), findings=findings)
    # Column names by their small letters, each with the line it stands in.
    known: dict[str, int] = {}
    for part in parts(lines, start, name, findings):
        if part.kind == "heading":
            _check_heading(page, part)
        elif part.kind == "table":
            _take_table(page, part, known)
    if not page.columns:
        findings.append(Finding("no-columns", f"{name}:1", detail=page.provider))
    return page


def _check_heading(page: ProviderPage, part: Part) -> None:
    expected = part.text.strip('"') == page.provider if part.info == "1" else part.text.lower() in _HEADINGS
    if not expected:
        page.findings.append(Finding("unknown-heading", f"{page.name}:{part.line}", detail=part.text[:60]))


def _take_table(page: ProviderPage, part: Part, known: dict[str, int]) -> None:
    kind = _TABLES.get(tuple(cell.lower() for cell in part.rows[0][1]))
    if kind is None:
        detail = " | ".join(part.rows[0][1])[:60]
        page.findings.append(Finding("unknown-heading", f"{page.name}:{part.line}", detail=detail))
    for line, cells in part.rows[1:]:
        place = f"{page.name}:{line}"
        # Markdown puts a backslash before "_" that is none of the name's.
        word = cells[0].strip('"').replace("\\_", "_")
        if kind == "entities":
            page.entities.append(word)
        elif kind == "columns":
            restriction = "" if cells[1] == _NONE else cells[1]
            proper = _NAME.fullmatch(word) and (not restriction or _WORD.fullmatch(restriction))
            if not proper or not cells[1] or cells[3] not in ("", "x"):
                page.findings.append(Finding("bad-column", place, detail=" | ".join(cells)[:60].strip()))
            elif first := known.get(word.lower()):
                page.findings.append(Finding("duplicate-column", place, f"{page.name}:{first}", word))
            else:
                known[word.lower()] = line
                page.columns.append((word, restriction, cells[3] == "x"))
