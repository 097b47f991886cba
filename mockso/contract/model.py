"""The values a contract is made of: operations, carriers, types, and the text form of a type.

Nothing here reads a file or answers a call. A `TypeRef` has one text form, used in the contract
file, in `mockso contract show` and in messages:

    string  int32  list<int32>  map<string>  enum<None|Read>  flags<Monday|Tuesday>  any
    SuperOffice.CRM.Services.ContactEntity  list<SuperOffice.CRM.Services.Phone>
    patch<SuperOffice.CRM.Services.ContactEntity>    (JSON Patch operations, or part of the entity)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, cached_property
from typing import Literal, TypeAlias

Severity = Literal["error", "warning"]
Confidence = Literal["firm", "likely", "assumed"]
Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Path: TypeAlias = tuple[str | int, ...]
"""Names and positions that lead into a value: ("Persons", 0, "Firstname")."""


class Nothing(Enum):
    """The body of a message without one; JSON's null is a body."""

    NOTHING = "nothing"

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = Nothing.NOTHING
COMMON_OPTIONS = frozenset({"$select", "$format"})
"""Query options the server knows everywhere, documented for the operation or not."""


SCALARS = frozenset(
    {
        "string",
        "int32",
        "int64",
        "double",
        "boolean",
        "date-time",
        "byte",  # base64 text in JSON
        "binary",  # bytes on the wire, base64 text where JSON is asked for
    }
)

Kind = Literal["scalar", "enum", "flags", "list", "map", "carrier", "patch", "any"]


@dataclass(frozen=True)
class TypeRef:
    """The type of a value. `name` is a scalar's or a carrier's, `item` the inner type of a
    list, map or patch, `values` the members of an enum or of a set of flags."""

    kind: Kind
    name: str = ""
    item: TypeRef | None = None
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.kind in ("scalar", "carrier"):
            return self.name
        if self.kind == "any":
            return "any"
        if self.kind in ("enum", "flags"):
            return f"{self.kind}<{'|'.join(self.values)}>"
        return f"{self.kind}<{self.item}>"


ANY = TypeRef("any")


@cache
def parse_type(text: str) -> TypeRef:
    """Parse the text form of a type. Raises ValueError for any other text."""
    head, bracket, rest = text.partition("<")
    if not bracket:
        if text == "any":
            return ANY
        if text in SCALARS:
            return TypeRef("scalar", text)
        if not text or ">" in text:
            raise ValueError(f"{text!r} is not a type")
        return TypeRef("carrier", text)
    if not rest.endswith(">"):
        raise ValueError(f"{text!r} is not a type: '>' is missing at the end")
    inner = rest[:-1]
    match head:
        case "enum" | "flags":
            return TypeRef(head, values=tuple(inner.split("|")))
        case "list" | "map" | "patch":
            return TypeRef(head, item=parse_type(inner))
    raise ValueError(f"{text!r} is not a type: {head!r} is not list, map, patch, enum or flags")


Location = Literal["path", "query", "header", "form"]


@dataclass(frozen=True)
class Parameter:
    """One named argument outside the body. `default` is what the documentation says in prose."""

    name: str
    location: Location
    type: TypeRef
    required: bool = False
    default: str | None = None


@dataclass(frozen=True)
class Restriction:
    """An operation that Online refuses unless the application was granted `agent`.

    `kind` is why: "on-request", "never" (not for partner applications), "erp" (only for ERP
    applications), "internal" (only for the vendor's own).
    """

    agent: str
    kind: str
    source: str


@dataclass(frozen=True)
class Operation:
    """One method and address, and what is promised there.

    `path` is the template, "/api/v1/Contact/{id}". `responses` maps a documented status to the
    type of its body, None where there is no body, or its type is unknown. `service` is the agent method
    behind a REST operation ("Contact.SaveContactEntity"), `archive` the archive provider behind a
    collection, `slow_ms` the documented threshold in milliseconds. `sources` are places in the
    documentation, the deciding one first; a page has a line, a Swagger file a JSON pointer.
    """

    id: str
    method: str
    path: str
    group: str
    parameters: tuple[Parameter, ...]
    body: TypeRef | None
    body_required: bool
    responses: Mapping[int, TypeRef | None]
    consumes: tuple[str, ...]
    produces: tuple[str, ...]
    sources: tuple[str, ...]
    restricted: Restriction | None = None
    experimental: bool = False
    deprecated: bool = False
    slow_ms: int | None = None
    service: str | None = None
    archive: str | None = None
    pages_only: bool = False

    @cached_property
    def success(self) -> int:
        """The documented success status; 200 where no success is documented (rule 20)."""
        return min((status for status in self.responses if 200 <= status < 300), default=200)

    @cached_property
    def result(self) -> TypeRef | None:
        """The type of the body a success carries."""
        return self.responses.get(self.success)

    @cached_property
    def required_arguments(self) -> tuple[Parameter, ...]:
        """The arguments of the query that a call must have."""
        return tuple(p for p in self.parameters if p.required and p.location == "query")

    @property
    def is_agent(self) -> bool:
        return self.path.startswith("/api/v1/Agents/")

    @cached_property
    def is_archive(self) -> bool:
        """Whether it answers as archives do: with their envelope, or with their metadata."""
        if self.path.endswith("/$metadata"):
            return True
        return self.result is not None and self.result.name.endswith(".ODataSlimResponse")

    @cached_property
    def takes_arguments(self) -> bool:
        """Whether the members of its body are the arguments of an agent's method, not the properties of an entity."""
        return self.body is not None and self.body.name.endswith("Request")

    @property
    def source(self) -> str:
        return self.sources[0] if self.sources else ""

    @property
    def docs_url(self) -> str:
        """The operation's page at the vendor's, found by uid."""
        area = "agent" if self.is_agent else "rest"
        folder = f"{self.group}_Agent" if self.is_agent else self.group
        return f"https://docs.superoffice.com/en/api/reference/restful/{area}/{folder}/{self.id}.html"


@dataclass(frozen=True)
class Field:
    """One property of a carrier. `max_length` counts characters; `mdo` names the list of legal ids."""

    name: str
    type: TypeRef
    read_only: bool = False
    deprecated: bool = False
    max_length: int | None = None
    mdo: str | None = None


@dataclass(frozen=True)
class TypeDef:
    """One carrier under its full name. `open` means that subtypes which no source lists add
    properties, so unknown ones are legal (rule 10)."""

    name: str
    fields: tuple[Field, ...]
    source: str
    open: bool = False
    by_name: Mapping[str, Field] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {item.name: item for item in self.fields})

    @property
    def short_name(self) -> str:
        return self.name.rpartition(".")[2]

    @cached_property
    def _by_folded_name(self) -> Mapping[str, Field]:
        return {item.name.lower(): item for item in self.fields}

    def find_field(self, name: str) -> Field | None:
        """The property of that name in any letter case, or None."""
        return self._by_folded_name.get(name.lower())

    def source_of(self, name: str) -> str:
        """Where the documentation speaks of one property."""
        return f"{self.source}/properties/{name}" if "#" in self.source else self.source
