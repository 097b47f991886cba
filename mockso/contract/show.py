"""One operation or type of a contract as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockso.contract import words
from mockso.contract.catalogue import Contract
from mockso.contract.model import Field, Operation, TypeDef, TypeRef
from mockso.errors import ContractError, nearest

_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
KINDS = {
    "never": "never for partner applications",
    "erp": "on request, for ERP applications",
    "internal": "on request, for the vendor's own applications",
    "on-request": "access must be requested when the application is registered",
}


def find(contract: Contract, query: str) -> tuple[list[Operation], list[TypeDef]]:
    """Find what a name means: an operation's id or its last part, a type's full or short name, a
    template, or an address with values in it, with or without method and "/api/v1". A method may
    stand before the name of an operation too."""
    folded = query.strip().lower()
    ids = [name for name in contract.ids() if name.lower() == folded]
    ids = ids or [name for name in contract.ids() if name.rpartition("_")[2].lower() == folded]
    types = [contract.type(name) for name in contract.types_called(folded)]
    if ids or types:
        return [contract.operation(name) for name in ids], types
    method, _, path = query.strip().partition(" ")
    method = method.upper()
    if method not in _METHODS:
        method, path = "", query.strip()
    path = name = path.strip().split("?")[0]
    if "/" not in path and not method:
        return [], []
    if not path.lower().startswith("/api/"):
        path = f"/api/v1/{path.lstrip('/')}"
    operations = contract.describe_path(path)
    if not operations:
        lookups = [contract.find(each, path).operation for each in _METHODS]
        operations = [operation for operation in lookups if operation is not None]
    if not operations and " " not in name and "/" not in name:  # "POST SaveContactEntity"
        operations, _ = find(contract, name)
    return [o for o in operations if method in ("", o.method)], []


def id_of(contract: Contract, name: str) -> str:
    """The id of the operation that a method and a path name, "GET Contact/17"; any other name as it is.

    Raises ContractError where none or several are meant.
    """
    if " " not in name.strip() and "/" not in name:
        return name
    operations, _ = find(contract, name)
    if len(operations) == 1:
        return operations[0].id
    if operations:
        raise ContractError(
            f"{name!r} means {', '.join(f'{one.method} {one.path}' for one in operations[:5])}; say which."
        )
    near = suggest(contract, name)
    hint = f" Near it: {', '.join(near)}." if near else " 'mockso contract list' has all of them."
    raise ContractError(f"{contract.origin}: no operation {name!r}.{hint}")


def suggest(contract: Contract, query: str) -> list[str]:
    """The nearest names of operations, types and templates."""
    if "/" in query:
        path = query.split(" ")[-1]
        path = path if path.lower().startswith("/api/") else f"/api/v1/{path.lstrip('/')}"
        return list(contract.find("GET", path).suggestions)
    ids = list(contract.ids())
    known = {name.rpartition("_")[2] for name in ids} | {
        name.rpartition(".")[2] for name in contract.type_names()
    }
    near = nearest(query, known, 3)
    if query.lower().startswith("v1"):
        near = nearest(query, ids, 3) + near
    return near[:5]


def operation_lines(contract: Contract, operation: Operation, depth: int) -> Iterator[str]:
    """The operation with its parameters, bodies, statuses, restriction and sources."""
    yield f"{operation.method} {operation.path}"
    yield f"  {operation.id}, {'agent' if operation.is_agent else 'rest'} {operation.group}"
    yield from _facts(operation)
    if operation.parameters:
        yield ""
        yield "parameters"
        yield from _table_lines(
            [
                (p.location, p.name, str(p.type), _marks(required=p.required, default=p.default))
                for p in operation.parameters
            ]
        )
    if operation.body is not None:
        yield ""
        yield f"body  {_short(operation.body)}{', required' if operation.body_required else ''}"
        yield from _tree(contract, operation.body, depth)
        yield from _name_lines("as", operation.consumes)
    yield ""
    yield "answers"
    for status, kind in sorted(operation.responses.items()):
        yield f"  {status}  {_short(kind) if kind else 'no body' if status == 204 else 'no documented body'}"
        if kind is not None:
            yield from _tree(contract, kind, depth, "    ")
    if not any(200 <= status < 300 for status in operation.responses):
        yield "  200  not documented; served without a known body"
    yield from _name_lines("as", operation.produces)
    yield ""
    yield "sources"
    yield from (f"  {source}" for source in operation.sources)
    yield f"  {operation.docs_url}"


def _facts(operation: Operation) -> Iterator[str]:
    if operation.restricted:
        restricted = operation.restricted
        yield f"  restricted: Online refuses it unless granted {restricted.agent} ({KINDS.get(restricted.kind, restricted.kind)})"
        yield f"    {restricted.source}"
    for name in ("experimental", "deprecated"):
        if getattr(operation, name):
            yield f"  {name}"
    if operation.pages_only:
        yield "  only in reference pages"
    if operation.slow_ms is not None:
        yield f"  slow: above {operation.slow_ms} ms"
    if operation.service:
        yield f"  service: {operation.service}"
    if operation.archive:
        yield f"  archive: {operation.archive}"


def type_lines(contract: Contract, typedef: TypeDef, depth: int) -> Iterator[str]:
    """The type with the tree of its properties, its source, and who uses it."""
    yield typedef.name
    if typedef.open:
        yield "  open: subtypes add properties that no source lists"
    yield from _fields(contract, typedef, depth, "  ", (typedef.name,))
    users = [o.id for o in contract.operations() if any(typedef.name in str(kind) for kind in _bodies(o))]
    if users:
        yield ""
        more = f" and {len(users) - 5} more" if len(users) > 5 else ""
        yield f"used by {', '.join(users[:5])}{more}"
    yield ""
    yield f"source  {typedef.source}"


def _bodies(operation: Operation) -> Iterator[TypeRef]:
    yield from (kind for kind in (operation.body, *operation.responses.values()) if kind is not None)


def _tree(contract: Contract, kind: TypeRef, depth: int, indent: str = "  ") -> Iterator[str]:
    name = _carrier(kind)
    if name is not None:
        yield from _fields(contract, contract.type(name), depth, indent, (name,))


def _fields(
    contract: Contract, typedef: TypeDef, depth: int, indent: str, above: tuple[str, ...]
) -> Iterator[str]:
    width = max((len(item.name) for item in typedef.fields), default=0)
    for item in typedef.fields:
        name = _carrier(item.type)
        yield f"{indent}{item.name:<{width}}  {_short(item.type)}{_field_marks(item, name in above)}"
        nested = name is not None and name not in above and item.name not in words.SERVER_PROPERTIES
        if name is not None and nested and depth > 1:
            yield from _fields(contract, contract.type(name), depth - 1, f"{indent}  ", (*above, name))


def _carrier(kind: TypeRef) -> str | None:
    inner: TypeRef | None = kind
    while inner is not None and inner.kind != "carrier":
        inner = inner.item
    return inner.name if inner else None


def _field_marks(item: Field, recursive: bool) -> str:
    limit = f"max {item.max_length:,}" if item.max_length else ""
    mdo = f"list {item.mdo!r}" if item.mdo else ""
    marks = [limit, mdo, "read-only" if item.read_only else "", "deprecated" if item.deprecated else ""]
    marks.append("recursive" if recursive else "")
    text = ", ".join(mark for mark in marks if mark)
    return f"  ({text})" if text else ""


def _marks(*, required: bool, default: str | None) -> str:
    marks = ["required"] if required else []
    if default is not None:
        marks.append(f"default {default!r}")
    return ", ".join(marks)


def _short(kind: TypeRef) -> str:
    """The type's text with short names, long enums cut."""
    if kind.kind == "carrier":
        return kind.name.rpartition(".")[2]
    if kind.item is not None:
        return f"{kind.kind}<{_short(kind.item)}>"
    if len(kind.values) > 8:
        return f"{kind.kind}<{'|'.join(kind.values[:7])}|... {len(kind.values) - 7} more>"
    return str(kind)


def _table_lines(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        yield "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _name_lines(label: str, kinds: Sequence[str]) -> Iterator[str]:
    if kinds:
        yield f"  {label} {', '.join(kinds)}"
