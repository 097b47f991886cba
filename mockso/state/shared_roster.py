"""The tenants and the playlist of a mock of several processes: they are those of the log, not of this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.errors import StateError
from mockso.state import repertoire
from mockso.state.database import DatabaseLog
from mockso.state.log import Log, Value
from mockso.state.playlist import Playlist
from mockso.state.repertoire import BEGUN, Compiler, start_of
from mockso.state.roster import FIRST_FREE, Tenants
from mockso.state.rows import Draft, RowStore, Seed
from mockso.state.shared_state import Lay, SharedState, check_seed
from mockso.state.tenant import State, Tenant

if TYPE_CHECKING:
    from mockso.scenario.scenario import Scenario

MOCK = "/mock"
"""Whose rows are the mock's own; no address has a tenant with a slash in its name."""

_DEFAULTS: Value = {"online": None, "grants": None, "data": None, "world": ""}


class SharedPlaylist(Playlist):
    """The scenarios that all tenants play, whichever process plays them. Those that a server starts with are begun
    where the mock has another list, or none.
    """

    def __init__(self, contract: Contract, scenarios: Iterable[Scenario], log: Log) -> None:
        super().__init__(contract, scenarios)
        self.start = start_of(self._scenarios)
        self.compiler = Compiler(self.library)
        self.compiler.keep(self._scenarios)
        self.store = RowStore(MOCK, log)
        self._everyone: Callable[[], Iterable[State]] = lambda: ()

    def begin(self) -> None:
        """Play what the server was started with, unless the mock was begun with the same list."""

        def verb(draft: Draft) -> None:
            row = draft.get(*BEGUN)
            if row is None or row["scenarios"] != self.start:
                repertoire.begin(draft, self._scenarios)
                draft.put(*BEGUN, {"scenarios": self.start})

        self.store.change(verb)

    def share(self, everyone: Callable[[], Iterable[State]]) -> None:
        """Know how to come by all tenants."""
        self._everyone = everyone

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        self.store.refresh()
        return tuple(self.compiler.scenarios_of(self.store.rows))

    def admit(self, state: State) -> None:
        assert isinstance(state, SharedState)
        state.begin(self.scenarios, self.start)

    def play(self, scenario: Scenario, state: State | None = None) -> None:
        self.compiler.keep([scenario])
        if state is None:
            self.store.change(lambda draft: repertoire.play(draft, scenario))
        for each in self._targets(state):
            each.play(scenario)

    def replay(self, name: str, scenario: Scenario) -> None:
        self.compiler.keep([scenario])
        self.store.change(lambda draft: repertoire.replay(draft, name, scenario))
        for each in self._targets(None):
            each.replay(name, scenario)

    def stop(self, name: str | None = None, state: State | None = None) -> bool:
        stopped = state is None and self.store.change(lambda draft: repertoire.stop(draft, name)).value
        for each in self._targets(state):
            stopped = each.stop(name) or stopped
        return stopped

    def _targets(self, state: State | None) -> Iterable[State]:
        return self._everyone() if state is None else (state,)


class SharedTenants(Tenants):
    """The tenants that a log has. `of` looks at the log once; who holds a state sees it as it was then."""

    is_shared = True

    def __init__(
        self,
        settings: Settings,
        playlist: SharedPlaylist,
        seed_of: Callable[[Sequence[str]], Seed],
        lay: Lay,
        log: DatabaseLog,
    ) -> None:
        super().__init__(settings, playlist, seed_of, lay)
        self._played = playlist
        self._log = log
        self.outbox: Callable[[State, Draft], None] | None = None
        """Puts deliveries among the changes of a tenant's draft."""
        self.share_secret = self._share_secret
        playlist.share(lambda: iter(self))

    def of(self, name: str) -> State:
        state = self._states.get(name)
        if state is None:
            return self.make(name)
        assert isinstance(state, SharedState)
        state.look(lambda: (self._played.scenarios, self._played.start))
        return state

    def make(
        self,
        name: str,
        *,
        online: bool | None = None,
        grants: Iterable[str] | None = None,
        data: Sequence[str] | None = None,
        world: str = "",
    ) -> State:
        settings = self._settings
        settings.check_agents(grants or (), f"tenant {name!r}")
        with self._lock:
            state = self._states.get(name)
            if state is not None:
                return state
            store = RowStore(name, self._log, lambda: self._seed_of(sources))
            store.refresh()
            options: Value = {
                "online": online,
                "grants": None if grants is None else sorted(grants),
                "data": None if data is None else list(data),
                "world": world,
            }
            # One that another process made is as that one made it.
            row = store.rows.own_row(*BEGUN)
            if row is not None:
                options = {option: row[option] for option in _DEFAULTS}
            sources = tuple(settings.data if options["data"] is None else options["data"])
            is_online = self.is_online(name) if options["online"] is None else bool(options["online"])
            state = SharedState(
                Tenant(name, is_online, settings),
                settings.grants if options["grants"] is None else options["grants"],
                self._lay,
                str(options["world"]),
                store,
                self._played.compiler,
                options,
            )
            if self.outbox is not None:
                store.outbox = partial(self.outbox, state)
            state.steering |= self._steering.pop(name, set())
            self._playlist.admit(state)
            self._states[name] = state
            return state

    def near(self, name: str) -> State:
        """The state as this process saw it last, or a fresh one that nobody shares, where the log cannot be asked."""
        state = self._states.get(name)
        return state or State(Tenant(name, self.is_online(name), self._settings), self._settings.grants)

    def free_name(self, *, online: bool) -> str:
        begin = "Cust" if online else "Site"
        while True:
            number = self._played.store.change(lambda draft: draft.next_number("tenant", FIRST_FREE)).value
            if f"{begin}{number}" not in self.names():
                return f"{begin}{number}"

    def _share_secret(self, make: Callable[[], str]) -> str:
        store = self._played.store
        store.refresh()
        row = store.rows.own_row("secret", "login")
        if row is not None:
            return str(row["text"])
        text = make()

        def verb(draft: Draft) -> str:
            row = draft.get("secret", "login")
            if row is None:
                draft.put("secret", "login", {"text": text})
            return text if row is None else str(row["text"])

        return store.change(verb).value

    def drop(self, name: str) -> None:
        with self._lock:
            state = self._states.pop(name, None)
            if state is not None and state.steering:
                self._steering[name] = state.steering
            self._log.reset(name)
            if state is not None:
                state.store.refresh()  # for deliveries that are under way

    def begin(self) -> None:
        try:
            for name, row in self._log.every(*BEGUN):
                if name != MOCK:
                    sources = self._settings.data if row["data"] is None else row["data"]
                    check_seed(name, row, self._seed_of(tuple(sources)).digest)
            self._played.begin()
        except (
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
        ) as error:  # JSON, but not what mockso writes
            raise StateError(
                f"{self._log.name}: has rows that cannot be used ({type(error).__name__}: {error}). "
                "Name a file that mockso wrote, or a new one; 'mockso state export' has what is in this one."
            ) from error

    def __iter__(self) -> Iterator[State]:
        return iter([self.of(name) for name in self.names()])

    def has(self, name: str) -> bool:
        # The edge asks before the call is one that can fail.
        try:
            return name in self._states or name in self.names()
        except StateError:
            return False

    def names(self) -> list[str]:
        return [name for name in self._log.names() if name != MOCK]
