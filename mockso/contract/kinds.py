"""The kinds of rows a tenant holds, derived from the contract: stores, keys, references, stamps.

A kind is an entity with a key that some operation saves (Contact), or that only is referred to and listed
(Business). Its carriers are its forms: the whole one that is saved, the simple one that stands for it in
others. Nothing here knows a row's storage or an operation's answer.

Deriving takes a look at every operation and type, so a contract file carries the result (`Contract.kinds`).
Source: study of entities, sections a1 to a3; the exceptions below are what no rule gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mockso.contract.keys import entity_of, key_of
from mockso.contract.model import Field, Operation, TypeDef, TypeRef

# Carriers whose own id is another than the rule's. Source: their pages.
_KEYS = {"ContactRelation": "RelationId", "UserGroup": "Id"}

# One entity in two carriers: User is written, Associate is read; the stage of a sale is its Rating.
_SAME = {"User": "Associate", "SaleStage": "Rating"}

# Carriers with a number that looks like a key and is another entity's, and values that belong to their row.
_NO_STORES = frozenset(
    """ChatTopicAgent AudienceConfigParameter ErpSyncActorTypeMapping ErpSyncDefaultValue
    SystemTemplateSettings EventData BatchTaskInfo Link UserInfo ConsentInfo MDOListItem
    SelectableMDOListItem ParticipantInfo VisibleFor RecurrenceInfo TimeZoneData TicketMessageHeader
    TargetAssignment ProjectTypeStatusLink SaleTypeStageLink TicketPriorityEscalationLevel
    TicketFormSubmission CopilotDataSourceSetting""".split()
)

# Numbers whose ending leads to a wrong kind.
_NUMBERS = frozenset({"StakeholderRoleId", "SuggestedCategoryId", "OrigHumanCategoryId", "EjUserId"})

_CREATED = ("CreatedDate", "CreatedAt", "Registered", "RegisteredDate")
_CREATED_BY = ("CreatedBy", "RegisteredAssociate")
_UPDATED = ("UpdatedDate", "LastChanged", "Updated")
_UPDATED_BY = ("UpdatedBy", "UpdatedAssociate")


@dataclass(frozen=True)
class Kind:
    """One kind of rows.

    `forms` maps the full name of each carrier of it to the property that has the key there; `carrier` is
    the whole one, `simple` the one that stands for it in others, often the same. `references` are the
    properties of the whole carrier that hold another row (property to kind), `numbers` those that hold
    only its key, `lists` those that hold several. `joins` are lists that no row has: (kind, its property
    that refers back). The stamps are names of properties, empty where the carrier has none.
    """

    name: str
    key: str
    carrier: str
    simple: str
    forms: Mapping[str, str]
    references: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    joins: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    resource: str = ""
    saved: bool = True
    created: str = ""
    created_by: str = ""
    updated: str = ""
    updated_by: str = ""
    deleted: str = ""

    def to_json(self) -> dict[str, Any]:
        """The kind as a contract file has it, what is empty left out."""
        return {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in vars(self).items()
            if value not in ("", {}) and not (name == "saved" and value)
        }


def kind_from_json(item: Mapping[str, Any]) -> Kind:
    """The kind that `Kind.to_json` wrote."""
    joins = {name: (kind, back) for name, (kind, back) in item.get("joins", {}).items()}
    return Kind(**{**item, "joins": joins})


class Kinds:
    """The kinds of one contract, by name and by carrier."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._by_name = {kind.name: kind for kind in kinds}

    @cached_property
    def _by_form(self) -> dict[str, Kind]:
        return {form: kind for kind in self._by_name.values() for form in kind.forms}

    @cached_property
    def _by_lower_name(self) -> dict[str, Kind]:
        names = {kind.name.lower(): kind for kind in self._by_name.values()}
        other = {name.lower(): names[same.lower()] for name, same in _SAME.items() if same.lower() in names}
        return other | names

    @cached_property
    def _by_resource(self) -> dict[str, Kind]:
        return {kind.resource.lower(): kind for kind in self._by_name.values() if kind.resource}

    def get(self, name: str) -> Kind | None:
        """The kind of that name, in any letter case, or of its other name: User is Associate."""
        return self._by_name.get(name) or self._by_lower_name.get(name.lower())

    def of(self, carrier: str) -> Kind | None:
        """The kind that has a carrier (full name) as one of its forms."""
        return self._by_form.get(carrier)

    def of_resource(self, name: str) -> Kind | None:
        """The kind behind a REST resource, "/api/v1/Contact"."""
        return self._by_resource.get(name.lower())

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)


def derive_kinds(operations: Sequence[Operation], types: Mapping[str, TypeDef]) -> list[Kind]:
    """The kinds of a contract, sorted by name."""
    saved = _carriers_of_saves(operations, types)
    keys = {name: key.name for name, typedef in types.items() if (key := _key_of(typedef)) is not None}
    forms: dict[str, list[str]] = {}
    for name in keys:
        entity = entity_of(name)
        forms.setdefault(_SAME.get(entity, entity), []).append(name)
    wholes = {
        _SAME.get(entity, entity): carrier
        for entity, carrier in saved.items()
        if carrier in keys and entity not in _NO_STORES
    }
    # What the stores refer to and nobody saves is listed all the same: Business, Position, Source.
    read: set[str] = set()
    for carrier in wholes.values():
        for item in types[carrier].fields:
            for kind in (item.type, item.type.item):
                entity = entity_of(kind.name) if kind is not None and kind.kind == "carrier" else ""
                if entity and entity not in wholes and entity in forms and entity not in _NO_STORES:
                    read.add(entity)
    read |= {entity for entity in _entities_listed(operations) if entity in forms} - set(wholes) - _NO_STORES
    for entity in read:
        wholes[entity] = _whole_carrier(forms[entity])
    resources = _resources(operations)
    kinds = [
        _kind(
            entity, carrier, forms[entity], types, keys, wholes, saved=entity not in read, resources=resources
        )
        for entity, carrier in sorted(wholes.items())
    ]
    return [_with_joins(kind, kinds) for kind in kinds]


def _key_of(typedef: TypeDef) -> Field | None:
    name = _KEYS.get(entity_of(typedef.name))
    return typedef.by_name.get(name) if name else key_of(typedef)


def _carriers_of_saves(operations: Sequence[Operation], types: Mapping[str, TypeDef]) -> dict[str, str]:
    """The entities that some operation takes and answers with, each with the carrier it takes."""
    saved: dict[str, str] = {}
    for operation in operations:
        body, result = operation.body, operation.result
        if body is None or result is None or result.kind != "carrier":
            continue
        body = body.item if body.kind == "patch" and body.item is not None else body
        if body.kind != "carrier":
            continue
        entity = entity_of(result.name)
        taken = [body.name, *(f.type.name for f in types[body.name].fields if f.type.kind == "carrier")]
        for carrier in taken:
            if entity_of(carrier) == entity and (
                entity not in saved or carrier == _whole_carrier([carrier, saved[entity]])
            ):
                saved[entity] = carrier
    return saved


def _entities_listed(operations: Sequence[Operation]) -> set[str]:
    """The entities that an agent hands out by their key: GetPaymentTerm?paymentTermId=."""
    return {
        entity_of(operation.result.name)
        for operation in operations
        if operation.is_agent
        and operation.body is None
        and operation.result is not None
        and operation.path.endswith(f"/Get{operation.result.name.rpartition('.')[2]}")
        and any(p.location == "query" and p.required for p in operation.parameters)
    }


def _whole_carrier(carriers: Sequence[str]) -> str:
    """The whole carrier of several: not the one with links, and rather XEntity than X."""
    return min(carriers, key=lambda name: (name.endswith("WithLinks"), not name.endswith("Entity"), name))


def _resources(operations: Sequence[Operation]) -> dict[str, str]:
    """The REST resource that each entity is read at by its key: "Contact" of GET /api/v1/Contact/{id}."""
    resources: dict[str, str] = {}
    for operation in operations:
        parts = operation.path.split("/")
        result = operation.result
        if operation.method == "GET" and len(parts) == 5 and parts[4].startswith("{") and result is not None:
            entity = entity_of(result.name)
            if result.name.endswith("WithLinks") or entity == parts[3]:
                resources.setdefault(_SAME.get(entity, entity), parts[3])
    return resources


def _kind(
    entity: str,
    carrier: str,
    forms: Sequence[str],
    types: Mapping[str, TypeDef],
    keys: Mapping[str, str],
    wholes: Mapping[str, str],
    *,
    saved: bool,
    resources: Mapping[str, str],
) -> Kind:
    typedef = types[carrier]
    simple = [name for name in forms if name != carrier and not name.endswith(("Entity", "WithLinks"))]
    if entity in _SAME.values():
        simple = [name for name in simple if entity_of(name) == entity] or simple
    references: dict[str, str] = {}
    numbers: dict[str, str] = {}
    lists: dict[str, str] = {}
    for item in typedef.fields:
        if item.name == keys[carrier]:
            continue
        kind = _kind_of_type(item.type, wholes)
        if kind:
            references[item.name] = kind
        elif item.type.kind == "list" and item.type.item is not None:
            kind = _kind_of_type(item.type.item, wholes)
            if kind:
                lists[item.name] = kind
        elif item.type.name in ("int32", "int64") and item.name.endswith("Id"):
            kind = _kind_of_number(item.name.removesuffix("Id"), wholes)
            if kind:
                numbers[item.name] = kind
    names = typedef.by_name

    def first(candidates: Iterable[str]) -> str:
        return next((name for name in candidates if name in names), "")

    return Kind(
        name=entity,
        key=keys[carrier],
        carrier=carrier,
        simple=min(simple) if simple else carrier,
        forms={name: keys[name] for name in sorted(forms)},
        references=references,
        numbers=numbers,
        lists=lists,
        resource=resources.get(entity, ""),
        saved=saved,
        created=first(_CREATED),
        created_by=first(name for name in _CREATED_BY if name in references),
        updated=first(_UPDATED),
        updated_by=first(name for name in _UPDATED_BY if name in references),
        deleted="Deleted" if "Deleted" in names else "",
    )


def _kind_of_type(kind: TypeRef, wholes: Mapping[str, str]) -> str:
    if kind.kind != "carrier":
        return ""
    entity = entity_of(kind.name)
    entity = _SAME.get(entity, entity)
    return entity if entity in wholes else ""


def _kind_of_number(name: str, wholes: Mapping[str, str]) -> str:
    """The kind whose name a property ends in, the longest of several: SuggestedAppointmentId is an Appointment's."""
    if f"{name}Id" in _NUMBERS:
        return ""
    entity = max((entity for entity in (*wholes, *_SAME) if name.endswith(entity)), key=len, default="")
    return _SAME.get(entity, entity)


def _with_joins(kind: Kind, kinds: Sequence[Kind]) -> Kind:
    """The kind with those of its lists that are other rows' references back: Contact.Persons, Sale.SaleStakeholders."""
    by_name = {other.name: other for other in kinds}
    joins: dict[str, tuple[str, str]] = {}
    lists: dict[str, str] = {}
    for name, target in kind.lists.items():
        other = by_name[target]
        back = [item for item, of in (*other.references.items(), *other.numbers.items()) if of == kind.name]
        # The property called after the kind says best whose it is: Person.Contact, not Person.SupportContact.
        back.sort(key=lambda item: (item.removesuffix("Id") != kind.name, len(item)))
        if back and target != "Associate" and target != kind.name:
            joins[name] = (target, back[0])
        else:
            lists[name] = target
    if not joins:
        return kind
    return Kind(**{**vars(kind), "lists": lists, "joins": joins})
