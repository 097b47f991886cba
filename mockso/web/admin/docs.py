"""The pages of the documentation beside the calls, where the rule of a message leads."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from mockso.docs import PAGES, lines_with_anchors, read_page, summary
from mockso.errors import did_you_mean
from mockso.web.admin.page import ROOT, render_page
from mockso.web.admin.routes import Answer, Ask, RefusedError, get

# [text](page.md#anchor), [text](page.md) and [text](#anchor)
_LINK = re.compile(r"\[([^\]]+)\]\((?:([\w-]+)\.md)?(#[\w-]+)?\)")


def index(ask: Ask) -> Answer:
    """The list of pages, each with its one line."""
    pages = {name: summary(name) for name in PAGES}
    return render_page(ask, "docs.html", "Docs", pages=pages, text="")


def page(ask: Ask) -> Answer:
    """One page as it is written, its headings with anchors and its links alive. Raises RefusedError for an unknown name."""
    name = ask.path["page"]
    if name not in PAGES:
        raise RefusedError(
            404, f"There is no page {name!r}.{did_you_mean(name, PAGES)} {ROOT}/docs lists all."
        )
    return render_page(ask, "docs.html", "Docs", pages={}, text=_marked_up(name), here_page=name)


def _marked_up(name: str) -> Markup:
    lines = []
    for line, anchor in lines_with_anchors(read_page(name)):
        text = _LINK.sub(lambda link: _anchor_tag(name, link), str(escape(line)))
        lines.append(f'<strong id="{anchor}">{text}</strong>' if anchor else text)
    return Markup("\n").join(map(Markup, lines))


def _anchor_tag(name: str, link: re.Match[str]) -> str:
    text, other, anchor = link.groups()
    return f'<a href="{ROOT}/docs/{other or name}{anchor or ""}">{text}</a>'


ROUTES = (
    get("docs", index, "The pages of the documentation", gives="text/html"),
    get("docs/{page}", page, "One page of the documentation", gives="text/html"),
)
