"""One call as the journal keeps it: a row to store, a document to show, a call again to match.

A row is made on the path of every call and is cheap: text and bytes, no JSON where there is nothing to
say. The document, the JSON form that the admin API and the exports share, is made when somebody looks.
The journal decides where rows go; what is secret, `Redaction` says.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from mockso.contract.catalogue import Contract, Found
from mockso.contract.model import Json
from mockso.exchange import (
    NOTHING,
    Call,
    Difference,
    Headers,
    NearMiss,
    Nothing,
    Query,
    Reply,
    Request,
    Rule,
    Verdict,
    Violation,
)
from mockso.redact import Found as Secrets
from mockso.redact import Redaction

Document: TypeAlias = dict[str, Any]
"""The JSON form of an entry."""

Row: TypeAlias = tuple[Any, ...]

# The narrow columns first: a search reads only the first page of a row that has a large body.
COLUMNS = (
    *("seq", "tenant", "at", "took", "direction", "method", "path", "operation", "status", "verdict"),
    *("step", "missed", "size", "caller", "author", "fidelity", "target", "base"),
    *("request_headers", "request_body", "reply_headers", "reply_body", "detail"),
)
SEQ, TENANT, SIZE = COLUMNS.index("seq"), COLUMNS.index("tenant"), COLUMNS.index("size")

# What a row costs besides its texts: numbers, column lengths, its part of a page.
_ROW_BYTES = 120
_KEPT_HEADERS = 256


class Rows:
    """Makes rows of calls: cut to `body_limit` and without secrets."""

    def __init__(self, redaction: Redaction, body_limit: int) -> None:
        self.redaction = redaction
        self._body_limit = body_limit
        # Clients send the same headers again and again. Threads may share this: at worst one works in vain.
        self._headers: dict[tuple[tuple[str, str], ...], tuple[str, Secrets]] = {}

    def of(self, call: Call, note: str = "") -> Row:
        """The row of a finished call, its id being a number."""
        request, reply, verdict = call.request, call.reply, call.verdict
        detail: Document = {}
        request_headers, found = self._request_headers(request.headers.pairs)
        request_body = request.body and self._body(request.body, request.headers, found, detail, "cut")
        target = self.redaction.target(request.target, found)
        path = request.path
        if path not in target:
            path = self.redaction.text(path, found)
        status, by, fidelity, reply_headers, reply_body = 0, "", "", "", b""
        if reply is not None:
            status, by, fidelity = reply.status, reply.by, reply.fidelity
            raw = reply.body
            if raw is NOTHING:
                raw = b""
            elif not isinstance(raw, bytes):
                raw = json.dumps(raw, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")
            if raw:
                reply_body = self._body(raw, Headers(reply.headers), found, detail, "reply_cut")
            reply_headers = _lines(self.redaction.headers(reply.headers, found))
            if reply.reason or reply.delay or reply.fault:
                detail["reply"] = {"reason": reply.reason, "delay": reply.delay, "fault": reply.fault}
        if verdict.violations:
            detail["violations"] = [self._violation(violation, found) for violation in verdict.violations]
        if call.near_misses:
            detail["near_misses"] = [self._near_miss(near_miss, found) for near_miss in call.near_misses]
        if (
            "json" not in request.media_type
            and "cut" not in detail
            and not isinstance(verdict.body, bytes | Nothing)
        ):
            detail["value"] = self.redaction.value(verdict.body, found)
        if call.found.operation is None:
            detail["allowed"] = call.found.allowed
            detail["suggestions"] = call.found.suggestions
        if note:
            detail["note"] = self.redaction.text(note, found)
        text = json.dumps(detail, default=str) if detail else ""
        if found and detail:
            text = self.redaction.echoes(text, found)
        if found:
            request_body = self.redaction.byte_echoes(request_body, found)
            reply_body = self.redaction.byte_echoes(reply_body, found)
        size = _ROW_BYTES + len(request_headers) + len(request_body) + len(reply_headers) + len(reply_body)
        return (
            int(call.id),
            request.tenant,
            request.at,
            call.took,
            call.direction,
            request.method,
            path,
            call.operation_id,
            status,
            "broken" if not verdict.accepted else "warned" if verdict.violations else "clean",
            call.step,
            len(call.near_misses),
            size + len(text) + 2 * len(target),
            verdict.caller,
            by,
            fidelity,
            target,
            request.base,
            request_headers,
            request_body,
            reply_headers,
            reply_body,
            text,
        )

    def of_arrived(self, id: str, request: Request) -> Document:
        """The document of a call that has no answer yet."""
        call = Call(request, _NOT_FOUND, Verdict(), id=id)
        return {**document(self.of(call)), "phase": "arrived", "verdict": None, "operation": None}

    def _request_headers(self, pairs: tuple[tuple[str, str], ...]) -> tuple[str, Secrets]:
        known = self._headers.get(pairs)
        if known is None:
            found: Secrets = {}
            known = (_lines(self.redaction.headers(pairs, found)), found)
            if len(self._headers) >= _KEPT_HEADERS:
                self._headers.clear()
            self._headers[pairs] = known
        return known[0], known[1].copy()

    def _body(self, body: bytes, headers: Headers, found: Secrets, detail: Document, cut: str) -> bytes:
        if len(body) > self._body_limit:
            detail[cut] = len(body)
            body = body[: self._body_limit]
        return self.redaction.body(body, headers.get("Content-Type"), headers.get("Content-Encoding"), found)

    def _violation(self, violation: Violation, found: Secrets) -> Document:
        redaction = self.redaction
        message, expected, got = violation.message, violation.expected, violation.got
        name = violation.where.rpartition(" ")[2].rpartition(".")[2].partition("[")[0]
        if (
            got
            and not redaction.off
            and (violation.where.startswith("header ") or redaction.secret_name(name))
        ):
            safe = redaction.header(name, got, found)
            if safe == got and redaction.secret_name(name):
                safe = redaction.fingerprint(got)
            message, got = message.replace(got, safe), safe
        return {
            "stage": violation.stage,
            "severity": violation.severity,
            "where": redaction.text(violation.where, found),
            "message": redaction.text(message, found),
            "rule": violation.rule.id,
            "confidence": violation.rule.confidence,
            "source": violation.source,
            "expected": redaction.text(expected, found),
            "got": redaction.text(got, found),
            "nearest": violation.nearest,
        }

    def _near_miss(self, near_miss: NearMiss, found: Secrets) -> Document:
        differences = []
        for difference in near_miss.differences:
            where, _, name = difference.field.rpartition(".")
            name = name.partition("[")[0]
            header = name if "header" in where.lower() or self.redaction.secret_name(name) else ""
            differences.append(
                {
                    "field": difference.field,
                    "expected": self._side(difference.expected, header, found),
                    "actual": self._side(difference.actual, header, found),
                }
            )
        return {"scenario": near_miss.scenario, "step": near_miss.step, "differences": differences}

    def _side(self, value: Any, header: str, found: Secrets) -> Json:
        plain: Json = json.loads(json.dumps(value, default=str))
        if header and isinstance(plain, str):
            return self.redaction.header(header, plain, found)
        return self.redaction.value(plain, found, header)


def document(row: Row) -> Document:
    """The JSON form of a row."""
    value = dict(zip(COLUMNS, row, strict=True))
    detail: Document = json.loads(value["detail"]) if value["detail"] else {}
    request_headers = pairs_of(value["request_headers"])
    request: Document = {
        "method": value["method"],
        "path": value["path"],
        "target": value["target"],
        "base": value["base"],
        "query": _grouped(_query(value["target"])),
        "headers": _grouped(request_headers),
        **_body_document(value["request_body"], detail.get("cut")),
    }
    if "value" in detail:
        request["value"] = detail["value"]
    elif "json" in Headers(request_headers).get("Content-Type").lower() and "cut" not in detail:
        with suppress(ValueError, RecursionError):
            request["value"] = json.loads(value["request_body"])
    reply: Document | None = None
    if value["status"]:
        said = detail.get("reply", {})
        reply = {
            "status": value["status"],
            "reason": said.get("reason", ""),
            "headers": _grouped(pairs_of(value["reply_headers"])),
            **_body_document(value["reply_body"], detail.get("reply_cut")),
            "by": value["author"],
            "fidelity": value["fidelity"],
            "delay": said.get("delay", 0.0),
            "fault": said.get("fault", ""),
        }
    return {
        "id": str(value["seq"]),
        "tenant": value["tenant"],
        "at": iso(value["at"]),
        "epoch": value["at"],
        "took": value["took"],
        "phase": "answered",
        "direction": value["direction"],
        "operation": value["operation"] or None,
        "request": request,
        "verdict": {
            "accepted": value["verdict"] != "broken",
            "clean": value["verdict"] == "clean",
            "caller": value["caller"],
            "violations": detail.get("violations", []),
        },
        "allowed": detail.get("allowed", []),
        "suggestions": detail.get("suggestions", []),
        "step": value["step"] or None,
        "near_misses": detail.get("near_misses", []),
        "reply": reply,
        "note": detail.get("note"),
    }


def call_of(entry: Mapping[str, Any], contract: Contract) -> Call:
    """The call of a document again, for a `Match`: what was cut or made a fingerprint stays so."""
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
    found = Found(operation, contract, {}, tuple(entry["allowed"]), tuple(entry["suggestions"]))
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


def flat(grouped: Mapping[str, str | list[str]]) -> list[tuple[str, str]]:
    """The pairs of headers or arguments in a document."""
    return [
        (name, value)
        for name, values in grouped.items()
        for value in ([values] if isinstance(values, str) else values)
    ]


def body_bytes(message: Mapping[str, Any]) -> bytes:
    """The bytes of a request or a reply in a document, as far as they were kept."""
    if message.get("base64") is not None:
        return base64.b64decode(message["base64"])
    return str(message.get("body") or "").encode("utf-8", "surrogatepass")


def pairs_of(lines: str) -> list[tuple[str, str]]:
    """The header lines of a row."""
    return [(name, value) for name, _, value in (line.partition(": ") for line in lines.split("\n") if line)]


def _lines(pairs: tuple[tuple[str, str], ...]) -> str:
    text = "\n".join([f"{name}: {value}" for name, value in pairs])
    if pairs and text.count("\n") >= len(pairs):
        # No server lets a line end through; a scenario could.
        text = "\n".join([f"{n}: {v}".replace("\n", " ").replace("\r", " ") for n, v in pairs])
    return text


def _query(target: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(target.partition("?")[2], keep_blank_values=True, max_num_fields=10_000)
    except ValueError:
        return []


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, str | list[str]]:
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


_NOT_FOUND = Found(None, None, {})  # type: ignore[arg-type]  # nothing asks an unanswered call's contract
