"""The Flask application: everything outside the API itself, and the whole for WSGI hosts.

API addresses go straight to the edge (edge.py), before Flask looks at them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

import flask

from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import tell
from mockso.exchange.address import is_own
from mockso.web.admin.app import blueprint
from mockso.web.edge import Edge

_FORKED = (
    "this mock was made before its server forked, and works in the process alone that made it. Call create_app() in the "
    "worker: without preloading (gunicorn without --preload, uWSGI with lazy-apps), and with one worker."
)


class Mockso(flask.Flask):
    """A Flask application whose API addresses are answered by the engine. `engine` is at hand for tests."""

    def __init__(self, engine: Engine, edge: Edge) -> None:
        super().__init__("mockso.web", static_folder=None)
        self.engine = engine
        self.edge = edge
        self._process = os.getpid()
        self._has_told = False

    def wsgi_app(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if os.getpid() != self._process:
            return self._refuse_fork(start_response)
        if is_own(environ.get("PATH_INFO", "")):
            return super().wsgi_app(environ, start_response)
        return self.edge(environ, start_response)

    def _refuse_fork(self, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The answer of a process that got this application by a fork: its locks, threads and connections are another's,
        and what one worker saves no other would see."""
        if not self._has_told:
            self._has_told = True
            tell(_FORKED)
        content = json.dumps({"Message": _FORKED}).encode()
        headers = [
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", str(len(content))),
            ("X-Mockso-Reason", _FORKED),
        ]
        start_response("503 Service Unavailable", headers)
        return (content,)


def make_app(engine: Engine, edge: Edge | None = None) -> Mockso:
    """The application over an engine."""
    app = Mockso(engine, edge or Edge(engine))
    app.register_blueprint(blueprint(engine))

    @app.errorhandler(404)
    def not_found(error: Exception) -> tuple[flask.Response, int]:
        message = (
            f"{flask.request.path} is not an address of the API, which lives below /api/v1 (onsite) and "
            "/Cust12345/api/v1 (Online). The journal is at /__mockso/."
        )
        return flask.jsonify({"Message": message}), 404

    return app


def create_app(**options: Any) -> Mockso:
    """The mock as a Flask application, for a WSGI host or Flask's test client. Options are those of `Settings`."""
    return make_app(Engine.open(Settings.from_options(options)))
