"""Matches that no call can meet: a path outside the API, an argument the operation lacks, a status nobody documents.

All of them are well-formed, and each name in them is one that the contract knows (check.py): what is wrong is that
they never match. A match that says `verdict: any` or `broken` means calls that break the contract, so that less of it
is impossible.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.documents import DOCUMENTS
from mockso.contract.model import COMMON_OPTIONS, Operation, TypeRef
from mockso.contract.schemas import Schemas
from mockso.errors import did_you_mean, nearest
from mockso.matching.keys import Fault
from mockso.matching.match import any_glob, fold_path, glob, names_of
from mockso.matching.operators import is_operators, literal_text

Place = tuple[str | int, ...]
Item = Mapping[str, Any]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
SCHEMES = ("bearer", "soticket", "basic", "negotiate", "ntlm", "digest", "session", "none", "unknown")
# What a server, or what stands before it, answers to calls of any operation.
USUAL_STATUSES = frozenset(
    {200, 204, 304, 400, 401, *range(403, 407), *range(408, 416), 421, 422, 423, 429, 431, *range(500, 505)}
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# How a pattern of a whole path may begin.
_PATH_PATTERN = re.compile(r"\^?(?:/|\\/|\.|\(|\[|\\|$)")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")


def reach_faults(
    match: Item, operations: Sequence[Operation], contract: Contract, place: Place
) -> Iterator[Fault]:
    """Why no call meets a match; `operations` are those that it names, none where it names none."""
    if "webhook" in match:
        return
    accepted = match.get("verdict", "accepted") == "accepted"
    if "agent" in match and "resource" in match:
        yield Fault(
            (*place, "agent"), "no operation has an agent and a resource, so this never matches; keep one."
        )
    yield from _path_faults(match, contract, place, accepted=accepted)
    yield from _method_faults(match, operations, contract, place, accepted=accepted)
    for name in match.get("headers", {}):
        if not _HEADER_NAME.fullmatch(name):
            yield Fault(
                (*place, "headers", name),
                f"{name!r} is not a header's name: no blank and no colon stands in one.",
            )
    scheme = match.get("credential", {}).get("scheme")
    if isinstance(scheme, str) and scheme.lower() not in SCHEMES:
        yield Fault(
            (*place, "credential", "scheme"),
            f"no call has the scheme {scheme!r}; {', '.join(SCHEMES)} are known.{did_you_mean(scheme, SCHEMES)}",
        )
    if accepted and operations:
        yield from _operation_faults(match, operations, contract, place)


# --- paths and methods --------------------------------------------------------------------------


def _path_faults(match: Item, contract: Contract, place: Place, *, accepted: bool) -> Iterator[Fault]:
    spec, where = match.get("path"), (*place, "path")
    if isinstance(spec, Mapping):
        pattern = spec.get("matches")
        if isinstance(pattern, str) and not _PATH_PATTERN.match(pattern):
            yield Fault(
                (*where, "matches"),
                f"a pattern is compared with the whole path, which begins with /api; write '.*{pattern}'.",
            )
        spec, where = spec.get("equalTo"), (*where, "equalTo")
    if isinstance(spec, str):
        yield from _literal_faults(spec, contract, where, accepted=accepted)


def _literal_faults(path: str, contract: Contract, place: Place, *, accepted: bool) -> Iterator[Fault]:
    before, mark, query = path.partition("?")
    if mark and "=" in query:
        name, _, value = query.partition("=")
        cure = f"write 'path: {before}' and 'query: {{{name}: {value.partition('&')[0]}}}'"
        yield Fault(place, f"a path has no query, so this never matches; {cure}.")
        return
    if "{" in path or path.startswith("*"):
        return  # a template, which is looked up as a whole, or a pattern of any beginning
    if not (path + "/").lower().startswith("/api/"):
        literal = path.split("*")[0]
        meant = contract.meant_address("", literal)
        below = meant[meant.find("/api/") :] + path[len(literal) :] if meant else "/api/v1/Contact/17"
        cure = f"write {below!r}" if meant else f"as in {below!r}"
        yield Fault(
            place, f"a path is that below the API, without host and tenant, so this never matches; {cure}."
        )
        return
    if _ENCODED.search(path):
        yield Fault(
            place, "a path is compared decoded, so this never matches; write the characters themselves."
        )
        return
    if not accepted or _is_reached(path, contract):
        return
    near = nearest(path, [contract.meant_address("", path), *_templates(contract)])
    hint = f" Did you mean {near[0]!r}?" if near and near[0] else ""
    yield Fault(
        place,
        f"no operation has the address {path!r}, so no accepted call has it.{hint} "
        "A step for calls that break the contract says 'verdict: any'.",
    )


def _templates(contract: Contract) -> list[str]:
    return sorted({path for _, path, _ in contract.addresses()})


def _is_reached(path: str, contract: Contract) -> bool:
    if any(fold_path(one.path) == fold_path(path) for one in DOCUMENTS.values()):
        return True
    if not any_glob([path]):
        return contract.reaches(path) or path.lower().startswith("/api/state/")
    # Of a pattern the part before its first sign is compared, segment by segment.
    fixed = re.split(r"[*?]", path.lower())[0].split("/")
    whole, beginning = fixed[:-1], fixed[-1]
    for template in [*_templates(contract), *(one.path for one in DOCUMENTS.values())]:
        parts = template.lower().split("/")
        if len(parts) < len(whole) or not all(
            t[:1] == "{" or t == f for t, f in zip(parts, whole, strict=False)
        ):
            continue
        rest = parts[len(whole)] if len(parts) > len(whole) else ""
        if rest.startswith(beginning) or rest[:1] == "{" or not beginning:
            return True
    return False


def _method_faults(
    match: Item, operations: Sequence[Operation], contract: Contract, place: Place, *, accepted: bool
) -> Iterator[Fault]:
    methods = names_of(match.get("method", ()))
    if not methods or not accepted:
        return
    for name in methods:
        if not any(glob(name).fullmatch(method) for method in METHODS):
            hint = did_you_mean(name, METHODS) or f" Known are {', '.join(METHODS)}."
            yield Fault(
                (*place, "method"), f"no operation has the method {name!r}, so this never matches.{hint}"
            )
            return
    path = match.get("path")
    if operations:
        there = sorted({operation.method for operation in operations})
        what = operations[0].id if len(operations) == 1 else "of these operations each"
    elif isinstance(path, str) and not any_glob([path]) and path.lower().startswith("/api/v1/"):
        there = sorted(_methods_of(path, contract))
        what = path
    else:
        return
    # HEAD is a GET whose body stays behind, OPTIONS a preflight.
    can = {
        *there,
        "OPTIONS",
        *(("HEAD",) if "GET" in there else ()),
        *(("GET",) if "/Agents/" in what else ()),
    }
    if there and not any(glob(name).fullmatch(method) for name in methods for method in can):
        yield Fault(
            (*place, "method"),
            f"{what} has {', '.join(there)}, not {', '.join(methods)}, so this never matches; correct one of the two.",
        )


def _methods_of(path: str, contract: Contract) -> set[str]:
    if "{" in path:
        return {operation.method for operation in contract.describe_path(path)}
    return {method for method in METHODS if contract.has(method, path)}


# --- what an operation takes --------------------------------------------------------------------


def _operation_faults(
    match: Item, operations: Sequence[Operation], contract: Contract, place: Place
) -> Iterator[Fault]:
    for key, is_agent in (("agent", True), ("resource", False)):
        names = names_of(match.get(key, ()))
        if names and not any(
            operation.is_agent is is_agent and any(glob(name).fullmatch(operation.group) for name in names)
            for operation in operations
        ):
            yield Fault(
                (*place, key),
                f"{operations[0].id} is not of the {key} {names[0]!r}, so this never matches; remove it.",
            )
    if isinstance(match.get("restricted"), bool) and all(
        (operation.restricted is not None) is not match["restricted"] for operation in operations
    ):
        word = "not " if match["restricted"] else ""
        yield Fault(
            (*place, "restricted"),
            f"{operations[0].id} is {word}restricted, so this never matches; remove it.",
        )
    yield from _fewest(
        [
            list(_argument_faults(match.get("query", {}), one, contract, (*place, "query")))
            for one in operations
        ]
    )
    if "body" in match:
        yield from _fewest(
            [list(_body_faults(match["body"], one, contract, (*place, "body"))) for one in operations]
        )


def _fewest(faults: Sequence[list[Fault]]) -> list[Fault]:
    """The faults for the first operation where every one has some; a match needs only one that takes it."""
    return faults[0] if all(faults) else []


def _argument_faults(query: Item, operation: Operation, contract: Contract, place: Place) -> Iterator[Fault]:
    known = {p.name.lower(): p for p in operation.parameters if p.location == "query"}
    if operation.method == "POST" and operation.is_archive:
        return  # its options may come in a form, and are documented for the GET
    for name, spec in query.items():
        parameter = known.get(name.lower())
        if parameter is None:
            if name.lower() in COMMON_OPTIONS:
                continue
            hint = did_you_mean(name, [p.name for p in known.values()])
            hint = hint or (
                f" It has {', '.join(p.name for p in known.values())}." if known else " It has none."
            )
            yield Fault(
                (*place, name), f"{operation.id} has no parameter {name!r}, the server ignores it.{hint}"
            )
            continue
        text = spec.get("equalTo") if isinstance(spec, Mapping) else spec
        if not isinstance(text, str | int | float):
            continue
        text = literal_text(text)
        if _ENCODED.search(text):
            yield Fault(
                (*place, name),
                "an argument is compared decoded, so this never matches; write the characters.",
            )
        elif contract.derive(Schemas).read_arguments(operation, {parameter.name: text})[1]:
            yield Fault(
                (*place, name),
                f"{text!r} is not of type {parameter.type}, so no accepted call has it; correct it.",
            )


def _body_faults(spec: Any, operation: Operation, contract: Contract, place: Place) -> Iterator[Fault]:
    if isinstance(spec, Mapping) and spec.get("absent") is True:
        return
    kind = operation.body
    if kind is None:
        takes_form = any(p.location == "form" for p in operation.parameters) or operation.is_archive
        if not (operation.method == "POST" and takes_form):
            yield Fault(place, f"{operation.id} takes no body, so this never matches; remove it.")
        return
    if kind.kind == "patch":
        return
    if isinstance(spec, Mapping) and "equalToJson" in spec:
        text = spec["equalToJson"]
        try:
            value = json.loads(text) if isinstance(text, str) else text
        except ValueError:
            return
        yield from _value_faults(value, kind, contract, (*place, "equalToJson"), operators=False)
    else:
        yield from _value_faults(spec, kind, contract, place, operators=True)


def _value_faults(
    value: Any, kind: TypeRef, contract: Contract, place: Place, *, operators: bool
) -> Iterator[Fault]:
    """Names that a type lacks, and values that no accepted body has at their place."""
    if operators and is_operators(value):
        return
    if isinstance(value, Mapping) and kind.kind in ("carrier", "map"):
        typedef = contract.type(kind.name) if kind.kind == "carrier" else None
        for name, item in value.items():
            field = typedef.find_field(name) if typedef is not None else None
            inner = (kind.item or kind) if typedef is None else field.type if field else None
            if inner is not None:
                yield from _value_faults(item, inner, contract, (*place, name), operators=operators)
            elif typedef is not None and not typedef.open:
                yield Fault(
                    (*place, name),
                    f"{typedef.short_name} has no property {name!r}, the server ignores it."
                    + (did_you_mean(name, typedef.by_name) or " Correct it, or remove it."),
                )
    elif isinstance(value, list) and kind.kind == "list" and kind.item is not None:
        for number, item in enumerate(value):
            yield from _value_faults(item, kind.item, contract, (*place, number), operators=operators)
    elif kind.kind not in ("any", "patch"):
        wrong = [one for one in contract.derive(Schemas).check(value, kind) if one.severity == "error"]
        if wrong:
            yield Fault(place, f"{wrong[0].message.rstrip('.')}, so no accepted call has it; correct it.")


def status_faults(reply: Item, operations: Sequence[Operation], place: Place) -> Iterator[Fault]:
    """A status that no operation of a match documents and no server answers by itself."""
    status = reply.get("status")
    if status is None or status in USUAL_STATUSES or not operations or reply.get("contract") == "broken":
        return
    documented = sorted({code for operation in operations for code in operation.responses})
    if status not in documented:
        yield Fault(
            (*place, "status"),
            f"{status} is not documented for {operations[0].id}, which has {', '.join(map(str, documented))}. "
            "Correct it, or say 'contract: broken'.",
        )
