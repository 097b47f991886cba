"""How many operations live by which rule. Source: study of entities, section a1."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.contract.examples import Examples
from mockso.engine import Engine
from mockso.entities import queries
from mockso.entities.rules import Rules, verb_of
from mockso.judge.judge import check
from tests.entities.conftest import Client


@pytest.fixture(scope="module")
def plans():
    contract = Contract.open()
    rules = Rules(contract)
    return [plan for operation in contract.operations() if (plan := rules.plan_of(operation)) is not None]


def test_every_plan_has_a_verb(plans):
    assert plans
    assert all(callable(verb_of(plan)) for plan in plans)


def test_the_rules_about_queries_are_asked_of_all_that_they_are_about():
    contract = Contract.open()
    rules = Rules(contract)
    asked = {}
    for operation in contract.operations():
        found = next((plan for find in queries.FINDERS if (plan := find(operation, contract))), None)
        if found is not None:
            asked[operation.id] = found

    assert len(asked) > 100
    assert {id: rules.plan_of(contract.operation(id)) for id in asked} == asked


def test_who_asks_no_archive_loads_nothing_of_them():
    code = (
        "import sys; from mockso.testing.mock import open_mock; from tests.conftest import call\n"
        "engine = open_mock().engine\n"
        "assert engine.handle(call()).status == 200\n"
        "assert engine.handle(call('PUT', '/api/v1/Contact/17', {'Name': 'a'})).status == 200\n"
        "print(*sys.modules)"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert {"mockso.entities.queries", "mockso.entities.find"}.isdisjoint(ended.stdout.split())


@pytest.mark.parametrize(("rule", "count"), [(9, 711), (10, 90), (11, 51), (12, 122), (14, 3), (16, 36)])
def test_operations_of_a_rule(plans, rule, count):
    assert Counter(plan.rule for plan in plans)[rule] >= count


def _call_of(operation, examples):
    """A path with query and a body as an operation takes them; a list that exists, ids of 1."""
    path, query, body = operation.path.removeprefix("/api/v1/"), [], None
    for parameter in operation.parameters:
        type = parameter.type
        text = (
            type.values[1] if type.values else {"boolean": "true", "string": "category"}.get(type.name, "1")
        )
        if parameter.location == "path":
            path = path.replace(f"{{{parameter.name}}}", text)
        elif parameter.location == "query" and parameter.required:
            query.append(f"{parameter.name}={text}")
    kind = "application/json"
    if operation.body is not None and operation.body.name in ("binary", "byte"):
        kind = "image/png" if "image/png" in operation.consumes else "application/octet-stream"
        body = b"\x89PNG"
    elif operation.body is not None:
        is_patch = operation.body.kind == "patch"
        kind = "application/merge-patch+json" if is_patch else kind
        body = {"Name": "x"} if is_patch else examples.of(operation.body)
    return f"{path}?{'&'.join(query)}", body, kind


def test_operations_with_keys_of_their_own_keep_the_contract():
    engine = Engine.open(Settings(world="closed"))
    client, contract = Client(engine), engine.contract
    engine.tenants.make("Cust1", online=False)
    rules, examples = contract.derive(Rules), contract.derive(Examples)
    faults = []
    for operation in contract.operations():
        plan = rules.plan_of(operation)
        if plan is None or plan.rule not in (9, 10, 11, 12, 14, 16):
            continue
        path, body, kind = _call_of(operation, examples)
        reply = client.reply(operation.method, path, body, Content_Type=kind, Accept="application/json")
        if reply.status not in (200, 204, 404):
            faults.append((operation.id, reply.status, reply.body))
        elif reply.status == 200 and operation.result is not None and reply.body != b"null":
            faults += [
                (operation.id, departure)
                for departure in check(json.loads(reply.body), operation.result, contract)
            ]
    engine.close()

    assert faults == []
