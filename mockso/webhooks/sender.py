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
from typing import Any, TypedDict, Unpack
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
from mockso.state import hooks as states
from mockso.state.hooks import Value
from mockso.state.tenant import State, View
from mockso.timing import monotonic, wait_for
from mockso.webhooks import deliveries, events
from mockso.webhooks.payload import Event, encode_body, headers, payload
from mockso.webhooks.target import Target

FLUSH_TIMEOUT = 30.0  # seconds; two attempts that wait take 5
_STATUS_GONE = 410
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True)
class Outcome:
    """The outcome of one attempt: the target's reply, or why it failed, or why nothing was sent."""

    reply: Reply | None = None
    error: str = ""
    withheld: str = ""

    @property
    def accepted(self) -> bool:
        return not self.error and not self.withheld


class EventParts(TypedDict, total=False):
    """The parts of an event besides its name and key.

    Without `changes`, or for None, those that such an event usually has; `associate` is who changed it.
    """

    changes: Iterable[str] | None
    fields: Mapping[str, Any] | None
    values: Mapping[str, Any] | None
    associate: int


@dataclass(order=True)
class Job:
    """An event on its way to one webhook. `retry` counts the attempts that failed."""

    due: float
    number: int
    state: State = field(compare=False)
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
        self._news = Condition(Lock())
        self._queue: list[Job] = []
        self._running: Job | None = None
        self._numbers = 0
        self.waiting = 0  # those in `flush`
        self._thread: Thread | None = None
        self._stopping = Signal()

    # what happens

    def signal(self, state: State, name: str, key: int = 0, **parts: Unpack[EventParts]) -> tuple[Event, int]:
        """Queue an event for every webhook that listens: the event, and how many do."""
        event = self._compose(state, name, key, parts)
        hooks = state.webhooks.listening(name) if state.has_webhooks else []
        for hook in hooks:
            self._push(state, hook["WebhookId"], event)
        return event, len(hooks)

    def test(self, state: State, hook: Value) -> Outcome:
        """A test delivery, made now and only once; `hook` need not be registered."""
        return self.attempt(state, hook, self._compose(state, "test", 0, {}))

    def pending(self, state: State | None = None) -> int:
        """The number of deliveries that have not ended, of one tenant or of all."""
        with self._news:
            return self._count(state)

    def flush(self, timeout: float = FLUSH_TIMEOUT, state: State | None = None) -> bool:
        """Wait until nothing is queued, all further attempts included; False when the time is over before, or
        the mock ends."""
        with self._news:
            self.waiting += 1
            wait_for(self._news, lambda: self._stopping.is_set() or not self._count(state), timeout)
            self.waiting -= 1
            return not self._count(state) and not self._stopping.is_set()

    def release(self) -> None:
        """Let go of all who wait, and send no more; what is queued stays unsent."""
        self._stopping.set()
        with self._news:
            self._news.notify_all()

    def stop(self) -> None:
        """Send no more. May be called twice."""
        self.release()
        if self._thread is not None:
            self._thread.join(1)  # one that waits for a target is left behind, it ends with the process

    def _compose(self, state: State, name: str, key: int, parts: EventParts) -> Event:
        changes = parts.get("changes")
        return Event(
            name,
            key,
            self._ids(),
            self._now(state),
            events.changes(name) if changes is None else tuple(changes),
            dict(parts.get("fields") or {}),
            dict(parts.get("values") or {}),
            parts.get("associate", 1),
        )

    def _now(self, state: State) -> float:
        return state.time(self._clock())

    def _count(self, state: State | None) -> int:
        jobs = self._queue if self._running is None else [*self._queue, self._running]
        return sum(state is None or job.state.name == state.name for job in jobs)

    # the thread

    def _push(self, state: State, hook: int, event: Event, wait: float = 0.0, retry: int = 0) -> None:
        deliveries.put(state.store, hook, event, self._clock() + wait, retry)
        with self._news:
            if self._stopping.is_set():
                return
            self._numbers += 1
            heappush(self._queue, Job(monotonic() + wait, self._numbers, state, hook, event, retry))
            self._start()
            self._news.notify_all()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._work, name="mockso-webhooks", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            again = False
            try:
                again = self._deliver(job)
            except Exception:  # the thread must live on; what `attempt` could write down is in the journal
                if not self._stopping.is_set():
                    traceback.print_exc()
            if not again:
                deliveries.remove(job.state.store, job.hook, job.event)

    def _next(self) -> Job | None:
        """Wait for the job that is due next; None at the end. The job before it is finished by this call."""
        with self._news:
            self._running = None
            self._news.notify_all()
            while not self._stopping.is_set():
                wait = self._queue[0].due - monotonic() if self._queue else None
                if wait is not None and wait <= 0:
                    self._running = heappop(self._queue)
                    return self._running
                self._news.wait(wait)
        return None

    def _deliver(self, job: Job) -> bool:
        """Make an attempt; whether there is to be another."""
        state, hooks = job.state, job.state.webhooks
        hook = hooks.get(job.hook)
        if hook is None or hook["State"] != states.ACTIVE:
            return False  # deleted or disabled meanwhile: the event is dropped (assumed)
        outcome = self.attempt(state, hook, job.event, job.retry)
        if outcome.withheld:
            return False
        last = job.retry + 1 == states.ATTEMPTS
        reply, again = outcome.reply, False
        if outcome.accepted:
            after = hooks.change(job.hook, states.after_success)
        elif reply is not None and reply.status == _STATUS_GONE and not reply.fault:
            after = hooks.change(job.hook, lambda value: states.after_gone(value, outcome.error))
        else:
            after = hooks.change(
                job.hook, lambda value: states.after_failure(value, outcome.error, last=last)
            )
            again = after is not None and not last
        if again:
            wait = states.WAITS[job.retry] * self._settings.webhook_wait_factor
            self._push(state, job.hook, job.event, wait, job.retry + 1)
        if after is not None and after[1]:
            self.signal(state, f"webhook{job.hook}.{after[1]}", job.hook)
        return again

    # one attempt

    def attempt(self, state: State, hook: Value, event: Event, retry: int = 0) -> Outcome:
        """Send once, now, and write it down."""
        members = payload(event, hook, state.name if state.online else "")
        body = encode_body(members)
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
            tenant=state.name,
            method="POST",
            path=unquote(target.path) if target else url,
            query=Query(parse_qsl(target.query, keep_blank_values=True) if target else ()),
            headers=Headers(lines),
            body=body,
            base=target.origin if target else "",
            target=target.address if target else url,
            at=self._now(state),
        )
        call = Call(request, self._nowhere, Verdict(body=members), direction="out")
        call = replace(call, id=self._journal.arrive(request, "out"))
        begin = time.perf_counter()
        try:
            call, outcome = self._answer(call, state, target, problem)
        except MocksoError as error:  # a step that cannot reply
            outcome = Outcome(error=str(error))
        except Exception:
            outcome = Outcome(error=f"a bug in mockso: {traceback.format_exc()}")
        if outcome.withheld or (outcome.error and (outcome.reply is None or outcome.reply.fault)):
            self._journal.note(call.id, outcome.withheld or outcome.error)
        call = replace(call, reply=outcome.reply, took=time.perf_counter() - begin)
        try:
            self._journal.add(call)
        except Exception:
            if not self._stopping.is_set():  # else the journal was closed meanwhile
                raise
        if state.on_answered is not None:
            state.on_answered(call)
        return outcome

    def _answer(self, call: Call, state: State, target: Target | None, problem: str) -> tuple[Call, Outcome]:
        if state.plays:
            use, near_misses = state.scenarios.take(call)
            if use is not None:
                call = replace(call, step=use.label)
                reply = use.reply_to(
                    call,
                    lambda: Reply(200, by="scenario", fidelity="assumed"),
                    lambda name, about: named_error(name, about, View(state)),
                )
                return call, self._outcome_of_step(reply)
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
            return call, Outcome(error=f"{target.origin} gave no answer: {_error_text(error)}")
        return call, self._outcome_of_reply(reply)

    def _outcome_of_step(self, reply: Reply) -> Outcome:
        """The outcome that a step gives in the target's place, after as long a wait as for the target."""
        timeout = self._settings.webhook_timeout
        if self._stopping.wait(min(reply.delay, timeout)):
            return Outcome(reply, "the mock ended before the answer was due")
        if reply.body is not NOTHING and not isinstance(reply.body, bytes):
            reply = replace(reply, body=json.dumps(reply.body, ensure_ascii=False).encode("utf-8", "replace"))
        if reply.fault == "timeout" or reply.delay > timeout:
            return Outcome(replace(reply, fault="timeout"), f"timed out after {timeout:g} s")
        if reply.fault:
            return Outcome(reply, f"the connection ended in a fault: {reply.fault}")
        return self._outcome_of_reply(reply)

    def _outcome_of_reply(self, reply: Reply) -> Outcome:
        accepted = (
            200 <= reply.status < 300 if self._settings.webhook_success == "2xx" else reply.status == 200
        )
        return Outcome(reply, "" if accepted else _status(reply))


def _status(reply: Reply) -> str:
    return f"{reply.status} {reply.reason or _PHRASES.get(reply.status, '')}".strip()


def _error_text(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def target_answer(outcome: Outcome) -> str:
    """Headers and body of the target's answer, as a test delivery reports them; or why it failed."""
    reply = outcome.reply
    if reply is None or reply.fault:
        return outcome.withheld or outcome.error
    text = "" if reply.body is NOTHING else reply.body.decode("utf-8", "replace")
    lines = [_status(reply), *(f"{name}: {value}" for name, value in reply.headers)]
    return "\n".join([*lines, "", text]).rstrip()
