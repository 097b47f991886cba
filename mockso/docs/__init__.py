"""The pages of the documentation: Markdown files beside this module, which travel with the wheel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent

# In the order in which a reader meets them.
PAGES = tuple(
    """tutorial pytest world languages serving settings login entities data archives scenarios recordings journal
    http-api webhooks wire rules contract architecture benchmarks changes""".split()
)


def read_page(name: str) -> str:
    """The Markdown of one of PAGES."""
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def summary(name: str) -> str:
    """The one line below a page's title."""
    return read_page(name).split("\n", 3)[2]


def anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it: "### Options and ini keys" is "options-and-ini-keys"."""
    return re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower()).replace(" ", "-")


def lines_with_anchors(text: str) -> Iterator[tuple[str, str]]:
    """Each line of a page with its anchor, which is empty but for headings outside of code."""
    code = False
    for line in text.splitlines():
        code ^= line.startswith("```")
        yield line, anchor(line) if line.startswith("#") and not code else ""
