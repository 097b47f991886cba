"""The way of one call: found, judged, answered, written down. It wires the parts and has no other logic."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from mockso.answer import documents
from mockso.answer.example import Answers
from mockso.answer.finish import finish
from mockso.answer.refuse import documented, envelope, refuse, unmatched
from mockso.config import Settings
from mockso.contract.catalogue import Contract, Lookup
from mockso.errors import MocksoError, NoScenarioError
from mockso.exchange.call import Answer, Call, Verdict
from mockso.exchange.headers import header_text
from mockso.exchange.message import SCENARIO_HEADER, Reply, Request
from mockso.journal.journal import Journal
from mockso.judge.judge import Judge
from mockso.redaction.redaction import Redaction
from mockso.state.tenant import Tenant, Tenants

if TYPE_CHECKING:
    from mockso.scenario.library import Library
    from mockso.scenario.load import FileFault
    from mockso.scenario.scenario import Scenario
    from mockso.webhooks.sender import Sender

_ERROR = {"Message": "An error has occurred."}


class _StepFailed(Exception):
    """The step that a call was given could not make its reply: the call has it all the same."""

    def __init__(self, call: Call, cause: Exception) -> None:
        super().__init__(str(cause))
        self.call, self.cause = call, cause


class Engine:
    """One mock: contracts, tenants, a journal. Threads share it; each part guards itself."""

    def __init__(
        self,
        settings: Settings,
        contracts: Sequence[Contract],
        journal: Journal,
        scenarios: Sequence[Scenario] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self.contracts = tuple(contracts)
        self.journal = journal
        self.scenarios = tuple(scenarios)
        self.steering = Lock()
        """Held by whoever changes what all tenants play: a look and a change, in one."""
        self._nowhere = Lookup(None, self.contracts[0], {})
        self.scenario_faults: tuple[FileFault, ...] = ()  # of changed files, see watch.py
        self.clock = clock
        if settings.base_timezone != "UTC":
            from mockso.formats.zones import base_zone

            base_zone(settings.base_timezone)  # a wrong one is told now, not to the first caller
        self.judge = Judge()
        self.tenants = Tenants(settings, self._prepare)
        self._library: Library | None = None
        self._sender: Sender | None = None
        self._making = Lock()
        self._answers = {
            id(contract): Answers(contract, self.judge.plain(contract)) for contract in contracts
        }

    @property
    def contract(self) -> Contract:
        """The contract asked first."""
        return self.contracts[0]

    @classmethod
    def open(cls, settings: Settings, clock: Callable[[], float] = time.time) -> Engine:
        """The engine that settings describe: contracts, scenarios and journal opened.

        A MocksoError names the file or the setting that is wrong.
        """
        contracts = [Contract.open(path) for path in settings.contracts] or [Contract.open()]
        scenarios: list[Scenario] = []
        if settings.scenarios:
            # YAML and its checks are read only where there is something to read.
            from mockso.scenario.load import load_scenarios

            scenarios = load_scenarios(settings.scenarios, contracts[0])
        journal = Journal(
            settings.journal,
            entries=settings.journal_entries,
            bytes_limit=settings.journal_bytes,
            body_limit=settings.journal_body_limit,
            redaction=Redaction(settings.redact, off=not settings.redaction),
        )
        return cls(settings, contracts, journal, scenarios, clock)

    def release(self) -> None:
        """Let go of all who wait for calls or deliveries, so that a server can stop. No event is sent any more."""
        self.journal.release()
        if self._sender is not None:
            self._sender.release()

    def close(self) -> None:
        """Close the journal; what it was told is kept. What waits to be sent to webhooks is not sent."""
        if self._sender is not None:
            self._sender.stop()
        self.journal.close()

    def _prepare(self, tenant: Tenant) -> None:
        # Each tenant counts its own steps, so each loads the scenarios for itself.
        for scenario in self.scenarios:
            tenant.play(scenario)

    def handle(self, request: Request) -> Reply:
        """Answer one request and write it down; the reply is finished (bytes, all headers).

        Never raises: a bug of ours is a 500, journalled with its traceback.
        """
        started = time.perf_counter()
        tenant = self.tenants.of(request.tenant)
        if tenant.clock is not None:
            request = replace(request, at=tenant.clock(request.at))
        call_id = self.journal.arrive(request)
        call = Call(request, self._nowhere, Verdict(), id=call_id)
        try:
            lookup = self.find(request)
            named = request.headers.get(SCENARIO_HEADER)
            scenario = self._named(named, tenant) if named else None
            if scenario is not None:
                # Others see the tenant as it was: only this call meets one of the scenario's profile and state.
                tenant = tenant.playing_only(scenario)
            verdict = self.judge.judge(request, lookup, tenant)
            # Written out where every call passes: dataclasses.replace() looks at each field in Python.
            call = Call(request, lookup, verdict, id=call_id)
            call, reply = self._answer(call, tenant, scenario)
            reply = finish(reply, call, tenant, explain=self.settings.headers)
        except Exception as error:
            if isinstance(error, _StepFailed):
                call, error = error.call, error.cause
            reply = self._failed(call, tenant, error)
        took = time.perf_counter() - started
        call = call.with_answer(Answer(reply, call.step, call.near_misses), reply, took)
        try:
            self.journal.add(call)
        except (
            MocksoError
        ) as error:  # the disk is full, the database gone: an answer nobody can look up is none
            return self._cannot(call, tenant, str(error))
        if tenant.told is not None:
            tenant.told(call)
        return reply

    def _answer(self, call: Call, tenant: Tenant, named: Scenario | None) -> tuple[Call, Reply]:
        """Who answers, in this order: a scenario, the contract's refusal, a document, an example.

        `named` is the scenario the call asks for itself, instead of those the tenant plays.
        """
        if named is not None or tenant.plays:
            if named is not None:
                from mockso.scenario.scenario import answer_from

                taken, near_misses = answer_from(named, call)
            else:
                taken, near_misses = tenant.scenarios.take(call)
            if taken is not None:
                call = replace(call, step=taken.label)
                try:
                    return call, taken.reply_to(
                        call,
                        lambda: self.normal(call, tenant),
                        lambda name, about: documented(name, about, tenant),
                    )
                except Exception as error:
                    raise _StepFailed(call, error) from error
            if call.request.to_environment:
                return call, self.normal(call, tenant)
            call = replace(call, near_misses=near_misses)
            only = named.only if named is not None else tenant.scenarios.only
            if tenant.settings.only_scenarios or only:
                return call, unmatched(call, tenant)
        return call, self.normal(call, tenant)

    def _named(self, name: str, tenant: Tenant) -> Scenario:
        if self._library is None:
            from mockso.scenario.library import Library

            self._library = Library(self.contract)
        played = tuple(tenant.scenarios) if tenant.plays else ()
        return self._library.find(name, (*self.scenarios, *played))

    def normal(self, call: Call, tenant: Tenant) -> Reply:
        """The answer without scenarios: the refusal the call deserves, or what the contract promises."""
        return (
            refuse(call, tenant)
            or documents.answer(call, tenant)
            or self._registered(call, tenant)
            or self._answers[id(call.lookup.contract)].to(call, tenant)
        )

    def _registered(self, call: Call, tenant: Tenant) -> Reply | None:
        """The answer of an operation on webhooks, which are remembered; None for any other."""
        operation = call.lookup.operation
        if operation is None or operation.group != "Webhook":
            return None
        from mockso.webhooks.answers import answer

        return answer(call, tenant, self._answers[id(call.lookup.contract)], self.webhooks)

    @property
    def webhooks(self) -> Sender:
        """What sends the tenants' events to their webhooks; made at first use."""
        with self._making:
            if self._sender is None:
                from mockso.webhooks.sender import Sender

                self._sender = Sender(self.settings, self.contract, self.journal, self.clock)
            return self._sender

    def find(self, request: Request) -> Lookup:
        """The operation a request is addressed to, in the first contract that has its address."""
        first: Lookup | None = None
        for contract in self.contracts:
            lookup = documents.find(
                contract,
                request.method,
                request.path,
                preflight=self.settings.cors_enable and "Origin" in request.headers,
                environment=request.to_environment and self.settings.profile != "onsite",
            )
            if lookup.operation is not None:
                return lookup
            if first is None or (lookup.allowed and not first.allowed):
                first = lookup
        assert first is not None
        return first

    def _failed(self, call: Call, tenant: Tenant, error: Exception) -> Reply:
        """A 500 in the server's shape, its cause in a header and, whole, in the journal.

        A `MocksoError` is its author's fault (a template that asks for what the call lacks), all else ours.
        """
        told = isinstance(error, MocksoError)
        cause = (
            str(error)
            if told
            else "a bug in mockso: " + "".join(traceback.format_exception_only(error)).strip()
        )
        self.journal.note(call.id, cause if told else traceback.format_exc())
        if isinstance(error, NoScenarioError):  # of the caller, who can put it right
            return self._cannot(
                call, tenant, cause, 400, envelope("ArgumentException", cause, tenant.settings)
            )
        return self._cannot(call, tenant, cause)

    def _cannot(
        self, call: Call, tenant: Tenant, cause: str, status: int = 500, body: Mapping[str, Any] = _ERROR
    ) -> Reply:
        headers = (("X-Mockso-Reason", header_text(cause)),) if self.settings.headers else ()
        reply = Reply(status, dict(body), headers, by="fault", fidelity="assumed")
        nowhere = replace(call, lookup=self._nowhere)
        return finish(reply, nowhere, tenant, explain=self.settings.headers)
