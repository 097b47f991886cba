"""Rows of calls for the store: cut to size and redacted.

Every call comes through here, so a row is text and bytes, and JSON only where there is more to say. entry.py
owns the columns, `Redaction` decides which values are secret.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from mockso.contract.catalogue import Lookup
from mockso.contract.model import NOTHING, Json, Nothing
from mockso.exchange.call import Call, Direction, NearMiss, Verdict, Violation
from mockso.exchange.message import Reply, Request
from mockso.journal.entry import Document, Row, document
from mockso.redaction.redaction import Redaction
from mockso.redaction.secrets import Replacements

# What a row costs besides its texts: numbers, column lengths, its part of a page.
ROW_BYTES = 120
_CACHED_HEADERS = 256
_FOREIGN = frozenset({"value", "expected", "actual"})  # members of a detail that hold values of a client
_OWN_WORDS = frozenset({"stage", "severity", "rule", "confidence", "source", "fault"})
Heads: TypeAlias = tuple[str, Replacements]
"""The header lines of a request, safe to store, and the secrets that were replaced in them."""
_to_json = json.JSONEncoder(default=str).encode  # json.dumps makes an encoder each time


class Rows:
    """Composes rows of calls, cut to `body_limit` and redacted."""

    def __init__(self, redaction: Redaction, body_limit: int) -> None:
        self.redaction = redaction
        self._body_limit = body_limit
        # Clients send the same headers again and again. Threads may share this: at worst one works in vain.
        self._headers: dict[tuple[tuple[str, str], ...], Heads] = {}

    def of(self, call: Call, note: str = "", heads: Heads | None = None) -> Row:
        """The row of a finished call, its id being a number; with the `heads` of its request where they are known."""
        request, reply, verdict = call.request, call.reply, call.verdict
        detail: Document = {}
        request_headers, known = heads or self.heads(request)
        secrets = known.copy()
        request_body = request.body and self._body(request.body, request, secrets, detail, "cut")
        target = self.redaction.target(request.target, secrets)
        path = request.path
        if path not in target:
            path = self.redaction.text(path, secrets)
        status, by, fidelity, reply_headers, reply_body = 0, "", "", "", b""
        if reply is not None:
            status, by, fidelity = reply.status, reply.by, reply.fidelity
            raw = reply.body
            if raw is NOTHING:
                raw = b""
            elif not isinstance(raw, bytes):
                raw = json.dumps(raw, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")
            if raw:
                reply_body = self._body(raw, reply, secrets, detail, "reply_cut")
            reply_headers = self.redaction.headers(reply.headers, secrets)
            if reply.reason or reply.delay or reply.fault:
                detail["reply"] = {"reason": reply.reason, "delay": reply.delay, "fault": reply.fault}
        if verdict.violations:
            detail["violations"] = [self._violation(violation, secrets) for violation in verdict.violations]
        if call.near_misses:
            detail["near_misses"] = [self._near_miss(near_miss, secrets) for near_miss in call.near_misses]
        if (
            "json" not in request.media_type
            and "cut" not in detail
            and not isinstance(verdict.body, bytes | Nothing)
        ):
            detail["value"] = self.redaction.value(verdict.body, secrets)
        if call.lookup.operation is None:
            detail["allowed"] = call.lookup.allowed
            detail["suggestions"] = call.lookup.suggestions
        if note:
            detail["note"] = self.redaction.text(note, secrets)
        if secrets:
            detail = self._without_echoes(detail, secrets)
            request_body = self.redaction.byte_echoes(request_body, secrets)
            reply_body = self.redaction.byte_echoes(reply_body, secrets)
        text = _to_json(detail) if detail else ""
        size = ROW_BYTES + len(request_headers) + len(request_body) + len(reply_headers) + len(reply_body)
        return {
            "seq": int(call.id),
            "tenant": request.tenant,
            "at": request.at,
            "took": call.took,
            "direction": call.direction,
            "method": request.method,
            "path": path,
            "operation": call.operation_id,
            "status": status,
            "verdict": "broken" if not verdict.accepted else "warned" if verdict.violations else "clean",
            "step": call.step,
            "missed": len(call.near_misses),
            "size": size + len(text) + 2 * len(target),
            "caller": verdict.caller,
            "author": by,
            "fidelity": fidelity,
            "target": target,
            "base": request.base,
            "request_headers": request_headers,
            "request_body": request_body,
            "reply_headers": reply_headers,
            "reply_body": reply_body,
            "detail": text,
        }

    def of_pending(self, id: str, request: Request, direction: Direction = "in") -> Document:
        """The document of a call that has no answer yet."""
        call = Call(request, _NOT_FOUND, Verdict(), id=id, direction=direction)
        return {**document(self.of(call)), "phase": "arrived", "verdict": None, "operation": None}

    def heads(self, request: Request) -> Heads:
        """The header lines of a request. They are shared: nobody changes the secrets."""
        pairs = request.headers.pairs
        known = self._headers.get(pairs)
        if known is None:
            secrets: Replacements = {}
            known = (self.redaction.headers(pairs, secrets), secrets)
            if len(self._headers) >= _CACHED_HEADERS:
                self._headers.clear()
            self._headers[pairs] = known
        return known

    def _body(
        self, body: bytes, message: Request | Reply, secrets: Replacements, detail: Document, cut: str
    ) -> bytes:
        if len(body) > self._body_limit:
            detail[cut] = len(body)
            body = body[: self._body_limit]
        return self.redaction.body(
            body, message.header("Content-Type"), message.header("Content-Encoding"), secrets
        )

    def _violation(self, violation: Violation, secrets: Replacements) -> Document:
        redaction = self.redaction
        message, expected, got = violation.message, violation.expected, violation.got
        name = violation.where.rpartition(" ")[2].rpartition(".")[2].partition("[")[0]
        # What an unknown property got is its name, which is not a secret even where its value is.
        if (
            got
            and got != name
            and not redaction.off
            and (violation.where.startswith("header ") or redaction.is_secret_name(name))
        ):
            safe = redaction.header(name, got, secrets)
            if safe == got and redaction.is_secret_name(name):
                safe = redaction.fingerprint(got)
            message, got = message.replace(got, safe), safe
        return {
            "stage": violation.stage,
            "severity": violation.severity,
            "where": redaction.text(violation.where, secrets),
            "message": redaction.message(message, secrets),
            "rule": violation.rule.id,
            "confidence": violation.rule.confidence,
            "source": violation.source,
            "expected": redaction.text(expected, secrets),
            "got": redaction.text(got, secrets),
            "nearest": violation.nearest,
        }

    def _near_miss(self, near_miss: NearMiss, secrets: Replacements) -> Document:
        differences = []
        for difference in near_miss.differences:
            kind, _, name = difference.field.rpartition(" ")
            name = name.rpartition(".")[2].partition("[")[0]
            header = name if kind == "header" or self.redaction.is_secret_name(name) else ""
            differences.append(
                {
                    "field": difference.field,
                    "expected": self._side(difference.expected, header, secrets),
                    "actual": self._side(difference.actual, header, secrets),
                }
            )
        return {"scenario": near_miss.scenario, "step": near_miss.step, "differences": differences}

    def _side(self, value: Any, header: str, secrets: Replacements) -> Json:
        if isinstance(value, str) and header:
            return self.redaction.header(header, value, secrets)
        if isinstance(value, Mapping):
            # Operators, {"equalTo": "Bearer 8A:..."}, or a value of a body.
            return {key: self._side(item, header, secrets) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._side(item, header, secrets) for item in value]
        plain: Json = value if isinstance(value, bool | int | float | str | None) else str(value)
        return self.redaction.value(plain, secrets)

    def _without_echoes(self, value: Any, secrets: Replacements, *, is_foreign: bool = False) -> Any:
        """A part of a detail in which the call's secrets stand no more; names of members go only where they are a
        client's. In its JSON, whose escapes may spell a secret by chance, nothing could be replaced.
        """
        if isinstance(value, str):
            return self.redaction.echoes(value, secrets)
        if isinstance(value, Mapping):
            return {
                self.redaction.echoes(name, secrets) if is_foreign else name: (
                    item
                    if name in _OWN_WORDS and not is_foreign
                    else self._without_echoes(item, secrets, is_foreign=is_foreign or name in _FOREIGN)
                )
                for name, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._without_echoes(item, secrets, is_foreign=is_foreign) for item in value]
        if is_foreign and isinstance(value, int | float) and not isinstance(value, bool):
            text = str(value)
            safe = self.redaction.echoes(text, secrets)
            return value if safe == text else safe
        return value


_NOT_FOUND = Lookup(None, None, {})  # type: ignore[arg-type]  # nothing asks an unanswered call's contract
