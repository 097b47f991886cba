"""The state of a tenant that several processes serve: what it plays is what its rows say.

Each call looks at the log once, through `SharedState.look`; all else reads the fold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

from mockso.errors import StateError
from mockso.state import repertoire
from mockso.state.log import Value
from mockso.state.repertoire import BEGUN, Compiler, Start
from mockso.state.rows import Draft, Invent, Outcome, RowStore, Snapshot
from mockso.state.tenant import State, Tenant

if TYPE_CHECKING:
    from mockso.scenario.scenario import Scenario

T = TypeVar("T")
Lay = Callable[[RowStore, "Scenario"], object]


class DraftStore(RowStore):
    """A draft where a store is wanted: what is changed in it becomes part of the draft's commit."""

    def __init__(self, name: str, draft: Draft) -> None:
        super().__init__(name)
        self._draft = draft

    def change(self, verb: Callable[[Draft], T], invent: Invent | None = None) -> Outcome[T]:
        return Outcome(verb(self._draft), (), ())


class Snapshots(MutableMapping[str, Snapshot]):
    """The snapshots of a tenant among its rows, which neither a reset nor a restore takes away."""

    def __init__(self, store: RowStore) -> None:
        self._store = store

    def __getitem__(self, name: str) -> Snapshot:
        row = self._store.rows.own_row("snapshot", name)
        if row is None:
            raise KeyError(name)
        return Snapshot({kind: dict(rows) for kind, rows in row["tables"]})

    def __setitem__(self, name: str, snapshot: Snapshot) -> None:
        tables = [
            [kind, [[key, value] for key, value in own.items()]] for kind, own in snapshot.tables.items()
        ]
        self._store.change(lambda draft: draft.put("snapshot", name, {"tables": tables}))

    def __delitem__(self, name: str) -> None:
        self._store.change(lambda draft: draft.remove("snapshot", name))

    def __iter__(self) -> Iterator[str]:
        return (str(name) for name, _ in self._store.rows.items("snapshot"))

    def __len__(self) -> int:
        return self._store.rows.count("snapshot")


class SharedState(State):
    """All that one tenant remembers, as this process sees it."""

    def __init__(
        self,
        tenant: Tenant,
        grants: Iterable[str],
        lay: Lay,
        world: str,
        store: RowStore,
        compiler: Compiler,
        options: Value,
    ) -> None:
        super().__init__(tenant, grants, lay=lay, world=world, store=store)
        self.snapshots = Snapshots(store)
        self._options = options
        self._compiler = compiler
        self._adopting = RLock()
        self._adopted: list[tuple[str, Value]] = []

    def look(self, begin: Callable[[], tuple[Iterable[Scenario], Start]]) -> None:
        """Take over what other processes did; begin anew a tenant that somebody dropped."""
        if not self.store.refresh():
            return
        if self.store.rows.own_row(*BEGUN) is None:
            self.begin(*begin())
        self._adopt()

    def begin(self, scenarios: Iterable[Scenario], start: Start) -> None:
        """Play what a server starts with, unless the tenant was begun with the same list.

        What was played, used up and stopped since then stays as it is. Raises StateError for another seed.
        """
        scenarios = tuple(scenarios)
        digest = self.store.rows.seed.digest

        def verb(draft: Draft) -> None:
            row = draft.get(*BEGUN)
            if row is not None:
                check_seed(self.name, row, digest)
                if row["scenarios"] == start:
                    return
            for scenario in scenarios:
                if scenario.data is not None:
                    self._lay(DraftStore(self.name, draft), scenario)
            repertoire.begin(draft, scenarios)
            self._put_profile(draft)
            draft.put(*BEGUN, {**self._options, "scenarios": start, "seed": digest})

        self._compiler.keep(scenarios)
        self.store.change(verb)
        self._adopt()

    def play(self, scenario: Scenario) -> None:
        def verb(draft: Draft) -> None:
            if scenario.data is not None:
                self._lay(DraftStore(self.name, draft), scenario)
            repertoire.play(draft, scenario)
            self._put_profile(draft)

        self._compiler.keep([scenario])
        self.store.change(verb)
        self._adopt()

    def replay(self, name: str, scenario: Scenario) -> None:
        def verb(draft: Draft) -> None:
            if repertoire.replay(draft, name, scenario):
                self._put_profile(draft)

        self._compiler.keep([scenario])
        self.store.change(verb)
        self._adopt()

    def stop(self, name: str | None = None) -> bool:
        def verb(draft: Draft) -> bool:
            was_played = repertoire.stop(draft, name)
            self._put_profile(draft)
            return was_played

        was_played = self.store.change(verb).value
        was_played = super()._unload(name) or was_played
        self._adopt()
        return was_played

    def _put_profile(self, draft: Draft) -> None:
        rows = [row for _, row in reversed(repertoire.rows_of(draft))]
        profile = next((row["profile"] for row in rows if row["profile"]), "")
        draft.put(
            "profile",
            "profile",
            {
                "online": profile == "online" if profile else self.tenant.online,
                "world": next((row["world"] for row in rows if row["world"]), self.first_world),
            },
        )

    def _adopt(self) -> None:
        """Play what the rows say. Steps that a test added in this process stay, asked first."""
        with self._adopting:
            rows = repertoire.rows_of(self.store.rows)
            if rows == self._adopted:
                return
            known = {name for name, _ in (*rows, *self._adopted)}
            own = [scenario for scenario in reversed(self.playing) if scenario.name not in known]
            self.scenarios.adopt([*self._compiler.scenarios_of(self.store.rows), *own])
            self._adopted = rows


def check_seed(name: str, row: Value, digest: str) -> None:
    """Raise StateError for a tenant whose row says that it was begun with other data."""
    if row["seed"] != digest:
        raise StateError(
            f"tenant {name!r} was begun with other data (digest {row['seed'] or 'of no rows'}, here "
            f"{digest or 'of no rows'}). Start with the same --data and the same version of mockso, "
            f"or forget the tenant: mockso state drop --tenant {name!r}."
        )
