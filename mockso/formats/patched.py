"""An entity with a PATCH applied: JSON Patch operations or a merge patch, all or nothing.

Source: section 13.1. Paths compare without regard to letter case and may lack their leading slash, "-" appends,
dictionary keys are names like any others. A merge patch appends an object to a list, replaces a list by a list,
and does not set what is null now; a null in it is ignored (assumed).
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.departure import shown
from mockso.contract.model import ANY, Json, TypeRef
from mockso.contract.paths import split_pointer
from mockso.contract.plain import SERVER_PROPERTIES

EMPTY_DATE = "0001-01-01T00:00:00"


class Conflict(Exception):
    """A `test` that does not hold: 409, and nothing is changed."""


class Unpatchable(Exception):
    """An operation that the entity as it is now does not allow: 400, and nothing is changed."""


def patched(
    current: dict[str, Any], patch: Any, kind: TypeRef, contract: Contract
) -> tuple[dict[str, Any], list[str]]:
    """The entity with a judged PATCH body applied, and the paths that a merge left alone as they are null now.

    The given entity is not changed. Conflict and Unpatchable say which operation failed and why.
    """
    value = deepcopy(current)
    skipped: list[str] = []
    if isinstance(patch, dict):
        _merge(value, patch, kind, contract, "", skipped)
        return value, skipped
    for number, operation in enumerate(patch):
        given = {name.lower(): inner for name, inner in operation.items()}
        try:
            _operate(value, str(given["op"]).lower(), given["path"], given.get("value"), kind, contract)
        except (Conflict, Unpatchable) as error:
            raise type(error)(f"operation {number} ({given['op']} {given['path']}): {error}") from None
    return value, skipped


def documented(value: Any, kind: TypeRef, contract: Contract) -> Any:
    """A value that came in with the documented names of its properties; what the carrier lacks is left out.

    Source: property names come in any letter case, unknown ones are ignored (section 10.2).
    """
    if isinstance(value, list):
        return (
            [documented(item, kind.item or ANY, contract) for item in value] if kind.kind == "list" else value
        )
    if not isinstance(value, dict):
        return value
    if kind.kind == "map":
        return {key: documented(item, kind.item or ANY, contract) for key, item in value.items()}
    if kind.kind != "carrier":
        return value
    typedef = contract.type(kind.name)
    read = {}
    for name, item in value.items():
        field = typedef.find_field(name)
        if field is not None:
            read[field.name] = documented(item, field.type, contract)
        elif typedef.open:
            read[name] = item
    return read


# --- JSON Patch ---------------------------------------------------------------------------------


def _operate(
    root: dict[str, Any], verb: str, path: str, value: Json, kind: TypeRef, contract: Contract
) -> None:
    *way, last = split_pointer("/" + path.strip("/"))
    place: Any = root
    for part in way:
        key, kind = _step(place, part, kind, contract)
        place = _at(place, key)
        if place is None:
            raise Unpatchable(f"{part!r} is null, so nothing can be reached through it; give the whole of it")
    if isinstance(place, list) and last == "-":
        if verb != "add":
            raise Unpatchable(f"'-' is behind the last item; only add can use it, not {verb}")
        place.append(documented(value, kind.item or ANY, contract))
        return
    key, inner = _step(place, last, kind, contract, inserting=verb == "add")
    if key in SERVER_PROPERTIES:
        return
    if verb == "test":
        _test(_at(place, key), documented(value, inner, contract))
    elif verb == "remove":
        _remove(place, key, inner, kind)
    elif verb == "add" and isinstance(place, list):
        place.insert(int(key), documented(value, inner, contract))
    else:
        place[key] = _blank(inner) if value is None else documented(value, inner, contract)


def _step(
    place: Any, part: str, kind: TypeRef, contract: Contract, *, inserting: bool = False
) -> tuple[Any, TypeRef]:
    """The key a part of a path stands for in a value, and the type behind it."""
    if isinstance(place, list):
        limit = len(place) + inserting
        if not (part.isascii() and part.isdigit() and len(part) < 10 and int(part) < limit):
            raise Unpatchable(f"the list has {len(place)} items, {part!r} is not one of them")
        return int(part), kind.item or ANY
    if not isinstance(place, dict):
        raise Unpatchable(f"{part!r} reaches into {shown(place)}, which has no parts")
    if kind.kind == "carrier":
        field = contract.type(kind.name).find_field(part)
        return (field.name, field.type) if field else (part, ANY)
    if part not in place:
        part = next((key for key in place if key.lower() == part.lower()), part)
    return part, kind.item or ANY


def _at(place: Any, key: Any) -> Any:
    return place[key] if isinstance(place, list) else place.get(key)


def _test(current: Any, expected: Any) -> None:
    if not _same(current, expected):
        raise Conflict(f"the value is {shown(current)}, not {shown(expected)}")


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
        raise Unpatchable(f"there is no key {key!r} to remove")


def _blank(kind: TypeRef) -> Any:
    """What a property holds once it is removed: the default of its .NET type (assumed)."""
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
    for name, given in patch.items():
        if kind.kind == "carrier":
            typedef = contract.type(kind.name)
            field = typedef.find_field(name)
            if field is None and not typedef.open:
                continue  # unknown: a warning of the verdict
            key, inner = (field.name, field.type) if field else (name, ANY)
        else:
            key = name if name in value else next((k for k in value if k.lower() == name.lower()), name)
            inner = kind.item or ANY
        if given is None or key in SERVER_PROPERTIES:
            continue
        current = value.get(key)
        if current is None and (kind.kind == "carrier" or key in value):
            skipped.append(way + key)
        elif isinstance(current, list) and isinstance(given, dict):
            current.append(documented(given, inner.item or ANY, contract))
        elif isinstance(current, dict) and isinstance(given, dict):
            _merge(current, given, inner, contract, f"{way}{key}.", skipped)
        else:
            value[key] = documented(given, inner, contract)
