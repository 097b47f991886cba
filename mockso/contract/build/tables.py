"""The parts a reference page is made of: headings, fences, tables, includes, text, each with its line.

Owns the page's Markdown and its defects of form: encodings, unclosed rows and fences, rows of wrong
width. What a heading or a table means is for `markdown.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mockso.contract.build.findings import Finding


@dataclass(slots=True)
class Part:
    """One part of a page: `kind` is "heading", "fence", "table", "include" or "text".

    `text` is the heading without marks, the fence's body, the include's path, or a line of text;
    `info` the heading's level or the fence's info string; `rows` the table's, the header row first,
    each with its line.
    """

    kind: str
    line: int
    text: str = ""
    info: str = ""
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


# No pattern here may look twice at a character: a hostile line can have ten million of them.
_HEADING = re.compile(r"#{1,6}(?=\s)")
_RULE = frozenset("|-: \t")
_PIPE = re.compile(r"(?<!\\)\|")
_INCLUDE = re.compile(r"^\s*\[!include\s*\[[^\]]*\]\(([^)\s]+)\)\]\s*$", re.I)


def decode(data: bytes, name: str) -> tuple[str, list[Finding]]:
    """The text of a page, with `\\n` at line ends; each repair is a finding, with its line."""
    findings = []
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        findings.append(Finding("nul-bytes", f"{name}:{line}", detail=f"{data.count(0)} of them"))
        data = data.replace(b"\0", b"")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        detail = f"byte 0x{data[error.start]:02x}; save it as UTF-8"
        findings.append(Finding("bad-encoding", f"{name}:{line}", detail=detail))
        text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n"), findings


def front_matter(lines: list[str]) -> tuple[dict[str, str], int]:
    """The keys between the two `---` lines, and the number of lines they take; 0 without any."""
    if not lines or lines[0].rstrip() != "---":
        return {}, 0
    keys: dict[str, str] = {}
    for number, line in enumerate(lines[1:50], 1):
        if line.rstrip() == "---":
            return keys, number + 1
        key, colon, value = line.partition(":")
        if colon:
            keys[key.strip()] = value.strip().strip("'\"")
    return {}, 0


def split_row(line: str) -> list[str]:
    """The cells of a row; `\\|` is a pipe within one."""
    inner = line.strip()
    inner = inner[1:] if inner.startswith("|") else inner
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    if "\\|" not in inner:
        return [cell.strip() for cell in inner.split("|")]
    return [cell.strip().replace("\\|", "|") for cell in _PIPE.split(inner)]


def parts(lines: list[str], start: int, name: str, findings: list[Finding]) -> Iterator[Part]:
    """The parts of the lines from `start` on, in order."""
    at, end = start, len(lines)
    while at < end:
        line = lines[at]
        if not line or line.isspace():
            at += 1
            continue
        first = line.lstrip()[:1]
        if first in "`~" and (fence := _fence(line)):
            close = _close_of(lines, at, fence[0])
            if close is None:
                findings.append(Finding("unclosed", f"{name}:{at + 1}", detail="the fence"))
                close = end
            yield Part("fence", at + 1, "\n".join(lines[at + 1 : close]), fence[1])
            at = close + 1
        elif first == "#" and (heading := _HEADING.match(line)):
            yield Part("heading", at + 1, line[heading.end() :].strip(), str(heading.end()))
            at += 1
        elif first == "|" and at + 1 < end and _is_rule(lines[at + 1]):
            table = Part("table", at + 1, rows=[(at + 1, split_row(line))])
            at = _rows(lines, at + 2, table, name, findings)
            yield table
        elif first == "[" and (include := _INCLUDE.match(line)):
            yield Part("include", at + 1, include[1])
            at += 1
        else:
            yield Part("text", at + 1, line)
            at += 1


def _is_rule(line: str) -> bool:
    """True for the line between header and rows, "|----|:---|"."""
    return "|" in line and "-" in line and _RULE.issuperset(line)


def _fence(line: str) -> tuple[str, str] | None:
    """The marks and the info string of a line that opens a fence."""
    text = line.strip()
    rest = text.lstrip(text[0])
    marks, info = text[: len(text) - len(rest)], rest.strip()
    return (marks, info) if len(marks) > 2 and len(info.split()) < 2 and text[0] not in info else None


def _close_of(lines: list[str], at: int, marks: str) -> int | None:
    for number in range(at + 1, len(lines)):
        stripped = lines[number].strip()
        if stripped.startswith(marks) and not stripped.strip(marks[0]):
            return number
    return None


def _rows(lines: list[str], at: int, table: Part, name: str, findings: list[Finding]) -> int:
    """Collects the rows from `at` on; the number of the line behind the table.

    A row that does not end in a pipe goes on in the next lines until one closes it (rule 4).
    """
    width = len(table.rows[0][1])
    end = len(lines)
    while at < end and lines[at].lstrip().startswith("|"):
        first, text = at, lines[at]
        pieces = [text.rstrip()]
        while not _is_closed(pieces[-1]) or (len(pieces) == 1 and len(pieces[0].strip()) == 1):
            at += 1
            if at >= end or lines[at].startswith(("#", "```", "|")):
                break
            pieces.append(lines[at].rstrip())
        else:
            at += 1
        row = " ".join(pieces)
        cells = split_row(row)
        if not _is_closed(row):
            findings.append(Finding("unclosed", f"{name}:{first + 1}", detail="the row"))
        if len(cells) == width:
            table.rows.append((first + 1, cells))
        else:
            detail = f"{len(cells)} cells, {width} expected; escape a pipe within a cell as \\|"
            findings.append(Finding("bad-row", f"{name}:{first + 1}", detail=detail))
    return at


def _is_closed(line: str) -> bool:
    return line.endswith("|") and not line.endswith("\\|")
