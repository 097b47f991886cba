"""The columns of the archive providers: their names, how they are restricted, whether they order rows.

Owns reading the shipped file, which `mockso contract build` writes by `columnfile.py`. The file is
opened when it is first asked for; a provider is read when it is asked for. Columns below one prefix
("associate/...") are mostly the same in many providers: these are one block, read once and shared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from sys import intern
from typing import Any, NamedTuple, TypeVar

from mockso.contract.catalogue import Contract
from mockso.contract.itemfile import ItemFile, read_bytes

FORMAT = 1
# The name that stands for the columns of all providers.
ALL = "$metadata"
# The provider of custom tables, in small letters; some of selections of theirs begin with it too.
CUSTOM = "customobject"
SHIPPED = Path(__file__).with_name("columns.jsonl")

_CUSTOM_TABLE = re.compile(r"y_\w+", re.IGNORECASE)
# Every provider has these two: they say how many rows there are, and are not shown unless selected.
_ROW_SWITCHES = frozenset({"getallrows", "getnorows"})


class Column(NamedTuple):
    """One column of a provider, "associate/fullName".

    `restriction` is the documented type, "int" or "stringorPK"; empty where the column cannot be
    restricted. `can_order` says whether `$orderby` takes it.
    """

    name: str
    restriction: str
    can_order: bool


_Item = TypeVar("_Item", "Block", "Provider")


class Block:
    """Columns as providers share them: without what stands before the last slash."""

    __slots__ = ("leaves", "positions")

    def __init__(self, leaves: tuple[Column, ...]) -> None:
        self.leaves = leaves
        self.positions = {intern(leaf.name.lower()): at for at, leaf in enumerate(leaves)}


def _block(marks: Mapping[str, str]) -> Block:
    return Block(
        tuple(
            Column(intern(leaf), intern(mark.removesuffix("+")), mark.endswith("+"))
            for leaf, mark in marks.items()
        )
    )


class Group:
    """The columns of a block below one prefix."""

    __slots__ = ("_columns", "_file", "folded", "number", "prefix")

    def __init__(self, file: ColumnFile, prefix: str, number: int) -> None:
        self._file = file
        self.number = number
        self._columns: tuple[Column, ...] | None = None
        self.prefix = f"{prefix}/" if prefix else ""
        self.folded = self.prefix.lower()

    @property
    def positions(self) -> Mapping[str, int]:
        """Where a column stands, by what is behind its last slash, in small letters."""
        return self._file.block(self.number).positions

    @property
    def columns(self) -> tuple[Column, ...]:
        columns = self._columns
        if columns is None:
            leaves = self._file.block(self.number).leaves
            prefix = self.prefix
            columns = tuple(Column(prefix + leaf.name, *leaf[1:]) for leaf in leaves) if prefix else leaves
            self._columns = columns
        return columns


class Columns(Mapping[str, Column]):
    """The columns of a provider by their names in small letters, in the documented order."""

    __slots__ = ("_groups", "_of_prefix")

    def __init__(self, groups: Iterable[Group]) -> None:
        self._groups = tuple(groups)
        self._of_prefix: dict[str, tuple[Group, ...]] = {}
        for group in self._groups:
            self._of_prefix[group.folded] = (*self._of_prefix.get(group.folded, ()), group)

    def __getitem__(self, name: str) -> Column:
        prefix, slash, leaf = name.rpartition("/")
        for group in self._of_prefix.get(prefix + slash, ()):
            at = group.positions.get(leaf)
            if at is not None:
                return group.columns[at]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        for group in self._groups:
            for leaf in group.positions:
                yield group.folded + leaf

    def __len__(self) -> int:
        return sum(len(group.positions) for group in self._groups)

    def below(self, prefix: str) -> tuple[Column, ...]:
        """The columns with this before their last slash; "" for those without a slash."""
        folded = f"{prefix.lower()}/" if prefix else ""
        return tuple(column for group in self._of_prefix.get(folded, ()) for column in group.columns)


class Provider:
    """One archive provider as documented: the kinds of rows it has, and its columns.

    Immutable; threads may share it. A provider whose columns depend on the tenant or on the request
    (Dynamic, CustomObject) has none. `table` is the custom table that the provider was asked for.
    """

    def __init__(self, name: str, entities: tuple[str, ...], columns: Columns, table: str = "") -> None:
        self.name = name
        self.entities = entities
        self.columns = columns
        self.table = table

    def __repr__(self) -> str:
        return f"Provider({self.name!r})"

    def find(self, name: str) -> Column | None:
        """The column of that name, in any letter case."""
        return self.columns.get(name.lower())

    @cached_property
    def default(self) -> tuple[Column, ...]:
        """The columns that a query without `$select` shows. Source: section 14.2; firm."""
        return tuple(one for one in self.columns.below("") if one.name.lower() not in _ROW_SWITCHES)


class ColumnFile:
    """A file of columns, opened. `columnfile.py` says how it is written."""

    def __init__(self, data: bytes, origin: str) -> None:
        self._file = file = ItemFile(data, origin, FORMAT, "a file of columns")
        self.header = file.header
        lengths = file.read(lambda: self._read_index(file.index))
        file.locate(lengths)
        self._providers: dict[int, Provider] = {}
        self._blocks: dict[int, Block] = {}
        # By the numbers of their groups: nearly half of the providers have the columns of another.
        self._columns: dict[tuple[int, ...], Columns] = {}

    def _read_index(self, index: list[list[Any]]) -> list[int]:
        """Names and groups of the index; the lengths of the items."""
        providers, blocks, groups = (self.header["counts"][key] for key in ("providers", "blocks", "groups"))
        if len(index) != providers + blocks + groups:
            raise ValueError("its counts are not those of its index")
        self._numbers = {intern(name.lower()): at for at, (name, _) in enumerate(index[:providers])}
        self.names: tuple[str, ...] = tuple(name for name, _ in index[:providers])
        self._groups = [Group(self, prefix, number) for prefix, number in index[providers + blocks :]]
        return [length for _, length in index[: providers + blocks]]

    @classmethod
    def open(cls, path: Path = SHIPPED) -> ColumnFile:
        """Open a file of columns. Raises ContractError when it is missing or not one."""
        return cls(read_bytes(path), "the shipped columns" if path == SHIPPED else str(path))

    def provider(self, name: str) -> Provider | None:
        """The provider of that name, in any letter case."""
        number = self._numbers.get(name.lower())
        if number is None:
            return None
        provider = self._providers.get(number)
        if provider is None:
            provider = self._providers[number] = self._file.item(number, self.names[number], self._provider)
        return provider

    @cached_property
    def union(self) -> Provider:
        """The columns of all providers as those of one; of two with one name the first stands."""
        leaves: dict[str, dict[str, Column]] = {}
        prefixes: dict[str, str] = {}
        for group in self._groups:
            prefixes.setdefault(group.folded, group.prefix.rstrip("/"))
            below = leaves.setdefault(group.folded, {})
            for leaf, at in group.positions.items():
                below.setdefault(leaf, self.block(group.number).leaves[at])
        groups = []
        for number, (folded, below) in enumerate(leaves.items(), self.header["counts"]["blocks"]):
            self._blocks[number] = Block(tuple(below.values()))
            groups.append(Group(self, prefixes[folded], number))
        return Provider(ALL, (), Columns(groups))

    def block(self, number: int) -> Block:
        """The block of that number, read at first use."""
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = self._file.item(
                len(self.names) + number, f"block {number}", _block
            )
        return block

    def _provider(self, item: Mapping[str, Any]) -> Provider:
        numbers = tuple(item["groups"])
        columns = self._columns.get(numbers)
        if columns is None:
            columns = self._columns[numbers] = Columns(self._groups[at] for at in numbers)
        return Provider(item["name"], tuple(item["entities"]), columns)


@cache
def open_shipped() -> ColumnFile:
    """The columns that mockso ships, opened at the first call."""
    return ColumnFile.open()


def provider_of(name: str, contract: Contract) -> Provider | None:
    """The provider of that name, in any letter case; None for an unknown one.

    Known are the documented providers, those behind the contract's collections, and "$metadata" with the
    columns of all. "CustomObject:y_equipment" is the provider CustomObject, asked for one table; no other
    provider has tables, and no other table is a custom one.
    """
    if name.lower() == ALL:
        return open_shipped().union
    base, colon, table = name.partition(":")
    provider = open_shipped().provider(base)
    if colon:
        if provider is None or not base.lower().startswith(CUSTOM) or not _CUSTOM_TABLE.fullmatch(table):
            return None
        return _custom(provider.name, table.lower())
    if provider is None and base.lower() in (known := collections(contract)):
        provider = Provider(known[base.lower()], (), Columns(()))
    return provider


@lru_cache(256)
def _custom(name: str, table: str) -> Provider:
    return Provider(name, (), Columns(()), table)


def collections(contract: Contract) -> Mapping[str, str]:
    """The providers behind the contract's collections, by their names in small letters."""
    return contract.derive(_collections)


def _collections(contract: Contract) -> dict[str, str]:
    return {one.archive.lower(): one.archive for one in contract.operations() if one.archive}
