"""Which operations an address reaches: a dictionary of literals and a tree of templates.

Letter case is folded. The web edge has one catch-all route, so this lookup is the only one there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from mockso.contract.model import Operation, TypeRef
from mockso.contract.values import integer
from mockso.errors import nearest


class _Node:
    """One place in the tree of templates; `numbers` are the operations that end here."""

    __slots__ = ("literals", "numbers", "variable")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.variable: _Node | None = None
        self.numbers: list[int] = []


class Addresses:
    """The addresses of a contract; an operation is its number in the list of templates."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        numbers: dict[str, list[int]] = {}
        for number, path in enumerate(_fold(paths)):
            numbers.setdefault(path, []).append(number)
        self._numbers = numbers

    @cached_property
    def _templates(self) -> _Node:
        # Most calls of an agent's client never come here.
        root = _Node()
        for folded, numbers in self._numbers.items():
            if "{" not in folded:
                continue
            node = root
            for part in _parts(folded):
                if part[0] == "{":
                    if node.variable is None:
                        node.variable = _Node()
                    node = node.variable
                else:
                    node = node.literals.setdefault(part, _Node())
            node.numbers += numbers
        return root

    def of_literal(self, parts: Sequence[str]) -> Sequence[int]:
        """The operations whose address has no variables and is these segments."""
        path = _path_of(parts).lower()
        return () if "{" in path else self._numbers.get(path, ())

    def reached_by(self, parts: Sequence[str]) -> Iterator[int]:
        """The operations, of any method, that these segments reach, those without variables first."""
        yield from self.of_literal(parts)
        yield from self._below(self._templates, parts, 0)

    def _below(self, node: _Node, parts: Sequence[str], at: int) -> Iterator[int]:
        if at == len(parts):
            yield from node.numbers
            return
        literal = node.literals.get(parts[at].lower())
        if literal is not None:
            yield from self._below(literal, parts, at + 1)
        if node.variable is not None:
            yield from self._below(node.variable, parts, at + 1)

    def of_template(self, path: str) -> list[int]:
        """The operations with exactly this template, letter case and slashes at its end aside."""
        return self._numbers.get(_path_of(_parts(path)).lower(), [])

    @cached_property
    def _heads(self) -> dict[str, list[str]]:
        """The templates below each resource and agent: "/api/v1/Contact", "/api/v1/Agents/User"."""
        heads: dict[str, list[str]] = {}
        for path in sorted(set(self._paths)):
            heads.setdefault(_head(_parts(path)), []).append(path)
        return heads

    def near(self, parts: Sequence[str]) -> list[str]:
        """Up to three templates, or their beginnings, most like an address that reaches nothing.

        The beginning is compared first: comparing with all templates takes a tenth of a second.
        """
        heads = nearest(_head(parts), self._heads, 3)
        below = [path for head in heads for path in self._heads[head]]
        # A path whose variables are far from their names, "/api/v1/Contcat/17", has a beginning only.
        return nearest(_path_of(parts), below, 3) or heads


def _parts(path: str) -> list[str]:
    """The segments of a template; double and trailing slashes do not matter, as in a call's address."""
    return [part for part in path.split("/") if part]


def _fold(paths: Sequence[str]) -> list[str]:
    """Templates in lower case, without double and trailing slashes."""
    text = "\n".join(paths).lower()  # all in one go: the first call of a process waits for it
    folded = text.split("\n")
    if len(folded) == len(paths) and "//" not in text and "/\n" not in text and not text.endswith("/"):
        return folded
    return [_path_of(_parts(path)).lower() for path in paths]


def _path_of(parts: Sequence[str]) -> str:
    return "/" + "/".join(parts)


def _head(parts: Sequence[str]) -> str:
    return _path_of(parts[: 4 if len(parts) > 2 and parts[2].lower() == "agents" else 3])


_RANK = {"int32": 1, "int64": 1, "enum": 2}
_STRING = TypeRef("scalar", "string")
_MISFIT = 9


def fit_of(operation: Operation, parts: Sequence[str]) -> tuple[tuple[int, ...], dict[str, str]]:
    """How specific a template is for these segments (lower is more), and its arguments.

    Part by part: literal, int, enum, string (rule 23 of the corpus analysis), and last a typed variable
    that the part does not read as: another template may take it as text, and if none does, the call
    is refused for its argument, not for its address.
    """
    types = {p.name: p.type for p in operation.parameters if p.location == "path"}
    ranks: list[int] = []
    arguments: dict[str, str] = {}
    for segment, part in zip(_parts(operation.path), parts, strict=True):
        if segment[0] != "{":
            ranks.append(0)
            continue
        name = segment[1:-1]
        arguments[name] = part
        kind = types.get(name, _STRING)
        rank = _RANK.get(kind.name or kind.kind, 3)
        if (rank == 1 and integer(part) is None) or (
            rank == 2 and part.lower() not in {value.lower() for value in kind.values}
        ):
            rank = _MISFIT
        ranks.append(rank)
    return tuple(ranks), arguments
