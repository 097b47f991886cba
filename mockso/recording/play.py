"""A mock that plays recordings and has the real server at hand: for what they lack, or to compare.

Modes, in the words people know: `none` (a miss is an error), `once` (record if there is no file yet),
`new_episodes` (a miss is asked of the target and added), `all` (record anew); and `simulate` (a miss gets the
contract's answer), `spy` (a miss goes to the target), `record` (as all), `diff` (ask both and compare).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import SettingError
from mockso.exchange import NOTHING, Call, Reply
from mockso.journal import Journal
from mockso.recording.compare import differences, value_of
from mockso.recording.judging import judge_reply
from mockso.recording.options import MODES
from mockso.recording.proxy import bad_gateway
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.rewrite import Plain, Rewriting, is_text
from mockso.recording.tape import Body, Tape, Taped
from mockso.recording.upstream import HOP_BY_HOP, Upstream, UpstreamError
from mockso.tenant import Tenant

if TYPE_CHECKING:
    from mockso.contract.catalogue import Contract
    from mockso.scenario import Scenario

# Those that ask the target while they play.
ASKING = ("new_episodes", "spy", "diff")
# Sent by every answer of ours anyway, or of the moment.
_OWN = frozenset({"x-powered-by", "content-encoding", "content-length", "date", "server", "vary"})


def effective(mode: str, file: Path, target: str) -> str:
    """The mode that a mode comes down to: "none", "simulate", "new_episodes", "spy", "diff" or "record".

    SettingError for an unknown one, and for one that needs a target where there is none.
    """
    if mode not in MODES:
        raise SettingError(f"--mode {mode}: no such mode. Modes are {', '.join(MODES)}.")
    if mode == "once":
        mode = "none" if file.exists() else "record"
    mode = "record" if mode == "all" else mode
    if mode in (*ASKING, "record") and not target:
        raise SettingError(f"--mode {mode} asks the real server: give --target URL.")
    return mode


class Player(Engine):
    """An engine that asks `upstream` where its scenarios are silent, or, in "diff", always.

    `tape` has the calls that were asked in "new_episodes"; `differing` what was found in "diff".
    """

    def __init__(
        self,
        settings: Settings,
        contracts: Sequence[Contract],
        journal: Journal,
        scenarios: Sequence[Scenario] = (),
        *,
        upstream: Upstream,
        mode: str,
        names: Pseudonyms | None = None,
    ) -> None:
        super().__init__(settings, contracts, journal, scenarios)
        self.upstream = upstream
        self.mode = mode
        self.names = names or Pseudonyms()
        self.tape = Tape()
        self.differing: list[str] = []
        self.compared = 0
        self._lock = threading.Lock()

    @classmethod
    def over(cls, engine: Engine, upstream: Upstream, mode: str, names: Pseudonyms) -> Player:
        """A player with all that an engine was opened with."""
        return cls(
            engine.settings,
            engine.contracts,
            engine.journal,
            engine.scenarios,
            upstream=upstream,
            mode=mode,
            names=names,
        )

    def _answer(self, call: Call, tenant: Tenant, named: Scenario | None) -> tuple[Call, Reply]:
        call, reply = super()._answer(call, tenant, named)
        if named is not None or (call.step and self.mode != "diff"):
            return call, reply
        try:
            theirs = self.ask(call)
        except UpstreamError as error:
            self.journal.note(call.id, str(error))
            return call, (reply if call.step else bad_gateway(str(error), self, call.request))
        if call.step:
            self._compare(call, reply, theirs)
            return call, reply
        if self.mode == "diff":
            with self._lock:
                self.differing.append(f"{_line(call)}: the recording has no answer")
        if self.mode == "new_episodes":
            self._keep(call, theirs)
        return call, theirs

    def ask(self, call: Call) -> Reply:
        """The target's answer, its body before compression; UpstreamError when there is none."""
        request = call.request
        ours = "/".join(request.base.split("/")[:3])
        out, back = Rewriting(ours, self.upstream.target.origin), Rewriting(self.upstream.target.origin, ours)
        headers = [
            (name, out.text(value))
            for name, value in request.headers
            if not name.lower().startswith(("accept-encoding", "x-mockso-"))
        ]
        body = request.body
        if is_text(request.media_type) and "Content-Encoding" not in request.headers:
            body = out.body(body)
        answer = self.upstream.send(
            request.method, self.upstream.target.address_of(request.target), headers, body
        )
        try:
            reader = Plain(answer.headers.get("Content-Encoding", ""))
            data = b"".join(part for piece in answer.pieces() for part in reader.feed(piece))
        except ValueError as error:
            answer.close()
            raise UpstreamError(str(error)) from error
        media = answer.headers.get("Content-Type", "")
        if is_text(media):
            data = back.body(data)
        lines = tuple(
            (name, back.text(value))
            for name, value in answer.headers
            if name.lower() not in HOP_BY_HOP | _OWN and not name.lower().startswith("x-mockso-")
        )
        return Reply(
            answer.status,
            data or NOTHING,
            lines,
            by="upstream",
            fidelity="firm",
            reason=answer.reason,
            media_type=media,
        )

    def _keep(self, call: Call, reply: Reply) -> None:
        call = replace(call, reply=reply)
        faults = judge_reply(call, self.judge)
        call = replace(call, verdict=replace(call.verdict, violations=(*call.verdict.violations, *faults)))
        data = b"" if reply.body is NOTHING else reply.body
        request = call.request
        self.tape.add(Taped(call, Body(request.body, len(request.body)), Body(data, len(data))))

    def _compare(self, call: Call, recorded: Reply, theirs: Reply) -> None:
        # The recording may have stand-ins, and the same person has the same ones.
        safe = {item.field for item in differences(recorded, replace(theirs, body=self._safe(theirs)))}
        found = [item for item in differences(recorded, theirs) if item.field in safe]
        with self._lock:
            self.compared += 1
            self.differing += [f"{_line(call)}: {difference}" for difference in found]
        if found:
            self.journal.note(call.id, "the target answers otherwise: " + "; ".join(map(str, found)))

    def _safe(self, reply: Reply) -> Any:
        value = value_of(reply)
        if value is None:
            return NOTHING
        return value if isinstance(value, bytes) else self.names.value(value)


def _line(call: Call) -> str:
    return f"{call.request.method} {call.request.path}"
