"""Deliveries of a mock of several processes: rows, each sent by the process that claims it.

An event becomes rows in the commit of the change that it is about, so none is lost. A process claims a delivery by a
commit, for as long as a lease; of one that died meanwhile the lease runs out, and another process sends the same event
again, with the same id. Each process looks now and then for what others left.
"""

from __future__ import annotations

import os
import socket
import traceback
from collections.abc import Callable
from typing import Unpack

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.errors import MocksoError
from mockso.journal.journal import Journal
from mockso.state.database import DatabaseLog
from mockso.state.hooks import listening
from mockso.state.roster import Tenants
from mockso.state.rows import Draft
from mockso.state.tenant import State
from mockso.timing import monotonic
from mockso.webhooks import deliveries
from mockso.webhooks.payload import Event
from mockso.webhooks.sender import FLUSH_TIMEOUT, EventParts, Job, Sender

LOOK = 1.0  # seconds between two looks for deliveries that other processes left
_FLUSH_LOOK = 0.02


class SharedSender(Sender):
    """Sends what happens in the tenants of a log. Its thread starts with `resume`, or with the first event."""

    def __init__(
        self,
        settings: Settings,
        contract: Contract,
        journal: Journal,
        clock: Callable[[], float],
        tenants: Tenants,
        log: DatabaseLog,
    ) -> None:
        super().__init__(settings, contract, journal, clock)
        self._tenants, self._log = tenants, log
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._is_woken = False
        self._next_look = 0.0

    def resume(self) -> None:
        """Begin to send what is due, also what other processes left."""
        with self._news:
            if not self._stopping.is_set():
                self._start()

    def wake(self) -> None:
        """Look for deliveries now."""
        self.resume()
        with self._news:
            self._is_woken = True
            self._news.notify_all()

    def post(
        self, draft: Draft, state: State, name: str, key: int = 0, **parts: Unpack[EventParts]
    ) -> tuple[Event, int]:
        """Put an event's deliveries among the changes of a draft: the event, and how many they are."""
        event = self._compose(state, name, key, parts)
        hooks = listening((hook for _, hook in draft.items("Webhook")), name)
        for hook in hooks:
            deliveries.put_into(draft, hook["WebhookId"], event, self._clock(), 0)
        return event, len(hooks)

    def signal(self, state: State, name: str, key: int = 0, **parts: Unpack[EventParts]) -> tuple[Event, int]:
        event, count = state.store.change(lambda draft: self.post(draft, state, name, key, **parts)).value
        if count:
            self.wake()
        return event, count

    def pending(self, state: State | None = None) -> int:
        if state is None:
            return self._log.count_deliveries()
        state.store.refresh()
        return state.store.rows.count(deliveries.KIND)

    def flush(self, timeout: float = FLUSH_TIMEOUT, state: State | None = None) -> bool:
        end = monotonic() + timeout
        while self.pending(state):
            with self._news:
                if self._stopping.is_set() or monotonic() >= end:
                    return False
                self.waiting += 1
                self._news.wait(_FLUSH_LOOK)
                self.waiting -= 1
        return not self._stopping.is_set()

    # the thread

    def _push(self, state: State, hook: int, event: Event, wait: float = 0.0, retry: int = 0) -> None:
        deliveries.put(state.store, hook, event, self._clock() + wait, retry)

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                job = self._claim()
                if job is None:
                    self._rest()
                elif not self._deliver(job):
                    deliveries.remove(job.state.store, job.hook, job.event)
            except MocksoError:  # the database is gone: what was claimed is sent again after its lease
                self._next_look = self._clock() + LOOK
                self._rest()
            except Exception:  # the thread must live on
                if not self._stopping.is_set():
                    traceback.print_exc()

    def _rest(self) -> None:
        with self._news:
            self._news.notify_all()
            if not self._is_woken and not self._stopping.is_set():
                self._news.wait(min(max(self._next_look - self._clock(), 0.001), LOOK))
            self._is_woken = False

    def _claim(self) -> Job | None:
        """Claim a delivery that is due; None where none is, or others were quicker with all."""
        now = self._clock()
        self._next_look = now + LOOK
        for name in self._log.owing():
            state = self._tenants.of(name)
            waiting = sorted(state.store.rows.items(deliveries.KIND), key=lambda item: float(item[1]["due"]))
            for key, row in waiting:
                free = deliveries.free_from(row)
                if free > now:
                    self._next_look = min(self._next_look, free)
                    continue
                until = now + self._settings.webhook_lease
                claimed = deliveries.claim(state.store, str(key), self._name, now, until)
                if claimed is not None:
                    return Job(now, 0, state, claimed["hook"], deliveries.event_of(claimed), claimed["retry"])
        return None
