"""`mockso verify`: the requests of scenarios sent to a real server, to see whether what they say still holds.

Only what reads is sent, unless writes are allowed, and nothing to a production host, unless that is meant. A
step is asked when its match says what to send: an operation or a path, literal arguments, a literal body.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from mockso.commands.options import add_target
from mockso.config import Settings
from mockso.contract.catalogue import SHIPPED, Contract
from mockso.contract.model import NOTHING, Operation
from mockso.engine import Engine
from mockso.errors import SettingError
from mockso.exchange.call import Call
from mockso.exchange.message import Headers, Query, Reply, Request
from mockso.journal.journal import Journal
from mockso.judge.reply import judge_reply
from mockso.matching.match import Match, any_glob
from mockso.matching.operators import is_operators
from mockso.recording.compare import differences
from mockso.recording.upstream import Target, Upstream, UpstreamError
from mockso.recording.write import write_atomically
from mockso.scenario.load import load_scenarios
from mockso.scenario.reply import ReplyPlan
from mockso.scenario.scenario import Step
from mockso.state.tenant import View

# Source: the environments of SuperOffice CRM Online: sod is development, qaonline stage, online and app production.
_PRODUCTION = re.compile(r"(online|app)\d*\.superoffice\.com", re.IGNORECASE)
_READS = re.compile(r"(Get|Find|Search|CreateDefault|Has|Is|Can|Validate|Count|List)\w*")


@dataclass(frozen=True)
class Planned:
    """One step and the request that asks for it; `why` is why none can be sent."""

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


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("scenarios", nargs="+", metavar="SCENARIO", help="files, folders or names")
    parser.add_argument("--against", required=True, metavar="URL", help="the server, with its tenant")
    parser.add_argument("--allow-writes", action="store_true", help="send what may change something, too")
    parser.add_argument("--production", action="store_true", help="a production host is meant")
    parser.add_argument("--dry-run", action="store_true", help="print what would be sent, send nothing")
    parser.add_argument(
        "--confidences", type=Path, metavar="FILE", help="write what was confirmed or refuted (JSON)"
    )
    parser.add_argument("--contract", metavar="FILE", help="default: the contract that mockso ships")
    add_target(parser, named=False)


def run(arguments: argparse.Namespace) -> int:
    """0 when all that was checked holds, 1 when something does not, 2 when nothing was checked."""
    target = Target.of(arguments.against, "--against")
    if _PRODUCTION.fullmatch(target.host) and not arguments.production:
        raise SettingError(
            f"--against {arguments.against}: is a production host. Add --production if it is meant."
        )
    contract = Contract.open(arguments.contract or SHIPPED)
    plan = [
        planned(step, contract, target, writes=arguments.allow_writes)
        for scenario in load_scenarios(arguments.scenarios, contract)
        for step in scenario.steps
    ]
    if arguments.dry_run:
        for item in plan:
            _say(item)
        _say(f"{sum(not item.why for item in plan)} of {len(plan)} steps would be sent")
        return 0
    token = os.environ.get("MOCKSO_TOKEN", "")
    if not token:
        raise SettingError(
            "give a credential for the server in MOCKSO_TOKEN, such as 'Bearer 8A:Cust12345...'."
        )
    token = token if " " in token else f"Bearer {token}"
    upstream = Upstream(target, ca=arguments.ca, timeout=arguments.timeout)
    checking = Checking(contract, upstream, token)
    for item in plan:
        checking.check(item)
    upstream.close()
    if arguments.confidences:
        text = json.dumps(checking.confidences, indent=2, sort_keys=True) + "\n"
        write_atomically(arguments.confidences, text.encode())
    _say(f"{checking.checked} of {len(plan)} steps checked, {checking.leaving} leave what they say")
    if not checking.checked:
        sys.stderr.write("nothing was checked\n")
        return 2
    return 1 if checking.leaving else 0


def _say(line: object) -> None:
    sys.stdout.write(f"{line}\n")


def planned(step: Step, contract: Contract, target: Target, *, writes: bool = False) -> Planned:
    """The request that asks for a step, or why there is none."""
    match = step.match
    operation = None
    names = tuple(match.operation)
    if len(names) == 1 and not any_glob(names) and contract.has_operation(names[0]):
        operation = contract.operation(names[0])
    plan = Planned(step.label, step, operation)
    if not isinstance(step.reply, ReplyPlan) or step.fault or step.reply.error or step.reply.like_success:
        return replace(plan, why="skipped: it says nothing that could be compared")
    path = (
        match.path
        if isinstance(match.path, str) and "*" not in match.path and "{" not in match.path
        else None
    )
    if path is None and operation is not None and "{" not in operation.path:
        path = operation.path
    method = operation.method if operation else next(iter(match.method), "GET")
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


class Checking:
    """Asks a server, and counts. `confidences` has for each operation what was seen."""

    def __init__(self, contract: Contract, upstream: Upstream, token: str) -> None:
        self._engine = Engine(Settings(grants=("*",)), [contract], Journal())
        self._upstream, self._token = upstream, token
        self.checked = self.leaving = 0
        self.confidences: dict[str, dict[str, Any]] = {}

    def check(self, item: Planned) -> None:
        """Ask for one step and tell where the answer leaves what it says, or the contract."""
        if item.why:
            _say(item)
            return
        headers = [*item.headers, ("Authorization", self._token), ("Accept", "application/json")]
        if any(name.lower() == "accept" for name, _ in item.headers):
            headers.pop()
        try:
            answer = self._upstream.send(item.method, item.address, headers, item.body)
            data = b"".join(answer.pieces())
        except UpstreamError as error:
            _say(f"{item}: no answer: {error}")
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
        wanted = item.step.reply.reply_to(call, lambda: reply, lambda name, about: reply, 1)
        found = [str(difference) for difference in differences(wanted, reply)]
        found += [str(violation) for violation in judge_reply(call, self._engine.judge)]
        self.leaving += bool(found)
        _say(f"{item}: {'holds' if not found else f'{len(found)} differences'}")
        for line in found:
            _say(f"  {line}")
        seen = self.confidences.setdefault(call.operation_id or item.address, {"confirmed": 0, "refuted": []})
        seen["confirmed"] += not found
        seen["refuted"] += found

    def _call(self, item: Planned, reply: Reply) -> Call:
        from mockso.exchange.address import parse_query
        from mockso.web.edge import Edge

        path, _, query = item.address.partition("?")
        target = self._upstream.target
        read = Edge(self._engine).read(
            {
                "REQUEST_METHOD": item.method,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "HTTP_HOST": target.origin.partition("://")[2],
                "wsgi.url_scheme": "https" if target.secure else "http",
                "wsgi.input": None,
            }
        )
        request = Request(
            read.tenant,
            read.method,
            read.path,
            Query(parse_query(query)),
            Headers(item.headers),
            item.body,
            read.base,
            read.target,
            read.at,
        )
        lookup = self._engine.find(request)
        verdict = self._engine.judge.judge(request, lookup, View(self._engine.tenants.of(request.tenant)))
        return Call(request, lookup, verdict, reply)
