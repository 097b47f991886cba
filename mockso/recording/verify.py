"""The requests of scenarios, sent to a real server to see whether its answers still are what they say.

Only what reads is sent, unless writes are allowed, and nothing to a production host, unless that is meant. A
step is asked when its match says what to send: an operation or a path, literal arguments, a literal body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote, urlencode

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.contract.model import NOTHING, Operation
from mockso.engine import Engine
from mockso.exchange.call import Call
from mockso.exchange.message import Headers, Reply
from mockso.journal.journal import Journal
from mockso.judge.judge import judge
from mockso.judge.reply import judge_reply
from mockso.matching.match import Match, any_glob, names_of
from mockso.matching.operators import is_operators
from mockso.recording.compare import differences
from mockso.recording.upstream import Target, Upstream, UpstreamError
from mockso.scenario.reply import ReplyPlan
from mockso.scenario.scenario import Step
from mockso.state.tenant import View

_READS = re.compile(r"(Get|Find|Search|CreateDefault|Has|Is|Can|Validate|Count|List)\w*")


@dataclass(frozen=True)
class PlannedRequest:
    """A step and the request that its match describes; `why` says why it cannot be sent."""

    label: str
    step: Step
    operation: Operation | None
    method: str = "GET"
    address: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    why: str = ""

    def __str__(self) -> str:
        return f"{self.label}: {self.why or f'{self.method} {self.address}'}"


def plan_request(step: Step, contract: Contract, target: Target, *, writes: bool = False) -> PlannedRequest:
    """The request that a step's match describes, or the reason why it cannot be sent."""
    match = step.match
    operation = None
    names = names_of(match.operation)
    if len(names) == 1 and not any_glob(names) and contract.has_operation(names[0]):
        operation = contract.operation(names[0])
    plan = PlannedRequest(step.label, step, operation)
    if not isinstance(step.reply, ReplyPlan) or step.fault or step.reply.error or step.reply.like_success:
        return replace(plan, why="skipped: it says nothing that could be compared")
    path = match.path if isinstance(match.path, str) and not set("*{") & set(match.path) else None
    if path is None and operation is not None and "{" not in operation.path:
        path = operation.path
    method = operation.method if operation else next(iter(names_of(match.method)), "GET")
    if path is None or any_glob([method]):
        return replace(plan, why="skipped: its match does not say what to send")
    if not writes and not reads(method, operation):
        return replace(plan, why="skipped: it may change something (--allow-writes)")
    try:
        query = [(name, _literal(spec)) for name, spec in match.query.items() if spec != {"absent": True}]
        headers = [(name, _literal(spec)) for name, spec in match.headers.items() if spec != {"absent": True}]
        body = _body(match)
    except ValueError as error:
        return replace(plan, why=f"skipped: {error}")
    address = quote(target.address_of(path), safe="/:$,()") + (f"?{urlencode(query)}" if query else "")
    if body and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return replace(plan, method=method, address=address, headers=tuple(headers), body=body)


def reads(method: str, operation: Operation | None) -> bool:
    """Whether a call changes nothing: a GET, or an agent's method whose name says so."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return True
    return (
        operation is not None
        and operation.is_agent
        and bool(_READS.fullmatch(operation.path.rpartition("/")[2]))
    )


def _literal(spec: Any) -> str:
    if isinstance(spec, dict):
        if set(spec) == {"equalTo"}:
            return str(spec["equalTo"])
        raise ValueError("an argument of it is left open")
    return spec if isinstance(spec, str) else json.dumps(spec)


def _body(match: Match) -> bytes:
    body = match.body
    if body is NOTHING or body == {"absent": True}:
        return b""
    if isinstance(body, dict) and is_operators(body):
        if set(body) == {"equalToJson"}:
            value = body["equalToJson"]
            return (value if isinstance(value, str) else json.dumps(value)).encode()
        raise ValueError("its body is left open")
    if any(map(is_operators, _inside(body))):
        raise ValueError("parts of its body are left open")
    return json.dumps(body).encode()


def _inside(value: Any) -> Iterator[Any]:
    yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _inside(item)


class ServerCheck:
    """Sends requests to a server and counts the answers that differ.

    `confidences` has for each operation how often it was confirmed, and by what it was refuted.
    `say` gets each line of the report.
    """

    def __init__(
        self, contract: Contract, upstream: Upstream, token: str, say: Callable[[object], None]
    ) -> None:
        self._engine = Engine(Settings(grants=("*",)), [contract], Journal())
        self._upstream, self._token, self._say = upstream, token, say
        self.checked = self.departing = 0
        self.confidences: dict[str, dict[str, Any]] = {}

    def send(self, item: PlannedRequest) -> None:
        """Send one request, and report where the answer departs from its step or from the contract."""
        if item.why:
            self._say(item)
            return
        headers = [*item.headers, ("Authorization", self._token), ("Accept", "application/json")]
        if any(name.lower() == "accept" for name, _ in item.headers):
            headers.pop()
        try:
            answer = self._upstream.send(item.method, item.address, headers, item.body)
            data = b"".join(answer.pieces())
        except UpstreamError as error:
            self._say(f"{item}: no answer: {error}")
            return
        self.checked += 1
        reply = Reply(
            answer.status,
            data or NOTHING,
            tuple(answer.headers),
            "upstream",
            "firm",
            media_type=answer.headers.get("Content-Type", ""),
        )
        call = self._call(item, reply)
        assert isinstance(item.step.reply, ReplyPlan)
        expected = item.step.reply.reply_to(call, lambda: reply, lambda name, about: reply, 1)
        departures = [str(difference) for difference in differences(expected, reply)]
        departures += [str(violation) for violation in judge_reply(call)]
        self.departing += bool(departures)
        self._say(f"{item}: {'holds' if not departures else f'{len(departures)} differences'}")
        for line in departures:
            self._say(f"  {line}")
        name = call.operation_id or item.address
        confidence = self.confidences.setdefault(name, {"confirmed": 0, "refuted": []})
        confidence["confirmed"] += not departures
        confidence["refuted"] += departures

    def _call(self, item: PlannedRequest, reply: Reply) -> Call:
        from mockso.web.edge import Edge

        path, _, query = item.address.partition("?")
        origin, headers = self._upstream.target.origin, Headers(item.headers)
        request = Edge(self._engine).request(
            item.method, unquote(path), query, headers, item.body, origin, item.address
        )
        lookup = self._engine.find(request)
        verdict = judge(request, lookup, View(self._engine.tenants.of(request.tenant)))
        return Call(request, lookup, verdict, reply)
