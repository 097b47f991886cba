"""Verdicts of the tests of judging."""

from mockso.engine import Engine
from mockso.exchange.call import Verdict
from mockso.exchange.message import Request
from mockso.state.tenant import View


def judge(engine: Engine, request: Request) -> Verdict:
    return engine.judge.judge(request, engine.find(request), View(engine.tenants.of(request.tenant)))


def faults(engine: Engine, request: Request) -> list[tuple[str, str, str]]:
    return [(v.rule.id, v.severity, v.where) for v in judge(engine, request).violations]
