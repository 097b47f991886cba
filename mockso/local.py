"""mockso inside another program: on a socket (`serve`) or as a Flask application (`create_app`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import SettingError, did_you_mean
from mockso.server import Server

if TYPE_CHECKING:
    from mockso.web.app import Mockso

TENANT = "Cust12345"


def _settings(options: dict[str, Any]) -> Settings:
    known = {field.name for field in fields(Settings)}
    for name in options:
        if name not in known:
            raise SettingError(f"no setting {name!r}.{did_you_mean(name, known)}")
    given = {
        name: tuple(value) if isinstance(value, Iterable) and not isinstance(value, str | bytes) else value
        for name, value in options.items()
    }
    return Settings.load(given)


class Mock:
    """A running mock: its addresses, its engine."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.engine = server.engine

    @property
    def url(self) -> str:
        """The address of the server, without path."""
        return self.server.url

    def base(self, tenant: str = TENANT) -> str:
        """The base address of a tenant's API, without the final slash; "" is onsite."""
        return f"{self.url}/{tenant}/api/v1" if tenant else f"{self.url}/api/v1"

    def token(self, tenant: str = TENANT) -> str:
        """A Bearer token that works for a tenant."""
        return self.engine.tenants.of(tenant).credentials.token


@contextmanager
def serve(**options: Any) -> Iterator[Mock]:
    """A mock on a free port of 127.0.0.1 until the block ends. Options are those of `Settings`.

    >>> with serve(grants=["User"]) as mock:
    ...     url = mock.base("Cust12345") + "/Contact/17"
    """
    settings = _settings({"port": 0, **options})
    engine = Engine.open(settings)
    server = Server(engine, settings.host, settings.port).start()
    try:
        yield Mock(server)
    finally:
        server.stop()
        engine.close()


def create_app(**options: Any) -> Mockso:
    """The mock as a Flask application, for a WSGI host or Flask's test client."""
    from mockso.web.app import make_app

    return make_app(Engine.open(_settings(options)))
