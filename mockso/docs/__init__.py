"""The pages of the documentation: Markdown files beside this module, which travel with the wheel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent

# In the order in which a reader meets them.
PAGES = tuple(
    """tutorial pytest world languages serving processes settings login entities data archives scenarios recordings journal
    http-api webhooks wire rules contract architecture benchmarks changes""".split()
)


def read_page(name: str) -> str:
    """The Markdown of one of PAGES."""
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def summary(name: str) -> str:
    """The one line below a page's title."""
    return read_page(name).split("\n", 3)[2]


@cache
def meanings(page: str, head: str) -> Mapping[str, str]:
    """The names in the tables of a page whose first column is headed so, each with its meaning as plain text."""
    meanings_of: dict[str, str] = {}
    is_inside = False
    for line in read_page(page).splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] if line.startswith("|") else []
        if len(cells) < 2 or cells[0] == head:
            is_inside = bool(cells)
        elif is_inside:
            text = re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", cells[1]).replace("\\|", "|")
            for name in re.findall(r"`([^` =]+)[^`]*`", cells[0]):
                meanings_of.setdefault(name, text)
    return meanings_of


def anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it: "### Options and ini keys" is "options-and-ini-keys"."""
    return re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower()).replace(" ", "-")


def lines_with_anchors(text: str) -> Iterator[tuple[str, str]]:
    """Each line of a page with its anchor, which is empty but for headings outside of code."""
    code = False
    for line in text.splitlines():
        code ^= line.startswith("```")
        yield line, anchor(line) if line.startswith("#") and not code else ""
