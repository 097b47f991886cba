"""What the tests of this folder read of the pages: tables, fenced blocks, anchors, generated parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mockso.docs import FOLDER, PAGES, lines_with_anchors, read_page

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEXTS = {"README": README, **{name: read_page(name) for name in PAGES}}


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, "console" or "python", with the file its first line names."""

    kind: str
    text: str

    @property
    def file(self) -> str:
        named = re.match(r"# ([\w./-]+\.(?:py|yaml|ini|js))\n", self.text)
        return named[1] if named else ""


def blocks(text: str) -> list[Block]:
    return [Block(*found) for found in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)]


def rows(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Each row of the tables of a page: the head of its first column, its first cell, the other cells."""
    head = ""
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] if line.startswith("|") else []
        if not cells:
            head = ""
        elif not head:
            head = cells[0]
        elif not re.fullmatch(r":?-+:?", cells[0]):
            yield head, cells[0], cells[1:]


def stands(kind: str, *, whole: bool = False) -> list[str]:
    """Every name that has a row in a table of this kind ("option of serve"), as often as it has one.

    A row may have several names, each in backticks; what follows a name inside them is its value, unless `whole`.
    """
    name = r"`([^`]+)`" if whole else r"`(?:mockso )?([^` =\[(]+)[^`]*`"
    return [
        found
        for text in TEXTS.values()
        for head, cell, _ in rows(text)
        if head == kind
        for found in re.findall(name, cell)
    ]


def anchors(name: str) -> list[str]:
    return [anchor for _, anchor in lines_with_anchors(TEXTS[name]) if anchor]


__all__ = ["FOLDER", "PAGES", "README", "ROOT", "TEXTS", "Block", "anchors", "blocks", "rows", "stands"]
