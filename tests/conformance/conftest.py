"""One server under two transports: every case runs over a socket and inside the process."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

import mockso


@dataclass(frozen=True)
class Answer:
    """What came back; header names compare without regard to letter case."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    content: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def fidelity(self) -> str | None:
        return self.header("X-Mockso-Fidelity")


Send = Callable[[str, str, bytes, Mapping[str, str]], Answer]


@dataclass(frozen=True)
class Server:
    """A mock and the way to it; addresses stand below the API's version: "Contact/17"."""

    send: Send
    token: str
    tenant: str = "Cust12345"

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One call; `body` is sent as JSON unless it is bytes, "_" in header names stands for "-"."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {"Authorization": f"Bearer {self.token}"}
        if data:
            named["Content-Type"] = "application/json"
        named.update({name.replace("_", "-"): text for name, text in headers.items()})
        prefix = f"/{self.tenant}/api/v1/" if self.tenant else "/api/v1/"
        return self.send(method, prefix + quote(path, safe="/?&=$,%"), data, named)

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)


def _by_socket(port: int) -> Send:
    def send(method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request(method, target, body or None, dict(headers))
            response = connection.getresponse()
            return Answer(response.status, response.reason, tuple(response.getheaders()), response.read())
        finally:
            connection.close()

    return send


def _in_process(app: Any) -> Send:
    def send(method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        response = app.test_client().open(target, method=method, data=body, headers=dict(headers))
        status, _, reason = response.status.partition(" ")
        return Answer(int(status), reason, tuple(response.headers), response.data)

    return send


@pytest.fixture(scope="session", params=["socket", "in process"])
def serve(request: pytest.FixtureRequest) -> Iterator[Callable[..., Server]]:
    """Makes servers of other settings, each once; what a case saved there the next one does not see."""
    made: dict[str, Server] = {}
    states: dict[str, Any] = {}
    with ExitStack() as stack:

        def start(tenant: str = "Cust12345", **settings: Any) -> Server:
            # Most cases are about shapes and name an id as it comes; those about ids say which world they mean.
            settings = {"world": "open", **settings}
            key = repr((tenant, sorted(settings.items())))
            if key not in made:
                if request.param == "socket":
                    mock = stack.enter_context(mockso.serve(grants=["*"], **settings))
                    made[key] = Server(_by_socket(mock.server.port), mock.token(tenant), tenant)
                    states[key] = mock.engine.tenants.of(tenant)
                else:
                    app = mockso.create_app(grants=["*"], **settings)
                    stack.callback(app.engine.close)
                    states[key] = app.engine.tenants.of(tenant)
                    token = states[key].credentials.token
                    made[key] = Server(_in_process(app), token, tenant)
            states[key].store.reset()
            return made[key]

        yield start


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    """A server of default settings, in an open world."""
    return serve()
