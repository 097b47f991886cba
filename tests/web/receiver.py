"""The target of webhooks: a server that keeps what comes and answers as it is told."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass
class Receiver:
    """`answers` are statuses, one for each call, then 200; `received` has headers and body of each call.

    No call is answered while `hold` is not set.
    """

    url: str = ""
    answers: list[int] = field(default_factory=list)
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    hold: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.hold.set()

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, body in self.received]

    def sent(self, header: str) -> list[str | None]:
        return [headers.get(header) for headers, _ in self.received]


@contextmanager
def receiver(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.received.append((dict(self.headers.items()), body))
            made.paths.append(self.path)
            made.hold.wait(9)
            self.send_response(made.answers.pop(0) if made.answers else 200)
            for name, value in {"Content-Length": "6", "X-Mine": "yes", **made.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"thanks")

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that trusts it not
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    made.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}/hook?x=1"
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
