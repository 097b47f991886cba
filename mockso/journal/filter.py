"""Filters of a search in the journal, as SQL and for calls that are not stored yet.

The statements are the same for every store; how it looks for a text, each store says itself.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, TypedDict

from mockso.errors import FilterError
from mockso.exchange.message import Request


class Filter(TypedDict, total=False):
    """The filters of a search; all of them must hold.

    `operation` is an id with "*" and "?" as wildcards, letter case aside; `status` is "404", "4xx" or
    several with commas; `step` is "limited#1" or "limited" for all steps of a scenario; `since` and
    `until` are seconds since 1970; `text` stands anywhere in address, headers, bodies or messages, letter
    case aside; `unmatched` are calls that nobody foresaw: no operation, or no step while there were some.
    """

    tenant: str | None
    operation: str | None
    method: str | None
    path: str | None
    status: str | None
    verdict: str | None
    step: str | None
    direction: str | None
    since: float | None
    until: float | None
    text: str | None
    unmatched: bool | None
    near_missed: bool | None


def conditions(wanted: Filter, holds: str) -> tuple[str, list[Any]]:
    """The text " AND ..." and its values; `holds` is the store's search for a text, empty where it is not made in SQL. FilterError for a
    status that is none."""
    clauses: list[str] = []
    values: list[Any] = []
    for name in ("tenant", "verdict", "direction"):
        if wanted.get(name) is not None:
            clauses.append(f"{name} = ?")
            values.append(wanted.get(name))
    if wanted.get("method"):
        clauses.append("upper(method) = ?")
        values.append(str(wanted.get("method")).upper())
    for name in ("operation", "path"):
        if wanted.get(name):
            clauses.append(f"lower({name}) LIKE ? ESCAPE '\\'")
            values.append(_like(str(wanted.get(name)).lower()))
    step = wanted.get("step")
    if step:
        clauses.append("step = ?" if "#" in step else "step LIKE ? ESCAPE '\\'")
        values.append(step if "#" in step else f"{_like(step)}#%")
    for name, sign in (("since", ">="), ("until", "<=")):
        if wanted.get(name) is not None:
            clauses.append(f"at {sign} ?")
            values.append(wanted.get(name))
    status = wanted.get("status")
    if status is not None:
        ranges = [_statuses(part.strip()) for part in status.split(",")]
        clauses.append("(" + " OR ".join(["status BETWEEN ? AND ?"] * len(ranges)) + ")")
        values += [bound for pair in ranges for bound in pair]
    if wanted.get("unmatched"):
        clauses.append("direction = 'in' AND (operation = '' OR (step = '' AND missed > 0))")
    if wanted.get("near_missed"):
        clauses.append("missed > 0")
    text = wanted.get("text")
    if text and holds:
        clauses.append(holds)
        values.append(text.lower())
    return "".join(f" AND {clause}" for clause in clauses), values


def _statuses(text: str) -> tuple[int, int]:
    if len(text) == 3 and text[0] in "12345" and text[1:].lower() == "xx":
        return int(text[0]) * 100, int(text[0]) * 100 + 99
    if len(text) == 3 and text.isascii() and text.isdigit() and text[0] in "12345":
        return int(text), int(text)
    raise FilterError(f"{text!r} is not a status. Give '404', '4xx' or several with commas.")


def _like(glob: str) -> str:
    escaped = glob.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%").replace("?", "_")


def _glob(glob: str, text: str) -> bool:
    return fnmatchcase(text.lower(), glob.lower().replace("[", "[[]"))


_ANSWERED_ONLY = ("operation", "status", "verdict", "step", "unmatched", "near_missed")


def may_have_arrived(wanted: Filter) -> bool:
    """Whether a call without an answer can fit at all."""
    return not any(wanted.get(name) for name in _ANSWERED_ONLY)


def fits_arrived(request: Request, wanted: Filter, texts: Callable[[Request], str]) -> bool:
    """Whether a call without an answer fits; `texts` gives all it has to read, safe to show."""
    method, path, text = wanted.get("method"), wanted.get("path"), wanted.get("text")
    since, until = wanted.get("since"), wanted.get("until")
    return (
        wanted.get("tenant") in (None, request.tenant)
        and (not method or method.upper() == request.method.upper())
        and (not path or _glob(path, request.path))
        and (since is None or request.at >= since)
        and (until is None or request.at <= until)
        and (not text or text.lower() in texts(request).lower())
    )
