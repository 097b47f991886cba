"""Seeds: the rows that tenants start with, from the shipped company and from data files.

The shipped company is compiled to a line a row, so that a tenant's first look at its rows costs milliseconds
and no YAML; a file of one's own is read as it is and lies over it. One seed is shared by all tenants that have
the same data.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockso.contract.catalogue import Contract
from mockso.errors import SeedError, did_you_mean
from mockso.state.log import Key, Value
from mockso.state.rows import EMPTY, Draft, Rows, RowStore, Seed

if TYPE_CHECKING:
    from mockso.entities.data_file import Layer
    from mockso.scenario.scenario import Scenario

SHIPPED = Path(__file__).with_name("nordlys.jsonl")
SHIPPED_NAME = "nordlys"
NO_ROWS = "none"
SUFFIXES = (".yaml", ".yml", ".json", ".jsonl")
FORMAT = 1


@cache
def load_shipped() -> Seed:
    """The rows of the company that comes with mockso."""
    return load_compiled(SHIPPED)


def load_compiled(path: Path, below: Mapping[str, Mapping[Key, Value]] | None = None) -> Seed:
    """The rows of a compiled data file, over those `below`. Raises SeedError where it is not one."""
    try:
        data = path.read_bytes()
        head, _, lines = data.partition(b"\n")
        if json.loads(head)["format"] != FORMAT:
            raise ValueError("another format")
        tables: dict[str, dict[Key, Value | None]] = {}
        for kind, key, value in json.loads(b"[" + lines.strip().replace(b"\n", b",") + b"]"):
            tables.setdefault(kind, {})[key] = value
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SeedError(
            f"{path}: cannot be read ({error}). Write it anew with 'mockso data compile'."
        ) from error
    return Seed(_merge(below or {}, tables), _digest(data))


def compile_file(path: str | Path, contract: Contract, base: Seed) -> bytes:
    """A data file's own rows as they are shipped: a head, then a line a row, by kind and key; null is taken away.

    `base` has the rows that it is laid over: those it may refer to, above whose ids its own begin.
    """
    from mockso.entities.data_file import read_data_file

    layer = read_data_file(path, contract, Rows(base))
    tables = _with_me(layer)
    head = {"format": FORMAT, "name": layer.name, "now": layer.now.isoformat()}
    rows = (
        [kind, key, tables[kind][key]]
        for kind in sorted(tables)
        for key in sorted(tables[kind], key=lambda key: (type(key) is str, key))
    )
    lines = [json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in (head, *rows)]
    return ("\n".join(lines) + "\n").encode()


class Seeds:
    """The seeds of one contract's tenants, each made once. Threads may share it."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._seeds: dict[tuple[str, ...], Seed] = {}
        self._lock = threading.Lock()

    def of(self, sources: Sequence[str]) -> Seed:
        """The rows of data files, each laid over those before it and the first over the shipped company.

        A source is a file, a folder of files, "nordlys" for the shipped company or "none", which forgets what
        came before it. SeedError has every fault of a file.
        """
        key = tuple(sources) or (SHIPPED_NAME,)
        with self._lock:
            if key not in self._seeds:
                self._seeds[key] = self._make(key)
            return self._seeds[key]

    def _make(self, sources: tuple[str, ...]) -> Seed:
        seed = load_shipped()
        for source in sources:
            if source == NO_ROWS:
                seed = EMPTY
            elif source == SHIPPED_NAME and not Path(source).exists():
                seed = load_shipped() if seed is EMPTY else seed
            else:
                for path in files_of(source):
                    seed = self.lay_file(seed, path)
        return seed

    def lay_file(self, seed: Seed, path: Path) -> Seed:
        """A seed with a data file laid over it. SeedError has every fault of the file."""
        from mockso.entities.data_file import read_data_file

        if path.suffix == ".jsonl":
            compiled = load_compiled(path, seed.tables)
            return Seed(compiled.tables, _digest((seed.digest + compiled.digest).encode()))
        layer = read_data_file(path, self._contract, Rows(seed))
        return Seed(_merge(seed.tables, _with_me(layer)), _digest(seed.digest.encode() + path.read_bytes()))

    def lay(self, store: RowStore, data: Mapping[str, Any] | str | Path) -> int:
        """Lay the rows of a mapping, as a data file has it, or of a file over a tenant's own, in one commit.

        Returns how many rows they were. SeedError has every fault, and then nothing is changed.
        """
        from mockso.entities import data_file

        if isinstance(data, Mapping):
            return self._lay_over(store, lambda rows: data_file.read_mapping(data, self._contract, rows))
        return self._lay_over(store, lambda rows: data_file.read_data_file(data, self._contract, rows))

    def lay_scenario(self, store: RowStore, scenario: Scenario) -> int:
        """Lay the data of a scenario over a tenant's own rows, as `lay` does."""
        from mockso.entities import data_file

        data, place = scenario.data or {}, _place_of(scenario)
        return self._lay_over(store, lambda rows: data_file.read_mapping(data, self._contract, rows, place))

    def check_scenario(self, scenario: Scenario, sources: Sequence[str]) -> None:
        """Check the data of a scenario over the rows of data files. SeedError has every fault."""
        from mockso.entities import data_file

        base = Rows(self.of(sources))
        data_file.read_mapping(scenario.data or {}, self._contract, base, _place_of(scenario))

    def lay_text(self, store: RowStore, text: str, name: str) -> int:
        """Lay the rows of a YAML text over a tenant's own, as `lay` does; `name` is that of the file in messages."""
        from mockso.entities import data_file

        return self._lay_over(store, lambda rows: data_file.read_data(text, self._contract, rows, name))

    def _lay_over(self, store: RowStore, read: Callable[[Draft], Layer]) -> int:
        def verb(rows: Draft) -> int:
            layer = read(rows)
            for kind, table in layer.rows.items():
                for key, value in table.items():
                    if value is None:
                        rows.remove(kind, key)
                    else:
                        rows.put(kind, key, value)
            if layer.me:
                rows.put("tenant", "me", {"associate": layer.me})
            return sum(len(table) for table in layer.rows.values())

        return store.change(verb).value


def _with_me(layer: Layer) -> Mapping[str, Mapping[Key, Value | None]]:
    """The rows of a layer, with the one that says whom a token without a user stands for."""
    return {**layer.rows, "tenant": {"me": {"associate": layer.me}}} if layer.me else layer.rows


def _merge(
    below: Mapping[str, Mapping[Key, Value]], rows: Mapping[str, Mapping[Key, Value | None]]
) -> dict[str, Mapping[Key, Value]]:
    """The tables with rows over them; tables that these leave alone are shared."""
    merged: dict[str, Mapping[Key, Value]] = dict(below)
    for kind, changes in rows.items():
        table = {**below.get(kind, {}), **changes}
        merged[kind] = {key: value for key, value in table.items() if value is not None}
    return {kind: table for kind, table in merged.items() if table}


def files_of(source: str) -> list[Path]:
    """The data files of a source: the file, or all of a folder. SeedError for a name that leads nowhere."""
    path = Path(source)
    if path.is_dir():
        files = sorted(item for item in path.rglob("*") if item.suffix in SUFFIXES)
        if not files:
            raise SeedError(f"{source}: the folder has no data file (*.yaml) in it.")
        return files
    if not path.exists():
        near = [
            SHIPPED_NAME,
            NO_ROWS,
            *(str(item) for item in path.parent.glob("*") if item.suffix in SUFFIXES),
        ]
        raise SeedError(f"{source}: there is no such data file.{did_you_mean(source, near)}")
    return [path]


def _place_of(scenario: Scenario) -> str:
    return f"{scenario.origin or scenario.name}: data"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
