"""The page of one call: request, verdict and reply side by side, and the change that would have helped."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from mockso.errors import ContractError, FilterError, NoStepError
from mockso.journal.curl import curl
from mockso.journal.entry import Document, verdict_word
from mockso.journal.filter import Filter
from mockso.web.admin import why as admin_why
from mockso.web.admin.body_lines import body_lines
from mockso.web.admin.page import AFTER, FILTERS, ROOT, criteria_of, filters_of, misses_meant, render_page
from mockso.web.admin.requests import entry_of
from mockso.web.admin.routes import Answer, Ask, RefusedError, get


def call(ask: Ask) -> Answer:
    """One call; the filter of the list that it was opened from leads to its neighbours and back."""
    entry = entry_of(ask)
    filters, problem = filters_of(ask), ""
    try:
        newer, older = _neighbours(ask, entry["id"], criteria_of(ask, filters))
    except (FilterError, ContractError) as error:
        problem, (newer, older) = str(error), _neighbours(ask, entry["id"], {})
    query = urlencode(filters)
    back = urlencode({**filters, **({"after": ask.query["after"]} if "after" in ask.query else {})})
    misses = misses_meant(entry)
    violations = entry["verdict"]["violations"] if entry["verdict"] else []
    return render_page(
        ask,
        "call.html",
        "",
        problem,
        entry=entry,
        word=verdict_word(entry),
        misses=misses,
        change=_change(ask, {miss["step"] for miss in misses}) if misses else None,
        curl=curl(entry),
        lines=body_lines(entry["request"], violations),
        reply_lines=body_lines(entry["reply"] or {}, ()),
        up=f"{ROOT}/{f'?{back}' if back else ''}#call-{entry['id']}",
        query=f"?{query}" if query else "",
        newer=newer,
        older=older,
    )


def _neighbours(ask: Ask, id: str, criteria: Filter) -> tuple[str, str]:
    journal = ask.engine.journal
    newer = journal.find(limit=1, after=id, order="oldest", **criteria)
    older = journal.find(limit=1, after=id, order="newest", **criteria)
    return newer[0]["id"] if newer else "", older[0]["id"] if older else ""


def _change(ask: Ask, steps: set[str]) -> Document | None:
    """The change that `mockso why` tells for the nearest of some steps, with its patch as text."""
    try:
        why: Any = admin_why.why(Ask(ask.engine, ask.path, {}, {}, ask.request))
    except (NoStepError, RefusedError):
        return None
    change: Document | None = why["change"]
    if change is None or change["step"] not in steps:
        return None
    patch = change["scenario"]["patch"]
    return {**change, "text": json.dumps(patch, indent=2, ensure_ascii=False) if patch else ""}


ROUTES = (get("page/calls/{id}", call, "One call", (*FILTERS, AFTER), gives="text/html"),)
