"""Verdicts of the tests of judging."""

from mockso.engine import Engine
from mockso.exchange.call import Verdict
from mockso.exchange.message import Request
from mockso.judge.judge import judge
from mockso.state.tenant import View


def judge_by(engine: Engine, request: Request) -> Verdict:
    return judge(request, engine.find(request), View(engine.tenants.of(request.tenant)))


def faults(engine: Engine, request: Request) -> list[tuple[str, str, str]]:
    return [(v.rule.id, v.severity, v.where) for v in judge_by(engine, request).violations]
