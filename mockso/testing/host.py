"""An engine with its ways in: a server on a socket, and the gate for calls without one."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mockso.engine import Engine
from mockso.testing.inprocess import ADDRESS
from mockso.web.gate import Gate

if TYPE_CHECKING:
    from mockso.exchange.call import Call
    from mockso.testing.calls import Calls
    from mockso.web.intercept import Interception
    from mockso.web.server import Server

TENANT = "Cust12345"


class Host:
    """An engine, and a server that starts when its address is first read."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._lock = threading.Lock()
        self._server: Server | None = None
        self._gate: Gate | None = None
        self.interception: Interception | None = None
        """What makes its server a proxy too."""
        self.worlds: list[Calls] = []
        """Those that were made and not dropped."""
        engine.on_call = self._give_to_world

    def _give_to_world(self, call: Call) -> None:
        """Give a call that names no tenant and no operation to the only world there is: whose else should it be?"""
        if not call.request.tenant and call.lookup.operation is None and len(self.worlds) == 1:
            self.worlds[0].take((call,))

    @property
    def server(self) -> Server:
        """The server on its socket; started by the first who asks, and kept."""
        with self._lock:
            if self._server is None:
                from mockso.web.server import Server

                settings = self.engine.settings
                self._server = Server(
                    self.engine, settings.host, settings.port, interception=self.interception
                ).start()
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
    def url(self) -> str:
        """The address of the server, without path."""
        return self.server.url

    @property
    def origins(self) -> list[str]:
        """The addresses, without path, that clients without a socket answer for."""
        return [ADDRESS, self.url] if self.listening else [ADDRESS]

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
        state = self.engine.tenants.of(tenant)
        event_sent, listeners = self.engine.webhooks.signal(
            state, event, key, changes=changes, fields=fields, values=values
        )
        if not listeners:
            known = sorted({name for hook in state.webhooks.all() for name in hook.get("Events") or ()})
            what = f"its webhooks listen for {', '.join(known)}" if known else "it has no webhook"
            for world in self.worlds:
                if world.tenant == tenant:
                    world.unheard.append(f"signal {event!r} reached no webhook: {what}")
        return event_sent.id

    def flush(self, timeout: float = 30.0, tenant: str | None = None) -> None:
        """Wait until every delivery has come to its end; AssertionError when the time is over before."""
        __tracebackhide__ = True
        about = None if tenant is None else self.engine.tenants.of(tenant)
        if not self.engine.webhooks.flush(timeout, about):
            raise AssertionError(
                f"after {timeout:g} s: deliveries still under way: {self.engine.webhooks.pending(about)}. "
                "Further attempts wait 1 s and 4 s, times webhook_wait_factor."
            )

    def close(self) -> None:
        """Stop the server, if it was started, and close the journal."""
        if self._gate is not None:
            self._gate.edge.stopping.set()
        if self._server is not None:
            self._server.stop()
        self.engine.close()
