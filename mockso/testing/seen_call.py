"""A call as a test reads it."""

from __future__ import annotations

import gzip
import json
from typing import Any

from mockso.contract.model import NOTHING
from mockso.exchange.call import Call, Violation
from mockso.exchange.message import Headers, Query
from mockso.journal.show import safe
from mockso.testing.difference import assert_json, comparable

PREFIX = "/api/v1/"


class SeenCall:
    """One answered call of a world. Its repr is "<POST Agents/User/SaveUntrustedCredentials 403 online-restricted>"."""

    __slots__ = ("call",)

    def __init__(self, call: Call) -> None:
        self.call = call

    @property
    def id(self) -> str:
        """Its id in the journal, and in the reply's header X-Mockso-Call."""
        return self.call.id

    @property
    def method(self) -> str:
        return self.call.request.method

    @property
    def path(self) -> str:
        """The decoded path without tenant, "/api/v1/Contact/17"."""
        return self.call.request.path

    @property
    def short(self) -> str:
        """Method and path in short: "GET Contact/17"."""
        path = self.path
        return safe(f"{self.method} {path[len(PREFIX) :] if path.startswith(PREFIX) else path}")

    @property
    def operation(self) -> str:
        """The id of the operation reached, or an empty string."""
        return self.call.operation_id

    @property
    def query(self) -> Query:
        return self.call.request.query

    @property
    def headers(self) -> Headers:
        """The request's headers; names in any letter case."""
        return self.call.request.headers

    @property
    def body(self) -> bytes:
        """The request's body as it came."""
        return self.call.request.body

    @property
    def json(self) -> Any:
        """The request's body, decoded; None without one."""
        decoded = self.call.verdict.body
        if decoded is NOTHING or isinstance(decoded, bytes):
            return comparable(json.loads(self.body)) if self.body else None
        return comparable(decoded)

    @property
    def status(self) -> int:
        return self.call.reply.status if self.call.reply else 0

    @property
    def reply_headers(self) -> Headers:
        return Headers(self.call.reply.headers if self.call.reply else ())

    @property
    def reply_json(self) -> Any:
        """The reply's body, decoded; None without one."""
        body = self.call.reply.body if self.call.reply else NOTHING
        return comparable(json.loads(self._plain(body))) if isinstance(body, bytes) and body else None

    def _plain(self, body: bytes) -> bytes:
        if self.reply_headers.get("Content-Encoding").lower() == "gzip":
            return gzip.decompress(body)
        return body

    @property
    def step(self) -> str:
        """The step that answered, "limited#1", or an empty string."""
        return self.call.step

    @property
    def fault(self) -> str:
        """The fault of the connection that came instead of a reply, "reset" or "cut", or an empty string."""
        return self.call.reply.fault if self.call.reply else ""

    @property
    def violations(self) -> tuple[Violation, ...]:
        return self.call.verdict.violations

    @property
    def is_unmatched(self) -> bool:
        """Whether only steps may answer, and none did."""
        reply = self.call.reply
        return reply is not None and reply.status == 501 and not self.step and reply.by == "refusal"

    @property
    def failing(self) -> bool:
        """Whether it was refused, broken off, or against the contract."""
        return self.status >= 400 or bool(self.fault) or bool(self.violations)

    def assert_json(self, expected: Any) -> None:
        """Fail unless the request's body is this, naming the places that differ."""
        __tracebackhide__ = True
        assert_json(self.json, expected)

    def __repr__(self) -> str:
        errors = self.call.verdict.errors or self.violations
        about = [self.fault] if self.fault else [errors[0].rule.id] if errors else []
        if self.is_unmatched:
            about = ["unmatched"]
        return f"<{' '.join([self.short, str(self.status), *about])}>"
