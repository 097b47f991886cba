"""Tables in a database: the schema an owner gives, and the calls that every driver has.

Statements are written once, in SQLite's types and with "?" for each value; a driver translates what differs.
One thread at a time uses a driver: the owner of the tables has the lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, TypeAlias

from mockso.errors import MocksoError

Values: TypeAlias = Sequence[Any]
Record: TypeAlias = tuple[Any, ...]
Statement: TypeAlias = tuple[str, Values]

MEMORY = ("", "memory", "memory:", ":memory:")
"""The addresses that mean no database."""


class Schema(NamedTuple):
    """The tables of one owner, and the words for messages about them.

    `tables` maps names to columns, `indexes` names to a table with its columns. The table `numbered`, if any, has its
    rows' numbers in `seq INTEGER PRIMARY KEY`. `notes` is the table of the schema's own notes, such as its format; two
    schemas in one database have two. `option` is how the command line names the database, "--journal".
    A statement that takes longer than `patience` seconds has failed; 0 waits for ever. What is not `is_lasting` survives
    the death of its process, but the last moment of it not that of a server.
    """

    owner: str
    option: str
    error: type[MocksoError]
    format: str
    tables: Mapping[str, str]
    numbered: str = ""
    notes: str = "notes"
    indexes: Mapping[str, str] = {}
    patience: float = 0.0
    is_lasting: bool = True

    @property
    def statements(self) -> list[str]:
        """The statements that create what is missing."""
        return [
            *(f"CREATE TABLE IF NOT EXISTS {name} ({columns})" for name, columns in self.tables.items()),
            *(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}" for name, columns in self.indexes.items()),
            f"CREATE TABLE IF NOT EXISTS {self.notes} (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        ]

    @property
    def note_last(self) -> str:
        """The statement that notes the greatest number of all rows; it goes before those that delete some.

        Without it, tables opened after their last row was deleted would give its number again.
        """
        return (
            f"INSERT INTO {self.notes} SELECT 'last', CAST(coalesce(max(seq), 0) AS TEXT) FROM {self.numbered} WHERE true "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value "
            f"WHERE CAST({self.notes}.value AS BIGINT) < CAST(excluded.value AS BIGINT)"
        )

    def unlike(self, format: str) -> str:
        """The fault of tables that another version of mockso wrote."""
        is_newer = format.isdigit() and int(format) > int(self.format)
        return (
            f"its {self.owner} has format {format}, this version writes {self.format}: "
            f"{'a newer' if is_newer else 'an older'} mockso made it"
        )


class Tables(Protocol):
    """The tables of a schema in a database."""

    name: str
    is_shared: bool
    """Whether other processes write, so that what is counted in this one may be wrong."""
    is_server: bool
    """Whether a server in the network has them, which folds letters of all languages and takes lists as values."""

    def insert(self, statement: str, values: Values) -> None:
        """Insert one row; text that the database cannot hold is escaped."""

    def rows(self, statement: str, values: Values = ()) -> list[Record]: ...
    def numbers(self, statement: str, values: Values = ()) -> tuple[int, ...]:
        """The first row of a statement that selects whole numbers; empty without a row."""

    def transaction(self, *statements: Statement) -> None: ...
    def swap(self, first: Statement, *others: Statement) -> bool:
        """Run statements in one transaction; when the first changes no row, none is run, and False comes back."""

    def alone(self, lock: Statement) -> AbstractContextManager[None]:
        """One transaction around a block. Nobody else changes the rows that `lock` selects until its end."""

    def next_id(self) -> int:
        """A number greater than all before it, those of deleted rows included."""

    def changed_elsewhere(self) -> bool:
        """Whether somebody else may have written since the last time."""

    def close(self) -> None: ...


def printable(values: Values) -> Record:
    """The values with lone surrogates and NUL, which no text column takes, written as escapes."""
    return tuple(
        value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
        if isinstance(value, str)
        else value
        for value in values
    )
