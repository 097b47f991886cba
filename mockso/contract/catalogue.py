"""The contract file: how it is written, opened and searched.

The file is text, one JSON value a line:

    {"format": 2, "release": ..., "counts": {...}, ...}            the header
    ["GET", "/api/v1/Contact/{id}", "v1ContactEntity_Get...", 412]   the index: a line for each item,
    ["SuperOffice.CRM.Services.Address", 230]                        ending in its length in bytes
    ["kind", "Contact", 1300]                                        (operations, types, kinds of rows)
    (an empty line)
    {"id": ..., "method": ...}                                       the items, in the order of the index

Opening reads header and index only (about 5 ms for the whole API); an operation or a type is parsed
when it is first asked for and then kept. Defaults are left out of the items.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, takewhile
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from mockso.contract.addresses import Addresses, fit_of
from mockso.contract.itemfile import ItemFile, read_bytes
from mockso.contract.items import (
    LANGUAGE_HEADERS,
    REQUEST_TYPES,
    RESPONSE_TYPES,
    operation_from_json,
    operation_to_json,
    type_from_json,
    type_to_json,
)
from mockso.contract.model import Operation, TypeDef
from mockso.errors import ContractError, did_you_mean

if TYPE_CHECKING:
    from mockso.contract.kinds import Kind, Kinds

FORMAT = 2
_ALL = " 'mockso contract list' has them all."
_Derived = TypeVar("_Derived")
_Item = TypeVar("_Item", Operation, TypeDef, "Kind")
SHIPPED = Path(__file__).with_name("catalogue.jsonl")

__all__ = ["LANGUAGE_HEADERS", "REQUEST_TYPES", "RESPONSE_TYPES", "SHIPPED", "Contract", "Lookup", "dump"]


# --- writing -------------------------------------------------------------------------------------


def dump(header: Mapping[str, Any], operations: Iterable[Operation], types: Iterable[TypeDef]) -> bytes:
    """The bytes of a contract file: the same for the same contract, whatever the order given.

    `header` takes what else is to be said of the contract (release, counts); its `format` is ours.
    """
    from mockso.contract.kinds import derive_kinds

    operations = sorted(operations, key=lambda o: (o.path.lower(), o.path, o.method, o.id))
    types = sorted(types, key=lambda t: t.name)
    kinds = derive_kinds(operations, {typedef.name: typedef for typedef in types})
    entries: list[tuple[list[str], bytes]] = [
        *(([one.method, one.path, one.id], _line(operation_to_json(one))) for one in operations),
        *(([typedef.name], _line(type_to_json(typedef))) for typedef in types),
        *((["kind", kind.name], _line(kind.to_json())) for kind in kinds),
    ]
    head = json.dumps({**header, "format": FORMAT}, sort_keys=True, ensure_ascii=False)
    index = "".join(f"{json.dumps([*names, len(line)])}\n" for names, line in entries)
    return f"{head}\n{index}\n".encode() + b"".join(line for _, line in entries)


def _line(item: Mapping[str, Any]) -> bytes:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


# --- asking a contract --------------------------------------------------------------------------


@dataclass(frozen=True)
class Lookup:
    """The operation a call is addressed to, or what is near its address.

    `operation` None: 405 when `allowed` (methods of that address) is not empty, else 404.
    `path_arguments` are the decoded texts of the path's variables. `public` needs no credential.
    """

    operation: Operation | None
    contract: Contract
    path_arguments: Mapping[str, str]
    allowed: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    public: bool = False


class Contract:
    """A contract file, opened.

    Operations and types are parsed at first use and kept; threads may share it, as parsing the same
    item twice gives equal values.
    """

    def __init__(self, data: bytes, origin: str) -> None:
        self.origin = origin
        self._file = file = ItemFile(data, origin, FORMAT, "a contract file")
        self.header = file.header
        file.read(lambda: self._read_index(file.index))
        file.locate(entry[-1] for entry in file.index)
        self._operations: dict[int, Operation] = {}
        self._types: dict[str, TypeDef] = {}
        self._derived: dict[Callable[[Contract], Any], Any] = {}
        self._deriving = RLock()  # what is derived may derive in its turn

    def _read_index(self, index: list[list[Any]]) -> None:
        # Operations come first; an entry of theirs is [method, path, id, length], a type's [name, length].
        self._index: list[tuple[str, str, str]] = [
            (method, path, name) for method, path, name, _ in takewhile(lambda e: len(e) == 4, index)
        ]
        others = index[len(self._index) :]
        self._type_names: list[str] = [name for name, _ in takewhile(lambda e: len(e) == 2, others)]
        self._kind_names: list[str] = [name for _, name, _ in others[len(self._type_names) :]]
        "".join(chain(self._type_names, self._kind_names, *self._index))  # TypeError where one is not a text

    # Tables that a caller may never need, or not soon: made at first use.

    @cached_property
    def _number_of(self) -> dict[str, int]:
        return {entry[2]: number for number, entry in enumerate(self._index)}

    @cached_property
    def _type_number_of(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self._type_names, len(self._index))}

    @cached_property
    def _addresses(self) -> Addresses:
        return Addresses([path for _, path, _ in self._index])

    @cached_property
    def _short_names(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = {}
        for full in self._type_names:
            names.setdefault(full.rpartition(".")[2].lower(), []).append(full)
            names.setdefault(full.lower(), []).append(full)
        return names

    @classmethod
    def open(cls, path: str | Path = SHIPPED) -> Contract:
        """Open a contract file. Raises ContractError when it is missing or not a contract."""
        return cls(read_bytes(path), "the shipped contract" if path == SHIPPED else str(path))

    @property
    def release(self) -> str:
        return str(self.header.get("release", ""))

    @property
    def confidences(self) -> Mapping[str, Any]:
        """Ids of operations whose answers were compared with a real server's: "firm" or "assumed"."""
        known: Mapping[str, Any] = self.header.get("confidences", {})
        return known

    def derive(self, make: Callable[[Contract], _Derived]) -> _Derived:
        """The value that `make` derives from this contract: made at the first call, then kept with it.

        `contract.derive(PlainChecks)` is the same object for all who ask, on any thread.
        """
        value: _Derived | None = self._derived.get(make)
        if value is None:
            with self._deriving:
                value = self._derived.get(make)
                if value is None:
                    value = self._derived[make] = make(self)
        return value

    # operations

    def _operation(self, number: int) -> Operation:
        operation = self._operations.get(number)
        if operation is None:
            operation = self._operations[number] = self._file.item(
                number, self._index[number][2], operation_from_json
            )
        return operation

    def __len__(self) -> int:
        """How many operations there are."""
        return len(self._index)

    def ids(self) -> Iterator[str]:
        """The ids of all operations, in the order of the file (by path, then method)."""
        return (entry[2] for entry in self._index)

    def addresses(self) -> Iterator[tuple[str, str, str]]:
        """Method, path and id of all operations, none of which is parsed for it."""
        return iter(self._index)

    def operation(self, operation_id: str) -> Operation:
        """The operation of that id; ContractError with the nearest id otherwise."""
        number = self._number_of.get(operation_id)
        if number is None:
            raise ContractError(
                f"{self.origin}: no operation {operation_id!r}."
                f"{did_you_mean(operation_id, self._number_of) or _ALL}"
            )
        return self._operation(number)

    def has_operation(self, operation_id: str) -> bool:
        return operation_id in self._number_of

    def operations(self) -> Iterator[Operation]:
        """All operations, in the order of the file."""
        return (self._operation(number) for number in range(len(self._index)))

    # types

    def type(self, name: str) -> TypeDef:
        """The carrier of that full name; ContractError with the nearest name otherwise."""
        typedef = self._types.get(name)
        if typedef is None:
            number = self._type_number_of.get(name)
            if number is None:
                raise ContractError(f"{self.origin}: no type {name!r}.{did_you_mean(name, self._type_names)}")
            typedef = self._types[name] = self._file.item(number, name, type_from_json)
        return typedef

    def type_names(self) -> Iterator[str]:
        """The full names of all types, sorted."""
        return iter(self._type_names)

    def types_called(self, name: str) -> list[str]:
        """Full names of the types with this full or short name; case-insensitive."""
        return self._short_names.get(name.lower(), [])

    # kinds

    @cached_property
    def kinds(self) -> Kinds:
        """The kinds of rows that a tenant holds."""
        from mockso.contract.kinds import Kinds, kind_from_json

        first = len(self._index) + len(self._type_names)
        return Kinds(
            self._file.item(number, name, kind_from_json)
            for number, name in enumerate(self._kind_names, first)
        )

    # addresses

    def find(self, method: str, path: str) -> Lookup:
        """The operation a call is addressed to.

        `path` is decoded and without tenant, "/api/v1/Contact/17"; letter case, double and trailing
        slashes do not matter. Segment by segment from the left a literal wins over an int32, that
        over an enum, that over a string (rule 23 of the corpus analysis); an address whose best
        template lacks the method falls to the next that has it.
        """
        parts = [part for part in path.split("/") if part]
        lookup = self._lookup(method, parts)
        if lookup.operation is not None or lookup.allowed:
            return lookup
        return Lookup(None, self, {}, (), tuple(self._addresses.near(parts)))

    def has(self, method: str, path: str) -> bool:
        """Whether an operation has this method and address; nothing near is looked for."""
        return self._lookup(method, [part for part in path.split("/") if part]).operation is not None

    def reaches(self, path: str) -> bool:
        """Whether an operation of any method has this address."""
        return next(self._addresses.reached_by([part for part in path.split("/") if part]), None) is not None

    def meant_address(self, tenant: str, path: str) -> str:
        """The address that is meant by one whose tenant, "api" and "v1" stand in other places; "" for any other.

        "/api/v1/Cust12345/Contact/17" and "/Cust12345/v1/Contact/17" mean "/Cust12345/api/v1/Contact/17".
        """
        parts = [part for part in path.split("/") if part]
        while parts and parts[0].lower() in ("api", "v1"):
            parts = parts[1:]
        for owner, rest in ((tenant, parts), (tenant or parts[0] if parts else "", parts[1:])):
            while rest and rest[0].lower() in ("api", "v1"):
                rest = rest[1:]
            below = "/".join(["/api/v1", *rest])
            if rest and self.reaches(below):
                return f"/{owner}{below}" if owner else below
        return ""

    def _lookup(self, method: str, parts: list[str]) -> Lookup:
        for number in self._addresses.of_literal(parts):
            if self._index[number][0] == method:
                return Lookup(self._operation(number), self, {})
        allowed: dict[str, None] = {}
        candidates: list[tuple[tuple[int, ...], int, Operation, dict[str, str]]] = []
        for number in self._addresses.reached_by(parts):
            operation_method = self._index[number][0]
            operation = self._operation(number)
            fit = fit_of(operation, parts)
            if operation_method == method:
                candidates.append((fit[0], number, operation, fit[1]))
            else:
                allowed[operation_method] = None
        if candidates:
            _, _, operation, arguments = min(candidates, key=lambda c: c[:2])
            return Lookup(operation, self, arguments)
        return Lookup(None, self, {}, tuple(sorted(allowed)))

    def describe_path(self, path: str) -> list[Operation]:
        """All operations whose template is exactly this path; case-insensitive."""
        return [self._operation(number) for number in self._addresses.of_template(path)]
