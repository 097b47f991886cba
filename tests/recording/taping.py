"""Calls as a proxy would have taped them, made by hand."""

from __future__ import annotations

import json
from typing import Any

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.contract.model import NOTHING
from mockso.engine import Engine
from mockso.exchange.call import Call
from mockso.exchange.message import Reply
from mockso.journal.journal import Journal
from mockso.judge.judge import judge
from mockso.recording.tape import Body, Spool, TapedCall
from mockso.state.tenant import View
from tests.conftest import NOON, call


class Taping:
    """Judges calls by the shipped contract, and gives them the replies they are told."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.engine = Engine(Settings(grants=("*",)), [contract], Journal(), clock=lambda: NOON)
        self.tape: list[TapedCall] = []

    def add(
        self,
        method: str,
        path: str,
        reply: Any = None,
        *,
        status: int = 200,
        media: str = "application/json; charset=utf-8",
        reply_headers: tuple[tuple[str, str], ...] = (),
        spool: Spool | None = None,
        **parts: Any,
    ) -> None:
        request = call(method, path, **parts)
        found = self.engine.find(request)
        verdict = judge(request, found, View(self.engine.tenants.of(request.tenant)))
        data = (
            reply
            if isinstance(reply, bytes)
            else json.dumps(reply, ensure_ascii=False, separators=(",", ":")).encode()
        )
        headers = (("Content-Type", media), *reply_headers) if data else reply_headers
        made = Call(
            request,
            found,
            verdict,
            Reply(status, data or NOTHING, headers, by="upstream", media_type=media),
            id=str(len(self.tape) + 1),
        )
        body = Body(data, len(data))
        if spool is not None:
            spool.write(data)
            body = spool.finish()
        self.tape.append(TapedCall(made, Body(request.body, len(request.body)), body))
