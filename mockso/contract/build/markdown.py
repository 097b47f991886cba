"""One reference page to what it says of one operation, in every generation of the format.

Owns the meaning of headings, tables and samples. The page's own words for types stay as they are
("Integer", "array", "ContactEntity"): what they stand for depends on other sources, which
`compile.py` and `pagetypes.py` know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mockso.contract.build import prose
from mockso.contract.build.findings import Finding
from mockso.contract.build.tables import Part, decode, front_matter, parts
from mockso.contract.model import Json

NO_SAMPLE = object()

# Headings of the reference that are part of a description (rule 3).
_DESCRIPTION = (
    "online restricted",
    "experimental",
    "filter operators",
    "aggregation operators",
    "strings",
    "brackets and or",
)
_SECTIONS = {
    "query string parameters": "query",
    "request headers": "headers",
    "path parameters": "path",
    "request body": "body",
    "response body": "result",
    "response": "response",
    "sample request": "sample request",
    "sample response": "sample response",
}
_TABLES = {
    ("path part", "type", "description"): "path",
    ("parameter name", "type", "description"): "query",
    ("parameter name", "description"): "headers",
    ("response", "description"): "statuses",
    ("property name", "type", "description"): "properties",
}
# "js" and unmarked ones stand in descriptions.
_FENCES = frozenset({"http", "http!", "http_", "js", "json", "xml", "csharp", ""})
_BLOCK = re.compile(r"^[ \t]*(GET|POST|PUT|DELETE|PATCH)[ \t]+(/api/v\d+/\S*)[ \t]*$", re.M)
_BODY_LINE = re.compile(r"Response body:(.*)", re.I)
_TITLE = re.compile(r"^(GET|POST|PUT|DEL|DELETE|PATCH)\s+(\S+)$")
_MEDIA = re.compile(r"`([^`]+)`")
# Headers of every operation: credentials belong to the authorization rules, the two media-type rows
# list media types.
_NOT_PARAMETERS = frozenset({"authorization", "x-xsrf-token", "content-type", "accept"})
_BODY_SUFFIXES = frozenset({"request", "string", "binary"})


@dataclass(slots=True)
class Row:
    """One row of a table: the name, the page's word for the type, the description, the line."""

    name: str
    type: str
    text: str
    line: int


@dataclass(slots=True)
class Page:
    """The content of one page.

    `rank` orders the generations, the newest highest. `body` and `result` are the page's words for
    the two bodies, None where it names none; the samples are JSON values, `NO_SAMPLE` without one.
    `line` is that of the method and path.
    """

    name: str
    uid: str = ""
    rank: int = 0
    title: str = ""
    title_line: int = 0
    method: str = ""
    path: str = ""
    line: int = 0
    text: str = ""
    restricted: tuple[str, str, int] | None = None
    path_rows: list[Row] = field(default_factory=list)
    query_rows: list[Row] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    consumes: tuple[str, ...] = ()
    produces: tuple[str, ...] = ()
    body: str | None = None
    body_line: int = 0
    body_rows: list[Row] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    result: str | None = None
    result_line: int = 0
    result_rows: list[Row] = field(default_factory=list)
    request_sample: object = NO_SAMPLE
    response_sample: object = NO_SAMPLE
    findings: list[Finding] = field(default_factory=list)

    def at(self, line: int) -> str:
        """A place in the page, "pages/rest/Contact/v1....md:12"."""
        return f"{self.name}:{line}"

    @property
    def place(self) -> str:
        return self.at(self.line)

    @property
    def success(self) -> int | None:
        return min((status for status in self.statuses if 200 <= status < 300), default=None)


Loader = Callable[[str], str | None]


def read_page(data: bytes, name: str, load: Loader = lambda _: None) -> Page | None:
    """Read a page; None when it documents no operation (an index, an introduction).

    `load` gives the text of an included file by its path relative to the page, None if missing. A
    page that should document an operation and has no method and path comes back with an empty
    `method` and a finding.
    """
    text, findings = decode(data, name)
    lines = text.split("\n")
    keys, start = front_matter(lines)
    page = Page(name, findings=findings)
    page.uid = keys.get("uid") or keys.get("id") or Path(name).stem
    page.rank = ("uid" in keys) + ("generated" in keys) + 2 * (keys.get("content_type", "") == "reference")
    reader = _Reader(page, load)
    for part in parts(lines, start, name, findings):
        reader.take(part)
    return reader.finish("uid" in keys or "id" in keys)


class _Reader:
    """Takes the parts in order; `section` is the heading they stand under."""

    def __init__(self, page: Page, load: Loader) -> None:
        self.page = page
        self.load = load
        self.section = ""
        self.seen_table = False
        self.known_section = False
        self.prose: list[str] = []
        self.blocks: list[tuple[str, str, int]] = []

    def find(self, kind: str, line: int, detail: str = "") -> None:
        self.page.findings.append(Finding(kind, self.page.at(line), detail=detail))

    def take(self, part: Part) -> None:
        match part.kind:
            case "heading":
                self.heading(part)
            case "fence":
                self.fence(part)
            case "table":
                self.table(part)
            case "include":
                self.include(part)
            case _:
                self.line(part)

    def heading(self, part: Part) -> None:
        page = self.page
        if part.info == "1":
            page.title, page.title_line = part.text, part.line
            return
        folded = part.text.lower()
        if folded.startswith(_DESCRIPTION):
            mark = f"## {part.text}"
            self.prose.append(mark)
            restricted = prose.restriction(part.text)
            if restricted and page.restricted is None:
                page.restricted = (*restricted, part.line)
            return
        word, _, rest = part.text.partition(":")
        section = _SECTIONS.get(word.strip().lower())
        if section is None:
            self.find("unknown-heading", part.line, part.text[:60])
            return
        self.section, self.known_section = section, True
        if section == "body":
            page.body, page.body_line = _body_name(rest), part.line
        elif section == "result" or (section == "response" and rest.strip() and page.result is None):
            page.result, page.result_line = rest.strip(), part.line

    def line(self, part: Part) -> None:
        body = _BODY_LINE.match(part.text.strip())
        if body and self.section == "response":
            self.page.result, self.page.result_line = body[1].strip(), part.line
            self.section = "result"
        elif self.section == "":
            self.prose.append(part.text)

    def fence(self, part: Part) -> None:
        if part.info not in _FENCES:
            self.find("unknown-fence", part.line, part.info)
            return
        if part.info == "http" and not self.seen_table and self.section == "":
            # Before the first table a block names the operation, behind it they are examples.
            for match in _BLOCK.finditer(part.text):
                line = part.line + 1 + part.text.count("\n", 0, match.start(1))
                self.blocks.append((match[1], match[2], line))
        elif part.info == "http!":
            self.page.request_sample = self.sample(part)
        elif part.info == "http_":
            self.page.response_sample = self.sample(part)

    def sample(self, part: Part) -> object:
        """The JSON of a sample; NO_SAMPLE where it has no body or a raw one."""
        head, gap, body = part.text.partition("\n\n")
        if not gap or not body.strip():
            return NO_SAMPLE
        kind = re.search(r"^Content-Type:\s*(\S+)", head, re.M | re.I)
        if kind and "json" not in kind[1].lower():
            return NO_SAMPLE
        try:
            value: Json = json.loads(body)
        except (ValueError, RecursionError) as error:
            at = part.line + 1 + head.count("\n") + 2 + getattr(error, "lineno", 1) - 1
            self.find("bad-json", at, getattr(error, "msg", "nested too deeply"))
            return NO_SAMPLE
        return value

    def include(self, part: Part) -> None:
        text = self.load(part.text)
        if text is None:
            self.find("missing-include", part.line, part.text)
            return
        for inner in parts(text.split("\n"), 0, self.page.name, []):
            if inner.kind == "fence":
                inner.line = part.line
                self.fence(inner)

    def table(self, part: Part) -> None:
        self.seen_table = True
        header = tuple(cell.lower() for cell in part.rows[0][1])
        kind = _TABLES.get(header)
        if kind is None:
            self.find("unknown-heading", part.line, "table " + " | ".join(part.rows[0][1])[:60])
            return
        page = self.page
        rows = [
            Row(cells[0], cells[1] if len(cells) == 3 else "", cells[-1], line)
            for line, cells in part.rows[1:]
        ]
        if kind == "path":
            page.path_rows += rows
        elif kind == "query":
            page.query_rows += rows
        elif kind == "headers":
            self.headers(rows)
        elif kind == "statuses":
            for row in rows:
                if row.name.isascii() and row.name.isdigit() and len(row.name) == 3:
                    page.statuses[int(row.name)] = row.line
                else:
                    self.find("unknown-type-word", row.line, f"status {row.name[:20]}")
        elif self.section == "body":
            page.body_rows += rows
        elif self.section in ("response", "result"):
            page.result_rows += rows
        else:
            self.find("unknown-heading", part.line, "a table of properties outside body and response")

    def headers(self, rows: list[Row]) -> None:
        for row in rows:
            folded = row.name.lower()
            if folded == "content-type":
                self.page.consumes = tuple(_MEDIA.findall(row.text))
            elif folded == "accept":
                self.page.produces = tuple(_MEDIA.findall(row.text))
            elif folded not in _NOT_PARAMETERS:
                self.page.headers.append(row.name)

    def finish(self, identified: bool) -> Page | None:
        page = self.page
        page.text = "\n".join(self.prose)
        if not self.blocks:
            if not self.known_section or not (identified or _TITLE.match(page.title)):
                return None
            self.find("no-http-block", max(page.title_line, 1), "write ```http with METHOD /api/v1/...")
            return page
        page.method, page.path, page.line = self.blocks[0]
        for method, path, line in self.blocks[1:]:
            self.find("two-http-blocks", line, f"{method} {path}; {page.method} {page.path} was first")
        self.compare_title()
        return page

    def compare_title(self) -> None:
        page = self.page
        match = _TITLE.match(page.title)
        if match is None:
            return
        title = page.at(page.title_line)
        if match[1] != page.method:
            page.findings.append(Finding("title-method", page.place, title, f"{page.method}, not {match[1]}"))
        if f"/api/v1/{match[2]}".lower() != page.path.lower():
            page.findings.append(Finding("title-path", page.place, title, f"{page.path}, not {match[2]}"))


def _body_name(rest: str) -> str:
    """ "changes" of "changes string", "request" of "request"; suffixes are the generator's."""
    words = rest.split()
    if len(words) > 1 and words[-1].lower() in _BODY_SUFFIXES:
        return f"{words[0]} binary" if words[-1].lower() == "binary" else words[0]
    return words[0] if words else ""
