"""The gate of a server: Flask answers the mock's own addresses, the edge all others, which are calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from mockso.engine import Engine
from mockso.exchange.address import is_own
from mockso.web.edge import Edge


class Gate:
    """One engine's application, for WSGI. A server answers what `is_direct` by its edge alone."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.edge = Edge(engine)
        self._flask: Callable[..., Iterable[bytes]] | None = None
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if is_own(environ.get("PATH_INFO", "")):
            return self.flask(environ, start_response)
        return self.edge(environ, start_response)

    def is_direct(self, path: str) -> bool:
        """Whether the edge answers a decoded path."""
        return not is_own(path)

    @property
    def flask(self) -> Callable[..., Iterable[bytes]]:
        """The Flask application for the mock's own addresses."""
        from mockso.web.app import make_app

        with self._lock:
            if self._flask is None:
                self._flask = make_app(self.engine, self.edge)
            return self._flask
