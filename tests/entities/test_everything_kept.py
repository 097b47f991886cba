"""Every property of every kind of rows that a client saves is there when it is read, however it was written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.contract.model import Operation, TypeRef
from mockso.engine import Engine
from mockso.entities.plans import Plan
from mockso.entities.rules import Rules
from mockso.formats.xml import to_xml
from tests.entities.values import NEEDED, Values, camel_case, form, losses

CONTRACT = Contract.open()
MAIN = [
    "Contact",
    "Person",
    "Appointment",
    "Sale",
    "Project",
    "Document",
    "Ticket",
    "TicketMessage",
    "Selection",
    "Associate",
    "Webhook",
]


@pytest.fixture(scope="module")
def engine():
    engine = Engine.open(Settings(world="closed", data=("none",), grants=("*",)))
    yield engine
    engine.close()


@dataclass(frozen=True)
class Way:
    """One way to save and read a kind of rows: by REST, or by an agent."""

    save: Operation
    plan: Plan
    read: Operation | None

    def __str__(self) -> str:
        return self.save.id


def is_whole(plan: Plan) -> bool:
    """Whether an operation answers with all that a row has."""
    names = (name.rpartition(".")[2].removesuffix("WithLinks") for name in (plan.form, plan.kind.carrier))
    return len(set(names)) == 1


def _ways() -> dict[str, list[Way]]:
    rules = CONTRACT.derive(Rules)
    plans = [(operation, plan) for operation in CONTRACT.operations() if (plan := rules.plan_of(operation))]
    reads = {
        (plan.kind.name, operation.is_agent): operation
        for operation, plan in plans
        if plan.verb == "read" and is_whole(plan)
    }
    ways: dict[str, list[Way]] = {}
    for operation, plan in plans:
        if plan.verb == "save" and operation.method == "POST":
            read = reads.get((plan.kind.name, operation.is_agent))
            ways.setdefault(plan.kind.name, []).append(Way(operation, plan, read))
    return ways


WAYS = _ways()
KINDS = sorted(WAYS)
SAMPLE = [name for place, name in enumerate(KINDS) if name in MAIN or place % 5 == 0]


def kinds() -> list[Any]:
    return [name if name in SAMPLE else pytest.param(name, marks=pytest.mark.full) for name in KINDS]


def kind_of(name: str) -> Kind:
    kind = CONTRACT.kinds.get(name)
    assert kind is not None
    return kind


FORMATS = ["json", "camelCase json", "by number json", "xml", "camelCase xml", "form"]


def written(value: Any, type: TypeRef, how: str) -> tuple[bytes, str]:
    if how.startswith("camelCase") and how.endswith("json"):
        value = camel_case(value, type, CONTRACT)
    if how.endswith("xml"):
        body = to_xml(value, type, CONTRACT).decode()
        if how.startswith("camelCase"):
            body = re.sub(r"(</?)([A-Z])(?!rrayOf|eyValueOf)", lambda m: m[1] + m[2].lower(), body)
        return body.encode(), "application/xml"
    if how == "form":
        return form(value).encode(), "application/x-www-form-urlencoded"
    return json.dumps(value).encode(), "application/json"


def address(operation: Operation, key: Any) -> tuple[str, str]:
    """The method and the address below /api/v1 of a read."""
    path = re.sub(r"\{[^}]*\}", str(key), operation.path.removeprefix("/api/v1/"))
    for parameter in operation.parameters:
        if parameter.location == "query" and parameter.required:
            path += f"?{parameter.name}={key}"
    return operation.method, path


def save(client: Any, way: Way, how: str, sent: dict[str, Any]) -> Any:
    assert way.save.body is not None
    body = {way.plan.member: sent} if way.plan.member else sent
    content, content_type = written(body, way.save.body, how)
    path = way.save.path.removeprefix("/api/v1/")
    status, saved = client.call(way.save.method, path, content, Content_Type=content_type)
    assert status in (200, 201), (way.save.id, how, status, saved)
    return saved


@pytest.mark.parametrize("name", kinds())
def test_what_is_saved_is_read(client, name):
    kind, lost = kind_of(name), []
    for how in FORMATS:
        values = Values(CONTRACT, by_number=how.startswith("by number"))
        for target, key in values.rows(kind):
            client.put(target, key, {"Name": "target"})
        for way in WAYS[name]:
            sent = values.body(kind)
            expected = Values(CONTRACT).body(kind) if how.startswith("by number") else sent
            saved = save(client, way, how, sent)
            key = saved[kind.forms[way.plan.form]]
            assert key, way.save.id
            if is_whole(way.plan):
                lost += [f"{how} {way}: {loss}" for loss in losses(expected, saved)]
            for read in {one.read.id: one.read for one in WAYS[name] if one.read}.values():
                status, answer = client.call(*address(read, key))
                assert status == 200, (read.id, status, answer)
                lost += [f"{how} {way} {read.id}: {loss}" for loss in losses(expected, answer)]
            values = Values(CONTRACT, by_number=how.startswith("by number"))
    assert lost == []


def updates(name: str) -> list[tuple[Operation, Plan]]:
    """The operations that save a row of a kind that exists: an agent's save and PUT."""
    rules = CONTRACT.derive(Rules)
    plans = ((operation, rules.plan_of(operation)) for operation in CONTRACT.operations())
    return [
        (operation, plan)
        for operation, plan in plans
        if plan is not None
        and plan.verb == "save"
        and plan.kind.name == name
        and (operation.is_agent or operation.method == "PUT")
    ]


def properties(row: Any, stamps: set[str]) -> dict[str, Any]:
    """The properties of a row or of a carrier that a save leaves as they are."""
    return {
        name: item for name, item in row.items() if not name.startswith(("$", "_")) and name not in stamps
    }


@pytest.mark.parametrize("name", kinds())
@pytest.mark.parametrize("full", [True, False], ids=["all properties", "few"])
def test_what_is_read_and_saved_back_is_unchanged(client, name, full):
    kind, changed = kind_of(name), []
    stamps = {kind.created, kind.created_by, kind.updated, kind.updated_by}
    values = Values(CONTRACT)
    for target, key in values.rows(kind):
        client.put(target, key, {"Name": "target"})
    for operation, plan in updates(name):
        sent = values.body(kind) if full else NEEDED.get(name, {})
        way = WAYS[name][0]
        key = save(client, way, "json", sent)[kind.forms[way.plan.form]]
        read = next((one.read for one in WAYS[name] if one.read), None)
        if read is None:
            continue
        _, before = client.call(*address(read, key))
        row = properties(client.rows.get(name, key) or {}, stamps)
        client.at += 60
        for how in ("json", "camelCase json", "xml", "camelCase xml"):
            body = {plan.member: before} if plan.member else before
            content, content_type = written(body, operation.body, how)
            path = address(operation, key)[1].partition("?")[0]
            status, _ = client.call(operation.method, path, content, Content_Type=content_type)
            assert status == 200
            _, after = client.call(*address(read, key))
            place = f"{how} {operation.id}"
            changed += [f"{place}: {loss}" for loss in losses(properties(before, stamps), after)]
            changed += [
                f"{place} row: {loss}" for loss in losses(row, properties(client.rows.get(name, key), stamps))
            ]
    assert changed == []
