"""Departures of a call to an archive: its provider, and options that no provider takes.

Source: section 14. The columns of a provider are not known here, so names of columns are not checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mockso.archive.providers import is_provider, provider_names
from mockso.contract.catalogue import Contract, Lookup
from mockso.contract.departure import Departure
from mockso.contract.model import Json, Operation
from mockso.errors import did_you_mean, nearest

_ARCHIVE = "/api/v1/Archive/"

# Text in quotes, where a backslash keeps the next character from ending it.
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
_LOOSE_JOIN = re.compile(r"(?:^|\()\s*(?:and|or)\b|\b(?:and|or)\s*(?:\)|$)", re.IGNORECASE)


def check_query(
    operation: Operation, lookup: Lookup, arguments: Mapping[str, Json], refuse: bool
) -> Iterator[tuple[str, Departure]]:
    """The departures of a call to a collection or an archive, each with its place: "query $top".

    An unknown provider is an error if `refuse`, a warning otherwise.
    """
    if operation.path.startswith(_ARCHIVE):
        name = next(iter(lookup.path_arguments.values()), "")
        if not is_provider(name, lookup.contract):
            yield "path archiveProviderName", _unknown_provider(name, lookup.contract, refuse)
    elif operation.archive is None:
        return
    for option in ("$top", "$skip"):
        value = arguments.get(option)
        if type(value) is int and value < 0:
            message = f"{value} rows cannot be taken; give a number from 0"
            yield (
                f"query {option}",
                Departure("negative-rows", "error", message, expected="0 or more", got=str(value)),
            )
    message = filter_fault(str(arguments.get("$filter") or ""))
    if message:
        yield "query $filter", Departure("filter-syntax", "error", message)


def _unknown_provider(name: str, contract: Contract, refuse: bool) -> Departure:
    near = nearest(name, provider_names(contract))
    return Departure(
        "unknown-provider",
        "error" if refuse else "warning",
        f"the archive provider {name[:60]!r} is not known here (a provider of your own: setting unknown_provider)."
        f"{did_you_mean(name, near)}",
        got=name[:60],
        nearest=near[0] if near else "",
    )


def filter_fault(text: str) -> str:
    """The message on a $filter that cannot be read, whatever its columns are; empty for a readable one."""
    rest = _QUOTED.sub(" x ", text)
    if "'" in rest:
        return "a text in quotes has no end"
    depth = 0
    for sign in re.findall(r"[()]", rest):
        depth += 1 if sign == "(" else -1
        if depth < 0:
            return "a ')' has no '('"
    if depth:
        return "a '(' has no ')'"
    loose = _LOOSE_JOIN.search(rest)
    return f"{loose[0].strip('( )')!r} joins nothing on one side" if loose else ""
