"""mockso inside another program: on a socket (`serve`), or with worlds of its own (`Mock`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import SettingError
from mockso.exchange.address import can_name_tenant
from mockso.testing.host import Host

if TYPE_CHECKING:
    from mockso.testing.calls import Playable, Strict
    from mockso.testing.world import World

FIRST_WORLD = 10_001
_TENANT = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class Mock(Host):
    """A mock: an engine, its server, and its worlds.

    `first_world` is the number of the first world's tenant, 10001 for Cust10001; in a state that processes share,
    each world gets the next number of all.
    """

    def __init__(self, engine: Engine, first_world: int = FIRST_WORLD) -> None:
        super().__init__(engine)
        self._next_world = first_world

    def world(
        self,
        *,
        profile: str = "",
        grants: Iterable[str] | None = None,
        scenarios: Iterable[Playable] = (),
        strict: Strict = "fail",
        allow_unmatched: bool = False,
        seed: int | None = None,
        data: Iterable[str | Path] | None = None,
        world: str = "",
        tenant: str = "",
    ) -> World:
        """A fresh tenant, that no other test sees. In a `with` it is checked and dropped at the end.

        `profile` is "online" or "onsite" (then it is a virtual directory), `grants` the restricted agents
        it has, `seed` what its seeded delays and its `random` start from, `data` the data files of its rows
        instead of those of the settings, `world` "closed" or "open", `tenant` its name if it is not to be made up.
        """
        from mockso.testing.world import World

        if profile not in ("", "auto", "online", "onsite"):
            raise SettingError(f"profile is online or onsite, not {profile!r}.")
        if world not in ("", "closed", "open"):
            raise SettingError(f"world is closed or open, not {world!r}.")
        # A single name is a list of one, as in the marker.
        grants = [grants] if isinstance(grants, str) else grants
        scenarios = [scenarios] if isinstance(scenarios, str) else scenarios
        data = [data] if isinstance(data, str | Path) else data
        with self._lock:
            number, self._next_world = self._next_world, self._next_world + 1
        usual = self.engine.settings.profile
        online = (profile if profile not in ("", "auto") else usual) != "onsite"
        name = tenant or self._fresh_name(number, online=online)
        if not (_TENANT.fullmatch(name) and can_name_tenant(name)) or self.engine.tenants.has(name):
            wrong = (
                "there is one of that name"
                if self.engine.tenants.has(name)
                else "give letters, digits, - and _, such as 'Cust12345'"
            )
            raise SettingError(f"tenant={name!r}: {wrong}.")
        sources = None if data is None else tuple(map(str, data))
        if sources:
            self.engine.seeds.of(sources)  # refuse a wrong file now, not at the first call
        state = self.engine.tenants.make(name, online=online, grants=grants, data=sources, world=world)
        try:
            return World(
                self,
                state,
                scenarios=scenarios,
                strict=strict,
                allow_unmatched=allow_unmatched,
                seed=seed,
            )
        except BaseException:
            self.engine.tenants.drop(name)
            raise

    def _fresh_name(self, number: int, *, online: bool) -> str:
        """A name that no world has. Where processes share a state, they do not know each other's worlds."""
        if self.engine.tenants.is_shared:
            return self.engine.tenants.free_name(online=online)
        return f"{'Cust' if online else 'Site'}{number}"

    def load(self, tenant: str, *data: Mapping[str, Any] | str | Path) -> int:
        """Lay rows over those of a tenant: mappings as data files have them, or files; how many rows they were.

        Each is one commit; a SeedError names every fault and changes nothing.
        """
        store = self.engine.tenants.of(tenant).store
        return sum(self.engine.seeds.lay(store, one) for one in data)


def open_mock(first_world: int = FIRST_WORLD, **options: Any) -> Mock:
    """A mock that does not listen until its address is asked for; `close` it. Options are those of `Settings`."""
    return Mock(Engine.open(Settings.from_options({"port": 0, **options})), first_world)


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
