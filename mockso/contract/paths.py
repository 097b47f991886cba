"""Paths: from type to type along the names and positions of a value, and their forms as text.

A path is a tuple, ("Persons", 0, "Firstname"); a JSON pointer is "/Persons/0/Firstname". Property names are
case-insensitive in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mockso.contract.catalogue import Contract
from mockso.contract.model import ANY, Field, Path, TypeDef, TypeRef
from mockso.errors import did_you_mean, nearest


class Step(NamedTuple):
    """One step of a walk: from the type `start` by `part` to the type `type`.

    `owner` and `field` are the carrier it leaves and the property it takes, if any. Behind a part that `start`
    does not have any value may stand.
    """

    start: TypeRef
    part: str
    type: TypeRef
    owner: TypeDef | None = None
    field: Field | None = None

    @property
    def fault(self) -> str:
        """Why `start` has no such part; empty where it may have it."""
        if self.owner is not None:
            if self.field is not None or self.owner.open:
                return ""
            return f"{self.owner.short_name} has no property {self.part!r}.{did_you_mean(self.part, self.owner.by_name)}"
        if self.start.kind == "list":
            if self.part == "-" or self.part.isdigit():
                return ""
            return f"expected a position in the list or '-', got {self.part!r}"
        if self.start.kind in ("map", "any", "patch"):
            return ""
        return f"{self.part!r} reaches into {self.start}, which has no parts"

    @property
    def near(self) -> str:
        """The property most like a missing one; empty where none is."""
        return next(iter(nearest(self.part, self.owner.by_name)), "") if self.owner else ""


def walk(kind: TypeRef, path: Iterable[str | int], contract: Contract) -> Iterator[Step]:
    """The steps of a path through a type, one for each part."""
    for part in map(str, path):
        if kind.kind == "carrier":
            owner = contract.type(kind.name)
            field = owner.find_field(part)
            step = Step(kind, part, field.type if field else ANY, owner, field)
        else:
            step = Step(kind, part, kind.item or ANY if kind.kind in ("list", "map") else ANY)
        yield step
        kind = step.type


def source_at(kind: TypeRef, path: Path, contract: Contract) -> str:
    """Where the documentation speaks of the innermost property on a path; empty where none is on it."""
    if not path:
        return contract.type(kind.name).source if kind.kind == "carrier" else ""
    source = ""
    for step in walk(kind, path, contract):
        if step.owner is not None:
            source = step.owner.source_of(step.field.name) if step.field else step.owner.source
    return source


def split_pointer(pointer: str) -> list[str]:
    """The parts of a JSON pointer (RFC 6901): "/Persons/0/Name" has three."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def join_pointer(parts: Iterable[str | int]) -> str:
    """The JSON pointer (RFC 6901) of these parts: "/Persons/0/Name"."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
