"""PATCH bodies: JSON Patch operations or a part of the entity (a merge patch), checked and applied.

Source: section 13.1 and the introduction of the REST reference. Paths are case-insensitive and may lack their
leading slash, "-" appends, dictionary keys are names like any others, `move` and `copy` are not supported. A merge
patch appends an object to a list, replaces a list by a list, and does not set a property that is null now; a null
in it is ignored (assumed).
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockso.contract.catalogue import Contract
from mockso.contract.departure import Departure, excerpt, unlike
from mockso.contract.model import ANY, Json, Path, TypeRef
from mockso.contract.paths import split_pointer, walk
from mockso.contract.plain import SERVER_PROPERTIES
from mockso.contract.values import member_finder
from mockso.errors import nearest

if TYPE_CHECKING:
    from mockso.contract.schemas import Schemas

EMPTY_DATE = "0001-01-01T00:00:00"
OPERATIONS = ("add", "replace", "remove", "test")

# --- checking -----------------------------------------------------------------------------------


def check_patch(value: Json, kind: TypeRef, schemas: Schemas) -> list[Departure]:
    """All departures of a PATCH body. An array is JSON Patch, an object a merge patch."""
    entity = kind.item or ANY
    if isinstance(value, dict):
        return _check_merge(value, entity, schemas)
    if not isinstance(value, list):
        return [unlike("body-type", "a list of JSON Patch operations or an object with the changes", value)]
    return [
        departure
        for number, item in enumerate(value)
        for departure in _check_operation(item, number, entity, schemas)
    ]


def _check_operation(item: Any, number: int, entity: TypeRef, schemas: Schemas) -> list[Departure]:
    def departure(rule: str, message: str, *names: str, near: str = "", got: str = "") -> Departure:
        return Departure(rule, "error", message, got=got, nearest=near, path=(number, *names))

    if not isinstance(item, dict):
        return [departure("body-type", f"expected an object with op, path and value, got {excerpt(item)}")]
    members = {key.lower(): inner for key, inner in item.items()}
    verb, path = members.get("op"), members.get("path")
    verb = verb.lower() if isinstance(verb, str) else verb
    if verb not in OPERATIONS:
        near = nearest(verb, OPERATIONS) if isinstance(verb, str) else []
        return [
            departure(
                "patch-operation",
                f"expected one of {', '.join(OPERATIONS)}, got {excerpt(verb)}"
                + (
                    "; the server does not support it, send remove and add"
                    if verb in ("move", "copy")
                    else ""
                ),
                "op",
                near=near[0] if near else "",
                got=excerpt(verb),
            )
        ]
    if not isinstance(path, str) or not path.strip("/"):
        return [
            departure(
                "patch-path",
                f"expected the path of a property, got {excerpt(path)}",
                "path",
                got=excerpt(path),
            )
        ]
    steps = list(walk(entity, split_pointer("/" + path.strip("/")), schemas.contract))
    stray = next((step for step in steps if step.fault), None)
    if stray is not None:
        return [departure("patch-path", stray.fault, "path", near=stray.near, got=path)]
    if verb != "test" and _is_lone_leaf([entity, *(step.type for step in steps)]):
        whole, _, leaf = path.strip("/").rpartition("/")
        message = f"{leaf!r} alone cannot be changed inside an address; give the whole of {whole!r}"
        return [departure("patch-leaf", message, "path", got=path)]
    if verb == "remove":
        return []
    if "value" not in members:
        return [departure("patch-operation", f"{verb} needs a value", "value")]
    return [
        replace(one, path=(number, "value", *one.path))
        for one in schemas.check(members["value"], steps[-1].type)
    ]


def _check_merge(value: dict[str, Any], entity: TypeRef, schemas: Schemas) -> list[Departure]:
    """The departures of a merge patch, in which an object may stand for a list: it is appended."""
    wrapped: set[Path] = set()

    def whole(inner: Any, kind: TypeRef, path: Path) -> Any:
        if kind.kind == "list" and isinstance(inner, dict):
            wrapped.add(path)
            return [inner]
        if kind.kind != "carrier" or not isinstance(inner, dict):
            return inner
        typedef = schemas.contract.type(kind.name)
        copy = {}
        for name, item in inner.items():
            field = typedef.find_field(name)
            copy[name] = whole(item, field.type, (*path, field.name)) if field else item
        return copy

    departures = schemas.check(whole(value, entity, ()), entity)
    if not wrapped:
        return departures
    return [replace(departure, path=_unwrap(departure.path, wrapped)) for departure in departures]


def _unwrap(path: Path, wrapped: set[Path]) -> Path:
    for length in range(len(path)):
        if path[:length] in wrapped and path[length] == 0:
            return path[:length] + path[length + 1 :]
    return path


def _is_lone_leaf(kinds: list[TypeRef]) -> bool:
    """Whether a path through these types leads to one text deep in an address. Source: section 13.1, the whole
    sub-object has to be given; that it is a 400 is assumed."""
    deep = any(kind.name.endswith(".Address") for kind in kinds[:-2])
    return deep and kinds[-1].kind in ("scalar", "enum", "flags")


# --- applying -----------------------------------------------------------------------------------


class ConflictError(Exception):
    """A `test` that does not hold: 409, and nothing is changed."""


class UnpatchableError(Exception):
    """An operation that the entity as it is now does not allow: 400, and nothing is changed."""


def apply_patch(
    current: dict[str, Any], patch: Any, kind: TypeRef, contract: Contract
) -> tuple[dict[str, Any], list[str]]:
    """The entity with a judged PATCH body applied, and the paths that a merge left alone as they are null now.

    `current` is not changed. Raises ConflictError or UnpatchableError, which say which operation failed and why.
    """
    value = deepcopy(current)
    skipped: list[str] = []
    if isinstance(patch, dict):
        _merge(value, patch, kind, contract, "", skipped)
        return value, skipped
    for number, operation in enumerate(patch):
        members = {name.lower(): inner for name, inner in operation.items()}
        try:
            _operate(value, str(members["op"]).lower(), members["path"], members.get("value"), kind, contract)
        except (ConflictError, UnpatchableError) as error:
            raise type(error)(f"operation {number} ({members['op']} {members['path']}): {error}") from None
    return value, skipped


def _operate(
    root: dict[str, Any], verb: str, path: str, value: Json, kind: TypeRef, contract: Contract
) -> None:
    *way, last = split_pointer("/" + path.strip("/"))
    place: Any = root
    for part in way:
        key, kind = _step(place, part, kind, contract)
        place = _at(place, key)
        if place is None:
            raise UnpatchableError(
                f"{part!r} is null, so nothing can be reached through it; give the whole of it"
            )
    if isinstance(place, list) and last == "-":
        if verb != "add":
            raise UnpatchableError(f"'-' is behind the last item; only add can use it, not {verb}")
        place.append(canonical(value, kind.item or ANY, contract))
        return
    key, inner = _step(place, last, kind, contract, inserting=verb == "add")
    if key in SERVER_PROPERTIES:
        return
    if verb == "test":
        current, expected = _at(place, key), canonical(value, inner, contract)
        if not _same(current, expected):
            raise ConflictError(f"the value is {excerpt(current)}, not {excerpt(expected)}")
    elif verb == "remove":
        _remove(place, key, inner, kind)
    elif verb == "add" and isinstance(place, list):
        place.insert(int(key), canonical(value, inner, contract))
    else:
        place[key] = _blank(inner) if value is None else canonical(value, inner, contract)


def _step(
    place: Any, part: str, kind: TypeRef, contract: Contract, *, inserting: bool = False
) -> tuple[Any, TypeRef]:
    """The key a part of a path stands for in a value, and the type behind it."""
    if isinstance(place, list):
        limit = len(place) + inserting
        if not (part.isascii() and part.isdigit() and len(part) < 10 and int(part) < limit):
            raise UnpatchableError(f"the list has {len(place)} items, {part!r} is not one of them")
        return int(part), kind.item or ANY
    if not isinstance(place, dict):
        raise UnpatchableError(f"{part!r} reaches into {excerpt(place)}, which has no parts")
    if kind.kind == "carrier":
        field = contract.type(kind.name).find_field(part)
        return (field.name, field.type) if field else (part, ANY)
    if part not in place:
        part = next((key for key in place if key.lower() == part.lower()), part)
    return part, kind.item or ANY


def _at(place: Any, key: Any) -> Any:
    return place[key] if isinstance(place, list) else place.get(key)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(inner, other[key]) for key, inner in one.items())
    return bool(one == other)


def _remove(place: Any, key: Any, inner: TypeRef, kind: TypeRef) -> None:
    if isinstance(place, list):
        del place[key]
    elif kind.kind == "carrier":
        place[key] = _blank(inner)
    elif key in place:
        del place[key]
    else:
        raise UnpatchableError(f"there is no key {key!r} to remove")


def _blank(kind: TypeRef) -> Any:
    """The value of a property once it is removed: the default of its .NET type (assumed)."""
    if kind.kind == "enum" or kind.kind == "flags":
        return kind.values[0]
    return {"int32": 0, "int64": 0, "double": 0.0, "boolean": False, "date-time": EMPTY_DATE}.get(kind.name)


# --- merge patch --------------------------------------------------------------------------------


def _merge(
    value: dict[str, Any],
    patch: dict[str, Any],
    kind: TypeRef,
    contract: Contract,
    way: str,
    skipped: list[str],
) -> None:
    typedef = contract.type(kind.name) if kind.kind == "carrier" else None
    for name, item in patch.items():
        if typedef is not None and not typedef.open and typedef.find_field(name) is None:
            continue  # unknown: a warning of the verdict
        key, inner = _step(value, name, kind, contract)
        if item is None or key in SERVER_PROPERTIES:
            continue
        current = value.get(key)
        if current is None and (kind.kind == "carrier" or key in value):
            skipped.append(way + key)
        elif isinstance(current, list) and isinstance(item, dict):
            current.append(canonical(item, inner.item or ANY, contract))
        elif isinstance(current, dict) and isinstance(item, dict):
            _merge(current, item, inner, contract, f"{way}{key}.", skipped)
        else:
            value[key] = canonical(item, inner, contract)


# --- names --------------------------------------------------------------------------------------


def canonical(value: Any, kind: TypeRef, contract: Contract) -> Any:
    """A value from a request with the documented names of its properties and members; unknown properties are left out.

    Source: property names come in any letter case, unknown ones are ignored (section 10.2).
    """
    if kind.kind in ("enum", "flags"):
        member = member_finder(kind.values, are_flags=kind.kind == "flags")(value)
        return value if member is None else member
    if isinstance(value, list):
        return (
            [canonical(item, kind.item or ANY, contract) for item in value] if kind.kind == "list" else value
        )
    if not isinstance(value, dict):
        return value
    if kind.kind == "map":
        return {key: canonical(item, kind.item or ANY, contract) for key, item in value.items()}
    if kind.kind != "carrier":
        return value
    typedef = contract.type(kind.name)
    copy = {}
    for name, item in value.items():
        field = typedef.find_field(name)
        if field is not None:
            copy[field.name] = canonical(item, field.type, contract)
        elif typedef.open:
            copy[name] = item
    return copy
