"""Every operation through a socket: called well, without credential, with wrong types, restricted.

The default takes a sample; --full takes all 3,438.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from mockso.contract.catalogue import Contract
from mockso.contract.examples import Examples
from mockso.contract.model import Operation, Parameter, TypeRef
from mockso.contract.schemas import Schemas
from mockso.judge.access import BLOCKED_ONLINE
from mockso.testing.mock import Mock, serve
from tests.making import register

TENANT = "Cust77"
TEXTS = {
    "int32": "7",
    "int64": "7",
    "double": "1.5",
    "boolean": "true",
    "date-time": "2026-01-31T10:00:00",
}

NAMES = {"archiveProviderName": "Person"}  # where not every text will do


class Client:
    """Builds calls of operations and sends them over one connection."""

    def __init__(self, mock: Mock, contract: Contract) -> None:
        self.examples = Examples(contract)
        self.connection = http.client.HTTPConnection("127.0.0.1", mock.server.port, timeout=20)

    def body_of(self, operation: Operation) -> tuple[Any, str]:
        if operation.body is None:
            return None, ""
        value = {} if operation.body.kind == "patch" else self.examples.of(operation.body)
        kind = "application/json"
        if isinstance(value, bytes) or kind not in operation.consumes:
            kind = operation.consumes[0] if operation.consumes else kind
        return value, kind

    def send(
        self,
        operation: Operation,
        *,
        body: Any = ...,
        wrong: str = "",
        credential: str = f"Bearer 8A:{TENANT}.x",
        tenant: str = TENANT,
    ) -> tuple[int, dict[str, str], bytes]:
        value, kind = self.body_of(operation)
        if body is not ...:
            value = body
        path, query = operation.path, []
        for parameter in operation.parameters:
            text = NAMES.get(parameter.name) or text_of(parameter.type)
            text = "not-a-number" if parameter.name == wrong else text
            if parameter.location == "path":
                path = path.replace(f"{{{parameter.name}}}", quote(text, safe=""))
            elif parameter.location == "query" and (parameter.required or parameter.name == wrong):
                query.append((parameter.name, text))
        headers = {"Authorization": credential} if credential else {}
        data = None
        if value is not None:
            data = value if isinstance(value, bytes) else json.dumps(value).encode()
            headers["Content-Type"] = kind
        self.connection.request(
            operation.method, f"/{tenant}{path}" + (f"?{urlencode(query)}" if query else ""), data, headers
        )
        response = self.connection.getresponse()
        content = response.read()
        return response.status, {name.lower(): text for name, text in response.getheaders()}, content


def text_of(kind: TypeRef) -> str:
    if kind.kind in ("enum", "flags"):
        return kind.values[0]
    if kind.kind == "list" and kind.item:
        return text_of(kind.item)
    return TEXTS.get(kind.name, "text")


def typed_parameter(operation: Operation) -> Parameter | None:
    """A parameter that can be given a text of the wrong type without reaching another operation."""
    return next(
        (
            p
            for p in operation.parameters
            if p.location == "query" and p.type.name in ("int32", "boolean", "date-time")
        ),
        None,
    )


@pytest.fixture(scope="module")
def operations(shipped: Contract, sweep: int) -> list[Operation]:
    chosen = list(shipped.operations())[::sweep]
    assert chosen
    return chosen


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with serve(world="open") as running:
        running.engine.tenants.make(TENANT, grants={"*"})
        yield running


@pytest.fixture(scope="module")
def client(mock: Mock, shipped: Contract) -> Iterator[Client]:
    made = Client(mock, shipped)
    yield made
    made.connection.close()


def test_a_valid_call_gets_its_documented_success_and_a_body_its_schema_accepts(
    client, mock, operations, shipped
):
    schemas = Schemas(shipped)
    for operation in operations:
        mock.engine.tenants.of(TENANT).store.reset()  # what one call deletes, the next may ask for
        if operation.group == "Webhook":
            register(mock.engine.tenants, TENANT, shipped)
        # What is blocked Online works onsite.
        onsite = {"tenant": "", "credential": "Basic dTpw"} if operation.id in BLOCKED_ONLINE else {}
        status, headers, content = client.send(operation, **onsite)

        assert status == operation.success, (operation.id, headers)
        assert headers["x-mockso-operation"] == operation.id
        assert "x-mockso-warning" not in headers, (operation.id, headers["x-mockso-warning"])
        if operation.result is None:
            assert content == (b"" if operation.responses.get(operation.success, 0) is None else b"null")
        elif headers["content-type"].startswith("application/json"):
            assert schemas.check(json.loads(content), operation.result) == [], operation.id
        else:
            assert operation.result.name in ("binary", "byte"), operation.id
            assert content


def test_without_credential_every_operation_is_401(client, operations):
    for operation in operations:
        status, headers, _ = client.send(operation, credential="")

        assert status == 401, operation.id
        assert headers["www-authenticate"] == "Bearer"


def test_a_parameter_of_the_wrong_type_is_400_and_named(client, operations):
    checked = 0
    for operation in operations:
        parameter = typed_parameter(operation)
        if parameter is None:
            continue
        status, headers, _ = client.send(operation, wrong=parameter.name)

        assert status == 400, operation.id
        assert f"query {parameter.name}" in headers["x-mockso-reason"]
        checked += 1
    assert checked


def test_a_body_of_the_wrong_type_is_400_and_its_place_named(client, operations):
    checked = 0
    for operation in operations:
        kind = operation.body
        if kind is None or kind.name == "binary" or "application/json" not in operation.consumes:
            continue
        wrong: Any = [[]] if kind.kind == "list" else []
        place = "body[0]" if kind.kind == "list" else "body"
        value = client.body_of(operation)[0]
        if kind.kind == "patch":
            wrong, place = 7, "body"
        elif kind.kind == "carrier" and isinstance(value, dict) and value:
            name = next((n for n, v in value.items() if type(v) in (int, str, bool)), None)
            if name is not None:
                wrong, place = {name: {"an": "object"}}, f"body.{name}"
        elif kind.kind == "any":
            continue
        status, headers, _ = client.send(operation, body=wrong)

        assert status == 400, (operation.id, kind)
        assert headers["x-mockso-reason"].startswith(place), operation.id
        checked += 1
    assert checked


def test_restricted_operations_are_403_online_unless_granted(client, operations):
    restricted = [operation for operation in operations if operation.restricted]
    assert restricted
    for operation in restricted:
        status, headers, content = client.send(operation, tenant="Cust78", credential="Bearer 8A:Cust78.x")

        assert status == 403, operation.id
        assert json.loads(content)["ErrorType"] == "SoIllegalOperationException"
        assert operation.restricted.source in headers["x-mockso-reason"]
