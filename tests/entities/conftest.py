"""A closed world without a seed, asked in process."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.exchange.message import Headers, Query, Request

AT = 1772366400.0  # 2026-03-01T12:00:00Z


@dataclass
class Client:
    """Calls one tenant of an engine; `at` is the time of the next call."""

    engine: Engine
    tenant: str = "Cust1"
    at: float = AT
    token: str = "8A:Cust1.abc"

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One call below /api/v1; the status and the body of its answer."""
        reply = self.reply(method, path, body, **headers)
        return reply.status, json.loads(reply.body) if isinstance(reply.body, bytes) else None

    def reply(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        path, _, query = path.partition("?")
        pairs = [part.partition("=")[::2] for part in query.split("&") if part]
        lines = [("Authorization", f"Bearer {self.token.replace('Cust1', self.tenant)}")]
        content = b""
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers.setdefault("Content_Type", "application/json")
        lines += [(name.replace("_", "-"), text) for name, text in headers.items()]
        target = f"/{self.tenant}/api/v1/{path}"
        base = f"http://127.0.0.1/{self.tenant}/api"
        request = Request(
            self.tenant,
            method,
            f"/api/v1/{path}",
            Query(pairs),
            Headers(lines),
            content,
            base,
            target,
            self.at,
        )
        return self.engine.handle(request)

    def get(self, path: str, **headers: str) -> Any:
        status, body = self.call("GET", path, **headers)
        assert status == 200, body
        return body

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        status, value = self.call("POST", path, body, **headers)
        assert status in (200, 204), value
        return value

    @property
    def rows(self) -> Any:
        """The tenant's rows."""
        return self.engine.tenants.of(self.tenant).store.rows

    def put(self, kind: str, key: Any, row: Any) -> None:
        """A row of the tenant, without a call."""
        self.engine.tenants.of(self.tenant).store.change(lambda rows: rows.put(kind, key, row))

    def agent(self, name: str, body: Any = None) -> Any:
        """An agent's operation, "Contact/GetContactEntity?contactEntityId=1"."""
        return self.post(f"Agents/{name}", body)


@pytest.fixture(scope="session")
def engine():
    engine = Engine.open(Settings(world="closed", data=("none",)))
    yield engine
    engine.close()


@pytest.fixture
def client(engine):
    engine.tenants.drop("Cust1")
    return Client(engine)


@pytest.fixture(scope="session")
def nordlys_engine():
    engine = Engine.open(Settings(world="closed"))
    yield engine
    engine.close()


@pytest.fixture
def nordlys(nordlys_engine):
    """A client of a tenant with the company that comes with mockso."""
    nordlys_engine.tenants.drop("Cust1")
    return Client(nordlys_engine)
