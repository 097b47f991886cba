"""The way of one call: found, judged, answered, written down. It wires the parts and has no other logic."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from mockso.answer.documents import give_document
from mockso.answer.finish import finish_reply
from mockso.answer.refuse import envelope
from mockso.answer.repeats import Repeats
from mockso.answer.row import StepError, ask, insist_on_scenarios, play_scenarios, refuse_faults
from mockso.config import Settings
from mockso.contract import documents
from mockso.contract.catalogue import Contract, Lookup
from mockso.contract.superid import GROUP as SUPERID
from mockso.entities.example_list import examples_of
from mockso.errors import JournalError, MocksoError, NoScenarioError, StateError, cause_of, tell
from mockso.exchange.call import Answer, Call, Verdict
from mockso.exchange.headers import header_text
from mockso.exchange.message import Reply, Request
from mockso.journal.journal import Journal
from mockso.judge.judge import judge
from mockso.redaction.redaction import Redaction
from mockso.state.outage import Outage
from mockso.state.playlist import Playlist
from mockso.state.roster import Tenants
from mockso.state.rows import Draft, Event
from mockso.state.tenant import Answerer, Rest, State, View
from mockso.storage.table import MEMORY

if TYPE_CHECKING:
    from mockso.answer.example import ExampleAnswers
    from mockso.entities.answer import Entities
    from mockso.entities.seed import Seeds
    from mockso.login.answer import Login
    from mockso.scenario.scenario import Scenario
    from mockso.state.database import DatabaseLog
    from mockso.webhooks.sender import Sender
    from mockso.webhooks.shared_sender import SharedSender

MANY_ROWS = 20_000
_LOOKUPS = 1_000  # addresses whose operations are remembered; suites call the same again and again
_ERROR = {"Message": "An error has occurred."}


class Engine:
    """One mock: contracts, tenants, a journal. Threads share it; each part guards itself."""

    def __init__(
        self,
        settings: Settings,
        contracts: Sequence[Contract],
        journal: Journal,
        scenarios: Sequence[Scenario] = (),
        clock: Callable[[], float] = time.time,
        log: DatabaseLog | None = None,
    ) -> None:
        self.settings = settings
        self.contracts = tuple(contracts)
        self.journal = journal
        self._nowhere = Lookup(None, self.contracts[0], {})
        self._lookups: dict[tuple[str, str, bool, bool], Lookup] = {}
        self.clock = clock
        if settings.base_timezone != "UTC":
            from mockso.formats.zones import base_zone

            base_zone(settings.base_timezone)  # refuse a wrong one now, not at the first call
        self._seeds: Seeds | None = None
        self._log = log
        self.playlist, self.tenants = self._roster(scenarios)
        self._sender: Sender | None = None
        self._shared_sender: SharedSender | None = None
        self._login: Login | None = None
        self._making = Lock()
        self._is_shared = self.tenants.is_shared or journal.is_shared
        self._outage = Outage(lambda: self.clock())
        self._releases: list[Callable[[], None]] = []
        self.on_call: Callable[[Call], None] | None = None
        """Gets each call of any tenant once it is answered, such as to show it in the terminal."""

        # Who answers, in this order.
        self.answerers: tuple[Answerer, ...] = (
            play_scenarios,
            insist_on_scenarios,
            refuse_faults,
            give_document,
            self._log_in,
            self._serve_webhooks,
            self._serve_entities,
            self._make_example,
        )
        self._quick_answerers = self.answerers
        self._repeats = Repeats(self.answerers)

    @property
    def contract(self) -> Contract:
        """The contract in which an address is looked up first."""
        return self.contracts[0]

    @classmethod
    def open(cls, settings: Settings, clock: Callable[[], float] = time.time, key: bytes = b"") -> Engine:
        """The engine that settings describe: contracts, scenarios and databases opened.

        `key` makes the fingerprints of secrets in the journal, else a random one.
        A MocksoError names the file or the setting that is wrong.
        """
        contracts = [Contract.open(path) for path in settings.contracts] or [Contract.open()]
        scenarios: list[Scenario] = []
        if settings.scenarios:
            # YAML and its checks are read only where there is something to read.
            from mockso.scenario.library import load_scenarios

            scenarios = load_scenarios(settings.scenarios, contracts[0])
        database, log = "" if settings.state in MEMORY else settings.state, None
        with ExitStack() as stack:  # whatever is wrong, nothing stays open
            if database:
                from mockso.state.database import DatabaseLog

                log = DatabaseLog(database)
                stack.callback(log.close)
            journal = Journal(
                settings.journal or database,
                entries=settings.journal_entries,
                bytes_limit=settings.journal_bytes,
                body_limit=settings.journal_body_limit,
                redaction=Redaction(settings.redact, off=not settings.redaction, key=key),
                shared=bool(database),
            )
            stack.callback(journal.close)
            if log is not None and log.is_server and settings.journal in ("", database):
                journal.take_numbers(log.number_calls("calls_seq"))
            engine = cls(settings, contracts, journal, scenarios, clock, log)
            if settings.data:
                engine.seeds.of(settings.data)  # refuse a wrong file now, not at the first call
            for scenario in scenarios:
                engine.check_data(scenario)
            engine._begin()
            stack.pop_all()
        return engine

    def _roster(self, scenarios: Sequence[Scenario]) -> tuple[Playlist, Tenants]:
        parts = (
            lambda sources: self.seeds.of(sources),
            lambda store, scenario: self.seeds.lay_scenario(store, scenario),
        )
        if self._log is None:
            playlist = Playlist(self.contract, scenarios)
            return playlist, Tenants(self.settings, playlist, *parts)
        from mockso.state.shared_roster import SharedPlaylist, SharedTenants

        shared = SharedPlaylist(self.contract, scenarios, self._log)
        tenants = SharedTenants(self.settings, shared, *parts, self._log)
        tenants.outbox = self._post
        return shared, tenants

    def _begin(self) -> None:
        self.tenants.begin()
        if self._log is None:
            return
        from mockso.webhooks.shared_sender import SharedSender

        sender = SharedSender(self.settings, self.contract, self.journal, self.clock, self.tenants, self._log)
        self._sender = self._shared_sender = sender
        sender.resume()

    def check_data(self, scenario: Scenario) -> None:
        """Check the rows of a scenario against those that tenants start with. Raises SeedError."""
        if scenario.data is not None:
            self.seeds.check_scenario(scenario, self.settings.data)

    def release(self) -> None:
        """Let go of all who wait for calls or deliveries, so that a server can stop. No event is sent any more."""
        self.journal.release()
        if self._sender is not None:
            self._sender.release()
        for release in self._releases:
            release()

    def at_release(self, release: Callable[[], None]) -> None:
        """Call a function at `release`, such as one that lets go of those who wait for another server."""
        self._releases.append(release)

    def close(self) -> None:
        """Close the journal. Deliveries that wait to be sent are not sent."""
        if self._sender is not None:
            self._sender.stop()
        self.journal.close()
        if self._log is not None:
            self._log.close()

    def handle(self, request: Request) -> Reply:
        """Answer one request and write it down; the reply has its body as bytes and all its headers.

        Never raises: what fails is a 500 with its reason, or a 503 where a database fails.
        """
        try:
            return self._handle(request)
        except Exception as error:  # before there is a call, or behind its care
            return self.fail(request, "a call that arrived", error)

    def _handle(self, request: Request) -> Reply:
        started = time.perf_counter()
        call, state, arrival = None, None, ""
        try:
            if request.to_login and not request.tenant:
                request = replace(request, tenant=self.login.tenant_of(request))
            state = self.tenants.of(request.tenant)
            if state.has_clock:
                request = replace(request, at=state.time(request.at))
            arrival = self.journal.arrive(request)
            known, trial = self._repeats.look(request, state, self.answerers)
            if known is not None:
                call, answer, reply = known.call, known.answer, known.reply_with(arrival)
            else:
                view = self.tenants.view(request, state)
                lookup = self.find(request)
                call = Call(trial, lookup, self._judge(trial, lookup, view), id=arrival)
                answer = ask(state.answerers or self.answerers, call, view)
                reply = finish_reply(answer, call, view, explain=self.settings.headers)
                self._repeats.keep(call, view, answer, reply)
        except Exception as error:
            state, arrival = state or self.tenants.near(request.tenant), arrival or self._arrive(request)
            call = call or Call(request, self._nowhere, Verdict(), id=arrival)
            answer = self._failure(call, View(state), error)
            reply = answer.reply
        call = call.with_answer(answer, reply, request, arrival, time.perf_counter() - started)
        return self._write_down(call, answer.note, state)

    def fail(self, request: Request, what: str, error: Exception) -> Reply:
        """The one place for failures beside a call's own care: a reply with the reason, an entry where the journal
        takes one, a line in the terminal that says `what` failed. Never raises."""
        import traceback

        cause = cause_of(error)
        tell(f"{what}, {request.method} {request.path}: {cause}")
        headers = [("Content-Type", "application/json; charset=utf-8")]
        if self.settings.headers:
            headers.append(("X-Mockso-Reason", header_text(cause)))
        reply = Reply(500, json.dumps(_ERROR).encode(), tuple(headers), by="fault", fidelity="assumed")
        try:
            call = Call(request, self._nowhere, Verdict(), reply, id=self.journal.arrive(request))
            self.journal.note(call.id, "".join(traceback.format_exception(error)))
            self.journal.add(call)
        except Exception as second:
            tell(f"{what} is not in the journal either: {cause_of(second)}")
            return reply
        if self.settings.headers:
            reply = replace(reply, headers=(*reply.headers, ("X-Mockso-Call", call.id)))
        return reply

    def may_wait(self, request: Request) -> bool:
        """Whether a call may take long: a database in the network, somebody else's code or server, very many rows."""
        if request.to_login or self._is_shared:
            return True  # the first one makes a key, and each signs; a database may be slow
        state = self.tenants.of(request.tenant)
        return (
            self.answerers is not self._quick_answerers
            or bool(state.answerers)
            or (state.plays and state.scenarios.have_functions)
            or (self.settings.webhook_probe and "/webhook" in request.path.lower())
            or state.store.rows.size > MANY_ROWS
        )

    def refuse(self, request: Request, status: int, cause: str) -> Reply:
        """Write down a call that never came whole, such as one with a body that broke off; its reply."""
        state = self.tenants.near(request.tenant)
        call = Call(request, self._nowhere, Verdict(), id=self._arrive(request))
        reply = Reply(status, envelope("ArgumentException", cause, state.settings))
        reply = self._finish_fault(call, View(state), reply, cause)
        return self._write_down(call.with_answer(Answer(reply), reply, request, call.id), cause, state)

    def _arrive(self, request: Request) -> str:
        """The id of a call that cannot be answered; empty where the journal cannot be written either."""
        try:
            return self.journal.arrive(request)
        except MocksoError:
            return ""

    def _failure(self, call: Call, view: View, error: Exception) -> Answer:
        """The guard: whatever fails is a reply in the server's shape, its cause in a header, the journal, the terminal.

        A `MocksoError` is its author's fault (a template that needs what the call lacks), all else is ours.
        """
        import traceback

        step, trace = "", traceback.format_exc()
        if isinstance(error, StepError):
            step, error = error.step, error.cause
        is_authors_fault = isinstance(error, MocksoError)
        cause = cause_of(error)
        if isinstance(error, NoScenarioError):  # the caller's fault, who can put it right
            reply = Reply(400, envelope("ArgumentException", cause, view.settings))
        elif isinstance(error, StateError | JournalError):
            reply = Reply(503, dict(_ERROR))
            self._outage.tell(cause)
        else:
            reply = Reply(500, dict(_ERROR))
            tell(f"call {call.id}, {call.request.method} {call.request.path}: {cause}")
        reply = self._finish_fault(call, view, reply, cause, step)
        return Answer(reply, step, note=cause if is_authors_fault else trace)

    def _finish_fault(self, call: Call, view: View, reply: Reply, cause: str, step: str = "") -> Reply:
        headers = (("X-Mockso-Reason", header_text(cause)),) if self.settings.headers else ()
        reply = replace(reply, headers=headers, by="fault", fidelity="assumed")
        nowhere = replace(call, lookup=self._nowhere)
        return finish_reply(Answer(reply, step), nowhere, view, explain=self.settings.headers)

    def _write_down(self, call: Call, note: str, state: State) -> Reply:
        """Add a call to the journal; its reply. An answer that nobody can look up is not given."""
        assert call.reply is not None
        if not call.id:
            return call.reply
        try:
            if note:
                self.journal.note(call.id, note)
            self.journal.add(call)
        except MocksoError as error:  # the disk is full, the database gone
            self._outage.tell(str(error))
            fault = Reply(503, dict(_ERROR))
            return self._finish_fault(call, View(state), fault, str(error), call.step)
        for listener in (state.on_answered, self.on_call):
            if listener is not None:
                try:
                    listener(call)
                except Exception as error:  # the call is answered, whatever becomes of its line
                    tell(f"call {call.id} could not be shown: {cause_of(error)}")
        return call.reply

    def _judge(self, request: Request, lookup: Lookup, view: View) -> Verdict:
        operation = lookup.operation
        if operation is None or operation.group != SUPERID:
            return judge(request, lookup, view)
        from mockso.login.check import judge_login

        return judge_login(request, operation, lookup.contract, view)

    def _log_in(self, call: Call, view: View, rest: Rest) -> Answer | None:
        return self.login.answer(call, view) if call.request.to_login else None

    def _serve_webhooks(self, call: Call, view: View, rest: Rest) -> Answer | None:
        operation = call.lookup.operation
        if operation is None or operation.group != "Webhook":
            return None
        from mockso.webhooks.answers import answer

        reply = answer(call, view, call.lookup.contract.derive(self._examples), self.webhooks)
        return None if reply is None else Answer(reply)

    def _serve_entities(self, call: Call, view: View, rest: Rest) -> Answer | None:
        if call.operation_id in call.lookup.contract.derive(examples_of):
            return None
        return call.lookup.contract.derive(self._entities).answer(call, view, self._signal)

    def _signal(self, view: View, event: Event) -> None:
        if not view.state.has_webhooks:
            return
        if self._shared_sender is not None:
            self._shared_sender.wake()  # the deliveries were committed with the change
            return
        from mockso.entities.changes import messages

        for message in messages(event):
            self.webhooks.signal(view.state, **vars(message))

    def _post(self, state: State, draft: Draft) -> None:
        if self._shared_sender is None or not draft.events or not any(draft.items("Webhook")):
            return
        from mockso.entities.changes import messages

        for event in draft.events:
            for message in messages(event):
                self._shared_sender.post(draft, state, **vars(message))

    def _make_example(self, call: Call, view: View, rest: Rest) -> Answer:
        return Answer(call.lookup.contract.derive(self._examples).reply_to(call, view))

    # Held here, as even an import that was done long ago costs each call.

    @cached_property
    def _entities(self) -> type[Entities]:
        from mockso.entities.answer import Entities

        return Entities

    @cached_property
    def _examples(self) -> type[ExampleAnswers]:
        from mockso.answer.example import ExampleAnswers

        return ExampleAnswers

    @property
    def seeds(self) -> Seeds:
        """The rows that tenants start with; made at first use."""
        if self._seeds is None:
            from mockso.entities.seed import Seeds

            self._seeds = self.contract.derive(Seeds)
        return self._seeds

    @property
    def webhooks(self) -> Sender:
        """The sender of the tenants' events to their webhooks; made at first use."""
        with self._making:
            if self._sender is None:
                from mockso.webhooks.sender import Sender

                self._sender = Sender(self.settings, self.contract, self.journal, self.clock)
            return self._sender

    @property
    def login(self) -> Login:
        """The login that all tenants share; made at first use."""
        with self._making:
            if self._login is None:
                from mockso.login.answer import Login

                self._login = Login(self.settings, self.contract, self.tenants)
            return self._login

    def find(self, request: Request) -> Lookup:
        """The operation a request is addressed to, in the first contract that has its address."""
        preflight = request.method == "OPTIONS" and self.settings.cors_enable and "Origin" in request.headers
        environment = request.to_environment and self.settings.profile != "onsite"
        asked = (request.method, request.path, preflight, environment)
        known = self._lookups.get(asked)
        if known is not None:
            return known
        lookup = self._look_up(*asked)
        if lookup.operation is not None and len(request.path) < 200:
            if len(self._lookups) >= _LOOKUPS:
                self._lookups.clear()
            self._lookups[asked] = lookup
        return lookup

    def _look_up(self, method: str, path: str, preflight: bool, environment: bool) -> Lookup:
        first: Lookup | None = None
        for contract in self.contracts:
            lookup = documents.find(contract, method, path, preflight=preflight, environment=environment)
            if lookup.operation is not None:
                return lookup
            if first is None or (lookup.allowed and not first.allowed):
                first = lookup
        return first or self._nowhere
