"""Deliveries: queued, sent by one thread, tried again, written down. The only part of webhooks with effects.

Each attempt is a call of direction "out" in the journal. A step of a scenario that matches `webhook` answers
in the target's place; then nothing is sent. What may not be sent is written down with the reason, and counts
neither as a call nor as an error of its webhook.
"""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from http import HTTPStatus
from http.client import HTTPException
from threading import Condition, Lock, Thread
from threading import Event as Signal
from typing import Any
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

from mockso.answer.refuse import named_error
from mockso.config import Settings
from mockso.contract.catalogue import Contract, Lookup
from mockso.contract.model import NOTHING
from mockso.errors import MocksoError
from mockso.exchange.call import Call, Verdict
from mockso.exchange.message import Headers, Query, Reply, Request
from mockso.journal.journal import Journal
from mockso.state import hook_states as states
from mockso.state.hook_states import Value
from mockso.state.tenant import State, View
from mockso.webhooks import events
from mockso.webhooks.payload import Event, encoded, headers, payload
from mockso.webhooks.target import Target

FLUSH_TIMEOUT = 30.0  # seconds; two attempts that wait take 5
_GONE = 410
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt: what the target answered, or why it did not, or why nothing was sent."""

    reply: Reply | None = None
    error: str = ""
    withheld: str = ""

    @property
    def accepted(self) -> bool:
        return not self.error and not self.withheld


@dataclass(order=True)
class _Job:
    """An event on its way to one webhook. `retry` counts the attempts that failed."""

    due: float
    number: int
    tenant: State = field(compare=False)
    hook: int = field(compare=False)
    event: Event = field(compare=False)
    retry: int = field(compare=False, default=0)


class Sender:
    """Sends what happens in the tenants of one mock. Its thread starts with the first event that has a taker."""

    def __init__(
        self,
        settings: Settings,
        contract: Contract,
        journal: Journal,
        clock: Callable[[], float] = time.time,
        ids: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self._settings, self._journal, self._clock, self._ids = settings, journal, clock, ids
        self._nowhere = Lookup(None, contract, {})
        self._changed = Condition(Lock())
        self._queue: list[_Job] = []
        self._running: _Job | None = None
        self._numbers = 0
        self.waiting = 0  # those in `flush`
        self._thread: Thread | None = None
        self._stopping = Signal()

    # what happens

    def signal(
        self,
        tenant: State,
        name: str,
        key: int = 0,
        *,
        changes: Iterable[str] | None = None,
        fields: Mapping[str, Any] | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> tuple[Event, int]:
        """Queue an event for every webhook that listens: the event, and how many do.

        `changes` None is what such an event usually says was changed.
        """
        event = self._event(tenant, name, key, events.changes(name) if changes is None else tuple(changes))
        event = replace(event, fields=dict(fields or {}), values=dict(values or {}))
        hooks = tenant.webhooks.listening(name) if tenant.has_webhooks else []
        for hook in hooks:
            self._push(tenant, hook["WebhookId"], event)
        return event, len(hooks)

    def test(self, tenant: State, hook: Value) -> Outcome:
        """A test delivery, made now and only once; `hook` need not be registered."""
        return self.attempt(tenant, hook, self._event(tenant, "test", 0, ()))

    def queued(self, tenant: State | None = None) -> int:
        """How many deliveries have not come to their end, of one tenant or of all."""
        with self._changed:
            return self._count(tenant)

    def flush(self, timeout: float = FLUSH_TIMEOUT, tenant: State | None = None) -> bool:
        """Wait until nothing is queued, all further attempts included; False when the time is over before, or
        the mock ends."""
        with self._changed:
            self.waiting += 1
            self._changed.wait_for(lambda: self._stopping.is_set() or not self._count(tenant), timeout)
            self.waiting -= 1
            return not self._count(tenant) and not self._stopping.is_set()

    def release(self) -> None:
        """Let go of all who wait, and send no more; what is queued stays unsent."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()

    def stop(self) -> None:
        """Send no more. Twice is no error."""
        self.release()
        if self._thread is not None:
            self._thread.join(1)  # one that waits for a target is left behind, it ends with the process

    def _event(self, tenant: State, name: str, key: int, changes: tuple[str, ...]) -> Event:
        return Event(name, key, self._ids(), self._now(tenant), changes)

    def _now(self, tenant: State) -> float:
        now = self._clock()
        return now if tenant.clock is None else tenant.clock(now)

    def _count(self, tenant: State | None) -> int:
        jobs = self._queue if self._running is None else [*self._queue, self._running]
        return sum(tenant is None or job.tenant.name == tenant.name for job in jobs)

    # the thread

    def _push(self, tenant: State, hook: int, event: Event, wait: float = 0.0, retry: int = 0) -> None:
        with self._changed:
            if self._stopping.is_set():
                return
            self._numbers += 1
            heappush(self._queue, _Job(time.monotonic() + wait, self._numbers, tenant, hook, event, retry))
            if self._thread is None:
                self._thread = Thread(target=self._work, name="mockso-webhooks", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._deliver(job)
            except Exception:  # the thread must live on; what `attempt` could write down is in the journal
                if not self._stopping.is_set():
                    traceback.print_exc()

    def _next(self) -> _Job | None:
        """The job that is due next, waited for; None at the end. The one before is done with this."""
        with self._changed:
            self._running = None
            self._changed.notify_all()
            while not self._stopping.is_set():
                wait = self._queue[0].due - time.monotonic() if self._queue else None
                if wait is not None and wait <= 0:
                    self._running = heappop(self._queue)
                    return self._running
                self._changed.wait(wait)
        return None

    def _deliver(self, job: _Job) -> None:
        tenant, hooks = job.tenant, job.tenant.webhooks
        hook = hooks.get(job.hook)
        if hook is None or hook["State"] != states.ACTIVE:
            return  # deleted or disabled meanwhile: the event is dropped (assumed)
        outcome = self.attempt(tenant, hook, job.event, job.retry)
        if outcome.withheld:
            return
        last = job.retry + 1 == states.ATTEMPTS
        reply, again = outcome.reply, False
        if outcome.accepted:
            changed = hooks.change(job.hook, states.succeeded)
        elif reply is not None and reply.status == _GONE and not reply.fault:
            changed = hooks.change(job.hook, lambda value: states.gone(value, outcome.error))
        else:
            changed = hooks.change(job.hook, lambda value: states.failed(value, outcome.error, last=last))
            again = changed is not None and not last
        if again:
            wait = states.WAITS[job.retry] * self._settings.webhook_wait_factor
            self._push(tenant, job.hook, job.event, wait, job.retry + 1)
        if changed is not None and changed[1]:
            self.signal(tenant, f"webhook{job.hook}.{changed[1]}", job.hook)

    # one attempt

    def attempt(self, tenant: State, hook: Value, event: Event, retry: int = 0) -> Outcome:
        """Send once, now, and write it down."""
        members = payload(event, hook, tenant.name if tenant.online else "")
        body = encoded(members)
        lines = headers(event, hook, body, self._settings.netserver_version, retry)
        url = str(hook["TargetUrl"] or "")
        target, problem = None, ""
        try:
            target = Target(url)
        except ValueError as error:
            problem = f"not sent: {error}."
        if not states.is_sent(hook):
            problem = f"not sent: mockso runs no {hook['Type']}, it only sends what is of type 'webhook'."
        request = Request(
            tenant=tenant.name,
            method="POST",
            path=unquote(target.path) if target else url,
            query=Query(parse_qsl(target.query, keep_blank_values=True) if target else ()),
            headers=Headers(lines),
            body=body,
            base=target.origin if target else "",
            target=target.address if target else url,
            at=self._now(tenant),
        )
        call = Call(request, self._nowhere, Verdict(body=members), direction="out")
        call = replace(call, id=self._journal.arrive(request, "out"))
        started = time.perf_counter()
        try:
            call, outcome = self._answer(call, tenant, target, problem)
        except MocksoError as error:  # a step that cannot reply
            outcome = Outcome(error=str(error))
        except Exception:
            outcome = Outcome(error=f"a bug in mockso: {traceback.format_exc()}")
        if outcome.withheld or (outcome.error and (outcome.reply is None or outcome.reply.fault)):
            self._journal.note(call.id, outcome.withheld or outcome.error)
        call = replace(call, reply=outcome.reply, took=time.perf_counter() - started)
        try:
            self._journal.add(call)
        except Exception:
            if not self._stopping.is_set():  # else the journal was closed meanwhile
                raise
        if tenant.on_answered is not None:
            tenant.on_answered(call)
        return outcome

    def _answer(self, call: Call, tenant: State, target: Target | None, problem: str) -> tuple[Call, Outcome]:
        if tenant.plays:
            taken, near_misses = tenant.scenarios.take(call)
            if taken is not None:
                call = replace(call, step=taken.label)
                reply = taken.reply_to(
                    call,
                    lambda: Reply(200, by="scenario", fidelity="assumed"),
                    lambda name, about: named_error(name, about, View(tenant)),
                )
                return call, self._played(reply)
            call = replace(call, near_misses=near_misses)
        problem = problem or (target.withheld(self._settings) if target else "")
        if problem or target is None:
            return call, Outcome(withheld=problem)
        settings = self._settings
        try:
            reply = target.post(
                call.request.headers,
                call.request.body,
                max(settings.webhook_timeout, 0.001),  # 0 is another thing to a socket
                validate=settings.webhook_validate_https,
            )
        except (OSError, HTTPException, ValueError, RuntimeError) as error:
            # RuntimeError: a test's network is blocked (testing/network.py).
            return call, Outcome(error=f"{target.origin} gave no answer: {_said(error)}")
        return call, self._judged(reply)

    def _played(self, reply: Reply) -> Outcome:
        """What a step says the target did, waited for as long as the target would have been."""
        timeout = self._settings.webhook_timeout
        if self._stopping.wait(min(reply.delay, timeout)):
            return Outcome(reply, "the mock ended before the answer was due")
        if reply.body is not NOTHING and not isinstance(reply.body, bytes):
            reply = replace(reply, body=json.dumps(reply.body, ensure_ascii=False).encode("utf-8", "replace"))
        if reply.fault == "timeout" or reply.delay > timeout:
            return Outcome(replace(reply, fault="timeout"), f"timed out after {timeout:g} s")
        if reply.fault:
            return Outcome(reply, f"the connection ended in a fault: {reply.fault}")
        return self._judged(reply)

    def _judged(self, reply: Reply) -> Outcome:
        accepted = (
            200 <= reply.status < 300 if self._settings.webhook_success == "2xx" else reply.status == 200
        )
        return Outcome(reply, "" if accepted else _status(reply))


def _status(reply: Reply) -> str:
    return f"{reply.status} {reply.reason or _PHRASES.get(reply.status, '')}".strip()


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def text_of(outcome: Outcome) -> str:
    """Headers and body of what the target answered, as a test delivery tells them; or why it did not."""
    reply = outcome.reply
    if reply is None or reply.fault:
        return outcome.withheld or outcome.error
    text = "" if reply.body is NOTHING else reply.body.decode("utf-8", "replace")
    lines = [_status(reply), *(f"{name}: {value}" for name, value in reply.headers)]
    return "\n".join([*lines, "", text]).rstrip()
