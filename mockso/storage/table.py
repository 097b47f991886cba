"""Tables in a database: the schema an owner gives, and the calls that every driver has.

Statements are written once, in SQLite's types and with "?" for each value; a driver translates what differs.
One thread at a time uses a driver: the owner of the tables has the lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from mockso.errors import MocksoError

Values: TypeAlias = Sequence[Any]
Record: TypeAlias = tuple[Any, ...]
Statement: TypeAlias = tuple[str, Values]

NOTES = "CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL)"


class Schema(NamedTuple):
    """The tables of one owner, and the words for messages about them.

    `tables` maps names to columns. The table `numbered` has its rows' numbers in `seq INTEGER PRIMARY KEY`.
    `option` is how the command line names the database, "--journal".
    """

    owner: str
    option: str
    error: type[MocksoError]
    format: str
    tables: Mapping[str, str]
    numbered: str

    @property
    def statements(self) -> list[str]:
        """The statements that create what is missing."""
        return [
            *(f"CREATE TABLE IF NOT EXISTS {name} ({columns})" for name, columns in self.tables.items()),
            NOTES,
        ]

    @property
    def note_last(self) -> str:
        """The statement that notes the greatest number of all rows; it goes before those that delete some.

        Without it, tables opened after their last row was deleted would give its number again.
        """
        return (
            f"INSERT INTO notes SELECT 'last', CAST(coalesce(max(seq), 0) AS TEXT) FROM {self.numbered} WHERE true "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value "
            "WHERE CAST(notes.value AS BIGINT) < CAST(excluded.value AS BIGINT)"
        )


class Tables(Protocol):
    """The tables of a schema in a database."""

    name: str
    is_shared: bool
    """Whether other processes write, so that what is counted in this one may be wrong."""

    def insert(self, statement: str, values: Values) -> None:
        """Insert one row; text that the database cannot hold is escaped."""

    def rows(self, statement: str, values: Values = ()) -> list[Record]: ...
    def transaction(self, *statements: Statement) -> None: ...
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
