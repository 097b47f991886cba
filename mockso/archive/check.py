"""What is wrong with a call to an archive: its provider, and options that no provider takes.

Source: section 14. Which columns a provider has is not known here, so that names of columns are not judged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mockso.contract.catalogue import Contract
from mockso.contract.model import Json, Operation
from mockso.errors import nearest
from mockso.judge.faults import Faults
from mockso.state.tenant import Tenant

_ARCHIVE = "/api/v1/Archive/"

# Text in quotes, where a backslash keeps the next character from ending it.
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
_LOOSE_END = re.compile(r"(?:^|\()\s*(?:and|or)\b|\b(?:and|or)\s*(?:\)|$)", re.IGNORECASE)


def judge_query(
    operation: Operation,
    path_arguments: Mapping[str, str],
    arguments: Mapping[str, Json],
    contract: Contract,
    tenant: Tenant,
    faults: Faults,
) -> None:
    """The faults of a call to a collection or an archive; none of any other."""
    if operation.path.startswith(_ARCHIVE):
        _judge_provider(next(iter(path_arguments.values()), ""), contract, tenant, faults)
    elif operation.archive is None:
        return
    for name in ("$top", "$skip"):
        value = arguments.get(name)
        if type(value) is int and value < 0:
            message = f"{value} rows cannot be taken; give a number from 0"
            faults.add("negative-rows", f"query {name}", message, expected="0 or more", got=str(value))
    wrong = filter_fault(str(arguments.get("$filter") or ""))
    if wrong:
        faults.add("filter-syntax", "query $filter", wrong)


def _judge_provider(name: str, contract: Contract, tenant: Tenant, faults: Faults) -> None:
    from mockso.archive.providers import is_provider, provider_names  # only callers of archives pay for it

    if is_provider(name, contract):
        return
    near = nearest(name, provider_names(contract))
    hint = f" Did you mean {near[0]!r}?" if near else ""
    faults.add(
        "unknown-provider",
        "path archiveProviderName",
        f"{name[:60]!r} is no archive provider known here (a provider of your own: setting unknown_provider).{hint}",
        severity="error" if tenant.settings.unknown_provider == "refuse" else "warning",
        got=name[:60],
        nearest=near[0] if near else "",
    )


def filter_fault(text: str) -> str:
    """What makes a $filter unreadable, whatever its columns are; empty where nothing does."""
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
    loose = _LOOSE_END.search(rest)
    return f"{loose[0].strip('( )')!r} joins nothing on one side" if loose else ""
