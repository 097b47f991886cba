"""What a PATCH body must be: JSON Patch operations, or a part of the entity (a merge patch)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mockso.contract.departure import Departure, shown
from mockso.contract.model import ANY, Json, TypeRef
from mockso.contract.paths import split_pointer, walk
from mockso.contract.schemas import Schemas
from mockso.errors import nearest

OPERATIONS = ("add", "replace", "remove", "test")


def check_patch(value: Json, kind: TypeRef, schemas: Schemas) -> list[Departure]:
    """All departures of a PATCH body. An array is JSON Patch, an object a merge patch.

    Source: introduction of the REST reference; `move` and `copy` are not supported, a path's letter case
    and leading slash do not matter, "-" appends.
    """
    entity = kind.item or ANY
    if isinstance(value, dict):
        return _check_merge(value, entity, schemas)
    if not isinstance(value, list):
        expected = "a list of JSON Patch operations or an object with the changes"
        return [
            Departure(
                "body-type", "error", f"expected {expected}, got {shown(value)}", expected, shown(value)
            )
        ]
    return [
        departure
        for number, item in enumerate(value)
        for departure in _check_operation(item, number, entity, schemas)
    ]


def _check_operation(item: Any, number: int, entity: TypeRef, schemas: Schemas) -> list[Departure]:
    def departure(rule: str, message: str, *names: str, near: str = "", got: str = "") -> Departure:
        return Departure(rule, "error", message, got=got, nearest=near, path=(number, *names))

    if not isinstance(item, dict):
        return [departure("body-type", f"expected an object with op, path and value, got {shown(item)}")]
    given = {key.lower(): inner for key, inner in item.items()}
    verb, path = given.get("op"), given.get("path")
    verb = verb.lower() if isinstance(verb, str) else verb
    if verb not in OPERATIONS:
        near = nearest(verb, OPERATIONS) if isinstance(verb, str) else []
        return [
            departure(
                "patch-operation",
                f"expected one of {', '.join(OPERATIONS)}, got {shown(verb)}"
                + (
                    "; the server does not support it, send remove and add"
                    if verb in ("move", "copy")
                    else ""
                ),
                "op",
                near=near[0] if near else "",
                got=shown(verb),
            )
        ]
    if not isinstance(path, str) or not path.strip("/"):
        return [
            departure(
                "patch-path", f"expected the path of a property, got {shown(path)}", "path", got=shown(path)
            )
        ]
    steps = list(walk(entity, split_pointer("/" + path.strip("/")), schemas.contract))
    wrong = next((step for step in steps if step.fault), None)
    if wrong is not None:
        return [departure("patch-path", wrong.fault, "path", near=wrong.near, got=path)]
    if verb != "test" and _is_lone_leaf([entity, *(step.type for step in steps)]):
        leaf = path.strip("/").rpartition("/")[2]
        whole = path.strip("/").rpartition("/")[0]
        message = f"{leaf!r} alone cannot be changed inside an address; give the whole of {whole!r}"
        return [departure("patch-leaf", message, "path", got=path)]
    if verb == "remove":
        return []
    if "value" not in given:
        return [departure("patch-operation", f"{verb} needs a value", "value")]
    found = schemas.check(given["value"], steps[-1].type)
    return [
        Departure(
            d.rule,
            d.severity,
            d.message,
            d.expected,
            d.got,
            d.nearest,
            d.value,
            d.name,
            (number, "value", *d.path),
            d.source,
        )
        for d in found
    ]


def _check_merge(value: dict[str, Any], entity: TypeRef, schemas: Schemas) -> list[Departure]:
    """The departures of a merge patch, in which an object may stand for a list: it is appended."""
    wrapped: set[tuple[str | int, ...]] = set()

    def whole(inner: Any, kind: TypeRef, path: tuple[str | int, ...]) -> Any:
        if kind.kind == "list" and isinstance(inner, dict):
            wrapped.add(path)
            return [inner]
        if kind.kind != "carrier" or not isinstance(inner, dict):
            return inner
        typedef = schemas.contract.type(kind.name)
        made = {}
        for name, item in inner.items():
            field = typedef.find_field(name)
            made[name] = whole(item, field.type, (*path, field.name)) if field else item
        return made

    found = schemas.check(whole(value, entity, ()), entity)
    if not wrapped:
        return found
    return [replace(departure, path=_unwrapped(departure.path, wrapped)) for departure in found]


def _unwrapped(path: tuple[str | int, ...], wrapped: set[tuple[str | int, ...]]) -> tuple[str | int, ...]:
    for length in range(len(path)):
        if path[:length] in wrapped and path[length] == 0:
            return path[:length] + path[length + 1 :]
    return path


def _is_lone_leaf(kinds: list[TypeRef]) -> bool:
    """Whether a path through these types leads to one text deep in an address. Source: section 13.1, the whole
    sub-object has to be given; that it is a 400 is assumed."""
    deep = any(kind.name.endswith(".Address") for kind in kinds[:-2])
    return deep and kinds[-1].kind in ("scalar", "enum", "flags")
