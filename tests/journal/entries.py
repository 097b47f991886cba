"""Calls in a journal for tests, without an engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from mockso.contract.catalogue import Contract
from mockso.contract.model import NOTHING
from mockso.exchange.call import Call, NearMiss, Rule, Verdict, Violation
from mockso.exchange.message import Reply, Request
from mockso.journal.journal import Journal
from tests.conftest import call

RULE = Rule("body.type", "firm", "tiny.md:1", "types hold")


def violation(
    severity: Any = "error", where: str = "body.Name", message: str = "is wrong", got: str = ""
) -> Violation:
    return Violation("body", severity, where, message, RULE, "tiny.md:7", "string", got)


def finished(
    contract: Contract,
    id: str,
    request: Request | None = None,
    *,
    status: int = 200,
    reply: Any = NOTHING,
    reply_headers: Iterable[tuple[str, str]] = (),
    violations: Iterable[Violation] = (),
    step: str = "",
    near_misses: Iterable[NearMiss] = (),
    value: Any = NOTHING,
    took: float = 0.001,
    **parts: Any,
) -> Call:
    """A call that was answered; `parts` are the request's, as `call` takes them."""
    request = request or call(**parts)
    return Call(
        request,
        contract.find(request.method, request.path),
        Verdict(tuple(violations), body=value, caller="Bearer"),
        Reply(status, reply, tuple(reply_headers)),
        step,
        tuple(near_misses),
        id,
        took,
    )


def added(journal: Journal, contract: Contract, **parts: Any) -> str:
    """The id of a call that went through the journal."""
    names = ("method", "path", "body", "tenant", "query", "headers", "content_type", "authorization", "at")
    request = call(**{name: parts.pop(name) for name in names if name in parts})
    if len(request.query):
        request = replace(request, target=f"{request.target}?{urlencode(request.query.pairs)}")
    id = journal.arrive(request)
    journal.add(finished(contract, id, request, **parts))
    return id
