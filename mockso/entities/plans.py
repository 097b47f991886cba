"""Operations to verbs, by rule: types of body and result, names of arguments against properties of the carrier.

A plan is data, found once for each operation that is called. No operation has code of its own here; what no
rule explains is in the table of acts, or stays an example. Source: study of entities, section a1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from mockso.contract.catalogue import Contract
from mockso.contract.examples import is_default
from mockso.contract.kinds import Kind
from mockso.contract.model import Operation, TypeRef
from mockso.contract.plain import SERVER_PROPERTIES
from mockso.entities.filters import Filter
from mockso.entities.promises import add_promises

# Lists whose name promises a filter that no argument has, and reads that answer something else than their
# arguments say. Source: hand check in the study of entities, section a1.
EXAMPLES = frozenset(
    [
        "v1ContactAgent_GetMyBizCard",
        "v1TicketAgent_GetNextInQueue",
        "v1EMailAgent_GetCurrentAccount",
        "v1CRMScriptAgent_SaveTriggerScriptByUniqueId",
        "v1ReplicationAgent_GetAreaList",
    ]
)

_SINCE = frozenset({"starttime", "startdate", "from", "fromdate", "fromtime", "start"})
_UNTIL = frozenset({"endtime", "enddate", "to", "todate", "totime", "end"})
_LIMITS = frozenset(
    {"count", "maxcount", "maxrows", "maxresults", "top", "limit", "numberofitems", "pagesize"}
)

# Words of an argument that name a property otherwise.
_ALIASES = {"task": "Task", "owner": "Associate", "company": "Contact"}


@dataclass(frozen=True)
class Plan:
    """The work of an operation: a verb on a kind of rows.

    `form` is the full name of the carrier it answers with, empty for none; `key` the argument with the
    row's key; `member` the member of the request that holds the entity, empty where the body is it;
    `subject` whatever else a rule read from the address: a list's name, a part of a document.
    """

    verb: str
    rule: int
    kind: Kind
    form: str = ""
    key: str = ""
    member: str = ""
    filters: tuple[Filter, ...] = field(default=())
    subject: str = ""


class Plans:
    """Finds the plans of one contract's operations on entities."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._kinds = contract.kinds

    def of(self, operation: Operation) -> Plan | None:
        """The plan of an operation; None where none of rules 1 to 7 makes it living."""
        if operation.id in EXAMPLES or operation.is_archive:
            return None
        return self._agent(operation) if operation.is_agent else self._rest(operation)

    # REST: the address and the method say it

    def _rest(self, operation: Operation) -> Plan | None:
        parts = operation.path.split("/")[3:]
        kind = self._result_kind(operation)
        own = self._kinds.of_resource(parts[0])
        variables = [part[1:-1] for part in parts if part.startswith("{")]
        match operation.method:
            case "GET" if is_default(operation) and len(parts) == 2 and kind is not None:
                return Plan("blank", 1, kind, self._form(operation))
            case "GET" if (
                len(parts) == 2 and kind is not None and kind is own and self._has_key(operation, kind)
            ):
                return Plan("read", 2, kind, self._form(operation), key=variables[0])
            case "GET" if parts[2:] == ["Simple"] and kind is not None and kind is own:
                return Plan("read", 2, kind, self._form(operation), key=variables[0])
            case "POST" | "PUT" if operation.body is not None and kind is not None and len(parts) <= 2:
                body = self._kinds.of(operation.body.name) if operation.body.kind == "carrier" else None
                if body is kind and kind is own:
                    return Plan("save", 3, kind, self._form(operation), key=variables[0] if variables else "")
            case "POST" if parts[-1] == "Validate" and own is not None and len(parts) == 2:
                return Plan("validate", 6, own)
            case "PATCH" if kind is not None and kind is own and len(variables) == 1 and len(parts) == 2:
                return Plan("patch", 4, kind, self._form(operation), key=variables[0])
            case "DELETE" if own is not None and len(parts) == 2 and len(variables) == 1 and own.saved:
                return Plan("delete", 5, own, key=variables[0])
        if (
            operation.method == "GET"
            and kind is not None
            and kind is own
            and len(parts) == 1 + len(variables)
        ):
            return self._list(operation, kind)
        return None

    def _has_key(self, operation: Operation, kind: Kind) -> bool:
        """Whether the one variable of an address is a row's key: a number, or a text where keys are texts."""
        variables = [p for p in operation.parameters if p.location == "path"]
        key = self._contract.type(kind.carrier).by_name[kind.key].type
        return len(variables) == 1 and variables[0].type.name == key.name

    # agents: the types and the names of the arguments say it

    def _agent(self, operation: Operation) -> Plan | None:
        method = operation.path.rpartition("/")[2]
        kind = self._result_kind(operation)
        key = next((p.name for p in operation.parameters if p.location == "query" and p.required), "")
        if is_default(operation):
            return (
                Plan("blank", 1, kind, self._form(operation), filters=self._presets(operation, kind))
                if kind
                else None
            )
        if method.startswith("Validate") and method.endswith("Entity"):
            own = self._kinds.get(method.removeprefix("Validate").removesuffix("Entity"))
            return Plan("validate", 6, own) if own is not None else None
        if method.startswith("Delete"):
            return self._delete(operation, method, key)
        if kind is None or operation.result is None:
            return None
        body = operation.body
        if (
            operation.result.kind == "list"
            and body is not None
            and body.kind == "list"
            and _is_number(body.item)
        ):
            return Plan("read_many", 2, kind, self._form(operation))
        if operation.result.kind == "carrier":
            if (
                key
                and body is None
                and method.startswith("Get")
                and _is_key_of(key, kind, self._form(operation))
            ):
                return Plan("read", 2, kind, self._form(operation), key=key)
            if body is not None and body.kind == "carrier":
                if self._kinds.of(body.name) is kind and method.startswith("Save"):
                    return Plan("save", 3, kind, self._form(operation))
                member = self._entity_member(body, kind)
                if member and method.startswith(("Save", "Create")):
                    return Plan("save", 3, kind, self._form(operation), member=member)
        return self._list(operation, kind) if method.startswith("Get") else None

    def _delete(self, operation: Operation, method: str, key: str) -> Plan | None:
        kind: Kind | None = None
        if key.lower().endswith("id"):
            kind = self._kinds.get(key[:-2].removesuffix("Entity")) or self._kinds.get(key[:-2])
        if kind is None:
            kind = self._kinds.get(method.removeprefix("Delete").removesuffix("Entity"))
        if kind is None:
            return None
        if key:
            return Plan("delete", 5, kind, key=key)
        arguments = [name for name, _ in self._arguments(operation)]
        own = [name for name in arguments if _is_key_of(name, kind, kind.carrier) or name.lower() == "id"]
        own += [name for name in arguments if name.lower() in (f"{kind.name}ids".lower(), "ids")]
        if operation.body is not None and operation.body.kind == "list":
            own = ["ids"]
        return Plan("delete", 5, kind, key=own[0]) if len(own) == 1 and len(arguments) <= 1 else None

    def _list(self, operation: Operation, kind: Kind) -> Plan | None:
        """Rule 7: every argument is a property, the id of one, a period, a limit or a flag."""
        assert operation.result is not None
        filters: list[Filter] = []
        for name, type in self._arguments(operation):
            explained = self._filter(name, type, kind)
            if explained is None:
                return None
            if explained.sort == "equal" and operation.is_agent and _is_number(type):
                # Source: the framework; a number that a request object leaves out is 0 there, not null.
                explained = replace(explained, missing=0)
            filters.append(explained)
        method = operation.path.rpartition("/")[2]
        if re.match(r"GetMy[A-Z]", method):
            if "Associate" not in kind.references.values() and kind.name != "Person":
                return None
            filters.append(Filter("", "caller", "Associate" if "Associate" in kind.references else ""))
        properties = self._contract.type(kind.carrier).by_name
        filters = list(add_promises(filters, method, kind, properties))
        many = operation.result.kind == "list"
        if not many and not filters:
            return None  # "the current one" of something: no rule says which
        return Plan("list" if many else "find", 7, kind, self._form(operation), filters=tuple(filters))

    def _filter(self, name: str, type: TypeRef, kind: Kind) -> Filter | None:
        folded = name.lower()
        whole = {item.name.lower(): item for item in self._contract.type(kind.carrier).fields}
        if folded in (kind.key.lower(), f"{kind.name}id".lower()):
            return Filter(name, "key")
        if folded in (f"{kind.key}s".lower(), f"{kind.name}ids".lower()):
            return Filter(name, "keys")
        stem = re.sub(r"ids?\Z", "", folded)
        references = {reference.lower(): reference for reference in (*kind.references, *kind.numbers)}
        if stem != folded:
            for candidate in (stem, f"{stem}id", _ALIASES.get(stem, "").lower()):
                if candidate in references:
                    many = type.kind == "list"
                    return Filter(name, "any_of" if many else "equal", references[candidate])
            if folded in whole:
                return Filter(name, "equal", whole[folded].name)
            return None
        if folded in _SINCE and type.name == "date-time":
            return Filter(name, "since", _date_of(kind, self._contract))
        if folded in _UNTIL and type.name == "date-time":
            return Filter(name, "until", _date_of(kind, self._contract))
        if folded in _LIMITS and _is_number(type):
            return Filter(name, "limit")
        if folded in whole and whole[folded].type.kind in ("scalar", "enum", "flags"):
            return Filter(name, "equal", whole[folded].name)
        if folded == f"{kind.name}type".lower() and "type" in whole:
            return Filter(name, "equal", whole["type"].name)
        if type.name == "boolean":
            return Filter(name, "flag")
        return None

    def _presets(self, operation: Operation, kind: Kind | None) -> tuple[Filter, ...]:
        """The arguments of a blank that set a property: CreateDefaultByContactId."""
        if kind is None:
            return ()
        explained = (
            self._enum_preset(name, type, kind) if type.kind == "enum" else self._filter(name, type, kind)
            for name, type in self._arguments(operation)
        )
        return tuple(item for item in explained if item is not None and item.sort == "equal")

    def _enum_preset(self, name: str, type: TypeRef, kind: Kind) -> Filter | None:
        """An enum of a blank: the one property of its type, else that of a reference.

        UserType is the Type of a user; a type of tasks stands for the first Task that has it, "Task.Type".
        """
        fields = self._contract.type(kind.carrier).fields
        own = [item.name for item in fields if item.type == type]
        if len(own) == 1:
            return Filter(name, "equal", own[0])
        for reference, target in kind.references.items():
            other = self._kinds.get(target)
            items = self._contract.type(other.carrier).fields if other is not None else ()
            if any(item.type == type and item.name.lower() == name.lower() for item in items):
                return Filter(name, "equal", f"{reference}.{name}")
        return None

    # what all ask for

    def _result_kind(self, operation: Operation) -> Kind | None:
        form = self._form(operation)
        return self._kinds.of(form) if form else None

    def _form(self, operation: Operation) -> str:
        """The full name of the carrier an operation answers with, or with a list of; empty for none."""
        result = operation.result
        if result is not None and result.kind == "list":
            result = result.item
        return result.name if result is not None and result.kind == "carrier" else ""

    def _arguments(self, operation: Operation) -> Iterator[tuple[str, TypeRef]]:
        """The arguments of an operation but the options all have: those of the address, and the request's members."""
        for parameter in operation.parameters:
            if parameter.location in ("path", "query") and not parameter.name.startswith("$"):
                yield parameter.name, parameter.type
        if operation.body is not None and operation.body.kind == "carrier":
            for item in self._contract.type(operation.body.name).fields:
                if item.name not in SERVER_PROPERTIES:
                    yield item.name, item.type
        elif operation.body is not None:
            yield "", operation.body

    def _entity_member(self, body: TypeRef, kind: Kind) -> str:
        members = [
            item.name
            for item in self._contract.type(body.name).fields
            if item.type.kind == "carrier" and self._kinds.of(item.type.name) is kind
        ]
        return members[0] if len(members) == 1 else ""


def _is_number(kind: TypeRef | None) -> bool:
    return kind is not None and kind.name in ("int32", "int64")


def _is_key_of(argument: str, kind: Kind, form: str) -> bool:
    """Whether a required query id is called after the entity: contactEntityId, userId."""
    short = form.rpartition(".")[2]
    names = {f"{kind.name}id", f"{short}id", f"{kind.name}entityid", kind.key}
    return argument.lower() in {name.lower() for name in names}


def _date_of(kind: Kind, contract: Contract) -> str:
    """The date that a period is about."""
    fields: Mapping[str, object] = contract.type(kind.carrier).by_name
    for name in ("StartDate", "Date", "Saledate", "Header", "CreatedAt", "CreatedDate"):
        if name in fields:
            return name
    return ""
