"""One call as the journal shows it: the document of a row, and the call of a document.

The document is the JSON form that the admin API and the exports share; it is composed when it is read. Rows come
from rows.py.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypedDict
from urllib.parse import unquote_plus

from mockso.contract.catalogue import Contract, Lookup
from mockso.contract.model import NOTHING, Operation
from mockso.exchange.call import Call, Difference, NearMiss, Rule, Verdict, Violation
from mockso.exchange.message import Headers, Query, Reply, Request

Document: TypeAlias = dict[str, Any]
"""The JSON form of an entry."""


class Row(TypedDict):
    """A call as the store has it.

    The narrow columns come first: a search reads only the first page of a row that has a large body.
    """

    seq: int
    tenant: str
    at: float
    took: float
    direction: str
    method: str
    path: str
    operation: str
    status: int
    verdict: str
    step: str
    missed: int
    size: int
    caller: str
    author: str
    fidelity: str
    target: str
    base: str
    request_headers: str
    request_body: bytes
    reply_headers: str
    reply_body: bytes
    detail: str


COLUMNS = tuple(Row.__annotations__)


def document(row: Row) -> Document:
    """The JSON form of a row."""
    detail: Document = json.loads(row["detail"]) if row["detail"] else {}
    request_headers = pairs_of(row["request_headers"])
    request: Document = {
        "method": row["method"],
        "path": row["path"],
        "target": row["target"],
        "base": row["base"],
        "query": _group_pairs(_query(row["target"])),
        "headers": _group_pairs(request_headers),
        **_body_document(row["request_body"], detail.get("cut")),
    }
    if "value" in detail:
        request["value"] = detail["value"]
    elif "json" in Headers(request_headers).get("Content-Type").lower() and "cut" not in detail:
        with suppress(ValueError, RecursionError):
            request["value"] = json.loads(row["request_body"])
    reply: Document | None = None
    if row["status"]:
        more = detail.get("reply", {})
        reply = {
            "status": row["status"],
            "reason": more.get("reason", ""),
            "headers": _group_pairs(pairs_of(row["reply_headers"])),
            **_body_document(row["reply_body"], detail.get("reply_cut")),
            "by": row["author"],
            "fidelity": row["fidelity"],
            "delay": more.get("delay", 0.0),
            "fault": more.get("fault", ""),
        }
    return {
        "id": str(row["seq"]),
        "tenant": row["tenant"],
        "at": iso(row["at"]),
        "epoch": row["at"],
        "took": row["took"],
        "phase": "answered",
        "direction": row["direction"],
        "operation": row["operation"] or None,
        "request": request,
        "verdict": {
            "accepted": row["verdict"] != "broken",
            "clean": row["verdict"] == "clean",
            "caller": row["caller"],
            "violations": detail.get("violations", []),
        },
        "allowed": detail.get("allowed", []),
        "suggestions": detail.get("suggestions", []),
        "step": row["step"] or None,
        "near_misses": detail.get("near_misses", []),
        "reply": reply,
        "note": detail.get("note"),
    }


def summary(entry: Mapping[str, Any]) -> Document:
    """One line's worth of a document."""
    reply, verdict = entry["reply"] or {}, entry["verdict"]
    return {
        "id": entry["id"],
        "tenant": entry["tenant"],
        "at": entry["at"],
        "took": entry["took"],
        "phase": entry["phase"],
        "direction": entry["direction"],
        "method": entry["request"]["method"],
        "target": entry["request"]["target"],
        "operation": entry["operation"],
        "status": reply.get("status"),
        "by": reply.get("by"),
        "verdict": verdict_word(entry),
        "step": entry["step"],
        "fault": reply.get("fault") or None,
        "near_misses": len(entry["near_misses"]),
        "problem": verdict["violations"][0]["message"] if verdict and verdict["violations"] else None,
    }


def verdict_word(entry: Mapping[str, Any]) -> str | None:
    """ "clean", "warned" or "broken"; None while the call waits for its judgement."""
    verdict = entry["verdict"]
    if verdict is None:
        return None
    return "clean" if verdict["clean"] else "warned" if verdict["accepted"] else "broken"


def call_of(entry: Mapping[str, Any], contract: Contract, *, named: bool = False) -> Call:
    """The call of a document again, for a `Match`: what was cut or made a fingerprint stays so.

    An operation that the contract lacks (the tenant state, a root document) is None; with `named` it has its
    name and nothing else.
    """
    asked, answered = entry["request"], entry["reply"]
    request = Request(
        entry["tenant"],
        asked["method"],
        asked["path"],
        Query(flat(asked["query"])),
        Headers(flat(asked["headers"])),
        body_bytes(asked),
        asked["base"],
        asked["target"],
        entry["epoch"],
    )
    operation_id = entry["operation"] or ""
    operation = contract.operation(operation_id) if contract.has_operation(operation_id) else None
    if operation is None and operation_id and named:
        operation = Operation(
            operation_id, asked["method"], asked["path"], "", (), None, False, {}, (), (), ()
        )
    found = Lookup(operation, contract, {}, tuple(entry["allowed"]), tuple(entry["suggestions"]))
    verdict, judged = Verdict(), entry["verdict"]
    if judged:
        body = asked.get("value", NOTHING)
        verdict = Verdict(tuple(map(_violation_of, judged["violations"])), body=body, caller=judged["caller"])
    reply = None
    if answered:
        reply = Reply(
            answered["status"],
            body_bytes(answered) or NOTHING,
            tuple(flat(answered["headers"])),
            answered["by"],
            answered["fidelity"],
            answered["reason"],
            delay=answered["delay"],
            fault=answered["fault"],
        )
    near_misses = tuple(
        NearMiss(
            miss["scenario"],
            miss["step"],
            tuple(Difference(d["field"], d["expected"], d["actual"]) for d in miss["differences"]),
        )
        for miss in entry["near_misses"]
    )
    return Call(
        request,
        found,
        verdict,
        reply,
        entry["step"] or "",
        near_misses,
        entry["id"],
        entry["took"],
        entry["direction"],
    )


def _violation_of(value: Mapping[str, Any]) -> Violation:
    rule = Rule(value["rule"], value["confidence"], value["source"], "")
    return Violation(
        value["stage"],
        value["severity"],
        value["where"],
        value["message"],
        rule,
        value["source"],
        value["expected"],
        value["got"],
        value["nearest"],
    )


def iso(at: float) -> str:
    """A time in seconds as ISO 8601 in UTC with microseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def flat(grouped: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The pairs of headers or arguments in a document: a list stands for a name that comes several times."""
    return [
        (str(name), str(value))
        for name, values in grouped.items()
        for value in (values if isinstance(values, list) else [values])
    ]


def body_bytes(message: Mapping[str, Any]) -> bytes:
    """The bytes of a request or a reply in a document, as far as they were kept."""
    if message.get("base64") is not None:
        return base64.b64decode(message["base64"])
    return str(message.get("body") or "").encode("utf-8", "surrogatepass")


def pairs_of(lines: str) -> list[tuple[str, str]]:
    """The header lines of a row."""
    return [(name, value) for name, _, value in (line.partition(": ") for line in lines.split("\n") if line)]


def _query(target: str) -> list[tuple[str, str]]:
    # As the edge reads it: a second "?" counts as "&".
    parts = target.partition("?")[2].replace("?", "&").split("&")
    pairs = (part.partition("=") for part in parts if part)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


def _group_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, str | list[str]]:
    grouped: dict[str, str | list[str]] = {}
    for name, value in pairs:
        before = grouped.get(name)
        if before is None:
            grouped[name] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            grouped[name] = [before, value]
    return grouped


def _body_document(body: bytes, cut: int | None) -> Document:
    result: Document = {"body": None}
    if body:
        try:
            result["body"] = body.decode()
        except UnicodeDecodeError as error:
            if cut is not None and error.start >= len(body) - 3:  # cut in mid-character
                result["body"] = body[: error.start].decode()
            else:
                result["base64"] = base64.b64encode(body).decode()
    if cut is not None:
        result["cut"] = cut
    return result
