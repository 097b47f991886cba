"""A proxy between two mocks, and the calls that are sent through it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mockso.config import Settings
from mockso.engine import Engine
from mockso.recording.proxy import Proxy
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.tape import Tape
from mockso.recording.upstream import Target, Upstream
from mockso.recording.write import write_recording
from mockso.web.server import Server

TOKEN = {"Authorization": "Bearer 8A:Cust12345.mockso"}


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((v for n, v in self.headers if n.lower() == name.lower()), "")


def send(url: str, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
    """One call on a connection of its own; header names have "_" for "-"."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=20)
    try:
        given = {**TOKEN, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, path, body, given)
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


@dataclass
class Recorder:
    proxy: Proxy
    server: Server
    tape: Tape

    @property
    def url(self) -> str:
        return self.server.url

    def write(self, path: Path, names: Pseudonyms | None = None, **more: object) -> int:
        return write_recording(
            path,
            self.tape.calls(),
            names or Pseudonyms(keep=["*"]),
            self.proxy.engine.contract,
            target=self.proxy.upstream.target.origin,
            **more,  # type: ignore[arg-type]
        )

    def last(self) -> dict[str, object]:
        """The newest entry of the proxy's journal."""
        return self.proxy.engine.journal.find(limit=1)[0]


@contextmanager
def recording(target: str, **options: object) -> Iterator[Recorder]:
    """A proxy in front of a server."""
    engine = Engine.open(Settings(port=0, grants=("*",)))
    tape = Tape()
    proxy = Proxy(engine, Upstream(Target.of(target), **options), tape)  # type: ignore[arg-type]
    server = Server(engine, port=0, gate=proxy).start()
    try:
        yield Recorder(proxy, server, tape)
    finally:
        server.stop()
        proxy.close()
        engine.close()


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()
