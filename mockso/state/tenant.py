"""A tenant: all that changes between calls, and what distinguishes one customer from another.

A tenant costs nothing until it is called, is made at its first call, and dropped to forget everything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from mockso.config import Settings
from mockso.state.credentials import Credentials

if TYPE_CHECKING:
    from mockso.exchange.call import Call
    from mockso.scenario.scenario import Scenario, Scenarios
    from mockso.state.hooks import Hooks

State = Literal["Running", "OfflineMaintenance", "OnlineMaintenance", "Suspended"]


@dataclass
class Tenant:
    """One customer's world. `name` is "Cust12345", or what stands before /api onsite, often empty.

    `grants` are the restricted agents its application was granted; "*" is all of them. `clock` makes its
    time of the server's, `told` gets each call once it is answered; None costs a call nothing.
    """

    name: str
    online: bool
    credentials: Credentials
    settings: Settings
    grants: set[str] = field(default_factory=set)
    state: State = "Running"
    clock: Callable[[float], float] | None = None
    told: Callable[[Call], None] | None = None
    # How often each batch task was read, by its id.
    task_reads: dict[int, Iterator[int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _own_online: bool | None = None  # what it was made as; a scenario may have turned it
    _scenarios: Scenarios | None = None
    # In a box, so that a copy of the tenant (one call may see it in another profile) has the same.
    _webhooks: list[Hooks] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self._own_online is None:
            self._own_online = self.online

    @property
    def scenarios(self) -> Scenarios:
        """The scenarios played for this tenant; made, and their module imported, at first use."""
        if self._scenarios is None:
            from mockso.scenario.scenario import Scenarios

            with self._lock:
                if self._scenarios is None:
                    self._scenarios = Scenarios()
        return self._scenarios

    @scenarios.setter
    def scenarios(self, scenarios: Scenarios) -> None:
        self._scenarios = scenarios

    def play(self, scenario: Scenario) -> None:
        """Load a scenario, asked before those that are loaded; its profile, if it has one, becomes the tenant's."""
        self.scenarios.load(scenario)
        if scenario.profile:
            self.online = scenario.profile == "online"

    def replay(self, name: str, scenario: Scenario) -> None:
        """Go on with another version of a scenario, at its place; one that is not played is left alone."""
        if self.plays and self.scenarios.reload(name, scenario):
            self._turn()

    def stop(self, name: str | None = None) -> bool:
        """Stop playing a scenario, or all; whether any was played. The tenant is what it was without."""
        if not self.plays:
            return False
        stopped = self.scenarios.unload(name) if name is not None else True
        if name is None:
            self.scenarios.clear()
        self._turn()
        return stopped

    def _turn(self) -> None:
        """Take the profile of the scenario that is asked first, of those that have one."""
        profile = next((scenario.profile for scenario in self.scenarios if scenario.profile), "")
        self.online = profile == "online" if profile else bool(self._own_online)

    @property
    def plays(self) -> bool:
        """Whether any scenario is loaded."""
        return self._scenarios is not None and len(self._scenarios) > 0

    @property
    def shown_state(self) -> str:
        """The state that others see: what a scenario says, or its own."""
        return (self._scenarios.state if self._scenarios is not None else "") or self.state

    @property
    def endpoint(self) -> str:
        """Where a scenario moved it (exchange/address.py); empty where it is at home."""
        return self._scenarios.endpoint if self._scenarios is not None and self.online else ""

    def playing_only(self, scenario: Scenario) -> Tenant:
        """This tenant as it would be if that scenario alone were played; it stays as it is."""
        from mockso.scenario.scenario import Scenarios

        online = scenario.profile == "online" if scenario.profile else self.online
        return replace(self, online=online, _scenarios=Scenarios([scenario]))

    @property
    def webhooks(self) -> Hooks:
        """The webhooks that are registered; made, and their module imported, at first use."""
        if not self._webhooks:
            from mockso.state.hooks import Hooks

            self._webhooks.append(Hooks())
        return self._webhooks[0]

    @property
    def has_webhooks(self) -> bool:
        """Whether any webhook is registered."""
        return bool(self._webhooks) and len(self._webhooks[0]) > 0

    def granted(self, agent: str) -> bool:
        return "*" in self.grants or agent.lower() in {grant.lower() for grant in self.grants}


class Tenants:
    """The tenants of one server, each made when it is first asked for."""

    def __init__(self, settings: Settings, prepare: Callable[[Tenant], None] = lambda tenant: None) -> None:
        self._settings = settings
        self._prepare = prepare
        self._lock = threading.Lock()
        self._tenants: dict[str, Tenant] = {}

    def of(self, name: str) -> Tenant:
        """The tenant of that name."""
        tenant = self._tenants.get(name)
        return tenant if tenant is not None else self.make(name)

    def make(self, name: str, *, online: bool | None = None, grants: Iterable[str] | None = None) -> Tenant:
        """A tenant with other than the usual profile or grants; one that exists is left as it is."""
        settings = self._settings
        if online is None:
            online = settings.profile == "online" or (
                settings.profile == "auto" and name[:4].lower() == "cust"
            )
        with self._lock:
            if name not in self._tenants:
                made = Tenant(
                    name,
                    online,
                    Credentials(name, strict=settings.strict_tokens),
                    settings,
                    grants=set(settings.grants if grants is None else grants),
                )
                self._prepare(made)
                self._tenants[name] = made
            return self._tenants[name]

    def drop(self, name: str) -> None:
        """Forget a tenant and all its state; unknown ones are no error."""
        with self._lock:
            dropped = self._tenants.pop(name, None)
        if dropped is not None and dropped.has_webhooks:
            dropped.webhooks.clear()

    def __iter__(self) -> Iterator[Tenant]:
        """The tenants that were called so far, by name; one that is being made is waited for."""
        with self._lock:
            return iter([self._tenants[name] for name in self.names()])

    def names(self) -> list[str]:
        return sorted(self._tenants)
