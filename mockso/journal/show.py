"""Calls as text for people: a line each, a table, one call whole. What came from outside is made harmless
for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mockso.journal.entry import flat

HEADINGS = ("id", "time", "tenant", "call", "status", "verdict", "answered by", "ms")
_STATUS = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}
_NO_STATUS = {"arrived": "...", "answered": "none"}
_VERDICTS = {"broken": "red", "warned": "yellow", "clean": "green"}


def safe(text: object) -> str:
    """A text on one line without anything a terminal obeys."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(text).encode("utf-8", "backslashreplace").decode()
    )


def cells(call: Mapping[str, Any]) -> list[str]:
    """A summary as the cells of a table."""
    return [
        call["id"],
        call["at"][11:23],
        safe(call["tenant"] or "-"),
        safe(f"{'-> ' if call['direction'] == 'out' else ''}{call['method']} {call['target']}"),
        " ".join(filter(None, (str(call["status"] or _NO_STATUS[call["phase"]]), safe(call["fault"] or "")))),
        call["verdict"] or "...",
        safe(call["step"] or call["by"] or ""),
        f"{call['took'] * 1000:.1f}",
    ]


def line(call: Mapping[str, Any]) -> str:
    """A summary on one line."""
    id, at, tenant, what, status, verdict, by, took = cells(call)
    problem = f"  {safe(call['problem'])}" if call["problem"] else ""
    return f"{at}  {id:>6}  {tenant}  {status}  {verdict:<6}  {what}  {by}  {took} ms{problem}"


def plain_table(calls: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The lines of a table, columns as wide as what stands in them."""
    rows = [list(HEADINGS), *map(cells, calls)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def print_table(calls: Sequence[Mapping[str, Any]]) -> bool:
    """A coloured table on the terminal; False where rich is not installed."""
    try:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ImportError:
        return False
    table = Table(*HEADINGS, box=None, pad_edge=False)
    for column, overflow in ((3, "fold"), (6, "fold")):
        table.columns[column].overflow = overflow  # type: ignore[assignment]  # one of rich's literals
    for call in calls:
        row: list[Text] = [Text(cell) for cell in cells(call)]
        row[4].style = _STATUS.get((call["status"] or 0) // 100, "")
        row[5].style = _VERDICTS.get(call["verdict"] or "", "")
        table.add_row(*row)
    Console().print(table)
    return True


def whole(entry: Mapping[str, Any]) -> Iterator[str]:
    """One call, with all that is known of it."""
    request, reply, verdict = entry["request"], entry["reply"], entry["verdict"]
    yield f"Call {entry['id']}  {entry['at']}  tenant {safe(entry['tenant'] or '(onsite)')}  {entry['took'] * 1000:.1f} ms"
    if entry["direction"] == "out":
        yield f"Sent by the mock to {safe(request['base'])}"
    else:
        yield f"Operation: {entry['operation'] or 'none'}"
    if entry["suggestions"]:
        yield f"  near: {', '.join(map(safe, entry['suggestions']))}"
    if entry["allowed"]:
        yield f"  the address takes {', '.join(entry['allowed'])}"
    yield ""
    yield f"> {request['method']} {safe(request['target'])}"
    yield from _message("> ", request)
    yield ""
    if reply is None:
        yield "No answer yet." if entry["phase"] == "arrived" else "No answer."
    else:
        yield f"< {reply['status']} {safe(reply['reason'])}".rstrip()
        yield from _message("< ", reply)
        by = f"step {safe(entry['step'])}" if entry["step"] else reply["by"]
        yield f"Answered by: {by} ({reply['fidelity']})" + (
            f", fault {reply['fault']}" if reply["fault"] else ""
        )
    if verdict is not None:
        yield f"Verdict: {'clean' if verdict['clean'] else 'warned' if verdict['accepted'] else 'broken'}"
        for violation in verdict["violations"]:
            yield f"  {violation['severity']}: {safe(violation['where'])}: {safe(violation['message'])}"
            yield f"    [{violation['rule']}, {violation['confidence']}; {safe(violation['source'])}]"
    for miss in entry["near_misses"]:
        yield f"Near miss: {safe(miss['step'])}"
        for difference in miss["differences"]:
            yield f"  {safe(difference['field'])}"
            yield f"    - expected {safe(json.dumps(difference['expected'], ensure_ascii=False))}"
            yield f"    + was      {safe(json.dumps(difference['actual'], ensure_ascii=False))}"
    if entry["note"]:
        yield from (safe(text) for text in entry["note"].splitlines())


def _message(mark: str, message: Mapping[str, Any]) -> Iterator[str]:
    for name, value in flat(message["headers"]):
        yield f"{mark}{safe(name)}: {safe(value)}"
    if "base64" in message:
        yield f"{mark}(not text, in base64) {message['base64']}"
    elif message["body"]:
        yield mark.rstrip()
        for text in _pretty(message["body"]).splitlines():
            yield f"{mark}{safe(text)}"
    if "cut" in message:
        yield f"{mark}(cut: it had {message['cut']} bytes)"


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body
