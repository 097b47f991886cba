"""The contract file: how it is written, opened, and asked.

The file is text, one JSON value a line:

    {"format": 1, "release": ..., "counts": {...}, ...}            the header
    ["GET", "/api/v1/Contact/{id}", "v1ContactEntity_Get...", 412]   the index: a line for each item,
    ["SuperOffice.CRM.Services.Address", 230]                        ending in its length in bytes
    (an empty line)
    {"id": ..., "method": ...}                                       the items, in the order of the index

Opening reads header and index only (about 5 ms for the whole API); an operation or a type is parsed
when it is first asked for and then kept. Defaults are left out of the items.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockso.contract.items import (
    LANGUAGE_HEADERS,
    REQUEST_TYPES,
    RESPONSE_TYPES,
    operation_from_json,
    operation_to_json,
    type_from_json,
    type_to_json,
)
from mockso.contract.model import Operation, TypeDef, TypeRef
from mockso.errors import ContractError, did_you_mean, nearest

FORMAT = 1
SHIPPED = Path(__file__).with_name("catalogue.jsonl")

_STRING = TypeRef("scalar", "string")

__all__ = ["LANGUAGE_HEADERS", "REQUEST_TYPES", "RESPONSE_TYPES", "SHIPPED", "Contract", "Found", "dump"]


# --- writing -------------------------------------------------------------------------------------


def dump(header: Mapping[str, Any], operations: Iterable[Operation], types: Iterable[TypeDef]) -> bytes:
    """The bytes of a contract file: the same for the same contract, whatever the order given.

    `header` takes what else is to be said of the contract (release, counts); its `format` is ours.
    """
    index: list[str] = []
    items: list[bytes] = []
    for operation in sorted(operations, key=lambda o: (o.path.lower(), o.path, o.method, o.id)):
        line = _line(operation_to_json(operation))
        index.append(json.dumps([operation.method, operation.path, operation.id, len(line)]))
        items.append(line)
    for typedef in sorted(types, key=lambda t: t.name):
        line = _line(type_to_json(typedef))
        index.append(json.dumps([typedef.name, len(line)]))
        items.append(line)
    head = json.dumps({**header, "format": FORMAT}, sort_keys=True, ensure_ascii=False)
    return "".join([head, "\n", *(f"{entry}\n" for entry in index), "\n"]).encode() + b"".join(items)


def _line(item: Mapping[str, Any]) -> bytes:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


# --- asking a contract --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """The operation a call is addressed to, or what stands near.

    `operation` None: 405 when `allowed` (methods of that address) is not empty, else 404.
    `path_arguments` are the decoded texts of the path's variables. `public` needs no credential.
    """

    operation: Operation | None
    contract: Contract
    path_arguments: Mapping[str, str]
    allowed: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    public: bool = False


class _Node:
    """One place in the tree of path templates; `leaves` maps a method to its operations' numbers."""

    __slots__ = ("leaves", "literals", "variables")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.variables: _Node | None = None
        self.leaves: dict[str, list[int]] = {}


class Contract:
    """A contract file, opened.

    Operations and types are parsed at first use and kept; threads may share it, as parsing the same
    item twice gives equal values.
    """

    def __init__(self, data: bytes, origin: str) -> None:
        self.origin = origin
        self._data = data
        head, _, rest = data.partition(b"\n")
        index_text, gap, _ = rest.partition(b"\n\n")
        try:
            self.header: dict[str, Any] = json.loads(head)
            if not gap or self.header.get("format") != FORMAT:
                raise ValueError(f"format {self.header.get('format')!r} is not {FORMAT}")
            index = json.loads(b"[" + index_text.replace(b"\n", b",") + b"]")
        except (ValueError, AttributeError) as error:
            raise ContractError(
                f"{origin}: not a contract file of format {FORMAT}: {error}. "
                "Write one with 'mockso contract build'."
            ) from error
        offset = len(head) + 1 + len(index_text) + 2
        self._index: list[list[Any]] = []  # [method, path, id, offset, length] of each operation
        self._number_of: dict[str, int] = {}
        self._types_at: dict[str, tuple[int, int]] = {}
        for entry in index:
            length = entry[-1]
            if len(entry) == 4:
                self._number_of[entry[2]] = len(self._index)
                self._index.append([*entry[:3], offset, length])
            else:
                self._types_at[entry[0]] = (offset, length)
            offset += length
        if offset != len(data):
            raise ContractError(
                f"{origin}: {len(data)} bytes, but its index accounts for {offset}: the file was cut or "
                "edited by hand. Write it again with 'mockso contract build'."
            )
        self._operations: dict[int, Operation] = {}
        self._types: dict[str, TypeDef] = {}
        self._short: dict[str, list[str]] | None = None
        self._literals: dict[str, dict[str, list[int]]] = {}
        self._root = _Node()
        for number, (method, path, *_) in enumerate(self._index):
            folded = path.lower()
            if "{" in folded:
                node = self._root
                for part in folded.split("/")[1:]:
                    if part[0] == "{":
                        if node.variables is None:
                            node.variables = _Node()
                        node = node.variables
                    else:
                        node = node.literals.setdefault(part, _Node())
                node.leaves.setdefault(method, []).append(number)
            else:
                self._literals.setdefault(folded, {}).setdefault(method, []).append(number)

    @classmethod
    def open(cls, path: str | Path = SHIPPED) -> Contract:
        """The contract in a file; ContractError when there is none or it is not one."""
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise ContractError(
                f"{path}: cannot be read ({error.strerror}). Write a contract with 'mockso contract build'."
            ) from error
        return cls(data, str(path))

    @property
    def release(self) -> str:
        return str(self.header.get("release", ""))

    # operations

    def _operation(self, number: int) -> Operation:
        operation = self._operations.get(number)
        if operation is None:
            _, _, _, offset, length = self._index[number]
            operation = operation_from_json(json.loads(self._data[offset : offset + length]))
            self._operations[number] = operation
        return operation

    def __len__(self) -> int:
        """How many operations there are."""
        return len(self._index)

    def ids(self) -> Iterator[str]:
        """The ids of all operations, in the order of the file (by path, then method)."""
        return (entry[2] for entry in self._index)

    def addresses(self) -> Iterator[tuple[str, str, str]]:
        """Method, path and id of all operations, none of which is parsed for it."""
        return ((method, path, operation_id) for method, path, operation_id, _, _ in self._index)

    def operation(self, operation_id: str) -> Operation:
        """The operation of that id; ContractError with the nearest id otherwise."""
        number = self._number_of.get(operation_id)
        if number is None:
            raise ContractError(
                f"{self.origin}: no operation {operation_id!r}.{did_you_mean(operation_id, self._number_of)}"
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
            place = self._types_at.get(name)
            if place is None:
                raise ContractError(f"{self.origin}: no type {name!r}.{did_you_mean(name, self._types_at)}")
            typedef = type_from_json(json.loads(self._data[place[0] : place[0] + place[1]]))
            self._types[name] = typedef
        return typedef

    def type_names(self) -> Iterator[str]:
        """The full names of all types, sorted."""
        return iter(self._types_at)

    def types_called(self, name: str) -> list[str]:
        """Full names of the types with this full or short name, letter case aside."""
        if self._short is None:
            short: dict[str, list[str]] = {}
            for full in self._types_at:
                short.setdefault(full.rpartition(".")[2].lower(), []).append(full)
                short.setdefault(full.lower(), []).append(full)
            self._short = short
        return self._short.get(name.lower(), [])

    # addresses

    def find(self, method: str, path: str) -> Found:
        """The operation a call is addressed to.

        `path` is decoded and without tenant, "/api/v1/Contact/17"; letter case, double and trailing
        slashes do not matter. Segment by segment from the left a literal wins over an int32, that
        over an enum, that over a string (rule 23 of the corpus analysis); an address whose best
        template lacks the method falls to the next that has it.
        """
        parts = [part for part in path.split("/") if part]
        allowed: dict[str, None] = {}
        literal = self._literals.get("/" + "/".join(parts).lower())
        if literal is not None:
            numbers = literal.get(method)
            if numbers:
                return Found(self._operation(numbers[0]), self, {})
            allowed.update(dict.fromkeys(literal))
        candidates: list[tuple[tuple[int, ...], int, Operation, dict[str, str]]] = []
        for leaves in self._leaves(self._root, parts, 0):
            for leaf_method, numbers in leaves.items():
                for number in numbers:
                    operation = self._operation(number)
                    fit = _fit(operation, parts)
                    if fit is None:
                        continue
                    if leaf_method == method:
                        candidates.append((fit[0], number, operation, fit[1]))
                    else:
                        allowed[leaf_method] = None
        if candidates:
            _, _, operation, arguments = min(candidates, key=lambda c: c[:2])
            return Found(operation, self, arguments)
        if allowed:
            return Found(None, self, {}, tuple(sorted(allowed)))
        return Found(None, self, {}, (), tuple(self._suggest(parts)))

    def _leaves(self, node: _Node, parts: list[str], at: int) -> Iterator[dict[str, list[int]]]:
        if at == len(parts):
            if node.leaves:
                yield node.leaves
            return
        literal = node.literals.get(parts[at].lower())
        if literal is not None:
            yield from self._leaves(literal, parts, at + 1)
        if node.variables is not None:
            yield from self._leaves(node.variables, parts, at + 1)

    def _suggest(self, parts: list[str]) -> list[str]:
        path = "/" + "/".join(parts)
        near = nearest(path, {entry[1] for entry in self._index}, 3)
        if near:
            return near
        # A path whose variables are far from their names, "/api/v1/Contcat/17": compare the first words.
        heads = {"/".join(entry[1].split("/")[:4]) for entry in self._index}
        return nearest("/".join(path.split("/")[:4]), heads, 3)

    def describe_path(self, path: str) -> list[Operation]:
        """All operations whose template is exactly this path, letter case aside."""
        folded = path.lower()
        return [
            self._operation(number) for number, entry in enumerate(self._index) if entry[1].lower() == folded
        ]


_RANK = {"int32": 1, "int64": 1, "enum": 2}


def _fit(operation: Operation, parts: list[str]) -> tuple[tuple[int, ...], dict[str, str]] | None:
    """How specific a template is for these segments, and its arguments; None where a typed
    variable cannot be parsed and another template could take it as text."""
    types = {p.name: p.type for p in operation.parameters if p.location == "path"}
    ranks: list[int] = []
    arguments: dict[str, str] = {}
    for wanted, part in zip(operation.path.split("/")[1:], parts, strict=True):
        if wanted[0] != "{":
            ranks.append(0)
            continue
        name = wanted[1:-1]
        arguments[name] = part
        kind = types.get(name, _STRING)
        rank = _RANK.get(kind.name or kind.kind, 3)
        if (rank == 1 and not part.lstrip("-").isdigit()) or (
            rank == 2 and part.lower() not in {value.lower() for value in kind.values}
        ):
            rank = 9
        ranks.append(rank)
    return tuple(ranks), arguments
