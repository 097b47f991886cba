"""Calls of a journal in memory that nobody has looked at yet: what they were, not yet a row.

Redacting a call and writing its row is half of its way, and most calls of a suite or a load test are never looked
at. So such a journal keeps of a plain call what its row will be made of, about 600 bytes, and makes the row when
somebody looks. What a row alone can hold, a verdict with faults, a note, near misses, is made into one at once.
"""

from __future__ import annotations

from collections import deque
from itertools import chain, islice
from typing import NamedTuple

from mockso.contract.catalogue import Lookup
from mockso.contract.model import NOTHING, Confidence, Nothing
from mockso.errors import cause_of, tell
from mockso.exchange.call import Call, Verdict
from mockso.exchange.message import By, Headers, Query, Reply, Request
from mockso.journal.rows import ROW_BYTES, Heads, Rows
from mockso.storage.table import Values

_OTHERS = ("scenario", "upstream")  # whose replies may be compressed already


class Sketch(NamedTuple):
    """A plain call without what its row does not say: no verdict's value, no headers as such.

    `size` counts bytes, as the row will have it.
    """

    size: int
    tenant: str
    id: str
    lookup: Lookup
    step: str
    took: float
    method: str
    path: str
    target: str
    base: str
    at: float
    media_type: str
    heads: Heads
    body: bytes
    caller: str
    status: int
    by: By
    fidelity: Confidence
    headers: tuple[tuple[str, str], ...]
    reply_body: bytes | Nothing


class Page(NamedTuple):
    """A call that was made a row at once."""

    size: int
    tenant: str
    values: Values


class Backlog:
    """The calls, those answered first in front. `rows` makes the rows, with bodies of up to `body_limit` bytes.

    All but `sketch` wants the journal's lock held.
    """

    def __init__(self, rows: Rows, body_limit: int) -> None:
        self._rows, self._body_limit = rows, body_limit
        self._items: deque[Sketch | Page] = deque()
        self.dropped: dict[str, int] = {}
        """How many calls of each tenant were dropped before anybody looked."""

    def __len__(self) -> int:
        return len(self._items)

    @property
    def size(self) -> int:
        """The bytes of all calls."""
        return sum(item.size for item in self._items)

    def sketch(self, call: Call, note: str) -> Sketch | Page:
        """A call as it is kept."""
        request, reply, verdict = call.request, call.reply, call.verdict
        if (
            note
            or verdict.violations
            or call.near_misses
            or reply is None
            or reply.fault
            or reply.delay
            or reply.reason
            or call.direction == "out"
            or call.lookup.operation is None
            or len(request.body) > self._body_limit
            or not ("json" in request.media_type or isinstance(verdict.body, bytes | Nothing))
            or request.headers.get_folded("content-encoding") is not None
            or (reply.by in _OTHERS and reply.header("Content-Encoding"))
        ):
            return self._make_row(call, note)
        body: bytes | Nothing = reply.body
        length = 0 if body is NOTHING else len(body)
        if length > self._body_limit:
            return self._make_row(call, note)
        heads = self._rows.heads(request)
        texts = sum(map(len, chain.from_iterable(reply.headers))) + 3 * len(reply.headers)
        return Sketch(
            ROW_BYTES + len(heads[0]) + len(request.body) + texts + length + 2 * len(request.target),
            request.tenant,
            call.id,
            call.lookup,
            call.step,
            call.took,
            request.method,
            request.path,
            request.target,
            request.base,
            request.at,
            request.header("Content-Type"),
            heads,
            request.body,
            verdict.caller,
            reply.status,
            reply.by,
            reply.fidelity,
            reply.headers,
            body,
        )

    def _make_row(self, call: Call, note: str) -> Sketch | Page:
        row = self._rows.of(call, note)
        return Page(row["size"], row["tenant"], tuple(row.values()))

    def append(self, item: Sketch | Page) -> None:
        self._items.append(item)

    def drop(self) -> int:
        """Drop the oldest call, and count it; its bytes."""
        item = self._items.popleft()
        self.dropped[item.tenant] = self.dropped.get(item.tenant, 0) + 1
        return item.size

    def take(self, count: int) -> list[Values]:
        """The rows of so many of the oldest calls, which are here no more."""
        items = list(islice(self._items, count))
        rows = [row for item in items if (row := self._row_of(item)) is not None]
        for _ in items:
            self._items.popleft()
        return rows

    def _row_of(self, sketch: Sketch | Page) -> Values | None:
        if isinstance(sketch, Page):
            return sketch.values
        headers = Headers((("Content-Type", sketch.media_type),) if sketch.media_type else ())
        request = Request(
            sketch.tenant,
            sketch.method,
            sketch.path,
            Query(),
            headers,
            sketch.body,
            sketch.base,
            sketch.target,
            sketch.at,
        )
        reply = Reply(
            sketch.status, sketch.reply_body, sketch.headers, by=sketch.by, fidelity=sketch.fidelity
        )
        verdict = Verdict(caller=sketch.caller)
        call = Call(request, sketch.lookup, verdict, reply, sketch.step, id=sketch.id, took=sketch.took)
        try:
            row = self._rows.of(call, heads=sketch.heads)
        except Exception as error:  # all others are to be found all the same
            tell(f"call {sketch.id} cannot be shown: {cause_of(error)}")
            return None
        row["size"] = sketch.size  # whether and when somebody looks changes no bound
        return tuple(row.values())
