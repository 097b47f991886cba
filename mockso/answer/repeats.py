"""Calls that come again, byte for byte: they get the answer they got before, while nothing of it can have changed.

A client that polls, tries again or is under load sends the same call over and over, and judging it anew gives the same
verdict each time. An answer depends on its request, on the rows of its tenant, and some on the time. So an answer is
kept only if it was made without a scenario, a change of a row or a look at the clock, and only until the next change
of any row of its tenant. All else of a call is its own: its id, its time, its entry in the journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from mockso.contract.model import NOTHING
from mockso.contract.superid import GROUP as SUPERID
from mockso.exchange.call import Answer, Call
from mockso.exchange.message import Headers, Query, Reply, Request, copy_with
from mockso.state.tenant import Answerer, State, View

ANSWERS = 256  # that are kept; and calls that are known to have come once
TRIALS = 2  # of a call: in the first one another may have changed a row meanwhile
BODY_LIMIT, REPLY_LIMIT = 4 * 1024, 16 * 1024  # bytes

Key = tuple[str, str, str, str, str, Query, Headers, bytes]

_ID = "X-Mockso-Call"
_BY = ("example", "entities", "refusal")
# Groups whose answers depend on others: a target that is tried, deliveries, keys.
_OUTSIDE = ("Webhook", SUPERID)


class Repeat(NamedTuple):
    """An answer that was given, from the rows of a version. `before` and `after` are the headers around the call's id."""

    version: object
    call: Call
    answer: Answer
    reply: Reply
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]

    def reply_with(self, id: str) -> Reply:
        """The same reply to a call of this id."""
        if len(self.before) == len(self.reply.headers):
            return self.reply
        return copy_with(self.reply, headers=(*self.before, (_ID, id), *self.after))


class Trial(Request):
    """A request that was met before. It knows the rows it meets, and whether somebody looks at its time."""

    key: Key
    version: object
    looks: list[str]

    @classmethod
    def of(cls, request: Request, key: Key, version: object) -> Trial:
        """A request to be tried."""
        trial = object.__new__(cls)
        trial.__dict__.update(request.__dict__, key=key, version=version, looks=[])
        return trial

    @property
    def at(self) -> float:
        fields: dict[str, Any] = self.__dict__
        fields.get("looks", []).append("at")
        return float(fields["at"])

    @at.setter
    def at(self, value: float) -> None:
        self.__dict__["at"] = value  # of a copy, for which the original was looked at


class Repeats:
    """The calls that may come again, of an engine that asks these `answerers`. Threads may share it."""

    def __init__(self, answerers: Sequence[Answerer]) -> None:
        self._answerers = answerers
        self._known: dict[Key, Repeat] = {}
        # By the hash of a call that came: how many trials ended with an answer that cannot be kept.
        self._once: dict[int, int] = {}

    def look(
        self, request: Request, state: State, answerers: Sequence[Answerer]
    ) -> tuple[Repeat | None, Request]:
        """The same call's answer, if it would get that now too; and the request, to be tried where it came before."""
        if (
            answerers is not self._answerers
            or state.plays
            or state.answerers
            or state.on_answered is not None
            or len(request.body) > BODY_LIMIT
        ):
            return None, request
        key = (
            request.tenant,
            request.method,
            request.path,
            request.target,
            request.base,
            request.query,
            request.headers,
            request.body,
        )
        version = state.store.version
        known = self._known.get(key)
        if known is not None and known.version is version:
            return known, request
        mark = hash(key)
        failures = self._once.get(mark)
        if failures is not None and failures < TRIALS:
            return None, Trial.of(request, key, version)
        if failures is None:
            if len(self._once) >= ANSWERS:
                self._once.clear()
            self._once[mark] = 0
        return None, request

    def keep(self, call: Call, view: View, answer: Answer, reply: Reply) -> None:
        """Keep what a call got that is a trial, unless it may get something else the next time."""
        trial = call.request
        if not isinstance(trial, Trial):
            return
        if (
            trial.looks
            or view.plays
            or trial.version is not view.state.store.version
            or reply.by not in _BY
            or call.lookup.operation is None
            or call.lookup.operation.group in _OUTSIDE
            or (reply.body is not NOTHING and len(reply.body) > REPLY_LIMIT)
        ):
            mark = hash(trial.key)
            self._once[mark] = self._once.get(mark, 0) + 1
            return
        if len(self._known) >= ANSWERS and trial.key not in self._known:
            self._known.clear()
        names = [name for name, _ in reply.headers]
        place = names.index(_ID) if _ID in names else len(names)
        before, after = reply.headers[:place], reply.headers[place + 1 :]
        self._known[trial.key] = Repeat(
            trial.version, call, answer._replace(reply=reply), reply, before, after
        )
