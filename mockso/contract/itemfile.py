"""Files of items with an index in front: text, one JSON value a line, each item read when it is asked for.

{"format": 2, ...}       the header
["name", 412]            the index: lines of which the last number is an item's length in bytes
(an empty line)
{"id": ...}              the items, in the order of the index
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar

from mockso.errors import ContractError

_Item = TypeVar("_Item")
_Read = TypeVar("_Read")
_WRONG = (ValueError, AttributeError, TypeError, LookupError, RecursionError)


class ItemFile:
    """One such file, opened. `sort` names it in messages: "a contract file"."""

    def __init__(self, data: bytes, origin: str, format: int, sort: str) -> None:
        self.origin = origin
        self._data = data
        self._sort = f"{sort} of format {format}"
        head, self._gap = data.find(b"\n"), data.find(b"\n\n")
        self.header: dict[str, Any] = self.read(lambda: json.loads(data[:head]))
        self.read(lambda: self._check(format))
        lines = data[head + 1 : self._gap].replace(b"\n", b",")
        self.index: list[list[Any]] = self.read(lambda: json.loads(b"[" + lines + b"]"))

    def _check(self, format: int) -> None:
        if self._gap < 0 or self.header.get("format") != format:
            raise ValueError(f"format {self.header.get('format')!r} is not {format}")

    def read(self, read: Callable[[], _Read]) -> _Read:
        """The value that a function reads of header or index. Raises ContractError where they are not what they should be."""
        try:
            return read()
        except _WRONG as error:
            raise ContractError(
                f"{self.origin}: not {self._sort}: {error}. Write one with 'mockso contract build'."
            ) from error

    def locate(self, lengths: Iterable[int]) -> None:
        """Say how long the items are. Raises ContractError where that is not the file's length."""
        self._offsets = self.read(lambda: list(accumulate(lengths, initial=self._gap + 2)))
        if self._offsets[-1] != len(self._data):
            raise ContractError(
                f"{self.origin}: {len(self._data)} bytes, but its index accounts for {self._offsets[-1]}: the file "
                "was cut or edited by hand. Write it again with 'mockso contract build'."
            )

    def item(self, number: int, name: str, read: Callable[[Mapping[str, Any]], _Item]) -> _Item:
        """The item of that number. Raises ContractError, with its name, where it cannot be read."""
        try:
            return read(json.loads(self._data[self._offsets[number] : self._offsets[number + 1]]))
        except _WRONG as error:
            raise ContractError(
                f"{self.origin}: its item of {name!r} was edited by hand ({type(error).__name__}: {error}). "
                "Write the file again with 'mockso contract build'."
            ) from error


def read_bytes(path: str | Path) -> bytes:
    """The bytes of such a file. Raises ContractError when it is missing."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ContractError(
            f"{path}: cannot be read ({error.strerror}). Write it with 'mockso contract build'."
        ) from error
