"""The tenants of one server: who each is, what it remembers, and what one call sees of it.

`Tenant` is who it is and never changes. `State` is all it remembers from call to call: one per tenant, shared
by its calls and never copied. `View` is one call's sight of it, made for the call and thrown away after it.
A tenant is made at its first call, and dropped to forget everything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from mockso.config import Settings
from mockso.exchange.call import Answer, Call, NearMiss
from mockso.exchange.message import Request
from mockso.state.applications import Applications
from mockso.state.counts import StepCounts
from mockso.state.credentials import Credentials
from mockso.state.log import Value
from mockso.state.rows import EMPTY, Draft, RowStore, Seed, Snapshot

if TYPE_CHECKING:
    from mockso.scenario.play import Scenarios, StepUse
    from mockso.scenario.scenario import Scenario
    from mockso.state.hooks import Hooks

Status = Literal["Running", "OfflineMaintenance", "OnlineMaintenance", "Suspended"]


class Tenant(NamedTuple):
    """One customer. `name` is "Cust12345", or what stands before /api onsite, often empty."""

    name: str
    online: bool
    settings: Settings


class Terms(NamedTuple):
    """Profile, world, status, grants and clock of a tenant, read from its rows once until one of them changes.

    `grants` are in lower case; `clock` is None where it has no time of its own.
    """

    version: int
    online: bool
    world: str
    status: Status
    grants: frozenset[str]
    clock: Value | None


class State:
    """All that one tenant remembers. Threads share it; each part guards itself."""

    def __init__(
        self,
        tenant: Tenant,
        grants: Iterable[str] = (),
        seed: Callable[[], Seed] = lambda: EMPTY,
        lay: Callable[[RowStore, Scenario], object] = lambda store, scenario: None,
        world: str = "",
        store: RowStore | None = None,
    ) -> None:
        self.tenant = tenant
        self.name = tenant.name
        self.settings = tenant.settings
        self.first_world = world or tenant.settings.world
        self.store = store or RowStore(tenant.name, seed=seed)
        """The rows of all that changes: entities, tokens, webhooks, counters, the tenant's own settings."""
        self.applications = Applications(self.store, tenant.settings.applications)
        self.credentials = Credentials(
            tenant.name,
            strict=tenant.settings.strict_tokens,
            store=self.store,
            applications=self.applications,
        )
        self.on_answered: Callable[[Call], None] | None = None
        """Gets each call once it is answered."""
        self.answerers: Sequence[Answerer] = ()
        """Who answers this tenant's calls; empty for those of the engine."""
        self.steering: set[str] = set()
        """Rules that its calls break because somebody steered it so over HTTP; no fault of the client."""
        self.snapshots: MutableMapping[str, Snapshot] = {}
        """Its rows at earlier moments, by the names people gave them."""
        self._first_grants = frozenset(grants)
        self._terms = self._read_terms()
        self._lay = lay
        self._lock = threading.Lock()
        self._scenarios: Scenarios | None = None
        self._webhooks: Hooks | None = None

    @property
    def terms(self) -> Terms:
        """Its profile, world, status, grants and clock as they are now."""
        terms = self._terms
        if terms.version != self.store.rows.terms_version:
            terms = self._terms = self._read_terms()
        return terms

    def _read_terms(self) -> Terms:
        rows = self.store.rows
        version = rows.terms_version  # first: what is changed meanwhile is read again at the next call
        profile = rows.own_row("profile", "profile")
        status = rows.own_row("tenant", "status")
        return Terms(
            version,
            self.tenant.online if profile is None else bool(profile["online"]),
            self.first_world if profile is None else str(profile["world"]),
            "Running" if status is None else status["status"],
            frozenset(grant.lower() for grant in self.grants),
            rows.own_row("tenant", "clock"),
        )

    # scenarios

    @property
    def scenarios(self) -> Scenarios:
        """The scenarios played for this tenant; made, and their module imported, at first use."""
        if self._scenarios is None:
            from mockso.scenario.play import Scenarios

            with self._lock:
                if self._scenarios is None:
                    self._scenarios = Scenarios(counts=StepCounts(self.store))
        return self._scenarios

    @property
    def plays(self) -> bool:
        """Whether any scenario is loaded."""
        return self._scenarios is not None and len(self._scenarios) > 0

    @property
    def playing(self) -> tuple[Scenario, ...]:
        """The scenarios in the order they are asked."""
        return tuple(self._scenarios) if self._scenarios is not None else ()

    def play(self, scenario: Scenario) -> None:
        """Load a scenario, asked before those that are loaded; its profile and world, if any, become the tenant's.

        Its data is laid over the tenant's rows first, to stay there. Raises SeedError for data that does not fit
        them, and then nothing is played.
        """
        if scenario.data is not None:
            self._lay(self.store, scenario)
        self.scenarios.load(scenario)
        self._write_doings()

    def replay(self, name: str, scenario: Scenario) -> None:
        """Go on with another version of a scenario, at its place. Nothing happens if it is not played."""
        if self.plays and self.scenarios.reload(name, scenario):
            self._write_doings()

    def stop(self, name: str | None = None) -> bool:
        """Stop playing a scenario, or all, and return whether any was played. Profile and world are as before it."""
        if not self.plays:
            return False
        stopped = self._unload(name)
        self._write_doings()
        return stopped

    def _unload(self, name: str | None) -> bool:
        if not self.plays:
            return False
        if name is not None:
            return self.scenarios.unload(name)
        self.scenarios.clear()
        return True

    @property
    def online(self) -> bool:
        """The profile: the tenant's own, or that of the scenarios it plays."""
        return self.terms.online

    @property
    def world(self) -> str:
        """Closed or open: the tenant's own, or that of the scenarios it plays."""
        return self.terms.world

    def _write_doings(self) -> None:
        """Write down what is played, and the profile and world of the scenario asked first that has one."""
        playing = list(self.scenarios)
        profile = next((scenario.profile for scenario in playing if scenario.profile), "")
        settings = {
            "online": profile == "online" if profile else self.tenant.online,
            "world": next((scenario.world for scenario in playing if scenario.world), self.first_world),
        }
        played: dict[str, Value] = {
            scenario.name: {"place": place, "origin": scenario.origin}
            for place, scenario in enumerate(reversed(playing), 1)
        }

        def verb(draft: Draft) -> None:
            for name, _ in list(draft.items("scenario")):
                if name not in played:
                    draft.remove("scenario", name)
            for name, row in played.items():
                draft.put("scenario", name, row)
            draft.put("profile", "profile", settings)

        self.store.change(verb)

    @property
    def shown_status(self) -> str:
        """The status that others see: what a scenario says, or its own."""
        return (self._scenarios.state if self._scenarios is not None else "") or self.status

    @property
    def endpoint(self) -> str:
        """The address a scenario moved it to (exchange/address.py); empty where it is at home."""
        return self._scenarios.endpoint if self._scenarios is not None and self.online else ""

    # webhooks

    @property
    def webhooks(self) -> Hooks:
        """The webhooks that are registered; made, and their module imported, at first use."""
        if self._webhooks is None:
            from mockso.state.hooks import Hooks

            with self._lock:
                if self._webhooks is None:
                    self._webhooks = Hooks(self.store)
        return self._webhooks

    @property
    def has_webhooks(self) -> bool:
        """Whether any webhook is registered."""
        return self.store.rows.has_own("Webhook") and len(self.webhooks) > 0

    # grants, tasks, status, time

    @property
    def grants(self) -> frozenset[str]:
        """The restricted agents its application was granted; "*" is all of them."""
        row = self.store.rows.own_row("tenant", "grants")
        return self._first_grants if row is None else frozenset(row["agents"])

    def grant(self, *agents: str) -> None:
        """Grant restricted agents to the application. Raises SettingError for an agent that nothing restricts."""
        self.settings.check_agents(agents, f"tenant {self.name!r}")
        self._change_grants(lambda grants: grants | set(agents))

    def revoke(self, *agents: str) -> None:
        """Take grants back; all of them if no agent is named. Raises SettingError for an unknown agent."""
        self.settings.check_agents(agents, f"tenant {self.name!r}")
        self._change_grants(lambda grants: grants - set(agents or grants))

    def _change_grants(self, change: Callable[[frozenset[str]], frozenset[str]]) -> None:
        def verb(draft: Draft) -> None:
            row = draft.get("tenant", "grants")
            grants = self._first_grants if row is None else frozenset(row["agents"])
            draft.put("tenant", "grants", {"agents": sorted(change(grants))})

        self.store.change(verb)

    def is_granted(self, agent: str, request: Request | None = None) -> bool:
        """Whether the application may call an agent; its name is case-insensitive.

        Of a request it is the application that logged in; the tenant's grants are those of one without its own.
        """
        application = self.credentials.application_of(request) if request is not None else None
        if application is None or application.grants is None:
            grants = self.terms.grants
        else:
            grants = frozenset(grant.lower() for grant in application.grants)
        return bool(grants) and ("*" in grants or agent.lower() in grants)

    def read_task(self, task: int) -> int:
        """Count a read of a batch task; how often it was read before."""

        def verb(draft: Draft) -> int:
            row = draft.get("task", task)
            reads: int = row["reads"] if row is not None else 0
            draft.put("task", task, {"reads": reads + 1})
            return reads

        return self.store.change(verb).value

    @property
    def status(self) -> Status:
        """Its own; `shown_status` is what others see."""
        return self.terms.status

    @status.setter
    def status(self, status: Status) -> None:
        self.store.change(lambda draft: draft.put("tenant", "status", {"status": status}))

    @property
    def has_clock(self) -> bool:
        """Whether it has a time of its own."""
        return self.terms.clock is not None

    def time(self, at: float) -> float:
        """The tenant's time at a time of the server."""
        row = self.terms.clock
        if row is None:
            return at
        standing: float | None = row["standing"]
        return at + row["ahead"] if standing is None else standing

    def set_clock(self, change: Callable[[float, float | None], tuple[float, float | None]]) -> None:
        """Change how far the tenant's clock is ahead of the server's, and the time it stands at, None if it goes."""

        def verb(draft: Draft) -> None:
            row = draft.get("tenant", "clock") or {"ahead": 0.0, "standing": None}
            ahead, standing = change(row["ahead"], row["standing"])
            draft.put("tenant", "clock", {"ahead": ahead, "standing": standing})

        self.store.change(verb)


Rest: TypeAlias = Callable[[Call], Answer]
"""Asks those behind an answerer; the call may be one with the step that was chosen."""

Answerer: TypeAlias = "Callable[[Call, View, Rest], Answer | None]"
"""Has an answer for a call, or None, which leaves the call to those behind it."""


class View:
    """A call's sight of its tenant's state: the profile, the scenarios, the address it lives at.

    A request that names a scenario meets that one alone, in its profile, world and status, from its beginning;
    others see the tenant as it was.
    """

    __slots__ = (
        "credentials",
        "endpoint",
        "name",
        "online",
        "plays",
        "scenario",
        "settings",
        "state",
        "status",
        "world",
    )

    def __init__(self, state: State, scenario: Scenario | None = None) -> None:
        self.state = state
        self.name = state.name
        self.settings = state.settings
        self.credentials = state.credentials
        terms = state.terms
        self.status = terms.status
        """The tenant's own status, whatever scenarios say."""
        self.scenario = scenario
        self.plays = scenario is not None or state.plays
        """Whether any scenario is met."""
        self.online = terms.online
        self.world = terms.world
        self.endpoint = state.endpoint
        """The address a scenario moved the tenant to; empty where it is at home."""
        if scenario is not None:
            if scenario.profile:
                self.online = scenario.profile == "online"
            self.world = scenario.world or self.world
            self.endpoint = scenario.endpoint if self.online else ""

    @property
    def is_closed(self) -> bool:
        """Whether a row that was neither seeded nor saved does not exist; else an invented one stands for it."""
        return self.world == "closed"

    @property
    def webhooks(self) -> Hooks:
        return self.state.webhooks

    @property
    def shown_status(self) -> str:
        """The status that others see: what a scenario says, or its own."""
        if self.scenario is None:
            return self.state.shown_status
        return self.scenario.state or self.status

    @property
    def only_scenarios(self) -> bool:
        """Whether a call that no step answers is an error."""
        if not self.plays or self.settings.only_scenarios:
            return self.plays
        return self.state.scenarios.only if self.scenario is None else self.scenario.only

    def is_granted(self, agent: str, request: Request | None = None) -> bool:
        """Whether the application of a call may call a restricted agent."""
        return self.state.is_granted(agent, request)

    def read_task(self, task: int) -> int:
        """Count a read of a batch task; how often it was read before."""
        return self.state.read_task(task)

    def take(self, call: Call) -> tuple[StepUse | None, tuple[NearMiss, ...]]:
        """The step that answers a call, counted unless the call named its scenario; or the nearest steps."""
        if self.scenario is not None:
            from mockso.scenario.play import answer_from

            return answer_from(self.scenario, call)
        return self.state.scenarios.take(call) if self.plays else (None, ())
