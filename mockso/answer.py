"""The normal answer of a valid call: what the contract promises, with the request's ids in it.

A body that the request itself carried comes back where the operation saves it. Values beyond that are
examples; nothing is remembered from call to call.
"""

from __future__ import annotations

from typing import Any

from mockso import encode
from mockso.contract.catalogue import Contract
from mockso.contract.examples import CONTENT, PIXEL, Examples, is_default, key_of
from mockso.contract.model import Json, Operation, TypeDef, TypeRef
from mockso.contract.plain import SERVER_PROPERTIES, PlainChecks
from mockso.exchange import NOTHING, Call, Confidence, Reply
from mockso.shape import parse_select, select
from mockso.tenant import Tenant

_BINARY, _BYTE = TypeRef("scalar", "binary"), TypeRef("scalar", "byte")

# More rows than a client asks for by hand; a list of a million ids still gets a quick answer.
LIST_LIMIT = 1000


class Answers:
    """Makes normal answers from one contract; keeps its examples. Threads may share it."""

    def __init__(self, contract: Contract, plain: PlainChecks) -> None:
        self._contract = contract
        self._plain = plain
        self._examples = Examples(contract)

    def to(self, call: Call, tenant: Tenant) -> Reply:
        """The documented success of the operation a call reached."""
        operation = call.found.operation
        assert operation is not None
        kind = operation.result
        if kind is None:
            # Source: 204 and its missing body are documented for each such operation; firm. An operation
            # without any documented success (rule 20) answers 200 with null.
            documented = operation.success in operation.responses
            body = NOTHING if documented else None
            return Reply(operation.success, body, fidelity="firm" if documented else "assumed")
        if kind == _BINARY or (kind == _BYTE and not encode.wants_json(call.request, operation)):
            return encode.stream(operation, call.request, CONTENT, PIXEL)
        if encode.is_archive(operation):
            return Reply(operation.success, self._archive(call, operation, tenant))
        value = self._examples.result(operation, self._ids(call))
        value = self._saved(value, call, operation)
        if isinstance(value, dict) and "_Links" in value:
            value["_Links"] = (
                {} if is_default(operation) else _links(value, call, operation, kind, self._contract)
            )
        wanted = parse_select(call.request.query.get("$select"))
        fidelity: Confidence = "likely"
        if wanted:
            value = select(value, wanted, omit=tenant.settings.select_mode == "omit")
            fidelity = "assumed"
        return Reply(operation.success, value, fidelity=fidelity)

    def _ids(self, call: Call) -> dict[str, Json]:
        """The ids a request names, by lower-case name; "id" is the one its address is about."""
        ids: dict[str, Json] = {}
        body = call.verdict.body
        if isinstance(body, list) and all(type(item) is int for item in body):
            ids["ids"] = body[:LIST_LIMIT]
        elif isinstance(body, dict):
            # 0 stands for no id yet.
            ids.update({name.lower(): item for name, item in body.items() if type(item) is int and item})
        for name, value in call.verdict.arguments.items():
            if type(value) is int:
                ids[name.lower()] = value
                if name.lower().endswith("id"):
                    ids.setdefault("id", value)
        if "id" not in ids and isinstance(body, dict):
            own = next(
                (item for name, item in body.items() if name.lower().endswith("id") and type(item) is int),
                None,
            )
            if own:
                ids["id"] = own
        return ids

    def _saved(self, value: Any, call: Call, operation: Operation) -> Any:
        """The example with the posted values laid over it, where the operation saves what it returns.

        Source: section 13, "posted values laid over the defaults"; likely.
        """
        body, kind = call.verdict.body, operation.body
        if kind is not None and kind.kind == "patch":
            kind = kind.item
        if not (isinstance(body, dict) and isinstance(value, dict) and kind and operation.result):
            return value
        if kind.kind != "carrier" or operation.result.name.removesuffix(
            "WithLinks"
        ) != kind.name.removesuffix("WithLinks"):
            return value
        typedef = self._contract.type(operation.result.name)
        given = {name.lower(): item for name, item in body.items()}
        own = key_of(typedef)
        for field in typedef.fields:
            item = given.get(field.name.lower())
            if item is None or field.name in SERVER_PROPERTIES or not self._plain.of(field.type)(item):
                continue
            if field is own and (item == 0 or call.found.path_arguments):
                continue  # 0 asks for a new id, and the id in the address rules
            value[field.name] = item
        return value

    def _archive(self, call: Call, operation: Operation, tenant: Tenant) -> dict[str, Json]:
        """The envelope of a collection with one row. Source: section 14.3; firm, the row made up."""
        separator = "//" if tenant.online else "/"
        columns = [c.strip() for c in call.request.query.get("$select").split(",") if c.strip()]
        provider = operation.archive or operation.path.rpartition("/")[2]
        entity = (
            next(iter(call.found.path_arguments.values()), provider)
            if "Archive" in operation.path
            else provider
        )
        row: dict[str, Json] = {"PrimaryKey": "1", "EntityName": entity.lower(), **{c: c for c in columns}}
        rows: list[Json] = [] if call.verdict.arguments.get("$top") == 0 else [row]
        return {
            "odata.metadata": f"{call.request.base}/v1/Archive{separator}$metadata",
            "odata.nextLink": None,
            "value": rows,
        }


def _links(
    value: dict[str, Any], call: Call, operation: Operation, kind: TypeRef, contract: Contract
) -> dict[str, str]:
    """Absolute addresses of the entity and its collection. Source: section 11.5; likely."""
    typedef: TypeDef = contract.type(kind.name)
    own = key_of(typedef)
    collection = call.request.base + operation.path.removeprefix("/api").partition("/{")[0]
    if own is None:
        return {"Self": collection}
    return {"Self": f"{collection}/{value[own.name]}", "Archive": collection}
