"""The counters of the steps a tenant plays, among its rows: a step with `times` answers just as often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from mockso.state.rows import Draft, RowStore

KIND = "step"


class StepCounts:
    """Counts of steps in a tenant's store (`mockso.scenario.counts.Counts`)."""

    def __init__(self, store: RowStore) -> None:
        self._store = store

    def uses(self, key: str) -> int:
        row = self._store.rows.own_row(KIND, key)
        return 0 if row is None else int(row["uses"])

    def count(self, choose: Callable[[Callable[[str], int]], str | None]) -> int:
        def verb(draft: Draft) -> int:
            def uses(key: str) -> int:
                row = draft.get(KIND, key)
                return 0 if row is None else int(row["uses"])

            key = choose(uses)
            if key is None:
                return 0
            count = uses(key) + 1
            draft.put(KIND, key, {"uses": count})
            return count

        return self._store.change(verb).value

    def change(self, choose: Callable[[Callable[[str], int]], Mapping[str, int]]) -> None:
        def verb(draft: Draft) -> None:
            def uses(key: str) -> int:
                row = draft.get(KIND, key)
                return 0 if row is None else int(row["uses"])

            for key, value in choose(uses).items():
                draft.put(KIND, key, {"uses": value})

        self._store.change(verb)

    def clear(self, keys: Iterable[str]) -> None:
        rows = self._store.rows
        used = [key for key in keys if rows.own_row(KIND, key) is not None]

        def verb(draft: Draft) -> None:
            for key in used:
                draft.remove(KIND, key)

        if used:
            self._store.change(verb)
