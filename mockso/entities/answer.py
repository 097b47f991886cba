"""The answerer of living entities: an operation's plan, run on the tenant's rows, made a reply.

An operation without a plan is left to those behind. What is not there is 404 over REST and null over an
agent; both firm (behaviour, section 7.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from mockso.answer.example import ExampleAnswers
from mockso.answer.refuse import envelope, not_found
from mockso.contract.catalogue import Contract
from mockso.contract.model import NOTHING, Confidence, Operation, TypeRef
from mockso.entities.caller import associate_of
from mockso.entities.compose import Composer
from mockso.entities.invent import Inventor
from mockso.entities.marks import mark
from mockso.entities.miss import describe_miss, name_of
from mockso.entities.plans import Plan
from mockso.entities.read import BodyReaders
from mockso.entities.rules import Rules, is_reading, verb_of
from mockso.entities.trace import line
from mockso.entities.verbs import ELSEWHERE, NoRowError, RefusalError, Work
from mockso.exchange.call import Answer, Call
from mockso.exchange.conditions import applies, unmet
from mockso.exchange.headers import header_text
from mockso.exchange.message import Reply, Request, copy_with
from mockso.state.rows import Draft, Event
from mockso.state.tenant import View

Signal = Callable[[View, Event], None]

OFTEN = 3
"""Runs of a verb from which on its call's entry says so: it had to keep other processes out."""


@dataclass(frozen=True)
class _Patch:
    """A PATCH body, to be applied to a row's carrier; `headers` tell what it left alone."""

    entities: Entities
    call: Call
    view: View
    plan: Plan
    headers: list[tuple[str, str]]

    def __call__(self, value: dict[str, Any]) -> dict[str, Any]:
        kind = TypeRef("carrier", self.plan.kind.carrier)
        outcome = self.entities.examples.patch_entity(value, self.call, self.view, kind)
        if isinstance(outcome, Reply):
            raise RefusalError(outcome)
        changed, self.headers[:] = outcome
        return changed


class Entities:
    """Answers the operations of one contract that have a plan. Threads may share it."""

    def __init__(self, contract: Contract) -> None:
        self.examples = contract.derive(ExampleAnswers)
        self._contract = contract
        self._rules = contract.derive(Rules)
        self._composer = contract.derive(Composer)
        self._readers = contract.derive(BodyReaders)
        self._inventor = contract.derive(Inventor)

    def answer(self, call: Call, view: View, signal: Signal) -> Answer | None:
        """The answer of an operation that lives; None for any other. `signal` gets the events of what it changed."""
        operation = call.lookup.operation
        assert operation is not None
        plan = self._rules.plan_of(operation)
        if plan is None:
            return None
        store = view.state.store
        invent = None if view.is_closed else partial(self._inventor.row, store.rows.seed)
        if not view.is_closed and plan.verb in ("list", "find") and not store.rows.count(plan.kind.name):
            return None  # of what nobody has any of, an open world gives an example
        headers: list[tuple[str, str]] = []
        runs = 1
        patch = _Patch(self, call, view, plan, headers)
        work = self._work(call, view, plan, patch)
        try:
            if is_reading(plan):
                draft = Draft(store.rows, invent)
                self._check_conditions(work, call, view, draft)
                value = verb_of(plan)(work, draft)
            else:
                run = verb_of(plan)

                def verb(draft: Draft) -> Any:
                    self._check_conditions(work, call, view, draft)
                    value = run(work, draft)
                    mark(draft, call.id, self._contract.kinds)
                    if store.outbox is not None:
                        store.outbox(draft)
                    return value

                outcome = store.change(verb, invent)
                value, runs = outcome.value, outcome.runs
                for event in outcome.events:
                    signal(view, event)
        except NoRowError as error:
            if not view.is_closed and isinstance(error.key, str):
                return None  # an open world invents ids; by a name nobody has it gives an example
            return self._missing(error, call, view, plan)
        except RefusalError as refusal:
            return Answer(replace(refusal.reply, by="entities"))
        if value is ELSEWHERE:
            return None
        note = line(work, value, store.rows)
        if runs >= OFTEN:
            note = (
                f"{note}; {runs - 1} times other processes were quicker with a change of this tenant".lstrip(
                    "; "
                )
            )
        if isinstance(value, Reply):
            return Answer(replace(value, by="entities"), note=note)
        if operation.result is None:
            documented = operation.success in operation.responses
            reply = Reply(operation.success, NOTHING if documented else None, by="entities")
            return Answer(replace(reply, fidelity="firm" if documented else "assumed"), note=note)
        reply = self.examples.shape_reply(value, call, view, tuple(headers))
        fidelity = self._fidelity_of(operation, reply)
        return Answer(copy_with(reply, by="entities", fidelity=fidelity), note=note)

    def _fidelity_of(self, operation: Operation, reply: Reply) -> Confidence:
        """How sure an answer is: as a real server made it where one was asked (`mockso verify`)."""
        fidelity: Confidence = self._contract.confidences.get(operation.id, reply.fidelity)
        return fidelity

    def _work(self, call: Call, view: View, plan: Plan, patch: _Patch) -> Work:
        request, body = call.request, call.verdict.body
        arguments: dict[str, Any] = {}
        if isinstance(body, Mapping) and (plan.member or plan.verb not in ("save", "patch")):
            arguments.update((name.lower(), item) for name, item in body.items())
        arguments.update((name.lower(), item) for name, item in call.verdict.arguments.items())

        def keep(row: dict[str, Any], carrier: str) -> dict[str, Any]:
            kept: dict[str, Any] = self.examples.to_stored(row, TypeRef("carrier", carrier), request, view)
            return kept

        return Work(
            plan,
            self._composer,
            self._readers,
            arguments,
            None if body is NOTHING else body,
            associate_of(request, view.state.store.rows, view.credentials),
            partial(self._now, request, view),
            keep,
            patch,
            self._contract,
            call,
            view,
        )

    def _now(self, request: Request, view: View) -> str:
        moment = datetime.fromtimestamp(request.at, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return moment if view.settings.base_timezone == "UTC" else self.examples.to_base_zone(moment, view)

    def _check_conditions(self, work: Work, call: Call, view: View, rows: Draft) -> None:
        """Stop with 304 or 412 where a condition is not met by the row as it is."""
        headers, operation = call.request.headers, call.lookup.operation
        if "If-Modified-Since" not in headers and "If-Unmodified-Since" not in headers:
            return
        if operation is None or not applies(operation):
            return
        row = rows.get(work.kind.name, work.argument(work.plan.key))
        if row is None:
            return
        stamps = {"UpdatedDate": row.get(work.kind.updated), "CreatedDate": row.get(work.kind.created)}
        status = unmet(operation, call.request, self.examples.changed_at(stamps, view))
        if status:
            sure = operation.method != "GET" or status == 304
            raise RefusalError(Reply(status, fidelity="firm" if sure else "likely"))

    def _missing(self, error: NoRowError, call: Call, view: View, plan: Plan) -> Answer:
        hint = describe_miss(error.kind, error.key, view.state.store.rows)
        of_the_address = error.kind == plan.kind.name and plan.rule != 9 and type(error.key) is int
        reply = not_found(call, view, *(() if of_the_address else (name_of(error.kind), error.key)))
        if reply.body is None and plan.verb == "save":
            # An agent reads null; that a save of what is not there is an error is assumed.
            text = f"{error.kind} id {error.key} not found"
            body = envelope("SoNotFoundException", text, view.settings)
            reply = Reply(404, body, fidelity="assumed", reason=f"{error.kind} Not Found")
        return Answer(
            replace(reply, by="entities", headers=(*reply.headers, ("X-Mockso-Hint", header_text(hint))))
        )
