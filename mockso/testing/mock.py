"""mockso inside another program: on a socket (`serve`), without one (`Mock`) or as a Flask application (`create_app`)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import SettingError, did_you_mean
from mockso.testing.inprocess import ADDRESS
from mockso.web.gate import Gate

if TYPE_CHECKING:
    from mockso.testing.questions import Library
    from mockso.testing.world import Playable, Strict, World
    from mockso.web.app import Mockso
    from mockso.web.server import Server

TENANT = "Cust12345"
FIRST_WORLD = 10_001


def settings_of(options: dict[str, Any]) -> Settings:
    """The settings of keyword options over MOCKSO_* variables; SettingError for an unknown one."""
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
    """A mock: its engine, its worlds, and a server that starts when its address is first asked for.

    `first_world` is the number of the first world's tenant, 10001 for Cust10001.
    """

    def __init__(self, engine: Engine, first_world: int = FIRST_WORLD) -> None:
        self.engine = engine
        self._lock = threading.Lock()
        self._server: Server | None = None
        self._gate: Gate | None = None
        self._library: Library | None = None
        self._next_world = first_world

    @property
    def server(self) -> Server:
        """The server on its socket; started by the first who asks, and kept."""
        with self._lock:
            if self._server is None:
                # cheroot takes 100 ms to import; who calls without a socket never does.
                from mockso.web.server import Server

                settings = self.engine.settings
                self._server = Server(self.engine, settings.host, settings.port).start()
            return self._server

    @property
    def listening(self) -> bool:
        """Whether the server was started."""
        return self._server is not None

    @property
    def gate(self) -> Gate:
        """The WSGI application, for calls without a socket."""
        with self._lock:
            if self._gate is None:
                self._gate = Gate(self.engine)
            return self._gate

    @property
    def library(self) -> Library:
        """The scenarios that worlds ask for."""
        if self._library is None:
            from mockso.testing.questions import Library

            self._library = Library(self.engine.contract)
        return self._library

    @property
    def url(self) -> str:
        """The address of the server, without path."""
        return self.server.url

    @property
    def address(self) -> str:
        """The address for calls without a socket, without path."""
        return ADDRESS

    def base(self, tenant: str = TENANT) -> str:
        """The base address of a tenant's API, without the final slash; "" is onsite."""
        return f"{self.url}/{tenant}/api/v1" if tenant else f"{self.url}/api/v1"

    def token(self, tenant: str = TENANT) -> str:
        """A Bearer token that works for a tenant."""
        return self.engine.tenants.of(tenant).credentials.token

    def world(
        self,
        *,
        profile: str = "",
        grants: Iterable[str] | None = None,
        scenarios: Iterable[Playable] = (),
        strict: Strict = "fail",
        allow_unmatched: bool = False,
        seed: int | None = None,
    ) -> World:
        """A fresh tenant, that no other test sees. In a `with` it is checked and dropped at the end.

        `profile` is "online" or "onsite" (then it is a virtual directory), `grants` the restricted agents
        it has, `seed` what its seeded delays and its `random` start from.
        """
        from mockso.testing.world import World

        if profile not in ("", "auto", "online", "onsite"):
            raise SettingError(f"profile is online or onsite, not {profile!r}.")
        with self._lock:
            number, self._next_world = self._next_world, self._next_world + 1
        usual = self.engine.settings.profile
        online = (profile if profile not in ("", "auto") else usual) != "onsite"
        name = f"{'Cust' if online else 'Site'}{number}"
        tenant = self.engine.tenants.make(name, online=online, grants=grants)
        try:
            return World(
                self,
                tenant,
                scenarios=scenarios,
                strict=strict,
                allow_unmatched=allow_unmatched,
                seed=seed,
            )
        except BaseException:
            self.engine.tenants.drop(name)
            raise

    def signal(
        self,
        event: str,
        key: int = 0,
        *,
        tenant: str = TENANT,
        changes: Iterable[str] | None = None,
        fields: Mapping[str, Any] | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> str:
        """Let an event happen, "contact.created" of number 17: the EventId of its deliveries.

        It is sent in the background to each webhook of the tenant that listens. `fields` become FieldValues,
        `values` Values; `changes` are what such an event usually says, unless given.
        """
        event_sent, _ = self.engine.webhooks.signal(
            self.engine.tenants.of(tenant), event, key, changes=changes, fields=fields, values=values
        )
        return event_sent.id

    def flush(self, timeout: float = 30.0, tenant: str | None = None) -> None:
        """Wait until every delivery has come to its end; AssertionError when the time is over before."""
        __tracebackhide__ = True
        about = None if tenant is None else self.engine.tenants.of(tenant)
        if not self.engine.webhooks.flush(timeout, about):
            raise AssertionError(
                f"after {timeout:g} s: deliveries still under way: {self.engine.webhooks.queued(about)}. "
                "Further attempts wait 1 s and 4 s, times webhook_wait_factor."
            )

    def close(self) -> None:
        """Stop the server, if it was started, and close the journal."""
        if self._gate is not None:
            self._gate.edge.stopping.set()
        if self._server is not None:
            self._server.stop()
        self.engine.close()


def open_mock(first_world: int = FIRST_WORLD, **options: Any) -> Mock:
    """A mock that does not listen until its address is asked for; `close` it. Options are those of `Settings`."""
    return Mock(Engine.open(settings_of({"port": 0, **options})), first_world)


@contextmanager
def serve(**options: Any) -> Iterator[Mock]:
    """A mock on a free port of 127.0.0.1 until the block ends. Options are those of `Settings`.

    >>> with serve(grants=["User"]) as mock:
    ...     url = mock.base("Cust12345") + "/Contact/17"
    """
    mock = open_mock(**options)
    try:
        mock.server  # noqa: B018  it listens from here on
        yield mock
    finally:
        mock.close()


def create_app(**options: Any) -> Mockso:
    """The mock as a Flask application, for a WSGI host or Flask's test client."""
    from mockso.web.app import make_app

    return make_app(Engine.open(settings_of(options)))
