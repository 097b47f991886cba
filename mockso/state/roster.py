"""The tenants of one server. A tenant is made at its first call, and dropped to forget everything."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from mockso.config import Settings
from mockso.exchange.message import SCENARIO_HEADER, Request
from mockso.state.playlist import Playlist
from mockso.state.rows import EMPTY, RowStore, Seed
from mockso.state.tenant import State, Tenant, View

if TYPE_CHECKING:
    from mockso.scenario.scenario import Scenario


FIRST_FREE = 20_001
"""The number of the first tenant that is made without a name."""


class Tenants:
    """The states of a server's tenants, each made when it is first asked for."""

    is_shared = False
    """Whether other processes change them too, in a database."""
    share_secret: Callable[[Callable[[], str]], str] | None = None
    """Gives the secret of all processes, made by one of them; None for a mock of one process."""

    def __init__(
        self,
        settings: Settings,
        playlist: Playlist,
        seed_of: Callable[[Sequence[str]], Seed] = lambda sources: EMPTY,
        lay: Callable[[RowStore, Scenario], object] = lambda store, scenario: None,
    ) -> None:
        self._settings = settings
        self._playlist = playlist
        self._seed_of = seed_of
        self._lay = lay
        self._lock = threading.Lock()
        self._states: dict[str, State] = {}
        self._numbers = count(FIRST_FREE)
        self._steering: dict[
            str, set[str]
        ] = {}  # of those that were dropped: their calls are still in the journal

    def view(self, request: Request, state: State) -> View:
        """A call's view of its tenant. Raises NoScenarioError if it names an unknown scenario."""
        name = request.headers.get(SCENARIO_HEADER)
        return View(state, self._playlist.find_named(name, state.playing) if name else None)

    def of(self, name: str) -> State:
        """The state of the tenant of that name."""
        state = self._states.get(name)
        return state if state is not None else self.make(name)

    def make(
        self,
        name: str,
        *,
        online: bool | None = None,
        grants: Iterable[str] | None = None,
        data: Sequence[str] | None = None,
        world: str = "",
    ) -> State:
        """A tenant with other than the usual profile, grants, data or world; one that exists is left as it is."""
        settings = self._settings
        settings.check_agents(grants or (), f"tenant {name!r}")
        if online is None:
            online = self.is_online(name)
        with self._lock:
            if name not in self._states:
                seed = partial(self._seed_of, settings.data if data is None else tuple(data))
                grants = settings.grants if grants is None else grants
                state = State(Tenant(name, online, settings), grants, seed, self._lay, world)
                state.steering |= self._steering.pop(name, set())
                self._playlist.admit(state)
                self._states[name] = state
            return self._states[name]

    def near(self, name: str) -> State:
        """The state of the tenant, for a call that already failed."""
        return self.of(name)

    def begin(self) -> None:
        """Begin to serve. Raises StateError for a tenant that was begun with other data than this server has."""

    def is_online(self, name: str) -> bool:
        """Whether a tenant of that name is Online, unless somebody says otherwise."""
        profile = self._settings.profile
        return profile == "online" or (profile == "auto" and name[:4].lower() == "cust")

    def free_name(self, *, online: bool) -> str:
        """A name that no tenant had, "Cust20001"."""
        names = (f"{'Cust' if online else 'Site'}{number}" for number in self._numbers)
        return next(name for name in names if name not in self._states)

    def drop(self, name: str) -> None:
        """Drop a tenant and its state. Unknown names are ignored."""
        with self._lock:
            state = self._states.pop(name, None)
            self._playlist.dismiss(name)
            if state is not None and state.steering:
                self._steering[name] = state.steering
        if state is not None and state.has_webhooks:
            state.webhooks.clear()

    def __iter__(self) -> Iterator[State]:
        """The tenants that were called so far, by name; one that is being made is waited for."""
        with self._lock:
            return iter([self._states[name] for name in self.names()])

    def has(self, name: str) -> bool:
        """Whether a tenant of that name was called."""
        return name in self._states

    def names(self) -> list[str]:
        return sorted(self._states)
